"""Translators with a constant for every run: windows, scales, and the constant of a new run."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from hiddenlaw.cells import Monomials, generator_over
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds._base import Span, applied
from hiddenlaw.readouts import Linear
from hiddenlaw.training.curriculum import stack, unstack
from hiddenlaw.training.recurrent import Recurrent
from hiddenlaw.translator import Translator, open_sequences, windows_of
from hiddenlaw.translator.run_constants import _normalised, constants_of

RUNS, SITES, DX = 6, 40, 0.15
ENERGIES = np.linspace(-1.2, 1.4, RUNS)


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="module")
def known():
    """ψ″ = (V − E) ψ as a model whose response is ψ, its sequences and its data."""
    with jax.enable_x64(True):
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
        model = Recurrent(cell, readout, rng.normal(size=(2, RUNS)), ENERGIES)
        sequences = open_sequences(cell, shown.values, np.zeros((RUNS, SITES, 1)))
        response = np.asarray(model.outputs(sequences)).transpose(2, 0, 1)
        data = Dataset.from_arrays(v, response, x=x, hold="cubic")
        return model, sequences, data


@pytest.mark.parametrize("length", [5, 13, 1000])
def test_windows_hold_every_observed_sample_once_and_are_of_like_length(length):
    rng = np.random.default_rng(0)
    response = rng.normal(size=(RUNS, SITES, 1))
    for run in range(RUNS):
        response[run, 20 + 3 * run :] = np.nan
    v = rng.normal(size=(RUNS, SITES, 1))
    data = Dataset.from_arrays(v, response, dx=0.1, allow_missing=True)
    windows = windows_of(data, length)
    held = np.zeros((RUNS, SITES), int)
    rows = np.broadcast_to(windows.run[:, None], windows.sites.shape)
    np.add.at(held, (rows[windows.inside], windows.sites[windows.inside]), 1)
    np.testing.assert_array_equal(held, data.observed[..., 0])
    sizes = windows.inside.sum(axis=1)
    for run in range(RUNS):
        assert np.ptp(sizes[windows.run == run]) <= 1
    assert sizes.max() < 1.5 * length


def test_constants_of_mean_zero_and_deviation_one_are_the_same_law(known):
    model, sequences, _ = known
    after = unstack(_normalised(stack([model])), 0)
    e = np.asarray(after.constants)
    assert e.mean() == pytest.approx(0, abs=1e-12)
    assert e.std() == pytest.approx(1)
    before = np.asarray(model.outputs(sequences))
    # Alike to what four nodes over the range of e leave of the cell.
    np.testing.assert_allclose(after.outputs(sequences), before, atol=1e-6 * abs(before).max())


def test_the_constant_of_a_new_run_is_found_from_some_of_its_samples(known):
    model, _, data = known
    translator = Translator(model.cell, model.readout, None, np.ones(1))
    np.testing.assert_allclose(constants_of(translator, data), ENERGIES, atol=1e-7)
    response = data.response.copy()
    response[:, 1::2] = np.nan
    some = replace(data, response=response, allow_missing=True)
    np.testing.assert_allclose(constants_of(translator, some), ENERGIES, atol=1e-7)
