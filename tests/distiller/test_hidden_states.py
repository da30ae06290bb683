"""Distance between hidden states is the difference of the responses still to come, and no other."""

from dataclasses import replace

import numpy as np
import pytest

from hiddenlaw.cells import GRUCell, Monomials, TaylorCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.distiller.coordinates import (
    PredictiveState,
    hidden_coordinates,
    observability_gramian,
    usable,
)
from hiddenlaw.errors import DataError
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Own, Shared
from hiddenlaw.readouts import Linear, Quadratic

RUNS, SITES = 6, 16


def translator_of(matrices, weights, initial):
    monomials = Monomials.plain(tuple((k,) for k in range(len(matrices))))
    return Law(
        Shared(np.asarray(initial, float)),
        TaylorCell(np.asarray(matrices, float), monomials),
        Linear(np.asarray(weights, float), np.zeros(0)),
        np.ones(np.shape(weights)[1]),
    )


def answer(translator, v):
    return np.swapaxes(translator.outputs(Shown.unanswered(v)), 0, 1)


def hidden_states(translator, v):
    return np.swapaxes(translator.states(Shown.unanswered(v)), 0, 1)


def data_of(translator, seed=0, sites=SITES):
    v = np.random.default_rng(seed).uniform(-1, 1, (RUNS, sites, 1))
    return Dataset.from_arrays(v, answer(translator, v))


def driven():
    rng = np.random.default_rng(1)
    matrices = np.stack([0.9 * np.eye(3), np.zeros((3, 3))]) + 0.3 * rng.normal(size=(2, 3, 3))
    return translator_of(matrices, rng.normal(size=(3, 2)), rng.normal(size=3))


def test_the_gramian_is_the_mean_square_of_brute_force_jacobians():
    """Nudge the state at every site of every run, and watch the next `horizon` responses."""
    translator, horizon = driven(), 5
    data = data_of(translator)
    k, c = translator.cell.matrices, translator.readout.weights
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
    shown, everywhere = Shown.measured(data, translator.scale), np.ones((RUNS, SITES), bool)
    found = observability_gramian(translator, shown, everywhere, horizon)
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
        apart = coordinates(mix @ one) - coordinates(mix @ other)
        here.append(float(apart @ apart))
    ratio = np.array(here) / np.array(future)
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-6)


def test_junk_that_the_response_never_sees_has_no_extent():
    _, translator, mix = oscillator_with_junk()
    data = data_of(translator)
    coordinates = hidden_coordinates(translator, data, error=0.0, seed=0)
    seen, unseen = mix @ np.eye(5)[0], mix @ np.eye(5)[4]
    assert np.linalg.norm(coordinates(unseen)) < 1e-6 * np.linalg.norm(coordinates(seen))
    assert np.sum(coordinates.spectrum > 1e-12) == 2


def test_coordinates_have_unit_variance_where_the_horizon_fits():
    translator = driven()
    data = data_of(translator)
    coordinates = hidden_coordinates(translator, data, error=0.0, seed=0)
    assert coordinates.horizon == 6  # three eighths of the run
    hidden = hidden_states(translator, data.input)[:, : SITES - 6]
    values = coordinates(hidden).reshape(-1, 3)
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
    translator = linear.but(readout=readout, scale=np.ones(1))
    data = data_of(translator)
    coordinates = hidden_coordinates(translator, data, error=0.0, seed=0)
    assert np.sum(coordinates.spectrum > 1e-12) == 3
    hidden = hidden_states(translator, data.input)
    np.testing.assert_allclose(coordinates(hidden), coordinates(-hidden), atol=1e-12)


def test_with_squares_the_gramian_is_that_of_the_features_by_brute_force():
    """Nudge every feature's coefficient: what a product of states becomes some sites on."""
    rng, horizon = np.random.default_rng(4), 4
    cell = driven().cell
    readout = Quadratic(rng.normal(size=(10, 2)), np.zeros(0))
    translator = driven().but(readout=readout, scale=np.ones(2))
    data = data_of(translator)
    shown, everywhere = Shown.measured(data, translator.scale), np.ones((RUNS, SITES), bool)
    found = observability_gramian(translator, shown, everywhere, horizon)
    # As many states as determine a function of ten features.
    states = rng.normal(size=(40, 3))
    features = Quadratic.features(states, np.zeros(0))
    total, count = np.zeros((10, 10)), 0
    for run in range(RUNS):
        for site in range(SITES - horizon + 1):
            moved = states
            for ahead in range(horizon):
                if ahead:
                    moved = moved @ cell.transition(data.input[run, site + ahead]).T
                # The responses there, written as features of the state here.
                jacobian = np.linalg.lstsq(features, readout(moved), rcond=None)[0]
                total += jacobian @ jacobian.T
            count += 1
    np.testing.assert_allclose(found, total / count, rtol=1e-8, atol=1e-9 * np.abs(found).max())


def test_only_sites_with_a_whole_horizon_of_samples_count():
    data = data_of(driven())
    response = np.array(data.response)
    response[0, :3] = response[1, 10:] = np.nan
    gaps = replace(data, response=response, allow_missing=True)
    found = usable(gaps, 5)
    assert found.shape == (RUNS, SITES - 4)
    np.testing.assert_array_equal(np.flatnonzero(found[0]), np.arange(3, 12))
    np.testing.assert_array_equal(np.flatnonzero(found[1]), np.arange(6))
    assert found[2:].all()


def test_a_black_box_is_seen_by_its_answers_to_probes():
    """Components that carry less than the translator's error are its mistakes, and left out."""
    rng = np.random.default_rng(6)
    cell = GRUCell.random(8, Span((-1.0,), (1.0,)), rng=rng)
    readout = Linear(rng.normal(size=(8, 1)), np.zeros(0))
    translator = Law(Shared(np.zeros(8)), cell, readout, np.ones(1))
    data = data_of(translator)
    fine, coarse = (hidden_coordinates(translator, data, error=e, seed=0) for e in (1e-12, 1e-3))
    assert isinstance(fine, PredictiveState)
    hidden = hidden_states(translator, data.input)[:, : SITES - fine.horizon]
    answers = fine.answers(hidden)
    probe = np.broadcast_to(fine.probes[2], (RUNS, *fine.probes[2].shape))
    begun = translator.but(preparation=Own(hidden[:, 3]))
    expected = np.swapaxes(begun.outputs(Shown.unanswered(probe)), 0, 1)[..., 0]
    each = fine.probes.shape[1]
    np.testing.assert_allclose(answers[:, 3, 2 * each : 3 * each], expected, rtol=1e-12)
    values = fine(hidden).reshape(-1, fine.components.shape[1])
    assert values.var(axis=0).sum() == pytest.approx(1)
    assert coarse.components.shape[1] < fine.components.shape[1]
