"""Translators with constants for every run: windows, scales, and the constants of a new run."""

from dataclasses import replace

import numpy as np
import pytest

from hiddenlaw.cells import Monomials, generator_over
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.windows import windows_of
from hiddenlaw.holds import Span, applied
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import RunConstants
from hiddenlaw.readouts import Linear
from hiddenlaw.training.new_runs import found
from hiddenlaw.training.windows import windowed
from hiddenlaw.translator.run_constants import _normalised

RUNS, SITES, DX = 6, 40, 0.15
ENERGIES = np.linspace(-1.2, 1.4, RUNS)


@pytest.fixture(scope="module")
def known():
    """ψ″ = (V − E) ψ as a law whose response is ψ, what it is shown, and its data."""
    rng = np.random.default_rng(1)
    x = DX * np.arange(SITES)
    waves = [np.sin(rng.uniform(0.5, 1.5) * x + run) for run in range(RUNS)]
    v = np.stack(waves)[..., None] + 0.5
    shown = applied(v, "cubic")
    rise = np.array([[0.0, 0.0], [DX, 0.0]])
    matrices = np.stack([np.array([[0.0, DX], [0.0, 0.0]]), rise, -4 * rise])
    span = Span((*shown.span.low, -4.0), (*shown.span.high, 4.0), shown.span.step)
    # As in training: the constant is measured by its range.
    scaled = Monomials(np.zeros(2), np.array([1.0, 4.0]), ((0, 0), (1, 0), (0, 1)))
    cell = generator_over(matrices, scaled, span)
    readout = Linear(np.array([[1.0], [0.0]]), np.zeros(0))
    preparation = RunConstants.beside(rng.normal(size=(RUNS, 2)), ENERGIES[:, None])
    law = Law(preparation, cell, readout, np.ones(1))
    response = np.swapaxes(law.outputs(Shown.unanswered(shown.values)), 0, 1)
    return law, Dataset.from_arrays(v, response, x=x, hold="cubic")


def with_gaps():
    rng = np.random.default_rng(0)
    response = rng.normal(size=(RUNS, SITES, 1))
    for run in range(RUNS):
        response[run, 20 + 3 * run :] = np.nan
    v = rng.normal(size=(RUNS, SITES, 1))
    return Dataset.from_arrays(v, response, dx=0.1, allow_missing=True)


@pytest.mark.parametrize("length", [5, 13, 1000])
def test_windows_hold_every_observed_sample_once_and_are_of_like_length(length):
    data = with_gaps()
    windows = windows_of(data, length)
    held = np.zeros((RUNS, SITES), int)
    rows = np.broadcast_to(windows.run[:, None], windows.sites.shape)
    np.add.at(held, (rows[windows.inside], windows.sites[windows.inside]), 1)
    np.testing.assert_array_equal(held, data.observed[..., 0])
    sizes = windows.inside.sum(axis=1)
    for run in range(RUNS):
        assert np.ptp(sizes[windows.run == run]) <= 1
    assert sizes.max() < 1.5 * length


@pytest.mark.parametrize("hold", ["zero", "cubic"])
def test_what_is_shown_of_windows_is_what_is_shown_there_of_the_runs(hold):
    data = replace(with_gaps(), hold=hold)
    windows, shown = windows_of(data, 7), windowed(data, 7, np.array([2.0]))
    whole = applied(data.input, hold).values
    np.testing.assert_array_equal(shown.owner, windows.run)
    for k, run in enumerate(windows.run):
        sites = windows.sites[k][windows.inside[k]]
        count = len(sites)
        np.testing.assert_array_equal(shown.target[:count, k], data.response[run, sites] / 2)
        assert (shown.weight[:count, k] > 0).all()
        assert not shown.weight[count:, k].any()
        # Where a window begins nothing has moved yet.
        expected = whole[run, sites].copy()
        if hold == "cubic":
            expected[0, 2] = 0.0
        np.testing.assert_array_equal(shown.input[k, :count], expected)
    assert shown.samples == data.observed.sum()


def test_constants_of_mean_zero_and_deviation_one_are_the_same_law(known):
    law, data = known
    after = _normalised(law)
    e = after.preparation.constants
    assert e.mean() == pytest.approx(0, abs=1e-12)
    assert e.std() == pytest.approx(1)
    shown = Shown.measured(data, law.scale)
    before = law.outputs(shown)
    # Alike to what four nodes over the range of e leave of the cell.
    np.testing.assert_allclose(after.outputs(shown), before, atol=1e-6 * abs(before).max())


def test_several_constants_are_told_apart_where_they_do_not_go_together(known):
    """Two that are correlated: afterwards they are not, and the law is the same."""
    law, data = known
    span = Span((*law.cell.low, -4.0), (*law.cell.high, 4.0), law.cell.step)
    scaled = Monomials(
        np.zeros(3), np.array([1.0, 4.0, 4.0]), ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1))
    )
    rng = np.random.default_rng(2)
    second = 0.02 * rng.normal(size=(1, 2, 2))
    cell = generator_over(np.concatenate([law.cell.matrices, second]), scaled, span)
    values = np.stack([ENERGIES, 0.5 * ENERGIES + rng.normal(size=RUNS)], axis=1)
    both = law.but(cell=cell, preparation=RunConstants.beside(law.preparation.numbers, values))
    after = _normalised(both)
    e = after.preparation.constants
    np.testing.assert_allclose(e.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.cov(e.T, bias=True), np.eye(2), atol=1e-10)
    shown = Shown.measured(data, law.scale)
    before = both.outputs(shown)
    np.testing.assert_allclose(after.outputs(shown), before, atol=1e-5 * abs(before).max())


def constants_of(law, data):
    return found(law, Shown.measured(data, law.scale)).constants[:, 0]


def test_the_constant_of_a_new_run_is_found_from_some_of_its_samples(known):
    """In whatever order runs come; the law keeps those it was trained with."""
    law, data = known
    np.testing.assert_allclose(constants_of(law, data), ENERGIES, atol=1e-7)
    response = data.response.copy()
    response[:, 1::2] = np.nan
    some = replace(data, response=response, allow_missing=True)
    turned = some.select_runs(np.arange(RUNS)[::-1])
    np.testing.assert_allclose(constants_of(law, turned), ENERGIES[::-1], atol=1e-7)
    np.testing.assert_array_equal(law.preparation.constants[:, 0], ENERGIES)
