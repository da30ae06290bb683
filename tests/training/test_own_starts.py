"""Runs with initial states of their own: the normal equations are those of plain least squares."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from hiddenlaw.cells import GeneratorCell, Monomials
from hiddenlaw.readouts import Linear, readout_class
from hiddenlaw.training.own_starts import best_starts, eliminate_starts
from hiddenlaw.training.recurrent import Recurrent
from hiddenlaw.training.sensitivities import eliminate, keep
from hiddenlaw.translator import sequences_for

RUNS, SITES, D, OUTPUTS = 4, 9, 2, 2
LOW, HIGH = (-2.0,), (1.5,)


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


def problem(decoder="linear", weightings=1):
    rng = np.random.default_rng(3)
    # Gentle: solutions that grow much would make the starts ill-conditioned.
    matrices = 0.2 * rng.normal(size=(2, D, D))
    cell = GeneratorCell.over(matrices, Monomials.spanning(LOW, HIGH, 1), LOW, HIGH)
    readout = readout_class(decoder)
    inner = readout.initial_inner(D, rng=rng)
    features = readout.features(jnp.zeros(D), inner).shape[0]
    weights = rng.normal(size=(features, OUTPUTS))
    model = Recurrent(cell, readout(weights, inner), rng.normal(size=(D, RUNS)))
    v = rng.uniform(LOW[0], HIGH[0], (RUNS, SITES, 1))
    weight = rng.uniform(0.2, 2.0, (RUNS, SITES, weightings))
    weight[1, 3] = 0.0
    return model, sequences_for(cell, v, rng.normal(size=(RUNS, SITES, OUTPUTS)), weight)


def residual(model, shown):
    return (jnp.sqrt(shown.weight) * (model.outputs(shown) - shown.target)).reshape(-1)


@pytest.mark.parametrize("decoder", ["linear", "quadratic", "neural"])
def test_kept_the_normal_equations_are_those_of_autodiff(decoder):
    model, shown = problem(decoder)
    flat, unravel = ravel_pytree((*model.searched, model.readout.weights))

    def of(y):
        *searched, weights = unravel(y)
        moved = model.with_searched(tuple(searched))
        return residual(eqx.tree_at(lambda m: m.readout.weights, moved, weights), shown)

    r, j = jax.jit(of)(flat), jax.jit(jax.jacfwd(of))(flat)
    total = shown.weight.sum()
    found = eqx.filter_jit(keep)(model, shown, SITES)
    np.testing.assert_allclose(found.gradient, j.T @ r / total, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(found.matrix, j.T @ j / total, rtol=1e-9, atol=1e-11)


def test_with_weights_eliminated_the_gradient_is_the_finite_difference():
    model, shown = problem("quadratic")
    flat, unravel = ravel_pytree(model.searched)
    flat, solve = np.asarray(flat), eqx.filter_jit(eliminate)
    found = solve(model, shown, SITES)
    for k in range(0, len(flat), 3):
        shift = 1e-5 * (np.arange(len(flat)) == k)
        above, below = (
            float(solve(model.with_searched(unravel(flat + s)), shown, SITES).loss)
            for s in (shift, -shift)
        )
        assert 2 * found.gradient[k] == pytest.approx((above - below) / 2e-5, rel=1e-5, abs=1e-8)


def design(model, shown, run):
    """∂(response of one run)/∂(its start), times the root of the weights."""
    root = np.sqrt(np.asarray(shown.weight))[:, :, run]
    columns = []
    for unit in np.eye(D):
        start = np.tile(unit[:, None], (1, RUNS))
        moved = eqx.tree_at(lambda m: m.initial, model, start)
        columns.append((np.asarray(moved.outputs(shown))[:, :, run] * root).ravel())
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("weightings", [1, OUTPUTS])
def test_the_best_starts_are_those_of_least_squares_run_by_run(weightings):
    model, shown = problem(weightings=weightings)
    found = eqx.filter_jit(best_starts)(model, shown, SITES)
    for run in range(RUNS):
        target = (shown.target * np.sqrt(shown.weight))[:, :, run].ravel()
        best = np.linalg.lstsq(design(model, shown, run), target, rcond=None)[0]
        np.testing.assert_allclose(found[:, run], best, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("weightings", [1, OUTPUTS])
def test_with_starts_eliminated_the_matrix_is_that_of_the_projected_problem(weightings):
    model, shown = problem(weightings=weightings)
    found = eqx.filter_jit(eliminate_starts)(model, shown, SITES)
    best = eqx.tree_at(lambda m: m.initial, model, found.weights)
    shape = model.cell.matrices.shape

    def of(flat):
        moved = eqx.tree_at(lambda m: m.cell.matrices, best, flat.reshape(shape))
        return (jnp.sqrt(shown.weight) * (moved.outputs(shown) - shown.target)).transpose(2, 0, 1)

    flat = jnp.ravel(model.cell.matrices)
    r, j = np.asarray(of(flat)), np.asarray(jax.jit(jax.jacfwd(of))(flat))
    total, matrix = shown.weight.sum() / weightings, 0.0
    for run in range(RUNS):
        q = np.linalg.qr(design(model, shown, run))[0]
        mine = j[run].reshape(SITES * OUTPUTS, -1)
        matrix = matrix + (mine - q @ (q.T @ mine)).T @ mine
    np.testing.assert_allclose(found.loss, np.sum(r**2) / total, rtol=1e-10)
    np.testing.assert_allclose(found.matrix, matrix / total, rtol=1e-7, atol=1e-9)
    slope = np.einsum("rsop,rso->p", j, r) / total
    np.testing.assert_allclose(found.gradient, slope, rtol=1e-7, atol=1e-9)


def test_a_direction_that_no_sample_sees_stays_at_zero():
    model, shown = problem()
    matrices = np.zeros(model.cell.matrices.shape)
    readout = Linear(np.array([[1.0, 1.0], [0.0, 0.0]]), np.zeros(0))
    blind = eqx.tree_at(lambda m: (m.cell.matrices, m.readout), model, (matrices, readout))
    found = eqx.filter_jit(best_starts)(blind, shown, SITES)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found[1], 0.0)
