"""Equations as they are read: left = Σ coefficient·term, in text and LaTeX."""

from collections.abc import Iterable

from hiddenlaw.theory.equations.naming import ONE, latex_name, latex_number, latex_term, rounded
from hiddenlaw.theory.equations.term import Equations, Terms


def equation(left: str, terms: Terms, *, latex: bool = False, head: str = "") -> str:
    """left = Σ value·term, in the order given; coefficients that round to 1 are not written.

    `head` is a first term without coefficient.
    """
    parts = [(1.0, times(ONE, head, latex=latex))] if head else []
    for name, term in terms.items():
        digits = typeset(rounded(abs(term.value), term.stderr or 0.0), latex=latex)
        parts.append((term.value, times(digits, name, latex=latex)))
    return equals(left, parts, latex=latex)


def equations(rows: Equations, *, latex: bool = False) -> str:
    """All equations, in one line."""
    return in_one_line((equation(*row, latex=latex) for row in rows.items()), latex=latex)


def in_one_line(written: Iterable[str], *, latex: bool) -> str:
    """Equations that are written already, one after another."""
    return (r",\quad " if latex else "; ").join(written)


def typeset(digits: str, *, latex: bool) -> str:
    """A number as it is, or for LaTeX with its power of ten written out."""
    return latex_number(digits) if latex else digits


def times(digits: str, name: str, *, latex: bool) -> str:
    """A number times a term; a 1 is not written, nor is the name of the constant."""
    if name == ONE:
        return digits
    named, dot = (latex_term(name), "\\,") if latex else (name, "*")
    return named if digits == ONE else f"{digits}{dot}{named}"


def equals(left: str, parts: Iterable[tuple[float, str]], *, latex: bool) -> str:
    """left = a sum of parts, each with a number of its sign."""
    right = "".join((" - " if sign < 0 else " + ") + part for sign, part in parts) or "0"
    right = "-" + right[3:] if right.startswith(" - ") else right.removeprefix(" + ")
    return f"{latex_name(left) if latex else left} = {right}"
