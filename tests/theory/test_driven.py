"""Driven laws: what the input pushes, though the hidden state is zero."""

from dataclasses import replace

import numpy as np
import pytest
from distilled_example import distilled, theory_of
from driven_example import OSCILLATOR, over_state_and_one, respond
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_example import SITES

from hiddenlaw.cells import Coefficient, GeneratorCell, Monomials
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import (
    constant_variables,
    filled,
    flat,
    free_but_constants,
    free_everywhere,
)
from hiddenlaw.preparations import Own, Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.systems import Schroedinger, measure
from hiddenlaw.theory.fits.refit import Data, pruned_refit
from hiddenlaw.theory.gauges.driven import Driven, constant_function, with_constant
from hiddenlaw.theory.gauges.free import Free

DX = 0.1
FILTER = np.array([[-0.7]]), np.array([[0.7]])


def measured(law, start, **options):
    u, response = respond(law, start, DX, **options)
    return Dataset.from_arrays(u, response, dx=DX, input_names="u", response_names="y")


def near(law, start, data):
    """What a distiller would have found: the law over (z, 1), not quite."""
    return distilled(over_state_and_one(law), (*start, 1.0), data, error=1e-4, seed=1)


def derived(law, start, data):
    return theory_of(near(law, start, data), "linear", *data.split(0.2, 0))


@pytest.mark.parametrize(
    ("law", "start", "offset", "left", "expected"),
    [
        (OSCILLATOR, (0.3, 0.0), 0.0, "y''", {"u": 1, "y": -1.5, "y'": -0.2}),
        (OSCILLATOR, (0.0, 0.5), 8.0, "y''", {"u": 1, "y": -1.5, "y'": -0.2}),
        (FILTER, (0.2,), 0.0, "y'", {"u": 0.7, "y": -0.7}),
    ],
)
def test_a_driven_law_comes_out_as_it_is_written(law, start, offset, left, expected):
    data = measured(law, start, offset=offset)
    theory = derived(law, start, data)
    (found,) = theory.record["law"]["terms"]
    assert found == left
    values = {t: e["value"] for t, e in theory.record["law"]["terms"][left].items()}
    assert values == pytest.approx(expected, abs=1e-8)
    assert theory.record["state_names"][-1] == "1"
    states = theory.states(data.input)
    np.testing.assert_allclose(states[..., -1], 1.0, atol=1e-9)
    np.testing.assert_allclose(states[..., 0], data.response[..., 0], atol=1e-8)
    assert [i["name"] for i in theory.record["invariants"]] == ["variables that move"]


def test_a_constant_push_is_a_term_of_its_own():
    """y″ = u + 0.4 − 1.5 y − 0.2 y′: as if the input had an offset."""
    shifted = measured(OSCILLATOR, (0.3, 0.0), offset=0.4)
    data = replace(shifted, input=shifted.input - 0.4)
    theory = derived(OSCILLATOR, (0.3, 0.0), data)
    terms = theory.record["law"]["terms"]["y''"]
    values = {name: entry["value"] for name, entry in terms.items()}
    assert values == pytest.approx({"u": 1, "1": 0.4, "y": -1.5, "y'": -0.2}, abs=1e-8)
    assert theory.equation == "y'' = u - 1.5*y - 0.2*y' + 0.4"


def test_in_noise_no_term_is_invented_and_the_errors_hold():
    data = measure(measured(OSCILLATOR, (0.3, 0.0)), noise="gaussian:0.02", seed=3)
    theory = derived(OSCILLATOR, (0.3, 0.0), data)
    terms = theory.record["law"]["terms"]["y''"]
    assert set(terms) == {"u", "y", "y'"}
    for name, value in {"u": 1, "y": -1.5, "y'": -0.2}.items():
        assert abs(terms[name]["value"] - value) < 4 * terms[name]["stderr"]
        assert terms[name]["stderr"] < 0.02


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), d=st.integers(2, 5))
def test_what_is_constant_is_found_in_any_basis(seed, d):
    rng = np.random.default_rng(seed)
    states = np.column_stack([rng.normal(size=(300, d - 1)), np.ones(300)])
    basis = rng.normal(size=(d, d)) + 2 * np.eye(d)
    constant, distance = constant_function(states @ basis.T)
    assert distance < 1e-12
    np.testing.assert_allclose(constant @ basis, np.eye(d)[-1], atol=1e-6)


def runs_with_a_constant(seed, turned=True):
    """z′ = (A + u B) z + u b and 1, in a random basis, from a state of its own in every run."""
    rng, d = np.random.default_rng(seed), 3
    matrices = 0.3 * rng.normal(size=(2, d, d))
    matrices[:, -1] = 0.0
    cell = GeneratorCell.over(matrices, Monomials.plain(((0,), (1,))), (-1.0,), (1.0,))
    starts = np.column_stack([rng.normal(size=(8, d - 1)), np.ones(8)])
    law = Law(Own(starts), cell, Linear(rng.normal(size=(d, 1)), np.zeros(0)), np.ones(1))
    return law.in_basis(rng.normal(size=(d, d)) + 2 * np.eye(d)) if turned else law


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_what_all_runs_start_with_and_keep_stays_so_in_refits(seed):
    law = runs_with_a_constant(seed)
    held = with_constant(law)
    assert held.preparation.held == (None, None, 1.0)
    shown = Shown.unanswered(np.random.default_rng(seed).uniform(-1, 1, (8, 12, 1)))
    np.testing.assert_allclose(held.outputs(shown), law.outputs(shown), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(held.states(shown)[..., -1], 1.0, rtol=1e-12)
    # A step of a refit, wherever it goes, leaves the constant alone.
    step = np.where(free_but_constants(held), 0.1, 0.0)
    moved = filled(held, flat(held) + step)
    np.testing.assert_allclose(moved.states(shown)[..., -1], 1.0, rtol=1e-12)
    assert np.abs(moved.outputs(shown) - held.outputs(shown)).max() > 1e-3
    # What is only known to start alike, but moves, is free to.
    start = held.preparation.holding((0.5, None, 1.0))
    assert constant_variables(held.but(preparation=start)) == [2]
    # In no gauge it is counted as a law in a basis that leaves the constant alone.
    gauged = next(iter(Free().fix(held)))
    assert gauged.basis == 3 * 2
    # And in another basis nothing is held any more.
    plain = held.in_basis(np.linalg.inv(np.diag([1.0, 2.0, 3.0])))
    assert plain.preparation.held == ()
    np.testing.assert_allclose(plain.outputs(shown), law.outputs(shown), rtol=1e-6, atol=1e-8)


def test_a_law_of_which_nothing_is_constant_stays_as_it_is():
    law = runs_with_a_constant(0, turned=False)
    starts = np.random.default_rng(1).normal(size=(8, 3))
    free = law.but(preparation=Own(starts))
    assert with_constant(free) is free


def test_without_a_gauge_no_variable_is_called_by_the_name_of_the_response():
    law = runs_with_a_constant(0)
    gauged = next(iter(Free().fix(law)))
    found = [Coefficient(2, (0,), (1,), 0.5), Coefficient(0, (1,), (0,), -0.2)]
    system = Free().system(gauged, found, np.zeros(2), "y", ("u",))
    assert system.names == ("g1", "g2", "g3")
    assert system.text() == ["g1' = -0.2*g2", "g2' = 0", "g3' = 0.5*g1*u"]


def test_densities_hold_no_constant():
    data = Schroedinger().simulate(runs=20, sites=SITES, dx=0.2, seed=0)
    states = np.gradient(data.response[..., 0], axis=1)
    states = np.stack([data.response[..., 0], states, np.gradient(states, axis=1)], axis=2)
    assert constant_function(states.reshape(-1, 3))[1] > 0.02


def test_coefficients_of_the_push_have_the_unit_of_the_response():
    """y′ = ζ + u/2, ζ′ = 0.9 u − 1.5 y − 0.2 ζ: the push enters at once, and ζ is no y′."""
    law = OSCILLATOR[0], np.array([[0.5], [0.9]])
    data = replace(measured(law, (0.3, 0.0)), units={"u": "N", "y": "m", "x": "s"})
    train, heldout = data.split(0.2, 0)
    theory = theory_of(near(law, (0.3, 0.0), data), "linear", train, heldout)
    assert theory.record["law"] is None
    assert theory.record["units"] == {
        "y'": {"u": "m N^-1 s^-1", "zeta": ""},
        "zeta'": {"u": "m N^-1 s^-2", "y": "s^-2", "zeta": "s^-1"},
    }
    train = replace(train, units={"u": "N", "x": "s"})
    theory = theory_of(near(law, (0.3, 0.0), data), "linear", train, heldout)
    assert theory.record["units"]["zeta'"] == {"y": "s^-2", "zeta": "s^-1"}


def test_a_law_that_overflows_has_an_infinite_loss_and_no_gauge():
    data = measured(FILTER, (0.2,))
    cell = near(FILTER, (0.2,), data).law.cell
    cell = cell.with_matrices(40.0 * np.stack([np.eye(2)] * 2))
    readout = Linear(np.array([[1.0], [0.0]]), np.zeros(0))
    law = Law(Shared(np.ones(2)), cell, readout, np.sqrt(data.variance))
    shown = Shown.measured(data, law.scale)
    free = free_everywhere(law)
    fit = pruned_refit(law, free, free, Data(shown))
    assert list(Driven().fix(law, shown)) == []
    assert fit.loss == np.inf
    assert fit.free.all()
