"""How many samples residuals are worth, and errors from independent groups of them."""

import numpy as np
import pytest

from hiddenlaw.cells import DrivenCell
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.fits.effective import (
    INDEPENDENT,
    grouped,
    independence,
    sandwich,
    stretch_of,
)

RUNS, SITES = 60, 100


def nothing():
    """A law that answers zero."""
    cell = DrivenCell(np.zeros((1, 3)), np.zeros(1), np.ones(1))
    return Law(Shared(np.zeros(1)), cell, Linear(np.ones((1, 1)), np.zeros(0)), np.ones(1))


def residuals(memory, rng, runs=RUNS, sites=SITES):
    """Noise of which every sample remembers that share of the one before; stationary."""
    noise = rng.normal(size=(runs, sites))
    for site in range(1, sites):
        noise[:, site] = memory * noise[:, site - 1] + np.sqrt(1 - memory**2) * noise[:, site]
    return noise


def shown(noise):
    return Shown.of(np.zeros((*noise.shape, 1)), noise[..., None])


@pytest.mark.parametrize("memory", [0.5, 0.8, 0.9])
def test_a_mean_of_coloured_noise_is_known_as_from_fewer_samples(memory):
    """Of an autoregression of first order (1 + φ) / (1 − φ) samples count as one."""
    rng = np.random.default_rng(3)
    found = [independence(nothing(), shown(residuals(memory, rng))).inflation for _ in range(5)]
    assert np.mean(found) == pytest.approx((1 + memory) / (1 - memory), rel=0.15)


def test_white_noise_counts_in_full():
    rng = np.random.default_rng(4)
    found = [independence(nothing(), shown(rng.normal(size=(40, 60)))) for _ in range(100)]
    assert sum(each == INDEPENDENT for each in found) >= 98


def test_what_runs_have_in_common_is_told_from_noise_that_lasts():
    rng = np.random.default_rng(8)
    lasting = [residuals(0.8, rng, 60, 50) for _ in range(40)]
    assert sum(independence(nothing(), shown(each)).common for each in lasting) <= 1
    slope = np.linspace(-1.0, 1.0, 50)
    assert all(independence(nothing(), shown(each + slope)).common for each in lasting[:10])


def test_samples_that_are_missing_are_not_looked_at():
    rng = np.random.default_rng(5)
    noise = residuals(0.8, rng)
    there = rng.random(noise.shape) < 0.7
    gaps = Shown.of(
        np.zeros((*noise.shape, 1)), np.where(there, noise, 1e3)[..., None], there[..., None] * 1.0
    )
    whole = independence(nothing(), shown(noise)).inflation
    assert independence(nothing(), gaps).inflation == pytest.approx(whole, rel=0.2)


def coverage(memory, trials, rng):
    """How often 95 % intervals of a slope, and those of independent samples, hold the truth."""
    held = np.zeros(2)
    for _ in range(trials):
        x, noise = residuals(0.8, rng, 40, 50), residuals(memory, rng, 40, 50)
        x, y = x.ravel(), noise.ravel()
        slope = x @ y / (x @ x)
        left = y - slope * x
        scores = -(x * left).reshape(40, 50).sum(axis=1)[:, None, None]
        inverse = np.array([[1 / (x @ x)]])
        robust = sandwich(inverse, grouped(scores, shown(noise)), inverse)[0, 0]
        plain = left @ left / len(y) / (x @ x)
        held += [slope**2 < 3.84 * robust, slope**2 < 3.84 * plain]
    return held / trials


def test_intervals_from_groups_hold_where_those_of_independent_samples_do_not():
    robust, plain = coverage(0.8, 400, np.random.default_rng(6))
    assert 0.9 <= robust <= 0.98
    assert plain < 0.75


def test_both_agree_where_noise_is_white():
    robust, plain = coverage(0.0, 400, np.random.default_rng(7))
    assert robust == pytest.approx(plain, abs=0.03)


@pytest.mark.parametrize(("runs", "sites"), [(50, 30), (4, 400), (1, 1000), (3, 30)])
def test_groups_are_runs_or_where_these_are_few_stretches_that_forget(runs, sites):
    record = shown(np.zeros((runs, sites)))
    stretch = stretch_of(record, 5.0)
    groups = runs * -(-sites // stretch)
    assert stretch == sites if runs >= 20 else stretch >= 20
    assert groups >= 20 or stretch == 20
