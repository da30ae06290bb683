"""Gain, time constants, frequencies: against closed forms, with errors that are those of refits."""

import numpy as np
import pytest
from scipy.signal import cont2discrete

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.fits.refit import Data, fitted
from hiddenlaw.theory.readings import Reading, readings

DT, RUNS, SITES = 0.1, 12, 80
# y″ = −2 ζ ω y′ − ω² y + K ω² u in continuous time, or y′ = (K u − y) / T.
OMEGA, ZETA, T, GAIN = 2.5, 0.3, 0.8, 1.7
SECOND = np.array([[0, 1], [-(OMEGA**2), -2 * ZETA * OMEGA]]), np.array([[0], [GAIN * OMEGA**2]])
FIRST = np.array([[-1 / T]]), np.array([[GAIN / T]])


def recorded(matrix, push, seed, noise=0.02):
    rng = np.random.default_rng(seed)
    u = np.repeat(rng.uniform(-1, 3, (RUNS, SITES // 5)), 5, axis=1)
    d = len(matrix)
    update, pushed, *_ = cont2discrete((matrix, push, np.eye(d), np.zeros((d, 1))), DT)
    z, y = np.zeros((RUNS, d)), np.empty_like(u)
    for site in range(SITES):
        z = z @ update.T + u[:, site, None] @ pushed.T
        y[:, site] = z[:, 0]
    y += noise * y.std() * rng.normal(size=y.shape)
    names = {"input_names": "u", "response_names": "y", "x_name": "t"}
    return Dataset.from_arrays(u, y, dx=DT, units={"t": "s", "u": "V", "y": "rpm"}, **names)


def fit_of(matrix, push, data):
    """The law in observability form, refitted from the truth."""
    d = len(matrix)
    scale = np.sqrt(data.variance)
    # Per site, in variables y, y′ dx, …
    size = DT ** np.arange(d)
    inner = matrix * DT * size[:, None] / size
    driven = push * DT * size[:, None] / scale
    cell = DrivenCell(np.hstack([inner, driven, np.zeros((d, 1))]), np.zeros(1), np.ones(1))
    weights = np.eye(d)[:, :1]
    law = Law(Shared(np.zeros(d)), cell, Linear(weights, np.zeros(0)), scale)
    free_cell = np.ones((d, d + 2), bool)
    free_cell[: d - 1, :d] = False
    free = layout(law).mask(cell=free_cell, starts=True)
    shown = Shown.measured(data, scale)
    return fitted(law, free, layout(law).mask(cell=free_cell), 9, Data(shown))


def by_name(found):
    return {reading.name: reading for reading in found}


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (FIRST, {"gain of y for u": (GAIN, "rpm/V"), "time constant 1": (T, "s")}),
        (
            SECOND,
            {
                "gain of y for u": (GAIN, "rpm/V"),
                "frequency 1": (OMEGA, "rad/s"),
                "damping 1": (ZETA, ""),
            },
        ),
    ],
)
def test_what_is_read_is_what_the_closed_form_says(system, expected):
    data = recorded(*system, seed=0)
    found = by_name(readings(fit_of(*system, data), data))
    assert set(found) == set(expected)
    for name, (value, unit) in expected.items():
        assert found[name].unit == unit
        assert abs(found[name].value - value) < 4 * found[name].stderr
        assert found[name].stderr < 0.02 * value
        assert Reading.from_json(found[name].to_json()) == found[name]


def test_errors_are_the_spread_of_repeated_measurements():
    found = []
    for seed in range(40):
        data = recorded(*SECOND, seed=seed)
        found.append(by_name(readings(fit_of(*SECOND, data), data)))
    for name in found[0]:
        spread = np.std([each[name].value for each in found])
        said = np.mean([each[name].stderr for each in found])
        assert said == pytest.approx(spread, rel=0.4)
