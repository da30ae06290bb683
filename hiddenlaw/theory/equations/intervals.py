"""95 % intervals beside every value that has a standard error."""

from dataclasses import replace

from hiddenlaw.theory.equations.naming import rounded
from hiddenlaw.theory.equations.term import Equations, Term, Terms
from hiddenlaw.theory.equations.writing import equals, times, typeset

NORMAL = 1.959963984540054
"""Standard errors to either side of a normal distribution's mean that hold 95 % of it."""


def with_intervals(
    equations: Equations, quantile: float = NORMAL, resampled: Equations | None = None
) -> Equations:
    """The equations with `ci95`, `quantile` standard errors to either side of every coefficient.

    `resampled` are the same equations with standard errors of a bootstrap, which then make the
    interval and stand beside the others as `stderr_bootstrap`.
    """
    return {
        left: {
            name: _with_interval(
                term, quantile, None if resampled is None else resampled[left][name]
            )
            for name, term in terms.items()
        }
        for left, terms in equations.items()
    }


def _with_interval(term: Term, quantile: float, resampled: Term | None) -> Term:
    if term.stderr is None:
        return term
    other = None if resampled is None else resampled.stderr
    half = quantile * (term.stderr if other is None else other)
    return replace(term, ci95=(term.value - half, term.value + half), stderr_bootstrap=other)


def equation_with_errors(left: str, terms: Terms, *, latex: bool = False) -> str:
    """left = Σ (value ± half of the 95 % interval)·term."""
    parts = [(term.value, _with_half(name, term, latex)) for name, term in terms.items()]
    return equals(left, parts, latex=latex)


def _with_half(name: str, term: Term, latex: bool) -> str:
    low, high = term.ci95 or (term.value, term.value)
    half = (high - low) / 2
    digits = typeset(rounded(abs(term.value), half), latex=latex)
    if half:
        width = typeset(f"{half:.1g}", latex=latex)
        sign = "\\pm" if latex else "±"
        digits = f"({digits} {sign} {width})"
    return times(digits, name, latex=latex)
