"""The equations of every theory as a picture, by Matplotlib's own mathematics."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hiddenlaw.report.blocks import Block, blocks_of
from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.registry import Figure, register
from hiddenlaw.report.figures.style import GREY, INK, colour_of, new_figure
from hiddenlaw.report.found import in_order, label_of
from hiddenlaw.report.names import pretty, verbatim

_LINE, _HEAD, _GAP = 0.34, 0.32, 0.16  # inches
_TALL = 1.75  # lines that a fraction takes
_HEADING = {"fontsize": 10.5, "weight": "bold"}
_TITLE = {"fontsize": 8.5, "color": GREY}
_EQUATION = {
    "fontsize": 13,
    "color": INK,
    "math_fontfamily": "dejavuserif",
    "family": "DejaVu Serif",
}
_MATRIX = {"fontsize": 10.5, "color": INK, "family": "DejaVu Sans Mono", "linespacing": 1.0}
_ROW = 0.175  # inches of a row of a matrix


@dataclass(frozen=True)
class _Line:
    """A line of the sheet: its middle in inches from the top, its left end, text, and style."""

    middle: float
    left: float
    text: str
    plain: str  # instead, where the text is LaTeX that Matplotlib does not know
    style: Mapping[str, Any]


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """Law, system and readout of each theory; None where there is no theory."""
    theories = in_order(record)
    if not theories:
        return None
    lines: list[_Line] = []
    depth = 0.1
    for _, theory in theories:
        style = _HEADING | {"color": colour_of(theory["readout"])}
        heading = verbatim(label_of(theory))
        lines.append(_Line(depth + _HEAD / 2, 0.12, heading, heading, style))
        depth += _HEAD + 0.04
        for block in blocks_of(record, theory):
            depth = _add(lines, block, depth)
        depth += _GAP
    figure = new_figure(depth + 0.1)
    if hasattr(figure, "set_layout_engine"):  # a part of a figure has none
        figure.set_layout_engine("none")
    for line in lines:
        _write(figure, line)
    caption = "The equations of each theory, with as many digits as their errors leave certain."
    return Picture("equations", "The equations", caption, figure)


def _add(lines: list[_Line], block: Block, depth: float) -> float:
    """The title and equations of a block below `depth`; returns where they end."""
    title = verbatim(block.title)
    lines.append(_Line(depth + 0.11, 0.3, title, title, _TITLE))
    depth += 0.24
    for equation in block.equations:
        plain = verbatim(pretty(equation.text))
        text = _mathtext(equation.latex) if equation.latex else plain
        step, style = _LINE * (_TALL if "\\dfrac" in text else 1.0), _EQUATION
        matrix = _matrix_in(equation.text)
        if matrix is not None:
            text = plain = verbatim(matrix)
            step, style = _ROW * (1 + matrix.count("\n")) + _GAP / 2, _MATRIX
        lines.append(_Line(depth + step / 2, 0.3, text, plain, style))
        depth += step
    return depth + 0.06


def _matrix_in(text: str) -> str | None:
    """`A = [[1, 2], [3, 4]]` with its rows below each other between tall brackets; None for others.

    Matplotlib's mathematics has no matrices.
    """
    found = re.fullmatch(r"(.*?)\[(\[[^\[\]]*\](?:, \[[^\[\]]*\])*)\]", text)
    if found is None:
        return None
    rows = [[pretty(cell) for cell in row.split(", ")] for row in found[2][1:-1].split("], [")]
    if len({len(row) for row in rows}) > 1:
        return None
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    inner = ["  ".join(map(str.rjust, row, widths)) for row in rows]
    left, right = (_between(len(rows), *ends) for ends in ("⎛⎜⎝(", "⎞⎟⎠)"))
    named, middle = pretty(found[1]), (len(rows) - 1) // 2
    return "\n".join(
        f"{named if at == middle else ' ' * len(named)}{left[at]} {row} {right[at]}"
        for at, row in enumerate(inner)
    )


def _between(rows: int, top: str, middle: str, bottom: str, alone: str) -> list[str]:
    """One side of the brackets around so many rows."""
    return [alone] if rows == 1 else [top, *[middle] * (rows - 2), bottom]


def _mathtext(latex: str) -> str:
    """The equation for Matplotlib, fractions in full size."""
    return f"${latex.strip().strip('$')}$".replace("\\frac", "\\dfrac")


def _write(figure: Any, line: _Line) -> None:
    """A line; in a smaller size, never cut, where it is wider than the page."""
    width, height = figure.bbox.width / figure.dpi, figure.bbox.height / figure.dpi
    place = line.left / width, 1 - line.middle / height
    text = figure.text(*place, line.text, va="center", **line.style)
    renderer = figure.canvas.get_renderer()
    try:
        box = text.get_window_extent(renderer)
    except ValueError:  # such as a matrix, which Matplotlib's mathematics does not have
        text.set_text(line.plain)
        box = text.get_window_extent(renderer)
    room = figure.bbox.width * 0.98
    if box.x1 > room:
        text.set_fontsize(text.get_fontsize() * (room - box.x0) / box.width)


register(Figure("equations", None, draw), place=60)
