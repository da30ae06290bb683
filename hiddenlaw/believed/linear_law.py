"""A believed law, linear in its state, as a first-order system with constants still open.

y^{(n)} = Σ a V^e y^{(k)} + Σ b V′ y^{(k)} becomes z = (y, y′, …, ζ) with the last variable
ζ = y^{(n−1)} − Σ b V y^{(k)}, whose derivative needs no V′: so the law holds for inputs that are
constant over cells too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hiddenlaw.cells.monomials import Exponents, exponents_up_to
from hiddenlaw.errors import LawError
from hiddenlaw.readouts import Quadratic
from hiddenlaw.theory.equations.naming import derivative
from hiddenlaw.theory.equations.parse import ParsedEquation, symbol

if TYPE_CHECKING:
    import sympy as sp


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


def linear_law(law: ParsedEquation, readout: ParsedEquation, inputs: tuple[str, ...]) -> LinearLaw:
    """The system of `law` and the features of `readout`.

    Raises `LawError` where the law is not linear in its state, where the input does not enter as a
    polynomial, or where a derivative of the input enters that no change of variables removes.
    """
    import sympy as sp

    n = law.order
    if n < 1:
        raise LawError(f"the left side {law.left} needs a prime: a law says how {law.name} changes")
    symbols = Symbols.of(law, inputs)
    _check_names(law, symbols)
    _check_linear(law, symbols)
    state, z = symbols.state, symbols.z
    shift = _shift(law, symbols)
    last = z[-1] + shift.subs(dict(zip(state, z, strict=True)))
    back: dict[Any, Any] = dict(zip(state, [*z[:-1], last], strict=True))
    rows = [*z[1 : n - 1], last][: n - 1]
    no_slopes: dict[Any, Any] = dict.fromkeys(symbols.slopes, 0)
    smooth = law.right.subs(no_slopes)
    # d(shift)/dx without its V′ part: V b y^{(k)} moves y^{(k)} on.
    moved = sum(
        (sp.diff(shift, state[k]) * state[k + 1] for k in range(n - 1)), start=sp.Integer(0)
    )
    rows.append(sp.expand((smooth - moved).subs(back)))
    weights = readout_weights(readout, law.name, symbols, back)
    exponents, entries = _entries(rows, symbols)
    constants = tuple(sorted(names_in(*(expression for _, expression in (*entries, *weights)))))
    return LinearLaw(n, exponents, entries, weights, constants)


@dataclass(frozen=True)
class Symbols:
    """y, y′, …; the variables z, called like no constant; inputs, and their derivatives."""

    state: tuple[sp.Symbol, ...]
    z: tuple[sp.Dummy, ...]
    levels: tuple[sp.Symbol, ...]
    slopes: tuple[sp.Symbol, ...]

    @classmethod
    def of(cls, law: ParsedEquation, inputs: Sequence[str]) -> Symbols:
        import sympy as sp

        return cls(
            tuple(symbol(derivative(law.name, k)) for k in range(law.order)),
            tuple(sp.Dummy(f"z{k}") for k in range(law.order)),
            tuple(symbol(name) for name in inputs),
            tuple(symbol(derivative(name, 1)) for name in inputs),
        )


def names_in(*expressions: sp.Basic) -> set[str]:
    """The names of all symbols that stand in these expressions."""
    return {str(each) for expression in expressions for each in expression.free_symbols}


def _check_names(law: ParsedEquation, symbols: Symbols) -> None:
    known = symbols.state + symbols.levels + symbols.slopes
    primed = {name for name in names_in(law.right) if "'" in name}
    unknown = primed - {s.name for s in known}
    if unknown:
        raise LawError(
            f"{', '.join(sorted(unknown))} cannot stand on the right of {law.left} = …; known are "
            f"{', '.join(s.name for s in known)} and constants"
        )


def _check_linear(law: ParsedEquation, symbols: Symbols) -> None:
    import sympy as sp

    if law.right == 0:
        return
    try:
        polynomial = sp.Poly(law.right, *symbols.state)
    except sp.PolynomialError:
        raise LawError(f"{law.left} = … must be a polynomial in {law.name}") from None
    for powers in polynomial.monoms():
        if sum(powers) != 1:
            raise LawError(
                f"{law.left} = … must be linear in {law.name} and its derivatives; the term of "
                f"degree {sum(powers)} is not"
            )


def _shift(law: ParsedEquation, symbols: Symbols) -> sp.Expr:
    """Σ b V y^{(k)}, which the last variable lacks: what V′ is multiplied by."""
    import sympy as sp

    shift: sp.Expr = sp.Integer(0)
    right, last = sp.expand(law.right), symbols.state[-1]
    for slope, level in zip(symbols.slopes, symbols.levels, strict=True):
        factor = right.coeff(slope, 1)
        if factor.free_symbols & {*symbols.levels, *symbols.slopes}:
            raise LawError(
                f"{slope.name} may only be multiplied by constants and {law.name}'s derivatives"
            )
        if factor.has(last) or (factor != 0 and law.order < 2):
            raise LawError(f"{slope.name}*{last.name} cannot be taken; rewrite the law")
        shift += level * factor
    return shift


def _entries(
    rows: Sequence[sp.Expr], symbols: Symbols
) -> tuple[Exponents, tuple[tuple[tuple[int, int, int], sp.Expr], ...]]:
    """The monomials of the input that are needed, and what stands where over them."""
    import sympy as sp

    z, levels, degree = symbols.z, symbols.levels, 1
    collected: dict[tuple[tuple[int, ...], int, int], sp.Expr] = {}
    for row, right in enumerate(rows):
        try:
            polynomial = sp.Poly(sp.expand(right), *z, *levels)
        except sp.PolynomialError:
            names = ", ".join(level.name for level in levels)
            raise LawError(f"the law must be a polynomial in {names}") from None
        for powers, factor in polynomial.terms():
            if factor != 0:
                column, exponent = powers[: len(z)].index(1), tuple(powers[len(z) :])
                degree = max(degree, sum(exponent))
                collected[exponent, row, column] = factor
    exponents = exponents_up_to(degree, len(levels))
    entries = (((exponents.index(e), r, c), factor) for (e, r, c), factor in collected.items())
    return exponents, tuple(entries)


def readout_weights(
    readout: ParsedEquation, name: str, symbols: Symbols, back: dict[Any, Any]
) -> tuple[tuple[int, sp.Expr], ...]:
    """The weights of the features of a quadratic readout; `back` says the state in terms of z."""
    import sympy as sp

    if readout.order:
        raise LawError(f"a readout has no prime on its left: {readout.left}")
    expression = sp.expand(readout.right.subs(back))
    primed = any("'" in name for name in names_in(expression))
    if expression.free_symbols & set(symbols.levels) or primed:
        raise LawError(f"the readout of {readout.name} must be a polynomial in {name} alone")
    try:
        polynomial = sp.Poly(expression, *symbols.z)
    except sp.PolynomialError:
        raise LawError(f"the readout of {readout.name} must be a polynomial in {name}") from None
    features = Quadratic.names_of_features(len(symbols.z))
    weights = []
    for powers, factor in polynomial.terms():
        which = tuple(k for k, power in enumerate(powers) for _ in range(power))
        if len(which) > 2:
            raise LawError(f"the readout of {readout.name} may be quadratic at most")
        weights.append((features.index(which), factor))
    return tuple(weights)
