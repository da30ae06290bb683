"""The search: what is asked for, how it goes, and how it is stopped."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from typing import Any

from hiddenlaw.app.desk import Desk
from hiddenlaw.app.gui import gui
from hiddenlaw.app.part import Part, heading, picture
from hiddenlaw.app.progress import Phase, Standing
from hiddenlaw.app.words import FAMILIES, HOLDS, LABELS, STARTS
from hiddenlaw.errors import HiddenlawError

_MOST_VARIABLES = 12


def build(desk: Desk) -> list[Part]:
    """Buttons and numbers are apart from what changes often, so that they stay under the mouse."""
    ui = gui().ui
    asked, doing, buttons, sweep = (ui.element("section") for _ in range(4))
    with ui.element("details"):
        with ui.element("summary"):
            ui.label("Its numbers")
        numbers = ui.element("div")

    def phase() -> object:
        return desk.standing.phase if desk.standing else None

    def told() -> object:
        standing = desk.standing
        return standing and (standing.phase, standing.doing, standing.detail, standing.finished)

    def widths() -> object:
        """Those that are shown: once something is found the report has them."""
        found = phase() is Phase.FOUND
        return () if found or desk.standing is None else desk.standing.widths

    def draw_sweep(svg: bytes | None) -> None:
        if svg is not None and widths():
            heading("How many variables: the bottleneck")
            picture(svg, "Error against the number of variables, for the widths that are finished")

    return [
        Part(asked, lambda: (desk.check, phase()), lambda _: _asked(desk)),
        Part(doing, told, lambda _: _doing(desk.standing)),
        Part(buttons, lambda: (phase(), bool(widths())), lambda _: _buttons(desk)),
        Part(sweep, widths, draw_sweep, desk.picture_of_sweep),
        Part(numbers, widths, lambda _: _numbers(desk.standing)),
    ]


def _asked(desk: Desk) -> None:
    """Settings and the button; nothing before there are data in which a law can be sought."""
    ui, examined = gui().ui, desk.examined
    if examined is None or not examined.ready or desk.busy:
        return
    heading("Search")

    def keep(name: str, default: Any) -> Any:
        def changed(event: Any) -> None:
            desk.settings.pop(name, None)
            if event.value not in (None, "", default):
                desk.settings[name] = event.value

        return changed

    hold = ui.select(HOLDS, value=desk.hold, label=LABELS["hold"], on_change=keep("hold", None))
    hold.props("outlined dense options-dense").classes("wide")
    ui.label(f"Proposed: {examined.hold}-order; {examined.why_hold}.").classes("soft")
    with ui.expansion("More settings").classes("wide"):
        for name, label, known in (
            ("family", LABELS["family"], FAMILIES),
            ("initial_state", LABELS["initial-state"], STARTS),
        ):
            value = desk.settings.get(name, "auto")
            chosen = ui.select(known, value=value, label=label, on_change=keep(name, "auto"))
            chosen.props("outlined dense options-dense").classes("wide")
        with ui.element("div").classes("in-line"):
            _whole("max_dimension", desk, keep("max_dimension", None), 1, _MOST_VARIABLES)
            _whole("seed", desk, keep("seed", 0), 0, 10**6)

    async def start() -> None:
        try:
            await gui().run.io_bound(desk.start)
        except HiddenlawError as problem:
            ui.notify(" ".join(str(problem).split()), type="warning")

    again = "Find the law" if desk.search is None else "Search once more"
    ui.button(again, on_click=start).props("unelevated no-caps")


def _whole(name: str, desk: Desk, changed: Any, least: int, most: int) -> None:
    def whole(event: Any) -> None:
        event.value = None if event.value is None else int(event.value)
        changed(event)

    ui, label = gui().ui, LABELS[name.replace("_", "-")]
    number = ui.number(label, value=desk.settings.get(name), min=least, max=most, on_change=whole)
    number.props("outlined dense clearable")


def _doing(standing: Standing | None) -> None:
    """What is being done, in words, or how it ended."""
    ui = gui().ui
    if standing is None:
        return
    if not standing.phase.over:
        heading("Searching")
        with ui.element("div").classes("doing").props("role=status"):
            ui.spinner(size="1.4em")
            ui.label(f"{standing.doing} …")
        ui.label(standing.detail or "\u00a0").classes("soft detail")
        ui.label(_stopping(standing)).classes("soft")
    elif standing.phase is not Phase.FOUND:
        heading("Stopped" if standing.phase is Phase.STOPPED else "The search failed")
        failed = standing.phase is Phase.FAILED
        ui.label(_sentence(standing.message)).classes("refused" if failed else "")
        if standing.widths:
            ui.link("Download the widths (widths.json)", "/run/widths.json").props("download")


def _buttons(desk: Desk) -> None:
    """Those that stop it."""
    ui, standing = gui().ui, desk.standing
    if standing is None or standing.phase.over:
        return
    with ui.element("div").classes("in-line"):
        if standing.phase is Phase.SEARCHING and standing.widths:
            stop = ui.button("Stop, and keep the law so far", on_click=desk.stop)
            stop.props("unelevated no-caps")
        end = ui.button("Stop at once", on_click=lambda: gui().run.io_bound(desk.end))
        end.props("outline no-caps")


def _stopping(standing: Standing) -> str:
    count = len(standing.finished)
    widths = "No width is finished yet" if not count else f"{count} finished"
    widths = f"{count} widths are finished" if count > 1 else widths
    widths = "One width is finished" if count == 1 else widths
    if standing.phase is Phase.STOPPING:
        return f"{widths}. Stopping: no further width is tried, and a law is made of these."
    return f"{widths}."


def _numbers(standing: Standing | None) -> None:
    if standing is not None and standing.widths and standing.phase is not Phase.FOUND:
        gui().ui.html(_table(standing), sanitize=False)


def _table(standing: Standing) -> str:
    """The best seed of every width, as HTML."""
    best: dict[tuple[str, str, int], Mapping[str, Any]] = {}
    for width in standing.widths:
        key = (width["family"], width["readout"], width["dimension"])
        if key not in best or _loss(width, "train_loss") < _loss(best[key], "train_loss"):
            best[key] = width
    rows = "".join(
        "<tr>"
        + "".join(f"<td>{html.escape(str(part))}</td>" for part in key)
        + f"<td>{_loss(width, 'heldout_loss'):.2e}</td></tr>"
        for key, width in best.items()
    )
    head = "".join(f"<th>{t}</th>" for t in ("family", "readout", "variables", "error, unseen"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _loss(width: Mapping[str, Any], name: str) -> float:
    value = width.get(name)
    return math.inf if value is None else float(value)


def _sentence(text: str) -> str:
    text = f"{text[:1].upper()}{text[1:]}"
    return text if text.endswith((".", "!", "?")) else f"{text}."
