"""Which equations of a theory are shown, in which order and under which words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

_WORDS_OF_HOLD = {
    "zero": "constant over each cell",
    "first": "linear between samples",
    "cubic": "a cubic spline through its samples",
}
_UNCERTAIN = "with 95 % intervals"
_SMOOTH = "as one equation, for a differentiable input"


@dataclass(frozen=True)
class Equation:
    """One equation: as text, and in LaTeX where there is any."""

    text: str
    latex: str | None


@dataclass(frozen=True)
class Block:
    """Equations under one title."""

    title: str
    equations: list[Equation]


def blocks_of(record: Mapping[str, Any], theory: Mapping[str, Any]) -> list[Block]:
    """Law, system, readout and discrete form, those of them that the theory has.

    Where the input jumps at the edges of cells, an equation with its derivative holds only for a
    smooth input; then the first-order system is the law and comes first.
    """
    law, system, discrete = (theory.get(key) or {} for key in ("law", "system", "discrete"))
    inputs = record["dataset"]["input"]
    rough = record["dataset"].get("hold") == "zero" and _has_derivative(law, inputs)
    scalar = Block(
        _SMOOTH if rough else "law",
        pairs(_split(law.get("equation"), "; "), _split(law.get("latex"), r",\quad ")),
    )
    first_order = Block(
        "law, as a first-order system" if rough or not law else "as a first-order system",
        _not_trivial(pairs(system.get("equations"), system.get("latex"))),
    )
    if law and not rough and len(first_order.equations) == len(scalar.equations):
        first_order = Block(first_order.title, [])  # the law once more
    definitions = Block("with", pairs(system.get("definitions"), system.get("definitions_latex")))
    readout = theory.get("readout_law") or {}
    exact = pairs([discrete.get("equation")], [discrete.get("latex")])
    terms = pairs(discrete.get("definitions"), discrete.get("definitions_latex"))
    leading = pairs([discrete.get("leading_order")], [discrete.get("leading_order_latex")])
    blocks = [
        *((first_order, definitions, scalar) if rough else (scalar, first_order, definitions)),
        Block(
            _UNCERTAIN,
            pairs(
                _split(law.get("with_errors"), "; "),
                _split(law.get("with_errors_latex"), r",\quad "),
            ),
        ),
        Block("readout", _not_trivial(pairs([readout.get("equation")], [readout.get("latex")]))),
        Block(f"exact from site to site, the input {hold_in_words(record)}", exact),
        Block("with", terms),
        Block("the same to leading order", leading),
    ]
    return [block for block in blocks if block.equations]


def main_equations(record: Mapping[str, Any], theory: Mapping[str, Any]) -> list[Equation]:
    """What a summary shows: the law (or its system), and the readout unless it is the identity."""
    blocks = blocks_of(record, theory)
    laws = [block for block in blocks if block.title.startswith("law")]
    readouts = [block for block in blocks if block.title == "readout"]
    shown = [equation for block in (*laws, *readouts) for equation in block.equations]
    return _not_trivial(shown)


def smooth_equations(record: Mapping[str, Any], theory: Mapping[str, Any]) -> list[Equation]:
    """The scalar law where it holds only for a differentiable input, and the system otherwise."""
    blocks = blocks_of(record, theory)
    return [equation for block in blocks if block.title == _SMOOTH for equation in block.equations]


def uncertain_equations(record: Mapping[str, Any], theory: Mapping[str, Any]) -> list[Equation]:
    """The scalar law with its 95 % intervals."""
    blocks = blocks_of(record, theory)
    return [e for block in blocks if block.title == _UNCERTAIN for e in block.equations]


def hold_in_words(record: Mapping[str, Any]) -> str:
    """How the input runs between samples."""
    hold = str(record["dataset"].get("hold", ""))
    return _WORDS_OF_HOLD.get(hold, hold)


def pairs(texts: Sequence[Any] | None, latex: Sequence[Any] | None) -> list[Equation]:
    """Texts with their LaTeX; where one LaTeX is a matrix of several texts, those are joined."""
    texts = [str(text) for text in texts or () if text]
    latex = [str(tex) for tex in latex or () if tex]
    if len(texts) == len(latex):
        return [Equation(text, tex) for text, tex in zip(texts, latex, strict=True)]
    if not latex:
        return [Equation(text, None) for text in texts]
    joined = ["; ".join(text for text in texts if not _trivial(text))]
    return [Equation(text or tex, tex) for text, tex in zip_longest(joined, latex)]


def _split(text: Any, between: str) -> list[str]:
    """The equations of a law, one for each of several waves."""
    return str(text).split(between) if text else []


def _not_trivial(equations: Sequence[Equation]) -> list[Equation]:
    return [equation for equation in equations if not _trivial(equation.text)]


def _trivial(text: str) -> bool:
    """Whether an equation only repeats a name: the derivative of ψ is called ψ′, so ψ′ = ψ′."""
    left, _, right = text.partition("=")
    return left.strip() == right.strip()


def _has_derivative(law: Mapping[str, Any], inputs: Sequence[str]) -> bool:
    terms = [term for entries in (law.get("terms") or {}).values() for term in entries]
    factors = [factor for term in terms for factor in re.split(r"\*+", term)]
    return any(factor.endswith("'") and factor.rstrip("'") in inputs for factor in factors)
