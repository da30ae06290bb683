"""A part of the page: drawn anew whenever what it shows has changed."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hiddenlaw.app.gui import gui

_NEVER = object()


@dataclass(eq=False)
class Part:
    """What is shown in a `container`.

    - `mark`: what it depends on; where that has changed `draw` fills the container anew.
    - `prepare`: what takes long, done in a thread; `draw` is given what it returns.
    """

    container: Any
    mark: Callable[[], object]
    draw: Callable[[Any], None]
    prepare: Callable[[], Any] = lambda: None
    _seen: object = field(default=_NEVER)

    async def look(self) -> None:
        """Draw it anew if anything has changed."""
        mark = self.mark()
        if mark == self._seen:
            return
        prepared = await gui().run.io_bound(self.prepare)
        self._seen = mark
        self.container.clear()
        with self.container:
            self.draw(prepared)


def picture(svg: bytes, said: str) -> None:
    """An SVG, as an image: nothing in it can act."""
    with gui().ui.element("div").classes("wide-picture"):  # a narrow screen scrolls it
        image = gui().ui.element("img")
    image.props["src"] = f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
    image.props["alt"] = said
    image.classes("picture")


def labelled(rows: list[tuple[str, str]]) -> None:
    """What things are about, and what is said of them."""
    ui = gui().ui
    with ui.element("dl"):
        for what, value in rows:
            with ui.element("dt"):
                ui.label(what)
            with ui.element("dd"):
                ui.label(value)


def heading(text: str) -> None:
    with gui().ui.element("h2"):
        gui().ui.label(text)
