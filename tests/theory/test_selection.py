"""The dimension is where held-out loss stops falling to any purpose, not where it is least."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiddenlaw.distiller.dimension import choose_dimension
from hiddenlaw.distiller.distillation import Distillation

SPREAD = np.random.default_rng(0).normal(size=40)
SPREAD = SPREAD - SPREAD.mean()


def distillation(dimension, loss, spread=0.0, seeds=1):
    """Made-up losses: `loss` on average, scattered over runs by `spread` of it."""
    by_run = loss * (1 + spread * np.roll(SPREAD, dimension)) if np.isfinite(loss) else SPREAD
    rows = np.tile(by_run, (seeds, 1))
    return Distillation(
        dimension,
        "quadratic",
        np.full(seeds, loss),
        np.full(seeds, loss),
        rows,
        (),
        seeds,
        tuple(range(seeds)),
    )


def choice(*losses, spread=0.0):
    return choose_dimension([distillation(d + 1, e, spread) for d, e in enumerate(losses)])


@pytest.mark.parametrize(
    ("losses", "dimension"),
    [
        ((0.98, 5.6e-6, 5e-6), 2),  # a jump, then nothing
        ((0.985, 0.52, 1e-30, 2e-30), 3),  # exact to rounding
        ((0.46, 5.9e-7, 4.0e-7), 2),
        ((0.54, 6.1e-4, 4.7e-4), 2),  # 2 % noise: fitting the translator's junk is no purpose
        ((1e-14, 1e-16, 1e-18), 1),
        ((0.9, 0.5, 0.1, 1e-3), 4),
        ((0.98, np.inf, 1e-6), 3),  # a width of which every seed diverged
    ],
)
def test_the_jump_decides(losses, dimension):
    assert choice(*losses).dimension == dimension


def test_the_reason_says_how_far_the_loss_fell():
    assert "at d = 2" in choice(0.98, 5.6e-6, 5e-6).reason


@pytest.mark.parametrize("losses", [(0.99, 0.97, 0.95), (1.0, 1.0), (np.inf, np.inf), (40.0, 7.0)])
def test_where_no_width_explains_anything_none_is_chosen(losses):
    found = choice(*losses)
    assert found.dimension is None
    assert f"no width up to {len(losses)}" in found.reason


def test_an_excess_within_two_standard_errors_is_none():
    assert choice(0.9, 1.00e-3, 0.98e-3, spread=0.0).dimension == 2
    assert choice(0.98, 0.10, 0.07, spread=0.0).dimension == 3
    assert choice(0.98, 0.10, 0.07, spread=1.5).dimension == 2


def test_noise_does_not_excuse_a_width_that_explains_nothing():
    assert choice(0.99, 0.3, spread=5.0).dimension == 2


def test_few_heavy_runs_do_not_excuse_a_width_that_a_wider_one_beats_run_by_run():
    heavy = np.exp(3 * np.random.default_rng(1).normal(size=40))
    heavy *= 0.47 / heavy.mean()
    ones = np.full(1, 1.0)
    poor, exact = (
        Distillation(d, "linear", size * ones, size * ones, rows[None], (), 1, (0,))
        for d, size, rows in ((1, 0.47, heavy), (2, 1e-20, 1e-20 * heavy))
    )
    assert 2 * heavy.std() / np.sqrt(len(heavy)) > 0.47
    assert choose_dimension([poor, exact]).dimension == 2


def test_only_the_seed_of_the_lowest_training_loss_speaks():
    lucky = Distillation(
        1,
        "linear",
        np.array([0.5, 0.4]),
        np.array([1e-9, 0.6]),
        np.full((2, 40), 0.6),
        (),
        2,
        (0, 1),
    )
    assert lucky.best == 1
    exact = distillation(2, 1e-20)
    assert choose_dimension([lucky, exact]).dimension == 2


@given(st.lists(st.floats(1e-30, 1.0), min_size=1, max_size=6))
def test_a_dimension_is_always_one_of_those_tried_and_wide_enough(losses):
    found = choice(*losses).dimension
    if found is None:
        assert min(losses) > 0.9
    else:
        before = losses[found - 2] if found > 1 else 1.0
        excess = losses[found - 1] - min(losses)
        assert excess <= max(0.01 * (before - losses[found - 1]), 1e-12)
