"""Levenberg–Marquardt finds the optimum that SciPy finds, and says when it did not."""

from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import least_squares

from hiddenlaw.training.curriculum import gentle_lengths, lengths
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt
from hiddenlaw.training.sensitivities import NormalEquations

T = np.linspace(0, 4, 60)
NOISE = 0.02 * np.random.default_rng(0).normal(size=T.size)
MEASURED = 1.3 * np.exp(-0.7 * T) * np.cos(2.1 * T) + NOISE


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


def normal_equations(residual):
    def equations(y, args):
        r, j = residual(y, args), jax.jacfwd(residual)(y, args)
        return NormalEquations(r @ r / r.size, j.T @ r / r.size, j.T @ j / r.size, jnp.zeros(0))

    return equations


def fit(residual, start, args=(), max_steps=200):
    solve = jax.jit(partial(levenberg_marquardt, normal_equations(residual)))
    return solve(jnp.asarray(start, float), args, max_steps=max_steps)


def decaying_swing(y, measured):
    return y[0] * jnp.exp(-y[1] * T) * jnp.cos(y[2] * T) - measured


def test_the_optimum_is_that_of_scipy():
    start = [1.0, 0.3, 1.8]
    found = fit(decaying_swing, start, MEASURED)
    expected = least_squares(lambda y: np.asarray(decaying_swing(y, MEASURED)), start, xtol=1e-14)
    np.testing.assert_allclose(found.parameters, expected.x, rtol=1e-6)
    np.testing.assert_allclose(found.loss, 2 * expected.cost / T.size, rtol=1e-9)


def test_rosenbrock_s_valley_is_followed_to_its_end():
    found = fit(lambda y, _: jnp.array([10 * (y[1] - y[0] ** 2), 1 - y[0]]), [-1.2, 1.0])
    np.testing.assert_allclose(found.parameters, [1, 1], atol=1e-9)
    assert found.steps < 100


def test_a_linear_problem_takes_a_few_steps_to_rounding():
    a = np.random.default_rng(1).normal(size=(20, 4))
    found = fit(lambda y, _: a @ (y - jnp.arange(4.0)), np.zeros(4))
    np.testing.assert_allclose(found.parameters, np.arange(4), atol=1e-10)
    assert found.loss < 1e-24
    assert found.steps < 20


def test_a_flat_direction_does_no_harm():
    """Only the product of the first two matters, as with a gauge."""
    found = fit(
        lambda y, m: decaying_swing(jnp.array([y[0] * y[1], y[2], y[3]]), m),
        [2.0, 0.5, 0.3, 1.8],
        MEASURED,
    )
    best = fit(decaying_swing, [1.0, 0.3, 1.8], MEASURED)
    np.testing.assert_allclose(found.loss, best.loss, rtol=1e-9)
    np.testing.assert_allclose(
        found.parameters[0] * found.parameters[1], best.parameters[0], rtol=1e-5
    )
    assert np.abs(found.parameters).max() < 10


def test_a_parameter_that_nothing_depends_on_stays():
    found = fit(lambda y, m: decaying_swing(y[:3], m), [1.0, 0.3, 1.8, 5.0], MEASURED)
    assert found.parameters[3] == pytest.approx(5.0)


def test_a_start_that_overflows_is_reported_as_not_finite():
    found = fit(lambda y, _: jnp.exp(y * 1e4) - 1, [1.0])
    assert not np.isfinite(found.loss)


def test_a_diverged_start_spoils_no_other():
    residual = normal_equations(lambda y, _: jnp.exp(y[0] * T) - jnp.exp(-0.5 * T))
    solve = jax.jit(jax.vmap(lambda y: levenberg_marquardt(residual, y, (), max_steps=100)))
    found = solve(jnp.array([[1e4], [0.1], [-2.0]]))
    np.testing.assert_array_equal(np.isfinite(found.loss), [False, True, True])
    np.testing.assert_allclose(found.parameters[1:], -0.5, atol=1e-9)


def test_the_loss_never_rises():
    solve = jax.jit(partial(levenberg_marquardt, normal_equations(decaying_swing)))
    start = jnp.array([1.0, 1.5, 3.0])
    losses = [float(solve(start, MEASURED, max_steps=n).loss) for n in range(1, 30, 4)]
    assert all(b <= a * (1 + 1e-12) for a, b in pairwise(losses))


def test_gentle_lengths_grow_by_a_quarter_and_end_with_all_sites():
    assert gentle_lengths(64) == [4, 8, 16, 20, 25, 31, 39, 49, 64]
    for sites in range(2, 200):
        stages = gentle_lengths(sites)
        assert stages[-1] == sites
        assert stages == sorted(set(stages))
        assert all(b <= 1.4 * a for a, b in pairwise(stages) if a >= 16)


def test_lengths_double_and_end_with_all_sites():
    assert lengths(64) == [4, 8, 16, 32, 64]
    assert lengths(48) == [4, 8, 16, 32, 48]
    assert lengths(3) == [3]
