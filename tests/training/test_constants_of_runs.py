"""Constants of runs in the normal equations, shared by windows: the derivatives of autodiff."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from hiddenlaw.cells import MagnusCell, Monomials, generator_over
from hiddenlaw.holds._base import Span, applied
from hiddenlaw.readouts import readout_class
from hiddenlaw.training.own_starts import eliminate_starts
from hiddenlaw.training.recurrent import Recurrent
from hiddenlaw.training.sensitivities import keep
from hiddenlaw.translator import open_sequences

RUNS, WINDOWS, SITES, D = 3, 5, 8, 2
OWNER = np.array([0, 0, 1, 2, 2])
TERMS = {"a channel": ((0, 0), (1, 0), (0, 1)), "an offset": ((0,), (1,))}


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


def problem(kind, decoder="linear"):
    rng = np.random.default_rng(5)
    shown = applied(rng.uniform(-2, 1, (WINDOWS, SITES, 1)), "cubic")
    low, high = shown.span.low, shown.span.high
    span = Span((low[0], -3.0), (high[0], 3.0), shown.span.step)
    if kind == "an offset":
        span = Span((low[0] - 3,), (high[0] + 3,), shown.span.step)
    exponents = TERMS[kind]
    matrices = 0.2 * rng.normal(size=(len(exponents), D, D))
    cell = generator_over(matrices, Monomials.plain(exponents), span)
    readout = readout_class(decoder)
    features = readout.features(jnp.zeros(D), np.zeros(0)).shape[0]
    weights = rng.normal(size=(features, 1))
    starts, constants = rng.normal(size=(D, WINDOWS)), rng.uniform(-1, 1, RUNS)
    model = Recurrent(cell, readout(weights, np.zeros(0)), starts, constants)
    weight = rng.uniform(0.3, 2.0, (WINDOWS, SITES, 1))
    target = rng.normal(size=(WINDOWS, SITES, 1))
    return model, open_sequences(cell, shown.values, target, weight, OWNER)


def residual(model, shown):
    return (jnp.sqrt(shown.weight) * (model.outputs(shown) - shown.target)).reshape(-1)


@pytest.mark.parametrize("kind", TERMS)
def test_kept_the_normal_equations_are_those_of_autodiff(kind):
    model, shown = problem(kind, "quadratic")
    flat, unravel = ravel_pytree((*model.searched, model.readout.weights, model.constants))

    def of(y):
        *searched, weights, constants = unravel(y)
        moved = model.with_searched(tuple(searched))
        parts = lambda m: (m.readout.weights, m.constants)  # noqa: E731
        return residual(eqx.tree_at(parts, moved, (weights, constants)), shown)

    r, j = jax.jit(of)(flat), jax.jit(jax.jacfwd(of))(flat)
    total = shown.weight.sum()
    found = eqx.filter_jit(keep)(model, shown, SITES)
    np.testing.assert_allclose(found.loss, r @ r / total, rtol=1e-12)
    np.testing.assert_allclose(found.gradient, j.T @ r / total, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(found.matrix, j.T @ j / total, rtol=1e-9, atol=1e-11)


def test_with_starts_eliminated_the_matrix_is_that_of_the_projected_problem():
    model, shown = problem("a channel")
    found = eqx.filter_jit(eliminate_starts)(model, shown, SITES)
    best = eqx.tree_at(lambda m: m.initial, model, found.weights)
    flat, unravel = ravel_pytree((best.cell.matrices, best.constants))

    def of(y):
        return residual(
            eqx.tree_at(lambda m: (m.cell.matrices, m.constants), best, unravel(y)), shown
        )

    def of_starts(y):
        return residual(eqx.tree_at(lambda m: m.initial, best, y.reshape(D, WINDOWS)), shown)

    r, j = np.asarray(of(flat)), np.asarray(jax.jit(jax.jacfwd(of))(flat))
    q = np.linalg.qr(np.asarray(jax.jit(jax.jacfwd(of_starts))(best.initial.ravel())))[0]
    total = shown.weight.sum()
    np.testing.assert_allclose(q.T @ r, 0, atol=1e-9)
    np.testing.assert_allclose(found.gradient, j.T @ r / total, rtol=1e-7, atol=1e-9)
    projected = j - q @ (q.T @ j)
    np.testing.assert_allclose(found.matrix, projected.T @ j / total, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("kind", TERMS)
def test_a_constant_is_a_number_in_the_law(kind):
    """ψ″ = (V − E) ψ with E beside V or taken off it, against DOP853 run by run."""
    dx, energies = 0.1, np.array([-0.7, 0.2, 1.1])
    x = dx * np.arange(30)
    v = np.stack([np.sin(1.1 * x + phase) for phase in range(3)])
    shown = applied(v[..., None], "cubic")
    rise = np.array([[0.0, 0.0], [1.0, 0.0]])
    matrices = [dx * np.array([[0.0, 1.0], [0.0, 0.0]]), dx * rise]
    low, high, step = shown.span
    span = Span((low[0] - 2,), (high[0] + 2,), step)
    if kind == "a channel":
        matrices.append(-dx * rise)
        span = Span((*low, -2.0), (*high, 2.0), step)
    cell = generator_over(np.stack(matrices), Monomials.plain(TERMS[kind]), span)
    assert isinstance(cell, MagnusCell)
    readout = readout_class("linear")(np.array([[1.0], [0.0]]), np.zeros(0))
    model = Recurrent(cell, readout, np.array([1.0, 0.0]), energies)
    found = np.asarray(model.outputs(open_sequences(cell, shown.values, np.zeros((3, 30, 1)))))
    for run, energy in enumerate(energies):
        between = CubicSpline(x, v[run])
        exact = solve_ivp(
            lambda at, y, b=between, e=energy: [y[1], (b(at) - e) * y[0]],
            (0, x[-1]),
            [1.0, 0.0],
            "DOP853",
            t_eval=x,
            rtol=1e-11,
            atol=1e-12,
        )
        np.testing.assert_allclose(found[:, 0, run], exact.y[0], atol=2e-5)
