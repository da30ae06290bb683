"""A driven law in its modes, where errors are asked for that its canonical basis cannot tell.

In derivatives of the response a mode that is much faster than the others makes coefficients of all
sizes that are known together or not at all: sums of 1e9 that leave 1 over, of which double
precision knows nothing. In its modes (y = Σ y_m, each with a real pole or, of a pair, with y_m and
its derivative) each is known as well as it is seen.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import Mask, layout
from hiddenlaw.theory.fits.effective import independence
from hiddenlaw.theory.fits.refit import Data, Fitted, fitted
from hiddenlaw.theory.gauges._base import SINGULAR
from hiddenlaw.theory.gauges.observability import constants_of

_TOGETHER = 1e-9  # of the largest eigenvalue of the correlations: known together or not at all


def in_modes_where_that_tells_more(fit: Fitted, train: Dataset) -> Fitted:
    """The fit in its modes where its own numbers are all but collinear; else the fit itself."""
    law = fit.law
    if not isinstance(law.cell, DrivenCell) or law.dimension < 2 or not _collinear(fit):
        return fit
    transform, blocks = _modes(law)
    if transform is None:
        return fit
    surrounded = bool(fit.free[constants_of(law)].any())
    turned, free = _blockwise(law.in_basis(transform), blocks, surrounded)
    shown = Shown.measured(train, law.scale)
    data = Data(shown, independence=independence(turned, shown), basis=0)
    found = fitted(turned, free, np.zeros_like(free), 0, data)
    same = found.loss <= (1 + _TOGETHER) * fit.loss + _TOGETHER**2
    return found if np.isfinite(found.loss) and same else fit


def _collinear(fit: Fitted) -> bool:
    """Whether numbers of the law are known in combinations alone.

    Constants aside: where inputs are far from zero these are known together with all else.
    """
    size = np.sqrt(np.maximum(np.diag(fit.covariance), 0.0))
    seen = (size > 0) & ~np.isin(fit.dense, constants_of(fit.law))
    if not seen.any() or not np.isfinite(fit.covariance).all():
        return False
    correlations = fit.covariance[np.ix_(seen, seen)] / size[seen, None] / size[seen]
    values = np.linalg.eigvalsh(correlations)
    return bool(values[0] < _TOGETHER * values[-1])


def _modes(law: Law) -> tuple[Float[np.ndarray, "d d"] | None, list[int]]:
    """The rows that take a state to what each mode adds to the first response, and how many
    variables each mode has, the slowest last; None where modes cannot be told apart.
    """
    d = law.dimension
    matrix, read = np.asarray(law.cell.rates)[:, :d], np.asarray(law.readout.weights)[:, 0]  # type: ignore[attr-defined]
    values, vectors = np.linalg.eig(matrix)
    if np.linalg.svd(vectors, compute_uv=False)[-1] < SINGULAR:
        return None, []
    left, rows, blocks = np.linalg.inv(vectors), [], []
    for k in sorted(range(d), key=lambda k: -abs(values[k])):
        if values[k].imag < 0:
            continue  # it comes with its partner
        part = np.real((read @ vectors[:, k]) * left[k]) * (2 if values[k].imag else 1)
        rows += [part, part @ matrix] if values[k].imag else [part]
        blocks.append(2 if values[k].imag else 1)
    return np.array(rows), blocks


def _blockwise(law: Law, blocks: list[int], surrounded: bool) -> tuple[Law, Mask]:
    """The law with exact blocks and a readout that adds them up, and what of it is free: no
    constant, unless it is `surrounded` by something that pushes it.
    """
    cell, d = law.cell, law.dimension
    assert isinstance(cell, DrivenCell)
    rates, weights = np.array(cell.rates), np.array(law.readout.weights)
    kept, free = np.zeros(rates.shape, bool), np.zeros(rates.shape, bool)
    kept[:, d:] = True
    free[:, d:-1] = True
    first = 0
    weights[:, 0] = 0.0
    for size in blocks:
        last = first + size - 1
        weights[first, 0] = 1.0
        kept[last, first : last + 1] = free[last, first : last + 1] = True
        if size == 2:
            rates[first, last], kept[first, last] = 1.0, True
        first += size
    rates[~kept] = 0.0
    free[-1, -1] = surrounded  # of the constants one says all: the others move the starts
    free_weights = np.ones(weights.shape, bool)
    free_weights[:, 0] = False
    readout = law.readout.with_weights(weights)
    exact = law.but(cell=replace(cell, rates=rates), readout=readout)
    return exact, layout(exact).mask(cell=free, weights=free_weights, starts=True)
