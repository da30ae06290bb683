"""The law of any cell linear in its state, as generators: what refits begin with."""

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractGeneratorCell, AbstractLinearCell, Monomials
from hiddenlaw.cells._logarithm import logarithm
from hiddenlaw.holds import Span

_NODES = 24  # inputs a channel at which the logarithm is taken


def generators_of(
    cell: AbstractLinearCell, monomials: Monomials, span: Span
) -> Float[np.ndarray, "term d d"]:
    """The cell's law as generators per site over `monomials`, whatever the cell.

    A generator cell has them; of any other linear cell the logarithm of the update matrix is taken
    on a grid of inputs and fitted with the monomials up to the first degree.
    """
    count, d = len(monomials.exponents), cell.dimension
    low, high = np.asarray(span.low), np.asarray(span.high)
    if isinstance(cell, AbstractGeneratorCell):
        own = dict(zip(*cell.generators(1.0), strict=True))
        raw = np.stack([own.get(e, np.zeros((d, d))) for e in monomials.exponents])
        return raw * monomials.sizes[:, None, None]
    nodes = np.cos((2 * np.arange(_NODES) + 1) * np.pi / (2 * _NODES))
    grid = np.stack(np.meshgrid(*[nodes] * len(low), indexing="ij"), -1).reshape(-1, len(low))
    inputs = (low + high + (high - low) * grid) / 2
    logs = np.stack([np.real(logarithm(m)) for m in cell.transition(inputs)])
    features = monomials(inputs)
    linear = np.array([sum(e) <= 1 for e in monomials.exponents])
    fitted = np.linalg.lstsq(features[:, linear], logs.reshape(len(logs), -1), rcond=None)[0]
    result = np.zeros((count, d, d))
    result[linear] = fitted.reshape(-1, d, d)
    return result
