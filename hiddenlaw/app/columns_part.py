"""Which column is what, in which unit: proposed, and corrected by hand."""

from __future__ import annotations

from typing import Any

from hiddenlaw.app.desk import Desk
from hiddenlaw.app.gui import gui
from hiddenlaw.app.part import Part, heading
from hiddenlaw.app.reading import Reading
from hiddenlaw.app.words import LABELS, ROLES
from hiddenlaw.io import Proposal


def build(desk: Desk) -> list[Part]:
    container = gui().ui.element("section")
    return [Part(container, lambda: (desk.look, desk.busy), lambda _: _Columns(desk).draw())]


class _Columns:
    """The widgets of one look at files, and how to read these by what the widgets say."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.roles: dict[str, Any] = {}
        self.units: dict[str, Any] = {}

    def draw(self) -> None:
        examined, ui = self.desk.examined, gui().ui
        if examined is None or examined.proposal is None:
            return
        heading("Columns")
        ui.label("Proposed by their names and what they hold; correct what is wrong.").classes(
            "soft"
        )
        with ui.element("div").classes("columns"):
            for title in ("Column", "is the", "Unit"):
                ui.label(title).classes("head")
            self._rows(examined.proposal, examined.reading)
        self._numbers(examined.reading)
        if self.desk.busy:
            for widget in (*self.roles.values(), *self.units.values(), *self.others):
                widget.disable()

    def _rows(self, proposal: Proposal, reading: Reading) -> None:
        ui = gui().ui
        parts = zip(proposal.headers, proposal.symbols, proposal.kinds, strict=True)
        for header, symbol, kind in parts:
            able = kind in ("number", "date")
            with ui.element("div").classes("name"):
                ui.label(header)
                if kind != "number":
                    ui.label(kind).classes("soft")
            role = ui.select(ROLES, value=reading.roles.get(header, ""), on_change=self._changed)
            role.props(f"outlined dense options-dense aria-label='Part of {_plain(header)}'")
            unit = ui.input(value=reading.units.get(symbol, ""))
            unit.props(f"outlined dense aria-label='Unit of {_plain(header)}'")
            unit.on("change", self._changed)
            if not able:
                role.disable()
                unit.disable()
            self.roles[header], self.units[symbol] = role, unit

    def _numbers(self, reading: Reading) -> None:
        ui = gui().ui
        with ui.element("div").classes("in-line"):
            self.step = ui.number(LABELS["dx"], value=reading.dx)
            self.even = ui.number(LABELS["resample"], value=reading.resample)
            for number in (self.step, self.even):
                number.props("outlined dense clearable").on("change", self._changed)
                number.on("clear", self._changed)
            self.missing = ui.checkbox(
                LABELS["allow-missing"], value=reading.allow_missing, on_change=self._changed
            )
        self.others = (self.step, self.even, self.missing)

    async def _changed(self) -> None:
        reading = Reading(
            roles={header: role.value for header, role in self.roles.items() if role.value},
            units={symbol: (unit.value or "").strip() for symbol, unit in self.units.items()},
            allow_missing=bool(self.missing.value),
            resample=_positive(self.even.value),
            dx=_positive(self.step.value),
        )
        await gui().run.io_bound(self.desk.reread, reading)


def _positive(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None


def _plain(text: str) -> str:
    """Letters that can stand between the quotes of a property."""
    return "".join(letter for letter in text if letter.isalnum() or letter in " _-()/.")
