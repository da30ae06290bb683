"""Constants of runs that are offsets of an input: powers of V − E as those of V and E."""

from collections.abc import Iterator, Sequence
from itertools import product
from math import comb

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells.terms import Coefficient
from hiddenlaw.theory.equations.eliminate import Scalar
from hiddenlaw.theory.equations.naming import derivative, term_name

_ALONE = "known up to scale and offset"


def with_powers(
    found: list[Coefficient],
    covariance: Float[np.ndarray, "p p"],
    offsets: Sequence[int | None] = (0,),
) -> tuple[list[Coefficient], Float[np.ndarray, "q q"]]:
    """Coefficients over inputs from which constants were taken off, and their covariance.

    `offsets` has an entry for every constant c_k of a run: the channel V of which it is an offset,
    so that the coefficients are those of powers of V − c_k; or None for a constant that is a
    channel of its own, behind those of the input. The exponents of what is returned are those of
    the inputs, then those of all constants.
    """
    terms: dict[tuple[int, tuple[int, ...], tuple[int, ...]], np.ndarray] = {}
    for index, c in enumerate(found):
        for exponents, factor in _expanded(c.input, offsets):
            row = terms.setdefault((c.row, c.state, exponents), np.zeros(len(found)))
            row[index] += factor
    turn = np.array(list(terms.values())).reshape(len(terms), len(found))
    values = turn @ np.array([c.value for c in found])
    expanded = [
        Coefficient(row, state, exponents, float(value))
        for (row, state, exponents), value in zip(terms, values, strict=True)
    ]
    return expanded, turn @ covariance @ turn.T


def meaning_of(
    name: str, offset: str | None, scalar: Scalar | None, constants: Sequence[str], wave: str
) -> str:
    """What this constant of a run is: an `offset` of the input of that name, or of none.

    An energy where the law of the `wave` is ψ″ = κ (V − E) ψ, with all the `constants` for E, and a
    chemical potential where it is that and g ψ³.
    """
    if offset is None:
        others = _listed([other for other in constants if other != name])
        return f"known up to scale, offset and sums with {others}" if others else _ALONE
    energies = {term_name((name, wave)) for name in (offset, *constants)}
    if scalar and scalar.left == derivative(wave, 2) and energies <= scalar.terms.keys():
        more = scalar.terms.keys() - energies
        if not more:
            return f"an energy in the unit of {offset}"
        if more == {term_name([wave] * 3)}:
            return f"a chemical potential in the unit of {offset}"
    return f"an offset of {offset}, in its unit"


def unknowable(constants: Sequence[str], offsets: Sequence[int | None]) -> list[str]:
    """What cannot be known of several constants that are channels of their own.

    A + Σ C_k e_k with M e + m in place of e is the same law, of other A and C_k.
    """
    own = [name for name, channel in zip(constants, offsets, strict=True) if channel is None]
    if len(own) < 2:
        return []
    return [
        f"{_listed(own)} cannot be told apart: affine functions of them (other scales and offsets, "
        "and sums of one another) make the same law with other coefficients. By convention they "
        "have mean 0, deviation 1 and no correlation over the training runs. What multiplies a "
        "term in a run, all of them together, does not depend on that."
    ]


def _listed(names: Sequence[str]) -> str:
    """E1, E2 and E3; nothing without any."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def _expanded(
    powers: tuple[int, ...], offsets: Sequence[int | None]
) -> Iterator[tuple[tuple[int, ...], float]]:
    """Π (V_j − Σ c_k)^powers multiplied out: exponents of inputs and constants, and factors."""
    inputs = len(powers) - sum(channel is None for channel in offsets)
    own = iter(powers[inputs:])
    ranges = [
        (next(own),) if channel is None else range(powers[channel] + 1) for channel in offsets
    ]
    for taken in product(*ranges):
        left, factor = list(powers[:inputs]), 1
        for power, channel in zip(taken, offsets, strict=True):
            if channel is not None:
                factor *= comb(max(left[channel], 0), power) * (-1) ** power
                left[channel] -= power
        if factor:
            yield (*left, *taken), float(factor)
