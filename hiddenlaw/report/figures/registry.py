"""The figures of a report: each is one file that registers itself, here or in a stranger's package.

    from hiddenlaw.report.figures import Figure, Picture, new_figure, register

    def draw(record, arrays):
        figure = new_figure(height=3.0)
        figure.subplots().plot(arrays["sample/x"], arrays["sample/response"][0])
        return Picture("mine", "My figure", "What to see in it.", figure)

    register(Figure("mine", "What is left over", draw, ("sample/x", "sample/response")))

From then on a report draws it, writes figures/mine.png, and shows it under that heading.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.style import house_style
from hiddenlaw.report.found import of_its_runs

Draw = Callable[[Mapping[str, Any], Mapping[str, np.ndarray]], Picture | None]


@dataclass(frozen=True)
class Figure:
    """One figure of a report.

    - `name`: of its file, figures/<name>.png.
    - `section`: the heading of the page under which it stands, one of `hiddenlaw.report.headings`
      or one of its own; None for a figure that is a file alone.
    - `draw`: from the content of discovery.json and the arrays of models.npz; None where this
      discovery has nothing to draw.
    - `arrays`: names of the arrays without which it is not drawn. One that ends in a slash is a
      prefix: some array under it must be there.
    """

    name: str
    section: str | None
    draw: Draw
    arrays: tuple[str, ...] = ()

    def has_arrays(self, arrays: Mapping[str, np.ndarray]) -> bool:
        return all(
            any(name.startswith(needed) for name in arrays)
            if needed.endswith("/")
            else needed in arrays
            for needed in self.arrays
        )


_REGISTERED: dict[str, tuple[float, Figure]] = {}


def register(figure: Figure, *, place: float = math.inf) -> Figure:
    """Add a figure to every report, those of lower `place` first; without one it comes last.

    Raises ValueError for a name that is taken, or that is no name of a file.
    """
    if not figure.name.isidentifier():
        raise ValueError(f"figure {figure.name!r}: a name has letters, digits and _ alone")
    if figure.name in _REGISTERED:
        raise ValueError(f"a figure is called {figure.name!r} already; unregister it, or rename")
    _REGISTERED[figure.name] = (place, figure)
    return figure


def unregister(name: str) -> None:
    """Take a figure out of all reports that follow."""
    _REGISTERED.pop(name, None)


def registered() -> tuple[Figure, ...]:
    """All figures in the order in which they are read."""
    return tuple(figure for _, figure in sorted(_REGISTERED.values(), key=lambda entry: entry[0]))


def draw_figures(
    record: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    figures: Iterable[Figure] | None = None,
) -> dict[str, Picture]:
    """Every figure, of all or of those given, that the record and its arrays allow, by name."""
    pictures = {}
    with house_style():
        for figure in registered() if figures is None else figures:
            picture = figure.draw(record, arrays) if figure.has_arrays(arrays) else None
            if picture is not None:
                title, caption = (
                    of_its_runs(record, text) for text in (picture.title, picture.caption)
                )
                pictures[figure.name] = replace(picture, title=title, caption=caption)
    return pictures
