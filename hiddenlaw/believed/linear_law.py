"""A believed law, linear in its state, as a first-order system with constants still open.

y^{(n)} = Σ a V^e y^{(k)} + Σ b V′ y^{(k)} becomes z = (y, y′, …, ζ) with the last variable
ζ = y^{(n−1)} − Σ b V y^{(k)}, whose derivative needs no V′: so the law holds for inputs that are
constant over cells too.
"""

from dataclasses import dataclass
from typing import Any

import sympy as sp

from hiddenlaw.cells.monomials import Exponents, exponents_up_to
from hiddenlaw.errors import LawError
from hiddenlaw.theory.equations.naming import derivative
from hiddenlaw.theory.equations.parse import Equation, symbol


@dataclass(frozen=True)
class LinearLaw:
    """z_row′ = Σ entry · V^exponent · z_column, entries being expressions in the constants.

    `entries`: ((term, row, column), expression); `exponents` lists the terms; `weights` are the
    expressions of the quadratic features of z that make the response.
    """

    dimension: int
    exponents: Exponents
    entries: tuple[tuple[tuple[int, int, int], sp.Expr], ...]
    weights: tuple[tuple[int, sp.Expr], ...]
    constants: tuple[str, ...]


def linear_law(law: Equation, readout: Equation, inputs: tuple[str, ...]) -> LinearLaw:
    """The system of `law` and the features of `readout`.

    Raises `LawError` where the law is not linear in its state, where the input does not enter as a
    polynomial, or where a derivative of the input enters that no change of variables removes.
    """
    n, name = law.order, law.name
    if n < 1:
        raise LawError(f"the left side {law.left} needs a prime: a law says how {name} changes")
    state = [symbol(derivative(name, k)) for k in range(n)]
    z = [sp.Dummy(f"z{k}") for k in range(n)]  # no constant can be called like these
    levels = [symbol(v) for v in inputs]
    slopes = [symbol(derivative(v, 1)) for v in inputs]
    primed = {str(s) for s in law.right.free_symbols if "'" in str(s)}
    unknown = primed - {s.name for s in (*state, *slopes)}
    if unknown:
        raise LawError(
            f"{', '.join(sorted(unknown))} cannot stand on the right of {law.left} = …; known are "
            f"{', '.join(s.name for s in (*state, *levels, *slopes))} and constants"
        )
    _check_linear(law, state)
    shift = sp.Integer(0)
    for slope, level in zip(slopes, levels, strict=True):
        factor = sp.expand(law.right).coeff(slope, 1)
        if factor.free_symbols & {*levels, *slopes}:
            raise LawError(
                f"{slope.name} may only be multiplied by constants and {name}'s derivatives"
            )
        if factor.has(state[-1]) or (factor != 0 and n < 2):
            raise LawError(f"{slope.name}*{state[-1].name} cannot be taken; rewrite the law")
        shift += level * factor
    last = z[-1] + shift.subs(dict(zip(state, z, strict=True)))
    back: dict[Any, Any] = {s: z[k] for k, s in enumerate(state[:-1])} | {state[-1]: last}
    rows = [*(z[1 : n - 1]), last][: n - 1]
    smooth = law.right.subs(dict.fromkeys(slopes, 0))
    # d(shift)/dx without its V′ part: V b y^{(k)} moves y^{(k)} on.
    moved = sum(
        (sp.diff(shift, state[k]) * state[k + 1] for k in range(n - 1)), start=sp.Integer(0)
    )
    rows.append(sp.expand((smooth - moved).subs(back)))
    return _collect(rows, z, levels, readout, name, state, back)


def _check_linear(law: Equation, state: list[sp.Symbol]) -> None:
    if law.right == 0:
        return
    try:
        polynomial = sp.Poly(law.right, *state)
    except sp.PolynomialError:
        raise LawError(f"{law.left} = … must be a polynomial in {law.name}") from None
    for powers in polynomial.monoms():
        if sum(powers) != 1:
            raise LawError(
                f"{law.left} = … must be linear in {law.name} and its derivatives; the term of "
                f"degree {sum(powers)} is not"
            )


def _collect(rows, z, levels, readout, name, state, back) -> LinearLaw:
    entries, degree = [], 1
    collected: dict[tuple[tuple[int, ...], int, int], sp.Expr] = {}
    for r, row in enumerate(rows):
        try:
            polynomial = sp.Poly(sp.expand(row), *z, *levels)
        except sp.PolynomialError:
            names = ", ".join(level.name for level in levels)
            raise LawError(f"the law must be a polynomial in {names}") from None
        for powers, factor in polynomial.terms():
            if factor == 0:
                continue
            column = powers[: len(z)].index(1)
            exponent = tuple(powers[len(z) :])
            degree = max(degree, sum(exponent))
            collected[exponent, r, column] = factor
    exponents = exponents_up_to(degree, len(levels))
    entries = [
        ((exponents.index(e), r, c), expression) for (e, r, c), expression in collected.items()
    ]
    weights = _readout(readout, z, name, state, back, levels)
    symbols = set().union(*(e.free_symbols for _, e in [*entries, *weights]))
    constants = tuple(sorted(s.name for s in symbols))
    return LinearLaw(len(z), exponents, tuple(entries), tuple(weights), constants)


def _readout(readout, z, name, state, back, levels) -> list[tuple[int, sp.Expr]]:
    """Weights of the features 1, z_j, z_j z_k (j ≤ k)."""
    if readout.order:
        raise LawError(f"a readout has no prime on its left: {readout.left}")
    expression = sp.expand(readout.right.subs(back))
    if expression.free_symbols & set(levels) or any("'" in s.name for s in expression.free_symbols):
        raise LawError(f"the readout of {readout.name} must be a polynomial in {name} alone")
    try:
        polynomial = sp.Poly(expression, *z)
    except sp.PolynomialError:
        raise LawError(f"the readout of {readout.name} must be a polynomial in {name}") from None
    n, weights = len(z), []
    pairs = [(j, k) for j in range(n) for k in range(j, n)]
    for powers, factor in polynomial.terms():
        which = [j for j, p in enumerate(powers) for _ in range(p)]
        if len(which) > 2:
            raise LawError(f"the readout of {readout.name} may be quadratic at most")
        index = {0: 0, 1: 1 + which[0] if which else 0}.get(len(which))
        if index is None:
            index = 1 + n + pairs.index((which[0], which[1]))
        weights.append((index, factor))
    return weights
