"""Readings of a law with a mode far too fast to be seen: what is seen is known."""

import numpy as np
from driven_fit import DT, recorded
from scipy.stats import chi2

from hiddenlaw.cells import DrivenCell
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.fits.refit import Data, fitted
from hiddenlaw.theory.gauges.observability import Observability
from hiddenlaw.theory.readings import readings
from hiddenlaw.theory.readings.modes import in_modes_where_that_tells_more

SEEDS = 4
FREQUENCIES, DAMPINGS = (1.1, 2.4), (0.02, 0.01)
FAST, PATH = 9.0 / DT, 0.5  # such a share of the input is in the response at once


def fitted_from_the_truth(a, b, seed, read=None):
    """A law in its canonical basis, fitted to what it makes with noise; and the data."""
    d, data = len(a), recorded(a, b, seed=seed, read=read)
    scale = np.sqrt(data.variance)
    cell = DrivenCell(np.hstack([a, b, np.zeros((d, 1))]) * DT, np.zeros(1), np.ones(1))
    weights = (np.eye(d)[:1] if read is None else read).T / scale
    law = Law(Shared(np.zeros(d)), cell, Linear(weights, np.zeros(0)), scale)
    shown = Shown.measured(data, scale)
    (gauged,) = Observability().fix(law, shown)
    offered = int(gauged.prunable.sum())
    known = Data(shown, basis=gauged.basis)
    return fitted(gauged.law, gauged.free, gauged.prunable, offered, known), data


def with_a_direct_path(seed):
    """Two resonances, and a mode so fast that it stands for a direct path."""
    a, b, read = np.zeros((5, 5)), np.zeros((5, 1)), np.zeros((1, 5))
    for k, (frequency, damping) in enumerate(zip(FREQUENCIES, DAMPINGS, strict=True)):
        two = slice(2 * k, 2 * k + 2)
        a[two, two] = [[0, 1], [-(frequency**2), -2 * damping * frequency]]
        b[2 * k + 1], read[0, 2 * k] = 1.0, 1.0
    a[4, 4], b[4], read[0, 4] = -FAST, PATH * FAST, 1.0
    return fitted_from_the_truth(a, b, seed, read)


def test_resonances_are_known_though_no_coefficient_is():
    """As over repeated measurements, of which their own basis knows nothing."""
    found = []
    for seed in range(SEEDS):
        fit, data = with_a_direct_path(seed)
        assert in_modes_where_that_tells_more(fit, data) is not fit
        found.append({each.name: each for each in readings(fit, data)})
    truth = dict(zip(("frequency 1", "frequency 2"), FREQUENCIES, strict=True))
    truth |= dict(zip(("damping 1", "damping 2"), DAMPINGS, strict=True))
    truth["gain of y for u"] = sum(f**-2 for f in FREQUENCIES) + PATH
    for name, value in truth.items():
        pulls = [(each[name].value - value) / each[name].stderr for each in found]
        least, most = chi2.interval(0.9998, SEEDS)  # luck goes beyond once in five thousand times
        assert least < np.sum(np.square(pulls)) < most, name
        assert max(each[name].stderr for each in found) < 0.1 * value, name


def test_a_law_whose_coefficients_are_known_is_read_as_it_is():
    fit, data = fitted_from_the_truth(
        np.array([[0.0, 1.0], [-4.0, -0.8]]), np.array([[0.0], [8.0]]), 0
    )
    assert in_modes_where_that_tells_more(fit, data) is fit
