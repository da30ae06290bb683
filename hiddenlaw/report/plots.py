"""The figures of a report one by one, on Axes of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.errors import DataError


class Plots:
    """Each figure of a report by its name, as in figures/<name>.png: `plot.bottleneck(ax)`.

    `ax` is where it is drawn: an Axes that is part of a grid of subplots, whose place it takes;
    without it a new figure of pyplot. What comes back are the Axes drawn on: one, or an array.
    """

    def __init__(self, record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        self._record, self._arrays = record, arrays

    def __dir__(self) -> list[str]:
        from hiddenlaw.report.figures import registered

        return [figure.name for figure in registered() if figure.has_arrays(self._arrays)]

    def __repr__(self) -> str:
        return f"Plots({', '.join(dir(self))})"

    def __getattr__(self, name: str) -> Any:
        from hiddenlaw.report.figures import registered

        figure = next((each for each in registered() if each.name == name), None)
        if figure is None:
            known = ", ".join(each.name for each in registered())
            raise AttributeError(f"no figure is called {name!r}; there are {known}")

        def draw(ax: Any = None) -> Any:
            return self._drawn(figure, ax)

        draw.__name__, draw.__doc__ = name, f"The figure {name} of the report; see `Plots`."
        return draw

    def _drawn(self, figure: Any, ax: Any) -> Any:
        from hiddenlaw.report.figures.style import house_style, made_by

        places: list[Any] = []

        def place(height: float, width: float) -> Any:
            places.append(_new(height, width) if ax is None else _in_place_of(ax))
            return places[-1]

        picture = None
        if figure.has_arrays(self._arrays):
            with house_style(), made_by(place):
                picture = figure.draw(self._record, self._arrays)
        if picture is None:
            raise DataError(
                f"this discovery has nothing to draw in {figure.name}; it has "
                f"{', '.join(dir(self))}"
            )
        axes = np.array(picture.figure.axes, dtype=object)
        return axes[0] if len(axes) == 1 else axes


def _new(height: float, width: float) -> Any:
    import matplotlib.pyplot as plt

    return plt.figure(figsize=(width, height), layout="constrained")


def _in_place_of(ax: Any) -> Any:
    """A part of the figure where this Axes was. Raises `DataError` for one in no grid."""
    spec = ax.get_subplotspec()
    if spec is None:
        raise DataError("these Axes stand in no grid; take some of plt.subplots or add_subplot")
    figure = ax.figure
    ax.remove()
    return figure.add_subfigure(spec)
