"""Refitting a driven law to whole records that was found in windows of them.

Over a window nobody sees that a slow state grows where it should die out; over the record it is
e^10 times too large. A fit to one long record may even profit from that: a start that is right to
ten digits keeps such a state in bounds to the end, told by what the input does later, and no
free run can do the same. So what grows is turned into what dies out as fast, and where a law is
lost along the records all the same, windows are made twice as long again and again, tiling the
records each time, with starts found anew (multiple shooting: Bock and Plitt, IFAC Proc. 17, 1603
(1984)), until they are the records.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.law import Law, Shown
from hiddenlaw.theory.fits.refit import free_refit
from hiddenlaw.training.new_runs import found, starts_of_windows
from hiddenlaw.training.windows import windowed

_LONGER = 2  # times, each time
_MOST = 3.0  # e-foldings over a record: what grows more cannot be followed by a free run
LOST = 1.0
"""Of the variance: what leaves more explains nothing."""


def calm(law: Law, sites: int) -> Law:
    """The law with what would grow too much over so many sites dying out as fast instead."""
    cell = law.cell
    if not isinstance(cell, DrivenCell) or not _growth(law) * sites > _MOST:
        return law
    rates, d = np.array(cell.rates), law.dimension
    values, vectors = np.linalg.eig(rates[:, :d])
    growing = np.real(values) * sites > _MOST
    values = np.where(growing, -np.conj(values), values)
    rates[:, :d] = np.real(vectors @ np.diag(values) @ np.linalg.inv(vectors))
    return law.but(cell=replace(cell, rates=rates)) if np.isfinite(rates).all() else law


def comes_through(law: Law, loss: float, sites: int) -> bool:
    """Whether a law of that loss explains anything of records, as free runs would have to."""
    return bool(loss < LOST and _growth(law) * sites <= _MOST)


def lengthened(law: Law, records: Dataset, length: int) -> tuple[Law, float]:
    """The law refitted to whole records, and its loss there; `length` is that of its windows.

    The loss is infinite where the law was lost on the way.
    """
    while (length := _LONGER * length) < records.sites:
        shown = windowed(records, length, law.scale)
        law = calm(law, records.sites)
        begun = law.but(preparation=starts_of_windows(law, shown))
        law, loss = free_refit(begun, shown)
        if not loss < LOST:
            return law, np.inf
    whole = Shown.measured(records, law.scale)
    law = calm(law, records.sites)
    return free_refit(law.but(preparation=found(law, whole)), whole)


def _growth(law: Law) -> float:
    """The fastest growth of a state, in e-foldings a site; negative where all die out."""
    if not isinstance(law.cell, DrivenCell):
        return -np.inf
    return float(np.max(np.linalg.eigvals(np.array(law.cell.rates)[:, : law.dimension]).real))
