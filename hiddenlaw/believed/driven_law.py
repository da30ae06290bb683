"""A believed law that inputs drive, as a first-order system with constants still open.

y^{(n)} = Σ a_k y^{(k)} + Σ b_j u_j + c in the variables z = (y, y′, …): the last row says it all.
What drives it are powers and products of inputs, each of which may act late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.linear_law import names_in
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import LawError
from hiddenlaw.holds import hold_called
from hiddenlaw.theory.equations.naming import derivative, term_name
from hiddenlaw.theory.equations.parse import Late, ParsedEquation, symbol

if TYPE_CHECKING:
    import sympy as sp


@dataclass(frozen=True)
class Channel:
    """What drives a law: a product of powers of inputs, `late` by a constant or a number."""

    powers: tuple[int, ...]
    late: str | float = 0.0

    def of(self, input: Float[np.ndarray, "run site channel"]) -> Float[np.ndarray, "run site 1"]:
        """Its values, as the one channel there is."""
        return np.prod(input ** np.array(self.powers), axis=2, keepdims=True)


@dataclass(frozen=True)
class DrivenLaw:
    """z_n′ = Σ `state`_k z_k + Σ `pushes`_j channel_j + `rest`, expressions in the constants.

    The response is Σ `weights`_k z_k. `delays` are the constants that are dead times; they are none
    of `constants`, which stand in the expressions.
    """

    state: tuple[sp.Expr, ...]
    channels: tuple[Channel, ...]
    pushes: tuple[sp.Expr, ...]
    rest: sp.Expr
    weights: tuple[sp.Expr, ...]
    constants: tuple[str, ...]
    delays: tuple[str, ...]

    @property
    def dimension(self) -> int:
        return len(self.state)

    @property
    def row(self) -> tuple[sp.Expr, ...]:
        """The last row: state, channels, and what is constant."""
        return (*self.state, *self.pushes, self.rest)

    @cached_property
    def slopes(self) -> list[tuple[int, int, sp.Expr]]:
        """Which number of row and, behind it, weights moves with which constant, and how."""
        import sympy as sp

        return [
            (place, index, sp.diff(expression, sp.Symbol(name)))
            for place, expression in enumerate((*self.row, *self.weights))
            for index, name in enumerate(self.constants)
            if name in names_in(expression)
        ]

    @cached_property
    def affine(self) -> bool:
        """Whether row and weights are sums of the constants."""
        return not any(names_in(slope) for _, _, slope in self.slopes)

    def input(self, data: Dataset) -> Float[np.ndarray, "run site channel"]:
        """The channels along the runs of these data, none of them late yet."""
        return np.concatenate([channel.of(data.input) for channel in self.channels], axis=2)


def is_driven(law: ParsedEquation) -> bool:
    """Whether terms stand in the law that are free of its state, or that act late."""
    state = {derivative(law.name, k) for k in range(max(law.order, 1))}
    if law.late:
        return True
    terms: list[sp.Expr] = law.right.as_ordered_terms()  # type: ignore[assignment]
    return any(not names_in(term) & state for term in terms if term != 0)


def driven_law(law: ParsedEquation, readout: ParsedEquation, data: Dataset) -> DrivenLaw:
    """The system of `law`. Raises `LawError`, with the reason, where it is none of this kind."""
    import sympy as sp

    if law.order < 1:
        raise LawError(f"the left side {law.left} needs a prime: a law says how {law.name} changes")
    late = _late_inputs(law, data)
    state = tuple(symbol(derivative(law.name, k)) for k in range(law.order))
    inputs = tuple(symbol(name) for name in data.input_names)
    _check_names(law, state, inputs)
    try:
        polynomial = sp.Poly(law.right, *state, *inputs, *(symbol(name) for name in late))
    except sp.PolynomialError:
        raise LawError(
            f"{law.left} = … must be a polynomial in {law.name} and {', '.join(data.input_names)}"
        ) from None
    coefficients: list[Any] = [sp.Integer(0)] * law.order
    driving: dict[Channel, Any] = {}
    rest: Any = sp.Integer(0)
    for powers, factor in polynomial.terms():
        own, pushing = powers[: law.order], powers[law.order :]
        if not sum(own) and not sum(pushing):
            rest = factor
        elif not sum(own):
            driving[_channel(pushing, tuple(late.values()), len(inputs), data)] = factor
        else:
            _check_linear(law, own, pushing)
            coefficients[own.index(1)] = factor
    # A law that nothing drives but its surroundings has an input all the same, which does nothing.
    driving = driving or {Channel((1, *[0] * (len(inputs) - 1))): sp.Integer(0)}
    weights = _weights(readout, state, data.input_names)
    constants = names_in(*coefficients, *driving.values(), rest, *weights)
    delays = tuple(sorted({each.by for each in late.values() if isinstance(each.by, str)}))
    if both := sorted(constants & set(delays)):
        raise LawError(f"{both[0]} is a dead time in {law.left} = … and cannot be a factor as well")
    return DrivenLaw(
        tuple(coefficients),
        tuple(driving),
        tuple(driving.values()),
        rest,
        weights,
        tuple(sorted(constants)),
        delays,
    )


def _late_inputs(law: ParsedEquation, data: Dataset) -> dict[str, Late]:
    """The inputs that act late, by the names of their symbols."""
    found = {each.name: each for each in law.late if each.name in names_in(law.right)}
    taken = {*data.input_names, law.name, data.x_name}
    for each in found.values():
        if each.input not in data.input_names:
            raise LawError(
                f"{each.name} cannot be read: {each.input} is no input; functions are not "
                f"understood, and the inputs are {', '.join(data.input_names)}"
            )
        if each.at not in ("t", data.x_name):
            raise LawError(f"in {each.name} write {data.x_name} in place of {each.at}")
        if each.by in taken:
            raise LawError(f"in {each.name} {each.by} is no dead time; give it a name of its own")
    return found


def _check_names(
    law: ParsedEquation, state: Sequence[sp.Symbol], inputs: Sequence[sp.Symbol]
) -> None:
    """Primes stand behind the law's own variable alone."""
    primed = {name for name in names_in(law.right) if "'" in name}
    for name in sorted(primed - {each.name for each in state}):
        raise LawError(
            f"{name} cannot stand on the right of {law.left} = …, which an input drives; known are "
            f"{', '.join(each.name for each in (*state, *inputs))} and constants"
        )


def _check_linear(law: ParsedEquation, own: Sequence[int], pushing: Sequence[int]) -> None:
    if sum(own) > 1:
        raise LawError(
            f"{law.left} = … must be linear in {law.name} and its derivatives; the term of degree "
            f"{sum(own)} is not"
        )
    if sum(pushing):
        raise LawError(
            f"{law.left} = … has terms free of {law.name}, or late, beside products of an input "
            f"and {law.name}; leave out one or the other"
        )


def _channel(powers: Sequence[int], late: Sequence[Late], inputs: int, data: Dataset) -> Channel:
    """The channel of these powers of the inputs and, behind them, of those that act late."""
    names = data.input_names
    total = list(powers[:inputs])
    delays: set[str | float] = {0.0} if sum(total) else set()
    for power, each in zip(powers[inputs:], late, strict=True):
        total[names.index(each.input)] += power
        delays |= {each.by} if power else set()
    said = term_name(n for n, power in zip(names, total, strict=True) for _ in range(power))
    if len(delays) > 1:
        raise LawError(f"the factors of {said} must all act at once, or all late by the same time")
    if sum(total) > 1 and hold_called(data.hold).varies:
        raise LawError(f"{said} drives the law, and goes with hold zero alone, not {data.hold}")
    return Channel(tuple(total), delays.pop())


def _weights(
    readout: ParsedEquation, state: Sequence[sp.Symbol], inputs: Sequence[str]
) -> tuple[sp.Expr, ...]:
    import sympy as sp

    if readout.order:
        raise LawError(f"a readout has no prime on its left: {readout.left}")
    if not readout.late:
        try:
            polynomial = sp.Poly(readout.right, *state)
        except sp.PolynomialError:
            polynomial = sp.Poly(0, *state)
        terms = dict(polynomial.terms())
        weights = [terms.pop(tuple(row), sp.Integer(0)) for row in np.eye(len(state), dtype=int)]
        foreign = any("'" in name or name in inputs for name in names_in(*weights))
        if not terms and any(weights) and not foreign:
            return tuple(weights)
    names = ", ".join(each.name for each in state)
    raise LawError(
        f"the readout of {readout.name} must be a sum of {names}, each times a constant, for a law "
        "that an input drives"
    )
