"""With the readout's weights eliminated: the projected problem, and what samples count."""

from dataclasses import replace

import numpy as np
import pytest
from jax_oracle import linearised, residual_of
from laws import COMBINATIONS, LOW, OUTPUTS, RUNS, SITES, at_itself, problem
from scipy.linalg import expm

from hiddenlaw.cells import GeneratorCell
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import filled, flat, free_everywhere, layout
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear, Quadratic
from hiddenlaw.training import least_squares
from hiddenlaw.training.least_squares import LeastSquares

CASES = [("generator", "linear"), ("generator", "quadratic"), ("taylor", "waves")]
CASES += [("magnus", "quadratic"), ("leaky", "quadratic"), ("gru", "linear")]


def searched(law):
    return layout(law).mask(cell=True, starts=True, inner=True)


def eliminated(law, shown):
    return at_itself(law, shown, searched(law), eliminate_weights=True)


def features(law, shown, output=0):
    """Of all samples, times the root of the weights of one output: (sample, feature)."""
    phi = law.readout.features(linearised(law, shown, flat(law)).states, law.readout.inner)
    root = np.sqrt(shown.weight[..., output % shown.weight.shape[2]])
    return (phi * root[..., None]).reshape(-1, phi.shape[2])


def of_output(values, output):
    """The rows of one output, of values in the order site, run, output."""
    return values.reshape(SITES * RUNS, OUTPUTS, *values.shape[1:])[:, output]


def projected(law, shown):
    """The problem whose weights are eliminated, as Kaufman has it, output by output.

    The law with the best weights, the residual there, and J without what features take back.
    """
    weights, target = np.empty(law.readout.weights.shape), shown.target * np.sqrt(shown.weight)
    bases = []
    for output in range(OUTPUTS):
        phi, rows = features(law, shown, output), target[..., output].ravel()
        weights[:, output] = np.linalg.lstsq(phi, rows, rcond=1e-12)[0]
        u, size, _ = np.linalg.svd(phi, full_matrices=False)
        bases.append(u[:, size > 1e-12 * size[0]])
    law = law.but(readout=law.readout.with_weights(weights))
    found = residual_of(law, shown, flat(law)).over(searched(law))
    rest = np.empty(found.jacobian.shape).reshape(SITES * RUNS, OUTPUTS, -1)
    for output, basis in enumerate(bases):
        mine = of_output(found.jacobian, output)
        rest[:, output] = mine - basis @ (basis.T @ mine)
    return law, found, rest.reshape(found.jacobian.shape)


@pytest.mark.parametrize("weightings", [1, OUTPUTS])
@pytest.mark.parametrize(("cell", "readout"), CASES)
def test_with_weights_eliminated_they_are_those_of_the_projected_problem(cell, readout, weightings):
    law, shown = problem(cell, readout, weightings=weightings)
    best, expected, rest = projected(law, shown)
    found = eliminated(law, shown)
    for output in range(OUTPUTS):
        phi = features(law, shown, output)
        np.testing.assert_allclose(
            phi @ found.law.readout.weights[:, output],
            phi @ best.readout.weights[:, output],
            atol=1e-9,
        )
    np.testing.assert_allclose(found.loss, expected.loss, rtol=1e-9)
    equations = found.equations()
    tight = {"rtol": 1e-7, "atol": 1e-9}
    np.testing.assert_allclose(found.law.readout.weights, best.readout.weights, **tight)
    np.testing.assert_allclose(equations.gradient, expected.gradient, **tight)
    np.testing.assert_allclose(equations.matrix, rest.T @ rest / expected.total, **tight)


@pytest.mark.parametrize(
    ("cell", "preparation"), [c for c in COMBINATIONS if c[1] != "shared" and c[0] != "gru"]
)
def test_whatever_the_preparation_weights_are_at_their_best(cell, preparation):
    law, shown = problem(cell, "quadratic", preparation)
    best, expected, _ = projected(law, shown)
    found = eliminated(law, shown)
    np.testing.assert_allclose(found.loss, expected.loss, rtol=1e-9)
    np.testing.assert_allclose(found.law.readout.weights, best.readout.weights, rtol=1e-6)


@pytest.mark.parametrize("preparation", ["shared", "own", "a constant as channel"])
@pytest.mark.parametrize(("cell", "readout"), CASES)
def test_the_gradient_of_the_projected_loss_is_its_finite_difference(cell, readout, preparation):
    law, shown = problem(cell, readout, preparation)
    asked = LeastSquares(law, shown, searched(law), eliminate_weights=True)
    numbers, step = asked.start(), 1e-5
    equations = asked.at(numbers).equations()
    slope = np.zeros(len(numbers))
    slope[equations.dense] = equations.gradient
    if equations.own is not None:
        slope[equations.own.starts] = equations.own.gradient
    free = np.flatnonzero(searched(law))
    for k in free[np.unique(np.linspace(0, len(free) - 1, 12).astype(int))]:
        shift = step * (np.arange(len(numbers)) == k)
        above, below = (asked.at(numbers + s).loss for s in (shift, -shift))
        close = pytest.approx((above - below) / (2 * step), rel=1e-5, abs=1e-8)
        assert 2 * slope[k] == close


@pytest.mark.parametrize("weightings", [1, OUTPUTS])
@pytest.mark.parametrize(("cell", "readout"), CASES)
def test_chunks_share_their_weights(monkeypatch, cell, readout, weightings):
    law, shown = problem(cell, readout, weightings=weightings)
    whole = eliminated(law, shown)
    monkeypatch.setattr(least_squares, "CHUNK", 2)
    parts = eliminated(law, shown)
    np.testing.assert_allclose(parts.loss, whole.loss, rtol=1e-11)
    for name in ("gradient", "matrix"):
        one, other = (getattr(found.equations(), name) for found in (parts, whole))
        np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-9)


def test_states_are_products_of_matrix_exponentials():
    law, shown = problem()
    assert isinstance(law.cell, GeneratorCell)
    states, generator = law.states(shown), np.asarray(law.cell.matrices)
    low, high = law.cell.low[0], law.cell.high[0]
    assert LOW <= low < high
    for run in range(RUNS):
        h = law.preparation.starts(RUNS)[run]
        for site in range(SITES):
            scaled = (shown.input[run, site, 0] - (low + high) / 2) / ((high - low) / 2)
            h = expm(generator[0] + generator[1] * scaled) @ h
            np.testing.assert_allclose(states[site, run], h, rtol=1e-7)


def both_ways(law, shown):
    """The misfit with weights kept, and with weights eliminated."""
    kept = at_itself(law, shown, searched(law) | layout(law).mask(weights=True))
    return [kept, eliminated(law, shown)]


def assert_equal(one, other):
    assert one.loss == other.loss
    np.testing.assert_array_equal(one.numbers, other.numbers)
    for name in ("gradient", "matrix"):
        pair = (getattr(found.equations(), name) for found in (one, other))
        np.testing.assert_array_equal(*pair)


def test_sites_beyond_the_length_do_not_matter():
    law, shown = problem()
    length = 4
    beyond = np.arange(SITES) >= length
    spoiled = replace(
        shown,
        input=np.where(beyond[:, None], 1e3, shown.input),
        target=np.where(beyond[:, None, None], -1e3, shown.target),
        weight=np.where(beyond[:, None, None], 50.0, shown.weight),
    )
    parts = (both_ways(law, part.first(length)) for part in (shown, spoiled))
    for one, other in zip(*parts, strict=True):
        assert_equal(one, other)
    expected = residual_of(law, shown.first(length), flat(law))
    kept = both_ways(law, shown.first(length))[0]
    np.testing.assert_allclose(kept.loss, expected.loss, rtol=1e-12)
    equations = kept.equations()
    np.testing.assert_allclose(equations.gradient, expected.gradient, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(equations.matrix, expected.matrix, rtol=1e-9, atol=1e-11)


def test_sites_of_no_weight_do_not_matter_but_time_passes_there():
    law, shown = problem()
    silent = np.zeros((SITES, RUNS, 1), bool)
    silent[2, 1] = silent[3:, 4] = True
    quiet = replace(shown, weight=np.where(silent, 0.0, shown.weight))
    spoiled = replace(quiet, target=np.where(silent, 1e6, quiet.target))
    pairs = zip(both_ways(law, quiet), both_ways(law, spoiled), strict=True)
    for one, other in pairs:
        assert_equal(one, other)
    expected = residual_of(law, quiet, flat(law))
    np.testing.assert_allclose(both_ways(law, quiet)[0].loss, expected.loss, rtol=1e-12)


def test_twice_the_weight_is_the_same_run_twice():
    law, shown = problem()
    even = replace(shown, weight=np.ones((SITES, RUNS, 1)))
    heavy = replace(shown, weight=even.weight * np.array([2.0, 1, 1, 1, 1])[:, None])
    twice = Shown(
        np.concatenate([even.input, even.input[:1]]),
        *(np.concatenate([a, a[:, :1]], axis=1) for a in (even.target, even.weight)),
    )
    for one, other in zip(both_ways(law, heavy), both_ways(law, twice), strict=True):
        np.testing.assert_allclose(one.loss, other.loss, rtol=1e-12)
        for name in ("gradient", "matrix"):
            pair = (getattr(found.equations(), name) for found in (one, other))
            np.testing.assert_allclose(*pair, atol=1e-11)


def test_a_feature_that_is_always_zero_is_no_singularity():
    """A state that never leaves zero: its weight is free, and stays finite."""
    law, shown = problem(readout="linear")
    matrices = np.array(law.cell.matrices)
    matrices[:, 1, :] = 0.0
    still = law.but(preparation=Shared(np.array([1.0, 0.0])), cell=law.cell.with_matrices(matrices))
    found = eliminated(still, shown)
    equations = found.equations()
    assert np.isfinite(found.loss)
    assert all(np.isfinite(part).all() for part in (found.numbers, equations.gradient))
    assert np.isfinite(equations.matrix).all()


def test_where_the_law_overflows_the_loss_is_infinite():
    law, shown = problem(readout="quadratic")
    numbers = flat(law)
    numbers[layout(law).cell] *= 1e3
    assert LeastSquares(law, shown, searched(law)).at(numbers).loss == np.inf
    assert filled(law, numbers).loss(shown) == np.inf


@pytest.mark.parametrize("start", [1e80, 1e160, 1e300])
@pytest.mark.parametrize("readout", [Linear, Quadratic])
def test_states_whose_squares_overflow_have_an_infinite_loss(start, readout):
    """A trial step may lead anywhere; it is refused, and nothing is decomposed."""
    rng = np.random.default_rng(0)
    span = Span((-1.0,), (1.0,))
    cell = GeneratorCell.random(2, span, rng=rng)
    law = Law(Shared(np.full(2, start)), cell, readout.blank(2, 1, rng=rng), np.ones(1))
    shown = Shown.of(rng.uniform(-1, 1, (5, 6, 1)), rng.normal(size=(5, 6, 1)))
    problem = LeastSquares(law, shown, free_everywhere(law), eliminate_weights=True)
    assert problem.at(problem.start()).loss == np.inf
