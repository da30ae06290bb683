"""Distance between hidden states is the difference of the responses still to come, and no other."""

import jax
import numpy as np
import pytest

from hiddenlaw.cells import Monomials, TaylorCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.distiller.coordinates import hidden_coordinates, observability_gramian
from hiddenlaw.errors import DataError
from hiddenlaw.readouts import Linear, Quadratic
from hiddenlaw.translator import Translator

RUNS, SITES = 6, 16


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


def translator_of(matrices, weights, initial):
    monomials = Monomials.plain(tuple((k,) for k in range(len(matrices))))
    readout = Linear(np.asarray(weights, float), np.zeros(0))
    return Translator(
        TaylorCell(np.asarray(matrices, float), monomials),
        readout,
        np.asarray(initial, float),
        np.ones(np.shape(weights)[1]),
    )


def data_of(translator, seed=0, sites=SITES):
    v = np.random.default_rng(seed).uniform(-1, 1, (RUNS, sites, 1))
    return Dataset.from_arrays(v, np.asarray(translator(v)))


def driven():
    rng = np.random.default_rng(1)
    matrices = np.stack([0.9 * np.eye(3), np.zeros((3, 3))]) + 0.3 * rng.normal(size=(2, 3, 3))
    return translator_of(matrices, rng.normal(size=(3, 2)), rng.normal(size=3))


def test_the_gramian_is_the_mean_square_of_brute_force_jacobians():
    """Nudge the state at every site of every run, and watch the next `horizon` responses."""
    translator, horizon = driven(), 5
    data = data_of(translator)
    k = np.asarray(translator.cell.matrices)
    c = np.asarray(translator.readout.weights)
    total, count = np.zeros((3, 3)), 0
    for run in range(RUNS):
        for site in range(SITES - horizon + 1):
            nudged = np.eye(3)  # one nudge a column, to the state after this site
            for ahead in range(horizon):
                if ahead:
                    nudged = (k[0] + k[1] * data.input[run, site + ahead, 0]) @ nudged
                jacobian = c.T @ nudged
                total += jacobian.T @ jacobian
            count += 1
    found = observability_gramian(translator, data, horizon)
    np.testing.assert_allclose(found, total / count, rtol=1e-10)


def oscillator_with_junk():
    """Two variables that the response reads, and three that grow, turn, and are never seen."""
    rng = np.random.default_rng(2)
    a = np.zeros((5, 5))
    a[:2, :2] = [[0.98, 0.2], [-0.2, 0.98]]
    a[2:, 2:] = 1.1 * np.linalg.qr(rng.normal(size=(3, 3)))[0]
    a[2:, :2] = rng.normal(size=(3, 2))  # junk may listen, as long as it is not heard
    weights = np.array([[1.0], [0.3], [0], [0], [0]])
    mix = rng.normal(size=(5, 5)) + 2 * np.eye(5)
    back = np.linalg.inv(mix)
    clean = (a, weights, np.array([1.0, 0.2, 0.5, -0.3, 0.1]))
    return clean, translator_of([mix @ a @ back], back.T @ weights, mix @ clean[2]), mix


def test_distance_is_that_of_future_responses():
    (a, weights, _), translator, mix = oscillator_with_junk()
    data = data_of(translator)
    coordinates = hidden_coordinates(translator, data, error=0.0, seed=0)
    rng = np.random.default_rng(3)
    pairs = rng.normal(size=(2, 30, 5))
    future, here = [], []
    for one, other in zip(*pairs, strict=True):
        delta, square = one - other, 0.0
        for _ in range(coordinates.horizon):
            square += float((weights.T @ delta)[0] ** 2)
            delta = a @ delta
        future.append(square)
        apart = np.asarray(coordinates(mix @ one) - coordinates(mix @ other))
        here.append(float(apart @ apart))
    ratio = np.array(here) / np.array(future)
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-6)


def test_junk_that_the_response_never_sees_has_no_extent():
    _, translator, mix = oscillator_with_junk()
    data = data_of(translator)
    coordinates = hidden_coordinates(translator, data, error=0.0, seed=0)
    seen, unseen = mix @ np.eye(5)[0], mix @ np.eye(5)[4]
    assert np.linalg.norm(coordinates(unseen)) < 1e-6 * np.linalg.norm(coordinates(seen))
    assert np.sum(np.asarray(coordinates.spectrum) > 1e-12) == 2


def test_coordinates_have_unit_variance_where_the_horizon_fits():
    translator = driven()
    data = data_of(translator)
    coordinates = hidden_coordinates(translator, data, error=0.0, seed=0)
    assert coordinates.horizon == 6  # three eighths of the run
    hidden = np.asarray(translator.hidden_states(data.input))[:, : SITES - 6]
    values = np.asarray(coordinates(hidden)).reshape(-1, 3)
    assert values.var(axis=0).sum() == pytest.approx(1)


def test_runs_too_short_to_look_ahead_say_so():
    translator = driven()
    with pytest.raises(DataError, match="7 sites are too short"):
        hidden_coordinates(translator, data_of(translator, sites=7), error=0.0, seed=0)


def test_squares_of_two_variables_are_three_coordinates():
    """An oscillator read through its square: x², xv and v², and the constant is never seen."""
    linear = translator_of([[[0.98, 0.2], [-0.2, 0.98]]], np.ones((2, 1)), [1.0, 0.2])
    weights = np.zeros((6, 1))
    weights[3] = 1.0
    readout = Quadratic(weights, np.zeros(0))
    translator = Translator(linear.cell, readout, linear.initial, np.ones(1))
    data = data_of(translator)
    coordinates = hidden_coordinates(translator, data, error=0.0, seed=0)
    assert np.sum(np.asarray(coordinates.spectrum) > 1e-12) == 3
    hidden = np.asarray(translator.hidden_states(data.input))
    np.testing.assert_allclose(coordinates(hidden), coordinates(-hidden), atol=1e-12)
