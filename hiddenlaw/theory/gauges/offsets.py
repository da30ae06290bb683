"""Constants of runs that act as an offset of the input: energies, A + B (V − E_r).

A translator knows generators A + B V + C e_r with e_r up to scale and offset, and up to a change of
basis that depends on e_r. What does not depend on the basis is tr G², and where G is that of
ψ″ = κ(V − E)ψ, or of what follows from it, it vanishes at V = E. So E_r is the input at which
tr G² does, in the input's own unit; whether nothing else depends on e_r the refit says.
"""

from math import comb

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.cells import AbstractGeneratorCell, Monomials, generator_over
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds._base import Span
from hiddenlaw.theory.equations.eliminate import Coefficient
from hiddenlaw.training.recurrent import Recurrent

_FLAT = 1e-9  # of tr G²: a change with the input that is rounding
_MARGIN = 0.5  # of the spread of the offsets, beyond them: what cells are made for


def span_with(model: Recurrent, span: Span) -> Span:
    """What the cell of a law is shown, for inputs of `span`, with the constants of runs."""
    if model.constants is None:
        return span
    constants = np.asarray(model.constants)
    assert isinstance(model.cell, AbstractGeneratorCell)
    if np.size(model.cell.low) == len(span.low):
        return offset_span(span, constants)
    ends = float(constants.min()), float(constants.max())
    margin = _MARGIN * (ends[1] - ends[0])
    return Span((*span.low, ends[0] - margin), (*span.high, ends[1] + margin), span.step)


def offset_span(span: Span, offsets: Float[np.ndarray, " run"]) -> Span:
    """The values of V − E for inputs V of `span`."""
    lowest, highest = float(offsets.min()), float(offsets.max())
    margin = _MARGIN * (highest - lowest)
    return Span((span.low[0] - highest - margin,), (span.high[0] - lowest + margin,), span.step)


def offsets_of(
    model: Recurrent, constants: Float[np.ndarray, " run"], inputs: Float[np.ndarray, " sample"]
) -> Float[np.ndarray, " run"]:
    """The input V at which tr G(V, e)² vanishes, for every run's e: by the slope over `inputs`.

    NaN where tr G² does not depend on the input.
    """
    assert isinstance(model.cell, AbstractGeneratorCell)
    exponents, matrices = model.cell.generators(1.0)

    def square(v, e):
        powers = np.stack([v**i * e**j for i, j in exponents], axis=-1)
        g = np.einsum("...t,tab->...ab", powers, matrices)
        g = g - np.trace(g, axis1=-2, axis2=-1)[..., None, None] * np.eye(g.shape[-1]) / g.shape[-1]
        return np.einsum("...ab,...ba->...", g, g)

    v = np.asarray(inputs)
    found = np.full(len(constants), np.nan)
    for run, e in enumerate(constants):
        squares = square(v, np.full(v.shape, e))
        slope, value = np.polyfit(v, squares, 1)
        if abs(slope) * np.ptp(v) > _FLAT * np.abs(squares).max():
            found[run] = -value / slope
    return found


def as_offsets(model: Recurrent, data: Dataset, span: Span) -> Recurrent | None:
    """The model with its second channel, the constant, turned into an offset of the first.

    None where this cannot be.
    """
    assert isinstance(model.cell, AbstractGeneratorCell)
    assert data.constants is not None
    e = np.asarray(data.constants)[:, 0]
    seen = data.input[..., 0][data.observed.any(axis=2)]
    offsets = offsets_of(model, e, np.linspace(seen.min(), seen.max(), 50))
    if not np.isfinite(offsets).all():
        return None
    scaled = Monomials.spanning(span.low[:1], span.high[:1], _degree(model), centred=False)
    raw = dict(zip(*model.cell.generators(1.0), strict=True))
    d, size = model.cell.dimension, float(np.asarray(scaled.scale)[0])
    zero = np.zeros((d, d))
    matrices = [raw.get((k, 0), zero) * size**k for k in range(_degree(model) + 1)]
    # A + C e + B E is the same for all runs, if this is an offset at all.
    shift = e.mean() * raw.get((0, 1), zero) + offsets.mean() * raw.get((1, 0), zero)
    matrices[0] = matrices[0] + shift
    cell = generator_over(np.stack(matrices), scaled, offset_span(span, offsets))
    return Recurrent(cell, model.readout, model.initial, offsets)


def fixed_by_offset(model: Recurrent) -> Bool[np.ndarray, "term d d"]:
    """The entry of A that is zero by the choice of the offset: where B is largest."""
    matrices = np.asarray(model.cell.matrices)
    fixed = np.zeros(matrices.shape, bool)
    row, column = np.unravel_index(np.argmax(np.abs(matrices[1])), matrices[1].shape)
    fixed[0, row, column] = True
    return fixed


def constant_name(data: Dataset) -> str:
    """What the runs' constant is called in equations: E, unless that is taken."""
    taken = {*data.input_names, *data.response_names, data.x_name}
    return next(name for name in ("E", "epsilon", "e_run") if name not in taken)


def with_offset(
    found: list[Coefficient], covariance: Float[np.ndarray, "p p"]
) -> tuple[list[Coefficient], Float[np.ndarray, "q q"]]:
    """Coefficients of powers of V − E as those of V and E, and their covariance."""
    terms: dict[tuple[int, int, tuple[int, ...]], np.ndarray] = {}
    for index, c in enumerate(found):
        (power,) = c.exponent
        for k in range(power + 1):
            row = terms.setdefault((c.row, c.column, (power - k, k)), np.zeros(len(found)))
            row[index] += comb(power, k) * (-1) ** k
    turn = np.array(list(terms.values())).reshape(len(terms), len(found))
    values = turn @ np.array([c.value for c in found])
    expanded = [
        Coefficient(row, column, exponent, float(value))
        for (row, column, exponent), value in zip(terms, values, strict=True)
    ]
    return expanded, turn @ covariance @ turn.T


def _degree(model: Recurrent) -> int:
    assert isinstance(model.cell, AbstractGeneratorCell)
    return max(e[0] for e in model.cell.monomials.exponents)
