"""A constant of the runs that acts as an offset of the input: an energy, A + B (V − E_r).

A translator knows generators A + B V + C e_r with e_r up to scale and offset, and up to a change of
basis that depends on e_r. What does not depend on the basis is tr G², and where G is that of
ψ″ = κ(V − E)ψ, or of what follows from it, it vanishes at V = E. So E_r is the input at which
tr G² does, in the input's own unit; whether nothing else depends on e_r the refit says.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.cells import AbstractGeneratorCell, Monomials, generator_over
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import Span
from hiddenlaw.law import Law
from hiddenlaw.parameters import layout
from hiddenlaw.preparations import RunConstants
from hiddenlaw.theory.fits.refit import Data, pruned_refit
from hiddenlaw.theory.gauges._base import Gauged
from hiddenlaw.theory.gauges.choose import Chosen
from hiddenlaw.theory.gauges.companion import Companion

_FLAT = 1e-9  # of tr G²: a change with the input that is rounding
_AS_GOOD = 1.05  # times the loss: a story told with fewer constants may cost so much


def with_offset(chosen: Chosen, train: Dataset, span: Span, data: Data) -> Chosen:
    """The same with the runs' constant as an offset of the input, refitted with the law.

    As it was where there is no such form, or where it leaves more of the response; `span` is that
    of the input alone. Of several constants each stays a channel of its own.
    """
    law = chosen.fit.law
    if law.preparation.offset_of != (None,):
        return chosen
    if not chosen.gauge.canonical or chosen.gauged.waves > 1 or chosen.gauged.constant:
        return chosen
    turned = as_offset(law, train, span)
    if turned is None:
        return chosen
    gauged = _gauged(turned, data)
    fit = pruned_refit(gauged.law, gauged.free, gauged.prunable, data)
    if not fit.loss <= _AS_GOOD * max(chosen.fit.loss, data.floor):
        return chosen
    return Chosen(chosen.gauge, gauged, fit)


def _gauged(law: Law, data: Data) -> Gauged:
    """The companion form of the law, with the constants free and one entry of A zero by choice."""
    fixed = fixed_by_offset(law)
    (gauged,) = Companion().fix(law, data.shown)
    assert isinstance(gauged.law.cell, AbstractGeneratorCell)
    matrices = np.array(gauged.law.cell.matrices)
    matrices[fixed] = 0.0
    place = layout(law)
    held = place.mask(cell=fixed)
    return replace(
        gauged,
        law=gauged.law.but(cell=gauged.law.cell.with_matrices(matrices)),
        free=gauged.free & ~held | place.mask(constants=True),
        prunable=gauged.prunable & ~held,
    )


def offsets_of(
    law: Law, constants: Float[np.ndarray, " run"], inputs: Float[np.ndarray, " sample"]
) -> Float[np.ndarray, " run"]:
    """The input V at which tr G(V, e)² vanishes, for every run's e: by the slope over `inputs`.

    NaN where tr G² does not depend on the input.
    """
    assert isinstance(law.cell, AbstractGeneratorCell)
    exponents, matrices = law.cell.generators(1.0)

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


def as_offset(law: Law, data: Dataset, span: Span) -> Law | None:
    """The law with its second channel, the constant, turned into an offset of the first.

    None where this cannot be.
    """
    assert isinstance(law.cell, AbstractGeneratorCell)
    e = law.preparation.constants[:, 0]
    seen = data.input[..., 0][data.observed.any(axis=2)]
    offsets = offsets_of(law, e, np.linspace(seen.min(), seen.max(), 50))
    if not np.isfinite(offsets).all():
        return None
    degree = max(exponents[0] for exponents in law.cell.monomials.exponents)
    scaled = Monomials.spanning(span.low[:1], span.high[:1], degree, centred=False)
    raw = dict(zip(*law.cell.generators(1.0), strict=True))
    d, size = law.dimension, float(np.asarray(scaled.scale)[0])
    zero = np.zeros((d, d))
    matrices = [raw.get((k, 0), zero) * size**k for k in range(degree + 1)]
    # A + C e + B E is the same for all runs, if this is an offset at all.
    shift = e.mean() * raw.get((0, 1), zero) + offsets.mean() * raw.get((1, 0), zero)
    matrices[0] = matrices[0] + shift
    preparation = RunConstants(law.preparation.numbers, offsets[:, None], (0,))
    cell = generator_over(np.stack(matrices), scaled, preparation.span(span))
    return law.but(preparation=preparation, cell=cell.with_span(preparation.span(span)))


def fixed_by_offset(law: Law) -> Bool[np.ndarray, "term d d"]:
    """The entry of A that is zero by the choice of the offset: where B is largest."""
    assert isinstance(law.cell, AbstractGeneratorCell)
    matrices = np.asarray(law.cell.matrices)
    fixed = np.zeros(matrices.shape, bool)
    row, column = np.unravel_index(np.argmax(np.abs(matrices[1])), matrices[1].shape)
    fixed[0, row, column] = True
    return fixed
