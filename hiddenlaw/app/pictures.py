"""Pictures of the page, in the style of the report: the data, and the sweep as it fills in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.records import lengths_of
from hiddenlaw.report.figures import bottleneck
from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.style import GREY, INK, house_style, new_figure

_MOST_POINTS = 2000
_WIDTH = 5.6  # inches: less than in the report, to be read on a telephone
_drawing = Lock()  # Matplotlib's settings are those of all threads


def of_data(dataset: Dataset) -> bytes:
    """Inputs and responses of the first run against the grid, as SVG."""
    names = [*dataset.input_names, *dataset.response_names]
    last = int(lengths_of(dataset)[0])
    values = np.concatenate([dataset.input[0], dataset.response[0]], axis=1)[:last]
    step = max(1, -(-len(values) // _MOST_POINTS))
    with _drawing, house_style():
        figure = new_figure(0.6 + 1.1 * len(names), _WIDTH)
        rows = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
        for place, (axes, name) in enumerate(zip(rows, names, strict=True)):
            held = place < len(dataset.input_names)
            axes.plot(
                dataset.x[:last:step],
                values[::step, place],
                color=GREY if held else INK,
                lw=0.9,
            )
            axes.set_title(_with_unit(name, dataset.units), loc="left")
        rows[-1].set_xlabel(_with_unit(dataset.x_name, dataset.units))
    return _svg(Picture("data", "", "", figure))


def of_sweep(entries: Sequence[Mapping[str, Any]], *, response: bool) -> bytes | None:
    """The bottleneck figure of the widths that are finished, as SVG; None without any."""
    record = {"sweep": list(entries), **({"swept": "response"} if response else {})}
    with _drawing, house_style():
        picture = bottleneck.draw(record, {})
    return None if picture is None else _svg(picture)


def _svg(picture: Picture) -> bytes:
    with _drawing:
        return picture.svg()


def _with_unit(name: str, units: Mapping[str, str]) -> str:
    text = f"{name} [{units[name]}]" if units.get(name) else name
    return text.replace("$", r"\$")
