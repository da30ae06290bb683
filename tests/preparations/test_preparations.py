"""Where runs start, what stays the same along them, and what of a new run is looked at."""

import json

import numpy as np
import pytest
from scipy.linalg import expm

from hiddenlaw.cells import GeneratorCell, MagnusCell, Monomials, generator_over
from hiddenlaw.errors import SettingsError
from hiddenlaw.holds import Span, applied
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import (
    PREPARATIONS,
    AbstractPreparation,
    Context,
    Own,
    RunConstants,
    Shared,
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
def test_runs_start_from_the_states_that_are_asked_for_and_nothing_is_held(kind):
    held = made(kind).holding(HELD)
    shape = (RUNS, D) if kind.per_run else (D,)
    states = np.random.default_rng(2).normal(size=shape)
    started = held.started(states)
    np.testing.assert_array_equal(started.starts(RUNS), np.broadcast_to(states, (RUNS, D)))
    assert started.held == ()
    np.testing.assert_array_equal(started.constants, held.constants)
    assert started.count == (RUNS if kind.per_run else 1)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_run_directory_holds_of_it_makes_it_again(kind):
    before = made(kind).holding(HELD)
    kept = json.loads(json.dumps(before.kept))
    again = kind.read(before.arrays, kept)
    assert type(again) is kind is preparation_class(kind.name)
    assert (again.held, again.offset_of) == (HELD, before.offset_of)
    np.testing.assert_array_equal(again.numbers, before.numbers)
    np.testing.assert_array_equal(again.constants, before.constants)


def test_one_constant_is_tried_around_those_that_are_known_and_no_constant_once():
    known = made(RunConstants)
    trials = known.trials()
    assert trials.shape == (801, 1)
    spread = np.ptp(known.constants)
    assert trials.min() == pytest.approx(known.constants.min() - spread / 2)
    assert trials.max() == pytest.approx(known.constants.max() + spread / 2)
    np.testing.assert_allclose(known.middle.constants, [[known.constants.mean()]])
    for kind in (Shared, Own):
        assert made(kind).trials().shape == (0,)
        assert made(kind).middle.constants.size == 0


def test_what_is_tried_of_two_constants_is_a_grid():
    values = np.array([[0.0, 10.0], [1.0, 20.0]])
    trials = RunConstants.beside(np.zeros((2, D)), values).trials()
    assert trials.shape == (28, 28, 2)
    np.testing.assert_allclose(trials[:, 3, 0], np.linspace(-0.5, 1.5, 28))
    np.testing.assert_allclose(trials[5, :, 1], np.linspace(5, 25, 28))


@pytest.mark.parametrize("held", [(), HELD])
@pytest.mark.parametrize("kind", KINDS)
def test_in_another_basis_runs_start_from_the_turned_states(kind, held):
    preparation = made(kind).holding(held) if held else made(kind)
    assert preparation.still == ([1] if held else [])
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


@pytest.mark.parametrize("kind", KINDS)
def test_a_preparation_says_what_it_is(kind):
    assert kind.name
    assert kind.said.endswith(".")
