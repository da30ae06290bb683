"""What was found: the law, what can be downloaded of it, and the report."""

from __future__ import annotations

from hiddenlaw.app.desk import Desk
from hiddenlaw.app.downloads import ADDRESS
from hiddenlaw.app.gui import gui
from hiddenlaw.app.outcome import PREDICTIONS, Outcome
from hiddenlaw.app.part import Part, heading
from hiddenlaw.errors import FormatError
from hiddenlaw.report.names import pretty


def build(desk: Desk) -> list[Part]:
    container = gui().ui.element("section")
    return [
        Part(
            container,
            lambda: desk.standing and (desk.place, desk.standing.phase),
            lambda found: _draw(desk, found),
            lambda: _found(desk),
        )
    ]


def _found(desk: Desk) -> Outcome | str | None:
    try:
        return desk.outcome()
    except FormatError as problem:
        return str(problem)


def _draw(desk: Desk, found: Outcome | str | None) -> None:
    ui = gui().ui
    if isinstance(found, str):
        ui.label(found).classes("refused").props("role=alert")
    if not isinstance(found, Outcome):
        return
    heading(found.headline)
    ui.label(found.sentence)
    if found.equations:
        with ui.element("div").classes("law"):
            for equation in found.equations:
                ui.label(pretty(equation)).classes("equation")
    with ui.element("p").classes("downloads"):
        names = {"law.txt": "law as text"} if found.equations else {}
        names |= {"discovery.json": "discovery.json"}
        names |= {PREDICTIONS: "predictions"} if found.predicted else {}
        names |= {"run.zip": "run directory (zip)"}
        ui.label("Download:")
        for name, title in names.items():
            ui.link(title, f"{ADDRESS}{name}").props("download")
    ui.label(f"All of it is kept in {desk.place}.").classes("soft")
    report = f"{ADDRESS}report.html?{desk.place.name if desk.place else ''}"
    ui.link("Open the report in a tab of its own", report, new_tab=True)
    frame = ui.element("iframe").classes("report")
    frame.props["src"], frame.props["title"] = report, "The report"
    frame.props["sandbox"] = ""
