"""Driven laws of inputs and responses that are counted from a middle, counted from zero again.

With u = ũ + ū and y = ỹ + ȳ the law dz̃/dx = A z̃ + B ũ + c̃ of the deviations is one of the
measured numbers themselves, z = z̃ + s, where s is what is read as ȳ: dz/dx = A z + B u + c with
c = c̃ − B ū − A s.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.middle import Middle
from hiddenlaw.law import Law
from hiddenlaw.translator.translation import Translation


def counted_from_zero(law: Law, middle: Middle) -> Law:
    """The same law for inputs and responses counted from zero."""
    cell, weights = law.cell, np.asarray(law.readout.weights)
    assert isinstance(cell, DrivenCell)
    read = middle.response / np.asarray(law.scale)
    moved = np.linalg.lstsq(weights.T, read, rcond=None)[0]
    rates = np.array(cell.rates)
    rates[:, -1] -= rates[:, : cell.dimension] @ moved
    whole = law.preparation.whole
    return law.but(
        preparation=whole.with_numbers(np.asarray(whole.numbers) + moved),
        cell=replace(cell, rates=rates, offset=cell.offset + middle.input),
    )


def from_zero(translation: Translation, middle: Middle) -> Translation:
    """The same translation of the data as they were before the middle was taken off."""
    return replace(
        translation,
        fit=replace(translation.fit, law=counted_from_zero(translation.fit.law, middle)),
        train=middle.put_back(translation.train),
        heldout=translation.heldout.each(middle.put_back),
    )
