"""The system of an arrow is solved as the dense system of all numbers would be."""

import numpy as np
import pytest
from laws import OWNER, RUNS, assembled, at_itself, problem
from scipy.linalg import block_diag

from hiddenlaw.parameters import free_everywhere, layout
from hiddenlaw.training.normal_equations import NormalEquations, OwnBlocks, pseudo_inverses

ARROWS = ["own", "own, one held", "a constant as channel", "both, one held"]
LEAST = 1e-3  # of the mean curvature, added to each number's own


def free_of(equations):
    """The places of the numbers that a step moves."""
    own = equations.own
    places = [equations.dense]
    if own is not None:
        places += [own.constants.ravel(), *([] if own.eliminated else [own.starts.ravel()])]
    return np.sort(np.concatenate(places))


def reduced_by_hand(equations, free):
    """Gradient and matrix of the free numbers, starts that are eliminated being at their best."""
    gradient, matrix = assembled(equations)
    g, m = gradient[free], matrix[np.ix_(free, free)]
    if equations.own is not None and equations.own.eliminated:
        starts = equations.own.starts.ravel()
        cross, inner = matrix[np.ix_(starts, free)], matrix[np.ix_(starts, starts)]
        m = m - cross.T @ np.linalg.solve(inner, cross)
        g = g - cross.T @ np.linalg.solve(inner, gradient[starts])
    return g, m


def assert_step_is_that_of_the_whole(equations, damping, scaled):
    free = free_of(equations)
    g, m = reduced_by_hand(equations, free)
    weights = np.diag(m) + LEAST * np.mean(np.diag(m)) if scaled else np.ones(len(free))
    if equations.undamped is not None:
        weights = np.where(np.isin(free, equations.dense[equations.undamped]), 0.0, weights)
    expected = np.linalg.solve(m + damping * np.diag(weights), -g)
    step, foretold = equations.step(damping, scaled=scaled)
    np.testing.assert_allclose(step[free], expected, rtol=1e-7, atol=1e-9 * abs(expected).max())
    assert np.count_nonzero(step) == np.count_nonzero(expected)
    fall = -(g @ expected + expected @ m @ expected / 2)
    assert foretold == pytest.approx(fall, rel=1e-7)


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("damping", [1e-4, 1e-2, 1e2])
@pytest.mark.parametrize("preparation", ["shared", *ARROWS])
def test_a_damped_step_is_that_of_the_dense_system(preparation, damping, scaled):
    law, shown = problem("generator", "linear", preparation)
    equations = at_itself(law, shown, free_everywhere(law)).equations()
    assert_step_is_that_of_the_whole(equations, damping, scaled)


@pytest.mark.parametrize("damping", [1e-6, 1e-2])
@pytest.mark.parametrize("preparation", ARROWS)
def test_weights_at_their_best_beside_own_starts_are_not_damped(preparation, damping):
    law, shown = problem("generator", "linear", preparation)
    free = layout(law).mask(cell=True, starts=True, constants=True)
    equations = at_itself(law, shown, free, eliminate_weights=True).equations()
    assert equations.undamped.sum() == law.readout.weights.size
    assert_step_is_that_of_the_whole(equations, damping, scaled=False)


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("preparation", ["own", "own, one held", "a constant as channel"])
def test_starts_that_are_eliminated_follow(preparation, scaled):
    law, shown = problem("generator", "linear", preparation, gentle=0.3)
    free = layout(law).mask(cell=True, constants=True)
    equations = at_itself(law, shown, free, eliminate_starts=True).equations()
    assert equations.own.eliminated
    step, _ = equations.step(1e-3, scaled=scaled)
    assert not step[layout(law).starts].any()
    assert_step_is_that_of_the_whole(equations, 1e-3, scaled)


@pytest.mark.parametrize("preparation", ARROWS)
def test_reduced_is_the_schur_complement_of_all_own_numbers(preparation):
    law, shown = problem("generator", "linear", preparation)
    free = layout(law).mask(cell=True, starts=True, constants=True)
    equations = at_itself(law, shown, free).equations()
    gradient, matrix = assembled(equations)
    own = np.setdiff1d(free_of(equations), equations.dense)
    cross, inner = matrix[np.ix_(own, equations.dense)], matrix[np.ix_(own, own)]
    reduced = equations.reduced()
    corner = matrix[np.ix_(equations.dense, equations.dense)]
    close = {"rtol": 1e-7, "atol": 1e-9 * np.abs(corner).max()}
    expected = corner - cross.T @ np.linalg.solve(inner, cross)
    np.testing.assert_allclose(reduced.matrix, expected, **close)
    slope = equations.gradient - cross.T @ np.linalg.solve(inner, gradient[own])
    np.testing.assert_allclose(reduced.gradient, slope, **close)


def test_what_windows_say_of_the_constants_of_their_run_adds_up():
    values = np.random.default_rng(0).normal(size=(RUNS, 2))
    blocks = OwnBlocks(
        values,
        np.zeros((RUNS, 2, 2)),
        np.zeros((RUNS, 2, 0)),
        np.zeros((RUNS, 0), int),
        np.zeros((3, 2), int),
        OWNER,
    )
    expected = [values[owner == OWNER].sum(axis=0) for owner in range(3)]
    np.testing.assert_allclose(blocks.summed(values), expected)


def test_a_matrix_that_is_not_positive_gives_no_step():
    equations = NormalEquations(2, np.arange(2), np.ones(2), np.diag([1.0, -1.0]))
    assert equations.step(1e-3, scaled=False) is None
    assert equations.step(2.0, scaled=False) is not None


def test_a_direction_that_a_run_does_not_see_is_left_alone():
    rng = np.random.default_rng(1)
    full = rng.normal(size=(3, 5, 3))
    grams = np.einsum("rsk,rsl->rkl", full, full)
    grams[1] = block_diag(grams[1][:2, :2], 0.0)
    grams[2] = 0.0
    found = pseudo_inverses(grams)
    expected = [np.linalg.pinv(gram, rcond=1e-13, hermitian=True) for gram in grams]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    assert np.isnan(pseudo_inverses(np.full((1, 2, 2), np.inf))).all()
