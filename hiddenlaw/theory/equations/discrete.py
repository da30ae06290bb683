"""The law between neighbouring sites, exact for an input that changes from cell to cell.

With k = √(E − κV), c = cos(k dx), s = sin(k dx)/k in each cell, ψ″ = −k² ψ gives

    ψ_{i+1}/s_{i+1} + ψ_{i−1}/s_i = (c_{i+1}/s_{i+1} + c_i/s_i) ψ_i.

The familiar 2 cos(k dx) ψ_i − ψ_{i−1} holds for a constant potential only. Other laws are given as
their update matrix, the exponential of the generator.
"""

from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells.monomials import Exponents
from hiddenlaw.theory.equations.eliminate import Scalar, System
from hiddenlaw.theory.equations.naming import (
    derivative,
    equation,
    factors_of,
    latex_name,
    latex_term,
    number,
    term_name,
)


def discrete_law(
    scalar: Scalar | None,
    system: System,
    matrices: Float[np.ndarray, "term d d"],
    exponents: Exponents,
    inputs: tuple[str, ...],
) -> dict[str, Any]:
    """The discrete form as text and LaTeX, with its definitions and its leading order if any."""
    wave = system.names[0]
    if scalar and scalar.left == derivative(wave, 2):
        square = {}
        for term, (value, error) in scalar.terms.items():
            factors = dict(factors_of(term))
            if factors.pop(wave, 0) != 1 or any("'" in name for name in factors):
                break
            square[term_name(n for n, p in factors.items() for _ in range(p))] = (-value, error)
        else:
            return _three_term(wave, square)
    return _update_matrix(matrices, exponents, inputs)


def _three_term(wave: str, square: dict[str, tuple[float, float]]) -> dict[str, Any]:
    w = latex_name(wave)
    square = dict(sorted(square.items(), key=lambda item: item[1][0] < 0))
    right = equation("k**2", square).split(" = ")[1]
    right_latex = equation("k", square, latex=True).split(" = ")[1]
    force = {term: (-value, error) for term, (value, error) in reversed(square.items())}
    f = equation("f", force).split(" = ")[1]
    f_latex = equation("f", force, latex=True).split(" = ")[1]
    return {
        "equation": f"{wave}[i+1]/s[i+1] + {wave}[i-1]/s[i] = "
        f"(c[i+1]/s[i+1] + c[i]/s[i])*{wave}[i]",
        "latex": rf"\frac{{{w}_{{i+1}}}}{{s_{{i+1}}}} + \frac{{{w}_{{i-1}}}}{{s_i}} = "
        rf"\left(\frac{{c_{{i+1}}}}{{s_{{i+1}}}} + \frac{{c_i}}{{s_i}}\right) {w}_i",
        "definitions": [
            f"k**2 = {right} in each cell",
            "c = cos(k*dx)",
            "s = sin(k*dx)/k",
        ],
        "definitions_latex": [
            rf"k^2 = {right_latex}",
            r"c = \cos(k\,\Delta x)",
            r"s = \sin(k\,\Delta x)/k",
        ],
        "leading_order": f"{wave}[i+1] - 2*{wave}[i] + {wave}[i-1] = "
        f"dx**2*(f[i] + f[i+1])/2*{wave}[i], f = {f}",
        "leading_order_latex": rf"{w}_{{i+1}} - 2{w}_i + {w}_{{i-1}} = "
        rf"\Delta x^2\,\frac{{f_i + f_{{i+1}}}}{{2}}\,{w}_i,\quad f = {f_latex}",
    }


def _update_matrix(matrices, exponents, inputs) -> dict[str, Any]:
    letters = "ABCDFGHJKL"
    used = [i for i in range(len(exponents)) if np.any(matrices[i]) or i == 0]
    texts, symbols, definitions, definitions_latex = [], [], [], []
    for letter, index in zip(letters, used, strict=False):
        term = term_name(
            f"{n}" for n, p in zip(inputs, exponents[index], strict=True) for _ in range(p)
        )
        texts.append(letter if term == "1" else f"{letter}*{term}[i]")
        symbols.append(letter if term == "1" else rf"{letter}\,{latex_term(term)}_i")
        rows = [[number(v) for v in row] for row in matrices[index]]
        definitions.append(f"{letter} = [{', '.join('[' + ', '.join(r) + ']' for r in rows)}]")
        body = r" \\ ".join(" & ".join(r) for r in rows)
        definitions_latex.append(rf"{letter} = \begin{{pmatrix}} {body} \end{{pmatrix}}")
    return {
        "equation": f"z[i] = exp(dx*({' + '.join(texts)})) z[i-1]",
        "latex": rf"z_i = \exp\left[\Delta x\,({' + '.join(symbols)})\right] z_{{i-1}}",
        "definitions": definitions,
        "definitions_latex": definitions_latex,
        "leading_order": None,
        "leading_order_latex": None,
    }
