"""Equations as they stand in a record: text, LaTeX and terms side by side."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hiddenlaw.data.described import Described, Rows, shortened
from hiddenlaw.theory.equations import plain
from hiddenlaw.theory.equations.intervals import NORMAL, equation_with_errors, with_intervals
from hiddenlaw.theory.equations.system import FirstOrderSystem
from hiddenlaw.theory.equations.term import Equations, equations_from_json, equations_to_json
from hiddenlaw.theory.equations.writing import equations, in_one_line


@dataclass(frozen=True)
class WrittenLaw(Described):
    """One equation, or several in one line.

    `with_errors` and its LaTeX are the same with half of each coefficient's 95 % interval; None
    where they are not wanted.
    """

    equation: str = ""
    latex: str = ""
    terms: Equations = field(default_factory=dict)
    with_errors: str | None = None
    with_errors_latex: str | None = None

    def _said(self) -> tuple[str, Rows]:
        return f"WrittenLaw({shortened(self.with_errors or self.equation)})", []

    @classmethod
    def of(cls, rows: Equations) -> WrittenLaw:
        """These equations, written."""
        return cls(equations(rows), equations(rows, latex=True), rows)

    def with_intervals(
        self, quantile: float = NORMAL, resampled: WrittenLaw | None = None
    ) -> WrittenLaw:
        """The same with 95 % intervals; see `hiddenlaw.theory.equations.intervals`."""
        others = None if resampled is None else resampled.terms
        return replace(self, terms=with_intervals(self.terms, quantile, others))

    def saying_errors(self) -> WrittenLaw:
        """The same with the equations written out with their intervals."""
        text, latex = (
            in_one_line(
                (equation_with_errors(*row, latex=latex) for row in self.terms.items()), latex=latex
            )
            for latex in (False, True)
        )
        return replace(self, with_errors=text, with_errors_latex=latex)

    def to_json(self) -> dict[str, Any]:
        """As it stands in discovery.json."""
        found = {
            "equation": self.equation,
            "latex": self.latex,
            "terms": equations_to_json(self.terms),
        }
        if self.with_errors is not None:
            found |= {"with_errors": self.with_errors, "with_errors_latex": self.with_errors_latex}
        return found

    @classmethod
    def from_json(cls, entry: Any) -> WrittenLaw:
        """The inverse of `to_json`. Raises `KeyError`, `TypeError` or `ValueError` for others."""
        entry = plain.mapping(entry)
        return cls(
            plain.text(entry["equation"]),
            plain.text(entry.get("latex", "")),
            equations_from_json(entry["terms"]),
            plain.maybe(plain.text, entry.get("with_errors")),
            plain.maybe(plain.text, entry.get("with_errors_latex")),
        )


@dataclass(frozen=True)
class WrittenSystem(Described):
    """First-order equations, a line each, and the definitions of their variables."""

    equations: tuple[str, ...] = ()
    latex: tuple[str, ...] = ()
    terms: Equations = field(default_factory=dict)
    definitions: tuple[str, ...] = ()
    definitions_latex: tuple[str, ...] = ()

    @classmethod
    def of(cls, system: FirstOrderSystem) -> WrittenSystem:
        """This system, written."""
        return cls(
            tuple(system.text()),
            tuple(system.text(latex=True)),
            system.equations,
            tuple(system.definition_text()),
            tuple(system.definition_text(latex=True)),
        )

    def with_intervals(
        self, quantile: float = NORMAL, resampled: WrittenSystem | None = None
    ) -> WrittenSystem:
        """The same with 95 % intervals; see `hiddenlaw.theory.equations.intervals`."""
        others = None if resampled is None else resampled.terms
        return replace(self, terms=with_intervals(self.terms, quantile, others))

    def to_json(self) -> dict[str, Any]:
        """As it stands in discovery.json."""
        return {
            "equations": list(self.equations),
            "latex": list(self.latex),
            "terms": equations_to_json(self.terms),
            "definitions": list(self.definitions),
            "definitions_latex": list(self.definitions_latex),
        }

    @classmethod
    def from_json(cls, entry: Any) -> WrittenSystem:
        """The inverse of `to_json`. Raises `KeyError`, `TypeError` or `ValueError` for others."""
        entry = plain.mapping(entry)

        def lines(key: str) -> tuple[str, ...]:
            return plain.several(plain.text, entry.get(key, ()))

        return cls(
            plain.several(plain.text, entry["equations"]),
            lines("latex"),
            equations_from_json(entry.get("terms", {})),
            lines("definitions"),
            lines("definitions_latex"),
        )
