"""A theory in a few lines: its equations, its coefficients and readings with errors and units."""

from __future__ import annotations

from typing import Any

from hiddenlaw.data.described import Rows, shortened
from hiddenlaw.theory.equations.naming import with_error
from hiddenlaw.theory.statement import Statement

_LISTED, _READ = 6, 3  # coefficients and readings
_EQUATION = 240  # letters


def theory_in_words(theory: Any, said: Statement) -> tuple[str, Rows]:
    """What `repr` of a theory says of it."""
    read = said.readout_law.equation
    law = shortened(said.equation, _EQUATION)
    title = f"Theory({said.dimension} variables, {said.readout} readout: {law})"
    rows = [("response", shortened(read, _EQUATION))] if read else []
    every = coefficients_in_words(said)
    rows += every[:_LISTED]
    if len(every) > _LISTED:
        rows.append(("…", f"{len(every)} coefficients in all; see theory.coefficients"))
    rows += [
        (each.name, with_error(each.value, each.stderr, each.unit))
        for each in said.readings[:_READ]
    ]
    error = None if said.judgement is None else said.judgement.heldout_error
    if error is not None:
        rows.append(("error on unseen runs", f"{error:.2g} of the variance"))
    return title, rows


def coefficients_in_words(said: Statement) -> Rows:
    """Each coefficient of the law with its standard error and unit."""
    equations = said.law.terms if said.law else said.system.terms
    return [
        (
            f"{left}, {name}",
            with_error(term.value, term.stderr, said.units.get(left, {}).get(name, "")),
        )
        for left, terms in equations.items()
        for name, term in terms.items()
    ]
