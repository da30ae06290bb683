"""The law between neighbouring sites, exact for an input that changes from cell to cell.

With k = √(E − κV), c = cos(k dx), s = sin(k dx)/k in each cell, ψ″ = −k² ψ gives

    ψ_{i+1}/s_{i+1} + ψ_{i−1}/s_i = (c_{i+1}/s_{i+1} + c_i/s_i) ψ_i.

The familiar 2 cos(k dx) ψ_i − ψ_{i−1} holds for a constant potential only. Other laws are given as
their update matrix, the exponential of the generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells.monomials import Exponents
from hiddenlaw.data.described import Described, Rows
from hiddenlaw.theory.equations import plain
from hiddenlaw.theory.equations.eliminate import Scalar
from hiddenlaw.theory.equations.naming import (
    ONE,
    derivative,
    factors_of,
    latex_name,
    latex_term,
    product,
    rounded,
    term_name,
)
from hiddenlaw.theory.equations.system import FirstOrderSystem
from hiddenlaw.theory.equations.term import Term, Terms
from hiddenlaw.theory.equations.writing import equation

_LETTERS = "ABCDFGHJKL"


@dataclass(frozen=True)
class DiscreteLaw(Described):
    """The law from site to site, in text and LaTeX, and its leading order if it has a plain one."""

    equation: str
    latex: str
    definitions: tuple[str, ...]
    definitions_latex: tuple[str, ...]
    leading_order: str | None = None
    leading_order_latex: str | None = None

    def _said(self) -> tuple[str, Rows]:
        return f"DiscreteLaw({self.equation})", []

    def to_json(self) -> dict[str, Any]:
        """As it stands in discovery.json."""
        return {
            "equation": self.equation,
            "latex": self.latex,
            "definitions": list(self.definitions),
            "definitions_latex": list(self.definitions_latex),
            "leading_order": self.leading_order,
            "leading_order_latex": self.leading_order_latex,
        }

    @classmethod
    def from_json(cls, entry: Any) -> DiscreteLaw:
        """The inverse of `to_json`. Raises `KeyError`, `TypeError` or `ValueError` for others."""
        entry = plain.mapping(entry)
        return cls(
            plain.text(entry["equation"]),
            plain.text(entry["latex"]),
            plain.several(plain.text, entry.get("definitions", ())),
            plain.several(plain.text, entry.get("definitions_latex", ())),
            plain.maybe(plain.text, entry.get("leading_order")),
            plain.maybe(plain.text, entry.get("leading_order_latex")),
        )


def discrete_law(
    scalar: Scalar | None,
    system: FirstOrderSystem,
    matrices: Float[np.ndarray, "term d d"],
    exponents: Exponents,
    inputs: tuple[str, ...],
) -> DiscreteLaw:
    """The three-term form of ψ″ = f(V) ψ, or the update matrix of another law."""
    wave = system.names[0]
    square = _square_of_k(scalar, wave)
    if square is not None:
        return _three_term(wave, square)
    return _update_matrix(matrices, exponents, inputs)


def _square_of_k(scalar: Scalar | None, wave: str) -> Terms | None:
    """k² of ψ″ = −k²(V) ψ, terms that count positive first; None for a law of another form."""
    if scalar is None or scalar.left != derivative(wave, 2):
        return None
    square: Terms = {}
    for name, term in scalar.terms.items():
        factors = dict(factors_of(name))
        if factors.pop(wave, 0) != 1 or any("'" in factor for factor in factors):
            return None
        left = term_name(factor for factor, power in factors.items() for _ in range(power))
        square[left] = Term(-term.value, term.stderr)
    return dict(sorted(square.items(), key=lambda item: item[1].value < 0))


def _three_term(wave: str, square: Terms) -> DiscreteLaw:
    w = latex_name(wave)
    right = equation("k**2", square).split(" = ")[1]
    right_latex = equation("k", square, latex=True).split(" = ")[1]
    force = {name: Term(-term.value, term.stderr) for name, term in reversed(square.items())}
    f = equation("f", force).split(" = ")[1]
    f_latex = equation("f", force, latex=True).split(" = ")[1]
    return DiscreteLaw(
        f"{wave}[i+1]/s[i+1] + {wave}[i-1]/s[i] = (c[i+1]/s[i+1] + c[i]/s[i])*{wave}[i]",
        rf"\frac{{{w}_{{i+1}}}}{{s_{{i+1}}}} + \frac{{{w}_{{i-1}}}}{{s_i}} = "
        rf"\left(\frac{{c_{{i+1}}}}{{s_{{i+1}}}} + \frac{{c_i}}{{s_i}}\right) {w}_i",
        (f"k**2 = {right} in each cell", "c = cos(k*dx)", "s = sin(k*dx)/k"),
        (rf"k^2 = {right_latex}", r"c = \cos(k\,\Delta x)", r"s = \sin(k\,\Delta x)/k"),
        f"{wave}[i+1] - 2*{wave}[i] + {wave}[i-1] = dx**2*(f[i] + f[i+1])/2*{wave}[i], f = {f}",
        rf"{w}_{{i+1}} - 2{w}_i + {w}_{{i-1}} = "
        rf"\Delta x^2\,\frac{{f_i + f_{{i+1}}}}{{2}}\,{w}_i,\quad f = {f_latex}",
    )


def _update_matrix(
    matrices: Float[np.ndarray, "term d d"], exponents: Exponents, inputs: tuple[str, ...]
) -> DiscreteLaw:
    texts, symbols, definitions, definitions_latex = [], [], [], []
    used = [i for i in range(len(exponents)) if np.any(matrices[i]) or i == 0]
    for letter, index in zip(_letters(len(used)), used, strict=True):
        term = product(exponents[index], inputs, ())
        texts.append(letter if term == ONE else f"{letter}*{term}[i]")
        symbol = latex_name(letter)
        symbols.append(symbol if term == ONE else rf"{symbol}\,{latex_term(term)}_i")
        rows = [[rounded(v) for v in row] for row in matrices[index]]
        definitions.append(f"{letter} = [{', '.join('[' + ', '.join(r) + ']' for r in rows)}]")
        body = r" \\ ".join(" & ".join(r) for r in rows)
        definitions_latex.append(rf"{symbol} = \begin{{pmatrix}} {body} \end{{pmatrix}}")
    return DiscreteLaw(
        f"z[i] = exp(dx*({' + '.join(texts)})) z[i-1]",
        rf"z_i = \exp\left[\Delta x\,({' + '.join(symbols)})\right] z_{{i-1}}",
        tuple(definitions),
        tuple(definitions_latex),
    )


def _letters(count: int) -> list[str]:
    """A, B, C, …, and where these do not suffice A1, B1, …."""
    return [
        _LETTERS[k % len(_LETTERS)] + (str(k // len(_LETTERS)) if k >= len(_LETTERS) else "")
        for k in range(count)
    ]
