"""Equations as inline SVG, typeset by ziamath from LaTeX: outlines, no font and no script."""

from __future__ import annotations

import html
import re
import warnings
from functools import lru_cache
from itertools import count

from hiddenlaw.report.blocks import Equation
from hiddenlaw.report.names import pretty

_SIZE = 20  # of a page set in 17 px: mathematics looks smaller than text
_REMEMBERED = 256  # formulas; the law stands on a page twice, and once more in a notebook


class Formulas:
    """Typesets the formulas of one page; glyphs get ids that no other formula of it has."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def display(self, equation: Equation) -> str:
        """On a line of its own."""
        return f'<div class="equation">{self.inline(equation)}</div>'

    def inline(self, equation: Equation) -> str:
        """Within a line, on its baseline; plain text where LaTeX is missing or not understood."""
        svg = typeset_latex(equation.latex) if equation.latex else None
        if svg is None:
            return f"<span class='term'>{html.escape(pretty(equation.text))}</span>"
        prefix = f"f{next(self._numbers)}-"
        svg = re.sub(r'(id="|href="#)', lambda found: found[1] + prefix, svg)
        label = html.escape(equation.text, quote=True)
        return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


@lru_cache(_REMEMBERED)
def typeset_latex(latex: str) -> str | None:
    """One formula as SVG; None for LaTeX that ziamath does not understand."""
    with warnings.catch_warnings():
        # Importing ziamath 0.13 uses importlib.resources.path, deprecated in Python 3.11.
        warnings.simplefilter("ignore", DeprecationWarning)
        from ziamath.zmath import Latex
    try:
        formula = Latex(latex.strip().strip("$"), size=_SIZE, color="currentColor")
        svg, offset = formula.svg(), formula.getyofst()
    except Exception:  # its parser raises anything at all on LaTeX that it does not know
        return None
    svg = svg.replace(' xmlns="http://www.w3.org/2000/svg"', "")
    return svg.replace("<svg ", f'<svg style="vertical-align:{offset:.2f}px" ', 1)
