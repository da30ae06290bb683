"""Which equations of a theory are shown, in which order and under which words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import zip_longest
from typing import Any

from hiddenlaw.report import words
from hiddenlaw.report.found import constant_over_cells
from hiddenlaw.report.late import late_inputs


class Role(Enum):
    """What the equations of a block are to the theory."""

    LAW = auto()
    SMOOTH = auto()  # the law as one equation, which holds for a differentiable input
    UNCERTAIN = auto()  # the law with intervals of its coefficients
    LATE = auto()  # what of the input stands in the law
    READOUT = auto()
    MORE = auto()


@dataclass(frozen=True)
class Equation:
    """One equation: as text, and in LaTeX where there is any."""

    text: str
    latex: str | None


@dataclass(frozen=True)
class Block:
    """Equations under one title."""

    role: Role
    title: str
    equations: list[Equation]


def blocks_of(record: Mapping[str, Any], theory: Mapping[str, Any]) -> list[Block]:
    """Law, system, readout and discrete form, those of them that the theory has.

    Where the input jumps at the edges of cells, an equation with its derivative holds only for a
    smooth input; then the first-order system is the law and comes first.
    """
    law, readout = (theory.get(key) or {} for key in ("law", "readout_law"))
    uncertain = pairs(
        _split(law.get("with_errors"), "; "), _split(law.get("with_errors_latex"), r",\quad ")
    )
    shown = pairs([readout.get("equation")], [readout.get("latex")])
    late = [Equation(text, latex) for text, latex in late_inputs(record)]
    blocks = [
        *_laws(record, theory),
        Block(Role.LATE, "where", late),
        Block(Role.UNCERTAIN, "with 95 % intervals", uncertain),
        Block(Role.READOUT, "readout", _not_trivial(shown)),
        *_discrete(record, theory),
    ]
    return [block for block in blocks if block.equations]


def _laws(record: Mapping[str, Any], theory: Mapping[str, Any]) -> list[Block]:
    """The law as one equation and as a first-order system, the one that is the law first."""
    law, system = (theory.get(key) or {} for key in ("law", "system"))
    one = pairs(_split(law.get("equation"), "; "), _split(law.get("latex"), r",\quad "))
    first_order = _not_trivial(pairs(system.get("equations"), system.get("latex")))
    rough = constant_over_cells(record) and _has_derivative(law, record["dataset"]["input"])
    definitions = Block(
        Role.MORE, "with", pairs(system.get("definitions"), system.get("definitions_latex"))
    )
    as_system = "as a first-order system"
    if rough or not law:
        scalar = Block(Role.SMOOTH, f"as one equation, {words.SMOOTH}", one)
        return [Block(Role.LAW, f"law, {as_system}", first_order), definitions, scalar]
    if len(first_order) == len(one):
        first_order = []  # the law once more
    return [Block(Role.LAW, "law", one), Block(Role.MORE, as_system, first_order), definitions]


def _discrete(record: Mapping[str, Any], theory: Mapping[str, Any]) -> list[Block]:
    """The law from site to site."""
    discrete = theory.get("discrete") or {}
    exact = pairs([discrete.get("equation")], [discrete.get("latex")])
    terms = pairs(discrete.get("definitions"), discrete.get("definitions_latex"))
    leading = pairs([discrete.get("leading_order")], [discrete.get("leading_order_latex")])
    return [
        Block(Role.MORE, f"exact from site to site, the input {words.hold(record)}", exact),
        Block(Role.MORE, "with", terms),
        Block(Role.MORE, "the same to leading order", leading),
    ]


def main_equations(record: Mapping[str, Any], theory: Mapping[str, Any]) -> list[Equation]:
    """What a summary shows: the law (or its system), and the readout unless it is the identity."""
    roles = (Role.LAW, Role.LATE, Role.READOUT)
    return _not_trivial([each for role in roles for each in equations_of(record, theory, role)])


def equations_of(
    record: Mapping[str, Any], theory: Mapping[str, Any], role: Role
) -> list[Equation]:
    """Those that play this role."""
    blocks = blocks_of(record, theory)
    return [equation for block in blocks if block.role is role for equation in block.equations]


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
