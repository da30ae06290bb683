"""A term of an equation: its coefficient, with what is known of the coefficient's error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hiddenlaw.theory.equations import plain
from hiddenlaw.theory.equations.naming import ONE


@dataclass(frozen=True)
class Term:
    """The coefficient of a term, in the data's units.

    - `value`, `stderr`: the coefficient and its standard error; None where errors are not known.
    - `ci95`: the 95 % interval.
    - `stderr_bootstrap`: the standard error of a bootstrap, which then makes the interval.
    """

    value: float
    stderr: float | None = None
    ci95: tuple[float, float] | None = None
    stderr_bootstrap: float | None = None

    def to_json(self) -> dict[str, Any]:
        """As it stands in discovery.json; what is not known is left out."""
        found = {
            "value": self.value,
            "stderr": self.stderr,
            "stderr_bootstrap": self.stderr_bootstrap,
            "ci95": None if self.ci95 is None else list(self.ci95),
        }
        return {key: item for key, item in found.items() if item is not None}

    @classmethod
    def from_json(cls, entry: Any) -> Term:
        """The inverse of `to_json`. Raises `KeyError`, `TypeError` or `ValueError` for others."""
        entry = plain.mapping(entry)
        stderr, resampled = (
            plain.number(entry[key]) if key in entry else None
            for key in ("stderr", "stderr_bootstrap")
        )
        interval = None
        if "ci95" in entry:
            low, high = plain.several(plain.number, entry["ci95"])
            interval = low, high
        return cls(plain.number(entry["value"]), stderr, interval, resampled)


Terms = dict[str, Term]
"""The right side of an equation: coefficients by the term's name, in the order of writing."""

Equations = dict[str, Terms]
"""Right sides by left side."""


def ordered(terms: Terms) -> Terms:
    """Terms with the input first, simplest of them first; a constant last."""
    names = sorted(terms, key=lambda name: (name == ONE, "*" not in name, len(name), name))
    return {name: terms[name] for name in names}


def without_errors(equations: Equations) -> Equations:
    """The coefficients alone."""
    return {
        left: {name: Term(term.value) for name, term in terms.items()}
        for left, terms in equations.items()
    }


def equations_to_json(equations: Equations) -> dict[str, Any]:
    """Terms by left side, as they stand in discovery.json."""
    return {
        left: {name: term.to_json() for name, term in terms.items()}
        for left, terms in equations.items()
    }


def equations_from_json(entry: Any) -> Equations:
    """The inverse of `equations_to_json`."""
    return plain.by_name(lambda terms: plain.by_name(Term.from_json, terms), entry)
