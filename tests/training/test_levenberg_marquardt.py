"""Levenberg–Marquardt finds the optimum that SciPy finds, and says when it did not."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import least_squares

from hiddenlaw._precision import float64
from hiddenlaw.training.levenberg_marquardt import Stop, levenberg_marquardt
from hiddenlaw.training.normal_equations import NormalEquations

T = np.linspace(0, 4, 60)
NOISE = 0.02 * np.random.default_rng(0).normal(size=T.size)
MEASURED = 1.3 * np.exp(-0.7 * T) * np.cos(2.1 * T) + NOISE


class Residual:
    """Any function of a vector is a problem, with slopes by automatic differentiation."""

    def __init__(self, function: Callable) -> None:
        self.value = jax.jit(function)
        self.slope = jax.jit(jax.jacfwd(function))

    def at(self, numbers):
        return There(self, np.asarray(numbers, float))


@dataclass
class There:
    problem: Residual
    numbers: np.ndarray

    @cached_property
    def residual(self):
        return np.asarray(self.problem.value(self.numbers))

    @property
    def loss(self):
        return float(np.mean(self.residual**2))

    def equations(self):
        r, j = self.residual, np.asarray(self.problem.slope(self.numbers))
        size = len(self.numbers)
        return NormalEquations(size, np.arange(size), j.T @ r / r.size, j.T @ j / r.size)


@float64
def fit(residual, start, max_steps=200, **options):
    problem = residual if isinstance(residual, Residual) else Residual(residual)
    start = np.asarray(start, float)
    with np.errstate(over="ignore", invalid="ignore"):
        return levenberg_marquardt(problem, start, max_steps=max_steps, **options)


def decaying_swing(y, measured=MEASURED):
    return y[0] * jnp.exp(-y[1] * T) * jnp.cos(y[2] * T) - measured


@float64
def as_numpy(y):
    return np.asarray(decaying_swing(y))


@pytest.mark.parametrize("scaled", [False, True])
def test_the_optimum_is_that_of_scipy(scaled):
    start = [1.0, 0.3, 1.8]
    found = fit(decaying_swing, start, scaled=scaled)
    expected = least_squares(as_numpy, start, xtol=1e-14)
    np.testing.assert_allclose(found.numbers, expected.x, rtol=1e-6)
    np.testing.assert_allclose(found.loss, 2 * expected.cost / T.size, rtol=1e-9)


def test_rosenbrock_s_valley_is_followed_to_its_end():
    found = fit(lambda y: jnp.array([10 * (y[1] - y[0] ** 2), 1 - y[0]]), [-1.2, 1.0])
    np.testing.assert_allclose(found.numbers, [1, 1], atol=1e-9)
    assert found.steps < 100


def test_a_linear_problem_takes_a_few_steps_to_rounding():
    a = np.random.default_rng(1).normal(size=(20, 4))
    found = fit(lambda y: a @ (y - jnp.arange(4.0)), np.zeros(4))
    np.testing.assert_allclose(found.numbers, np.arange(4), atol=1e-10)
    assert found.loss < 1e-24
    assert found.steps < 20


def test_a_flat_direction_does_no_harm():
    """Only the product of the first two matters, as with a gauge."""
    found = fit(
        lambda y: decaying_swing(jnp.array([y[0] * y[1], y[2], y[3]])), [2.0, 0.5, 0.3, 1.8]
    )
    best = fit(decaying_swing, [1.0, 0.3, 1.8])
    np.testing.assert_allclose(found.loss, best.loss, rtol=1e-9)
    np.testing.assert_allclose(found.numbers[0] * found.numbers[1], best.numbers[0], rtol=1e-5)
    assert np.abs(found.numbers).max() < 10


def test_a_parameter_that_nothing_depends_on_stays():
    found = fit(lambda y: decaying_swing(y[:3]), [1.0, 0.3, 1.8, 5.0])
    assert found.numbers[3] == pytest.approx(5.0)


def test_a_start_that_overflows_is_reported_as_not_finite():
    found = fit(lambda y: jnp.exp(y * 1e4) - 1, [1.0])
    assert not np.isfinite(found.loss)


def test_a_diverged_start_spoils_no_other():
    problem = Residual(lambda y: jnp.exp(y[0] * T) - jnp.exp(-0.5 * T))
    found = [fit(problem, start, max_steps=100) for start in ([1e4], [0.1], [-2.0])]
    np.testing.assert_array_equal(np.isfinite([f.loss for f in found]), [False, True, True])
    for one in found[1:]:
        np.testing.assert_allclose(one.numbers, -0.5, atol=1e-9)


def test_the_loss_never_rises():
    problem, start = Residual(decaying_swing), [1.0, 1.5, 3.0]
    losses = [fit(problem, start, max_steps=n).loss for n in range(1, 30, 4)]
    assert all(b <= a * (1 + 1e-12) for a, b in pairwise(losses))


def test_a_step_that_is_refused_costs_no_derivative():
    """As many equations as steps were taken, and one evaluation for each that was tried."""

    class Counted(Residual):
        evaluated, differentiated = 0, 0

        def at(self, numbers):
            self.evaluated += 1
            there, problem = super().at(numbers), self

            class Watched(There):
                def equations(self):
                    problem.differentiated += 1
                    return super().equations()

            return Watched(self, there.numbers)

    problem = Counted(lambda y: jnp.array([10 * (y[1] - y[0] ** 2), 1 - y[0]]))
    found = fit(problem, [-1.2, 1.0])
    assert problem.evaluated == found.steps
    assert problem.differentiated < found.steps


def test_what_explains_little_and_crawls_is_given_up():
    """A loss that creeps along a plateau at 4, and one that falls as fast."""

    def plateau(y):
        return jnp.array([2.0, 1e-3 * y[0] ** 3])

    whole = fit(plateau, [1.0], max_steps=60)
    given_up = fit(plateau, [1.0], max_steps=60, stop=Stop(hopeless_above=0.3))
    assert given_up.steps < whole.steps
    np.testing.assert_allclose(given_up.loss, whole.loss, rtol=1e-5)
    falling = fit(decaying_swing, [1.0, 0.3, 1.8], stop=Stop(hopeless_above=1e-9))
    np.testing.assert_allclose(falling.loss, fit(decaying_swing, [1.0, 0.3, 1.8]).loss, rtol=1e-6)


def test_a_stage_on_the_way_ends_where_the_loss_stands_however_far_a_step_moves():
    """Along y[1] nothing is fixed but by a weak pull: the loss stands long before the numbers."""

    def flat(y):
        return jnp.array([2.0, y[0] - 3, 1e-5 * y[1]])

    whole = fit(flat, [0.0, 1e3])
    settled = fit(flat, [0.0, 1e3], stop=Stop(settled=1e-3))
    assert settled.steps < whole.steps
    np.testing.assert_allclose(settled.loss, whole.loss, rtol=1e-3)


def test_at_rounding_the_first_refused_step_is_the_last():
    """Digits of 1e-12 and below are lost in differences of 1e6: no step gains there."""

    def rounded(y):
        return (1e6 + 0.1 * (jnp.exp(y) - 2.0)) - 1e6

    whole = fit(rounded, [1.0], max_steps=60, stop=Stop(exact=0.0))
    stopped = fit(rounded, [1.0], max_steps=60, stop=Stop(exact=0.0, rounding=1e-15))
    assert stopped.steps <= whole.steps
    assert stopped.loss < 1e-15


def test_far_down_the_first_damping_follows_the_loss():
    """A fit that goes on from a small loss is quadratic at once; see Fan and Yuan (2005)."""
    exact = fit(decaying_swing, [1.0, 0.3, 1.8]).numbers
    again = fit(decaying_swing, exact + 1e-4, max_steps=6)
    np.testing.assert_allclose(again.numbers, exact, atol=1e-9)
