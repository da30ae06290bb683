"""What the data hold, in words and a picture, and what keeps a law from being sought in them."""

from __future__ import annotations

from hiddenlaw.app.desk import Desk
from hiddenlaw.app.gui import gui
from hiddenlaw.app.part import Part, heading, labelled, picture
from hiddenlaw.report.names import prose


def build(desk: Desk) -> list[Part]:
    container = gui().ui.element("section")
    return [
        Part(
            container,
            lambda: desk.check,
            lambda svg: _draw(desk, svg),
            desk.picture_of_data,
        )
    ]


def _draw(desk: Desk, svg: bytes | None) -> None:
    examined, ui = desk.examined, gui().ui
    if examined is None or (examined.proposal is None and examined.problems):
        return
    heading("Checks")
    for problem in examined.problems:
        ui.label(problem).classes("refused").props("role=alert")
    if examined.ready:
        ui.label("A law can be sought in these data.").classes("good")
    if svg is not None:
        picture(svg, "Inputs and responses of the first run")
    labelled([(what, prose(value)) for what, value in examined.found])
    for note in examined.notes:
        ui.label(f"{note[:1].upper()}{note[1:]}.").classes("soft")
