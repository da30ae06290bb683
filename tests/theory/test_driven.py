"""Driven laws: what the input pushes, though the hidden state is zero."""

from dataclasses import replace

import equinox as eqx
import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import cont2discrete
from shared_example import RUNS, SITES

from hiddenlaw.cells import GeneratorCell, Monomials
from hiddenlaw.dataset import Dataset
from hiddenlaw.distiller import Distiller
from hiddenlaw.readouts import Linear
from hiddenlaw.systems import Schroedinger, measure
from hiddenlaw.theory.derive import derive_theory
from hiddenlaw.theory.driven import constant_function, in_driven_gauge
from hiddenlaw.theory.refit import canonical_refit, flat
from hiddenlaw.training.recurrent import Recurrent
from hiddenlaw.translator import measured_sequences

DX = 0.1
OSCILLATOR = np.array([[0, 1], [-1.5, -0.2]]), np.array([[0], [1.0]])
FILTER = np.array([[-0.7]]), np.array([[0.7]])


def respond(law, start, seed=0, offset=0.0):
    """The first variable of z′ = A z + b u, u constant over cells, discretised by SciPy."""
    a, b = law
    d = len(a)
    step, push, *_ = cont2discrete((a, b, np.eye(d), np.zeros((d, 1))), DX)
    u = offset + np.cumsum(np.random.default_rng(seed).normal(size=(RUNS, SITES)), axis=1) / 3
    z, response = np.tile(np.asarray(start, float), (RUNS, 1)), np.empty((RUNS, SITES))
    for k in range(SITES):
        z = z @ step.T + u[:, k, None] * push[:, 0]
        response[:, k] = z[:, 0]
    return Dataset.from_arrays(u, response, dx=DX, input_names="u", response_names="y")


def distilled(law, start, data, error=1e-4, seed=1):
    """What a distiller would have found: the law over (z, 1), in a basis of its own, not quite."""
    a, b = law
    d, rng = len(a) + 1, np.random.default_rng(seed)
    low, high = float(data.input.min()), float(data.input.max())
    monomials = Monomials.spanning((low,), (high,), 1)
    free, of_input = np.zeros((2, d, d))
    free[:-1, :-1], of_input[:-1, -1] = DX * a, DX * b[:, 0]
    exact = np.stack([free + of_input * monomials.offset[0], of_input * monomials.scale[0]])
    basis = rng.normal(size=(d, d))
    found = basis @ (exact + error * rng.normal(size=exact.shape)) @ np.linalg.inv(basis)
    with jax.enable_x64(True):
        cell = GeneratorCell.over(found, monomials, (low,), (high,))
    initial = basis @ np.array([*start, 1.0])
    return Distiller(None, cell, initial)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("law", "start", "offset", "left", "expected"),
    [
        (OSCILLATOR, (0.3, 0.0), 0.0, "y''", {"u": 1, "y": -1.5, "y'": -0.2}),
        (OSCILLATOR, (0.0, 0.5), 8.0, "y''", {"u": 1, "y": -1.5, "y'": -0.2}),
        (FILTER, (0.2,), 0.0, "y'", {"u": 0.7, "y": -0.7}),
    ],
)
def test_a_driven_law_comes_out_as_it_is_written(law, start, offset, left, expected):
    data = respond(law, start, offset=offset)
    theory = derive_theory(distilled(law, start, data), "linear", *data.split(0.2, 0))
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
    shifted = respond(OSCILLATOR, (0.3, 0.0), offset=0.4)
    data = replace(shifted, input=shifted.input - 0.4)
    theory = derive_theory(distilled(OSCILLATOR, (0.3, 0.0), data), "linear", *data.split(0.2, 0))
    terms = theory.record["law"]["terms"]["y''"]
    values = {name: entry["value"] for name, entry in terms.items()}
    assert values == pytest.approx({"u": 1, "1": 0.4, "y": -1.5, "y'": -0.2}, abs=1e-8)
    assert theory.equation == "y'' = u - 1.5*y - 0.2*y' + 0.4"


def test_in_noise_no_term_is_invented_and_the_errors_hold():
    data = measure(respond(OSCILLATOR, (0.3, 0.0)), noise="gaussian:0.02", seed=3)
    theory = derive_theory(distilled(OSCILLATOR, (0.3, 0.0), data), "linear", *data.split(0.2, 0))
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


def test_densities_hold_no_constant():
    data = Schroedinger().simulate(runs=20, sites=SITES, dx=0.2, seed=0)
    states = np.gradient(data.response[..., 0], axis=1)
    states = np.stack([data.response[..., 0], states, np.gradient(states, axis=1)], axis=2)
    assert constant_function(states.reshape(-1, 3))[1] > 0.02


def overflowing(growth):
    data = respond(FILTER, (0.2,))
    distiller = distilled(FILTER, (0.2,), data)
    cell = eqx.tree_at(lambda c: c.matrices, distiller.cell, growth * np.stack([np.eye(2)] * 2))
    model = Recurrent(cell, Linear(np.array([[1.0], [0.0]]), np.zeros(0)), np.ones(2))
    return model, measured_sequences(cell, data, float(np.sqrt(data.variance[0])))


def test_a_law_that_overflows_has_an_infinite_loss_and_no_gauge():
    model, shown = overflowing(40.0)
    with jax.enable_x64(True):
        free = np.ones(flat(model).size, bool)
        fit = canonical_refit(model, free, free, shown)
        states = np.full((10, 2), np.nan)
        assert in_driven_gauge(model, states, 1.0) is None
    assert fit.loss == np.inf
    assert fit.free.all()
