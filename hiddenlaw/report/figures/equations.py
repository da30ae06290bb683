"""The equations of every theory as a picture, by Matplotlib's own mathematics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.equations import Block, blocks_of
from hiddenlaw.report.figures.style import (
    GREY,
    INK,
    Picture,
    colour_of,
    label_of,
    new_figure,
    ranked,
)
from hiddenlaw.report.names import pretty, verbatim

_LINE, _HEAD, _GAP = 0.34, 0.32, 0.16  # inches
_FONT = 13
_SERIF = {"math_fontfamily": "dejavuserif", "family": "DejaVu Serif"}


def equations(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """Law, system and readout of each theory; None where there is no theory."""
    theories = ranked(record)
    if not theories:
        return None
    lines: list[tuple[float, str, dict[str, Any]]] = []
    depth = 0.1
    for _, theory in theories:
        heading = {"fontsize": 10.5, "weight": "bold", "color": colour_of(theory["readout"])}
        lines.append((depth + _HEAD / 2, label_of(theory), heading))
        depth += _HEAD + 0.04
        for block in blocks_of(record, theory):
            depth = _add(lines, block, depth)
        depth += _GAP
    figure = new_figure(depth + 0.1)
    figure.set_layout_engine("none")
    width, height = figure.get_size_inches()
    for place, text, style in lines:
        left = 0.12 if style.get("weight") == "bold" else 0.3
        figure.text(left / width, 1 - place / height, text, va="center", **style)
    _shrink_to_fit(figure)
    caption = "The equations of each theory, with as many digits as their errors leave certain."
    return Picture("equations", "The equations", caption, figure)


def _add(lines: list[tuple[float, str, dict[str, Any]]], block: Block, depth: float) -> float:
    lines.append((depth + 0.11, verbatim(block.title), {"fontsize": 8.5, "color": GREY}))
    depth += 0.24
    for equation in block.equations:
        text = _mathtext(equation.latex)
        tall = text is not None and "frac" in text
        step = _LINE * (1.75 if tall else 1.0)
        style = {"fontsize": _FONT, "color": INK, **_SERIF}
        lines.append((depth + step / 2, text or verbatim(pretty(equation.text)), style))
        depth += step
    return depth + 0.06


def _mathtext(latex: str | None) -> str | None:
    """The equation for Matplotlib, or None where it cannot set it."""
    if not latex:
        return None
    from matplotlib.mathtext import MathTextParser

    text = f"${latex.strip().strip('$')}$".replace("\\frac", "\\dfrac")
    try:
        MathTextParser("path").parse(text)
    except ValueError:
        return None
    return text


def _shrink_to_fit(figure: Any) -> None:
    """Equations wider than the page in a smaller size, never cut."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    renderer = FigureCanvasAgg(figure).get_renderer()
    room = figure.bbox.width * 0.98
    for text in figure.texts:
        box = text.get_window_extent(renderer)
        if box.x1 > room:
            text.set_fontsize(text.get_fontsize() * (room - box.x0) / box.width)
