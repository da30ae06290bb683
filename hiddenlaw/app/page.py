"""The page, its parts from top to bottom."""

from __future__ import annotations

from importlib.resources import files

from hiddenlaw.app import checks_part, columns_part, data_part, law_part, search_part
from hiddenlaw.app.desk import Desk
from hiddenlaw.app.gui import gui

_GLANCE = 0.2  # seconds between two looks at what has changed


def page(desk: Desk) -> None:
    """Build the page for a browser that asks for it; all see the same desk."""
    ui = gui().ui
    ui.add_css(files("hiddenlaw.app").joinpath("page.css").read_text(encoding="utf-8"))
    ui.colors(primary="#0072B2", accent="#b34700")
    with ui.element("main"):
        ui.label("hiddenlaw").classes("kicker")
        with ui.element("h1"):
            ui.label("The law behind what goes in and what comes out")
        ui.label(
            "Give it measured inputs and responses. It looks for the fewest hidden variables that "
            "explain the response, and for the law that moves them."
        ).classes("lead")
        parts = [
            part
            for build in (
                data_part.build,
                columns_part.build,
                checks_part.build,
                search_part.build,
                law_part.build,
            )
            for part in build(desk)
        ]

    async def look() -> None:
        for part in parts:
            await part.look()

    ui.timer(_GLANCE, look)
