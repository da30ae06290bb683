"""Where runs start, what stays the same along them, and what of a new run is looked at."""

import numpy as np
import pytest
from scipy.linalg import expm

from hiddenlaw.cells import GeneratorCell, MagnusCell, Monomials, generator_over
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError, SettingsError
from hiddenlaw.holds import Span, applied
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import (
    PREPARATIONS,
    AbstractPreparation,
    Context,
    Own,
    RunConstants,
    Shared,
    hold_back,
    preparation_class,
)
from hiddenlaw.readouts import Linear

RUNS, SITES, D = 4, 24, 3
KINDS = [*PREPARATIONS.values(), RunConstants]
TURN = np.random.default_rng(9).normal(size=(D, D)) + 2 * np.eye(D)


def made(kind, seed=0) -> AbstractPreparation:
    return kind.random(D, RUNS, rng=np.random.default_rng(seed))


def test_preparations_go_by_name_or_by_themselves():
    assert [preparation_class(name) for name in PREPARATIONS] == [Shared, Own, Context]
    assert preparation_class(RunConstants) is RunConstants
    with pytest.raises(SettingsError, match="'elsewhere'; choose from shared, per-run, context"):
        preparation_class("elsewhere")


@pytest.mark.parametrize("kind", KINDS)
def test_every_run_starts_from_its_numbers(kind):
    preparation = made(kind)
    starts = preparation.starts(RUNS)
    assert starts.shape == (RUNS, D)
    np.testing.assert_array_equal(starts, np.broadcast_to(preparation.numbers, (RUNS, D)))
    assert kind.per_run == (preparation.numbers.ndim == 2)


HELD = (None, 0.7, None)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_held_starts_alike_in_every_run(kind):
    plain = made(kind)
    holding = plain.holding(HELD)
    expected = plain.starts(RUNS).copy()
    expected[:, 1] = 0.7
    np.testing.assert_allclose(holding.starts(RUNS), expected)
    assert holding.numbers.shape[-1] == 2
    again = holding.with_numbers(holding.numbers).but_held(HELD)
    np.testing.assert_array_equal(again.starts(RUNS), holding.starts(RUNS))
    np.testing.assert_array_equal(holding.constants, plain.constants)


@pytest.mark.parametrize("held", [(), HELD])
@pytest.mark.parametrize("kind", KINDS)
def test_the_slopes_are_the_rates_at_which_starts_move_with_numbers(kind, held):
    preparation = made(kind)
    preparation = preparation.holding(held) if held else preparation
    rng = np.random.default_rng(1)
    numbers, step = np.asarray(preparation.numbers), rng.normal(size=preparation.numbers.shape)
    moved = preparation.with_numbers(numbers + step).starts(RUNS) - preparation.starts(RUNS)
    expected = np.broadcast_to(step @ preparation.slopes.T, (RUNS, D))
    np.testing.assert_allclose(moved, expected, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_in_another_basis_runs_start_from_the_turned_states(kind):
    preparation = made(kind)
    turned = preparation.in_basis(TURN)
    expected = preparation.starts(RUNS) @ TURN.T
    np.testing.assert_allclose(turned.starts(RUNS), expected, rtol=1e-13)
    np.testing.assert_array_equal(turned.constants, preparation.constants)


@pytest.mark.parametrize("kind", [Shared, Own, Context])
def test_without_constants_cells_are_shown_the_input_and_are_made_for_it(kind):
    preparation, span = made(kind), Span((-1.0,), (2.0,))
    v = np.random.default_rng(0).uniform(-1, 2, (RUNS, SITES, 1))
    cell = GeneratorCell.random(D, span, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(preparation.show(cell, v, None), v)
    assert preparation.toward(cell, np.swapaxes(v, 0, 1)) is None
    assert preparation.span(span) == span
    assert preparation.constants.size == 0
    assert preparation.with_constants(np.ones((RUNS, 1))) is preparation


# Constants: channels behind the input, or offsets of one.

OFFSETS = {"channel": (None,), "offset": (0,), "both": (0, None), "two channels": (None, None)}
OWNER = np.array([0, 1, 1, 2, 3, 3])


def constants(which, seed=0):
    rng = np.random.default_rng(seed)
    offset_of = OFFSETS[which]
    values = rng.uniform(-1, 1, (RUNS, len(offset_of)))
    return RunConstants(rng.normal(size=(len(OWNER), D)), values, offset_of)


def shown_to(which, hold):
    """A cell for these constants, and what it is shown of windows of runs."""
    v = np.random.default_rng(1).uniform(-2, 1, (len(OWNER), SITES, 1))
    shown, preparation = applied(v, hold), constants(which)
    cell = GeneratorCell.random(D, preparation.span(shown.span), rng=np.random.default_rng(2))
    return cell, shown, preparation


@pytest.mark.parametrize("hold", ["zero", "cubic"])
@pytest.mark.parametrize("which", OFFSETS)
def test_a_constant_is_shown_behind_the_input_or_taken_off_it(which, hold):
    cell, shown, preparation = shown_to(which, hold)
    found = preparation.show(cell, shown.values, OWNER)
    channels = [k for k, channel in enumerate(OFFSETS[which]) if channel is None]
    for window, run in enumerate(OWNER):
        expected = shown.values[window].copy()
        if 0 in OFFSETS[which]:
            expected[:, : 2 if hold == "cubic" else 1] -= preparation.values[run, 0]
        behind = np.tile(preparation.values[run, channels], (SITES, 1))
        np.testing.assert_allclose(found[window], np.concatenate([expected, behind], axis=1))
    # Where each sequence is a run of its own nobody need say whose it is.
    single = RunConstants(preparation.numbers, preparation.values[OWNER], preparation.offset_of)
    np.testing.assert_array_equal(single.show(cell, shown.values, None), found)


@pytest.mark.parametrize("hold", ["zero", "cubic"])
@pytest.mark.parametrize("which", OFFSETS)
def test_what_is_shown_moves_with_the_constants_at_the_rates_that_are_told(which, hold):
    cell, shown, preparation = shown_to(which, hold)
    found = preparation.show(cell, shown.values, OWNER)
    toward = preparation.toward(cell, np.swapaxes(found, 0, 1))
    assert toward.shape == (SITES, len(OWNER), found.shape[2], len(OFFSETS[which]))
    for k in range(len(OFFSETS[which])):
        shift = np.eye(len(OFFSETS[which]))[k] * 1e-3
        moved = preparation.with_constants(preparation.values + shift)
        rate = (moved.show(cell, shown.values, OWNER) - found) / 1e-3
        np.testing.assert_allclose(toward[..., k], np.swapaxes(rate, 0, 1), atol=1e-10)


@pytest.mark.parametrize("hold", ["zero", "cubic"])
@pytest.mark.parametrize("which", OFFSETS)
def test_the_span_holds_all_that_is_shown_and_room_for_new_runs(which, hold):
    cell, shown, preparation = shown_to(which, hold)
    found = preparation.show(cell, shown.values, OWNER)
    wide = preparation.span(shown.span)
    assert wide.step == shown.span.step
    assert isinstance(cell, MagnusCell if hold == "cubic" else GeneratorCell)
    places = [found[..., :2] if hold == "cubic" else found[..., :1]]
    places += list(np.moveaxis(found[..., 3 if hold == "cubic" else 1 :, None], 2, 0))
    assert len(wide.low) == len(places)
    for low, high, place in zip(wide.low, wide.high, places, strict=True):
        assert low <= place.min()
        assert place.max() <= high
    spread = np.ptp(preparation.values, axis=0)
    for k, channel in enumerate(preparation.offset_of):
        if channel is None:
            at = 1 + preparation.channels.index(k)
            assert wide.low[at] == pytest.approx(preparation.values[:, k].min() - spread[k] / 2)
            assert wide.high[at] == pytest.approx(preparation.values[:, k].max() + spread[k] / 2)


def test_an_energy_beside_the_potential_and_one_taken_off_it_are_the_same_law():
    """ψ″ = (V − E) ψ, written both ways, against products of exponentials."""
    rng = np.random.default_rng(3)
    energies = np.array([-0.4, 0.1, 0.9])
    v = rng.uniform(-2, 1, (3, 10, 1))
    free, rise = np.array([[0.0, 0.2], [0.0, 0.0]]), np.array([[0.0, 0.0], [0.2, 0.0]])
    starts = rng.normal(size=(3, 2))
    expected = np.empty((10, 3))
    for run, energy in enumerate(energies):
        h = starts[run]
        for site in range(10):
            h = expm(free + rise * (v[run, site, 0] - energy)) @ h
            expected[site, run] = h[0]
    spans = {(0,): (Span((-5.0,), (5.0,)), ((0,), (1,)), [free, rise])}
    spans[(None,)] = Span((-3.0, -1.0), (2.0, 1.0)), ((0, 0), (1, 0), (0, 1)), [free, rise, -rise]
    for offset_of, (span, exponents, matrices) in spans.items():
        cell = generator_over(np.stack(matrices), Monomials.plain(exponents), span).with_span(span)
        preparation = RunConstants(starts, energies[:, None], offset_of)
        law = Law(preparation, cell, Linear(np.array([[1.0], [0.0]]), np.zeros(0)), np.ones(1))
        found = law.outputs(Shown.unanswered(v))[..., 0]
        np.testing.assert_allclose(found, expected, rtol=1e-11)


# What of a new run is given, and what is judged.


def data_with_gaps():
    rng = np.random.default_rng(4)
    response = rng.normal(size=(RUNS, SITES, 1))
    response[0, 2] = response[1, 5:9] = np.nan
    return Dataset.from_arrays(
        rng.normal(size=response.shape), response, dx=0.1, allow_missing=True
    )


def test_of_runs_that_start_alike_all_is_judged():
    runs = hold_back(data_with_gaps(), Shared)
    assert runs.given is None
    np.testing.assert_array_equal(runs.judged.response, data_with_gaps().response)


@pytest.mark.parametrize("kind", [Own, RunConstants])
def test_of_runs_with_numbers_of_their_own_every_other_sample_is_given(kind):
    """Of those that were measured: the first, the third, and so on."""
    data = data_with_gaps()
    runs = hold_back(data, kind)
    for run in range(RUNS):
        there = np.flatnonzero(data.observed[run, :, 0])
        given = np.flatnonzero(np.isfinite(runs.given.response[run, :, 0]))
        judged = np.flatnonzero(np.isfinite(runs.judged.response[run, :, 0]))
        np.testing.assert_array_equal(given, there[::2])
        np.testing.assert_array_equal(judged, there[1::2])


@pytest.mark.parametrize(("context", "count"), [(None, 8), (5, 5)])
def test_of_a_context_the_first_samples_are_given(context, count):
    data = data_with_gaps()
    runs = hold_back(data, Context, context)
    first = np.arange(SITES) < count
    np.testing.assert_array_equal(runs.given.response[:, first], data.response[:, first])
    assert np.isnan(runs.given.response[:, ~first]).all()
    np.testing.assert_array_equal(runs.judged.response[:, ~first], data.response[:, ~first])
    assert np.isnan(runs.judged.response[:, first]).all()


def test_an_eighth_of_long_runs_is_the_context():
    data = Dataset.from_arrays(np.zeros((2, 160, 1)), np.ones((2, 160, 1)), dx=0.1)
    assert Context.given(data).sum(axis=1).tolist() == [20, 20]


def test_a_context_that_leaves_nothing_says_so():
    with pytest.raises(SettingsError, match="a context of 24 samples leaves nothing to predict"):
        hold_back(data_with_gaps(), Context, SITES)


def test_a_run_without_a_sample_on_one_side_is_named():
    response = np.random.default_rng(5).normal(size=(3, SITES, 1))
    response[1, :8] = np.nan
    data = Dataset.from_arrays(np.zeros_like(response), response, dx=0.1, allow_missing=True)
    with pytest.raises(DataError, match="run 1 has no sample to find where it starts"):
        hold_back(data, Context)
    response[1], response[2, 8:] = 1.0, np.nan
    data = Dataset.from_arrays(np.zeros_like(response), response, dx=0.1, allow_missing=True)
    with pytest.raises(DataError, match="run 2 has no sample left to judge by"):
        hold_back(data, Context)


@pytest.mark.parametrize("kind", KINDS)
def test_a_preparation_says_what_it_is(kind):
    assert kind.name
    assert kind.said.endswith(".")
