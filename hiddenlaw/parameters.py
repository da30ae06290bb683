"""The numbers of a law in one vector, in one order: cell, starts, inner, weights, constants.

`inner` are the parameters inside a decoder's features, none for readouts of theories. Starts and
constants are those of the preparation: (q,) or (run, q), and (run, c).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.cells import AbstractGeneratorCell
from hiddenlaw.law import Law

Mask = Bool[np.ndarray, " p"]


@dataclass(frozen=True)
class Layout:
    """Where each kind of number stands."""

    cell: slice
    starts: slice
    inner: slice
    weights: slice
    constants: slice

    @property
    def size(self) -> int:
        return self.constants.stop

    def mask(self, **parts: bool | np.ndarray) -> Mask:
        """True where a part is said to be, or where its own mask says so; False elsewhere."""
        found = np.zeros(self.size, bool)
        for name, value in parts.items():
            found[getattr(self, name)] = np.ravel(value) if np.ndim(value) else value
        return found


def _parts(law: Law) -> tuple[np.ndarray, ...]:
    preparation, readout = law.preparation, law.readout
    return (
        law.cell.parameters,
        np.asarray(preparation.numbers),
        np.asarray(readout.inner),
        np.asarray(readout.weights),
        preparation.constants,
    )


def layout(law: Law) -> Layout:
    ends = np.cumsum([0, *(part.size for part in _parts(law))])
    return Layout(*(slice(int(a), int(b)) for a, b in pairwise(ends)))


def flat(law: Law) -> Float[np.ndarray, " p"]:
    """All numbers of the law."""
    return np.concatenate([part.ravel() for part in _parts(law)])


def filled(law: Law, numbers: Float[np.ndarray, " p"]) -> Law:
    """The law with these numbers."""
    place = layout(law)
    _, starts, _, weights, constants = _parts(law)
    preparation = law.preparation.with_numbers(numbers[place.starts].reshape(starts.shape))
    preparation = preparation.with_constants(numbers[place.constants].reshape(constants.shape))
    readout = replace(
        law.readout,  # type: ignore[type-var]  # a dataclass
        weights=numbers[place.weights].reshape(weights.shape),
        inner=numbers[place.inner],
    )
    return law.but(
        preparation=preparation, cell=law.cell.with_parameters(numbers[place.cell]), readout=readout
    )


def free_everywhere(law: Law) -> Mask:
    return np.ones(layout(law).size, bool)


def constant_variables(law: Law) -> list[int]:
    """Which variables start alike in all runs and are moved by nothing."""
    if not isinstance(law.cell, AbstractGeneratorCell):
        return []
    matrices = np.asarray(law.cell.matrices)
    return [k for k in law.preparation.still if not matrices[:, k].any()]


def free_but_constants(law: Law) -> Mask:
    """All numbers, but for those that would move a variable that is constant."""
    free, constant = free_everywhere(law), constant_variables(law)
    if constant:
        assert isinstance(law.cell, AbstractGeneratorCell)
        moving = np.ones(np.asarray(law.cell.matrices).shape, bool)
        moving[:, constant] = False
        free[layout(law).cell] = moving.ravel()
    return free
