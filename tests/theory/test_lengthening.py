"""Laws found in windows of a record, refitted to all of it: what cannot be followed is not told."""

import numpy as np
import pytest
from driven_fit import DT
from scipy.signal import lfilter

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.law import Law
from hiddenlaw.preparations import Own
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.fits.lengthening import calm, comes_through, lengthened

SITES, WINDOW, POLE = 1600, 64, 0.9


def record(seed=0):
    """y ← 0.9 y + 0.1 u, one long run with a little noise."""
    rng = np.random.default_rng(seed)
    u = np.repeat(rng.normal(size=SITES // 8), 8)
    y = lfilter([1 - POLE], [1, -POLE], u)
    return Dataset.from_arrays(u[None], (y + 0.02 * y.std() * rng.normal(size=SITES))[None], dx=DT)


def law_of(rates, readout, data):
    d = len(rates)
    cell = DrivenCell(np.array(rates, float), np.zeros(1), np.ones(1))
    starts = Own(np.zeros((data.runs, d)))
    return Law(
        starts, cell, Linear(np.array(readout, float)[:, None], np.zeros(0)), np.sqrt(data.variance)
    )


def poles(law):
    return np.sort(np.linalg.eigvals(np.array(law.cell.rates)[:, : law.dimension]).real)


def test_what_grows_dies_out_as_fast_and_all_else_stays():
    data = record()
    rates = [[0.01, 0, 0, 1, 0], [0, -0.1, 0.5, 2, 0], [0, -0.5, -0.1, 3, 0]]
    calmed = calm(law_of(rates, [1, 1, 1], data), SITES)
    np.testing.assert_allclose(poles(calmed), [-0.1, -0.1, -0.01], atol=1e-12)
    np.testing.assert_allclose(np.array(calmed.cell.rates)[:, 3:], np.array(rates)[:, 3:])
    assert calm(calmed, SITES) is calmed
    slow = law_of([[1e-3, 1.0, 0.0]], [1.0], data)
    assert calm(slow, SITES) is slow  # it grows less than three times e over the record
    assert comes_through(slow, 0.5, SITES)
    assert not comes_through(law_of([[1e-2, 1.0, 0.0]], [1.0], data), 1e-6, SITES)
    assert not comes_through(slow, 1.5, SITES)


@pytest.mark.parametrize("growth", [0.004, 0.02])
def test_a_law_that_grows_beside_the_true_one_is_found_along_the_record(growth):
    """As windows find it, which hardly see the growth: e^6 and e^32 over the record."""
    data = record()
    rates = np.array([[np.log(POLE), 0.0, 0.1, 0.0], [0.0, growth, 0.01, 0.0]])
    law, loss = lengthened(law_of(rates, [1.0, 0.3], data), data, WINDOW)
    assert loss < 2 * 0.02**2
    assert comes_through(law, loss, SITES)
    assert np.abs(poles(law) - np.log(POLE)).min() < 0.02
