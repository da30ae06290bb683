"""The constant of a run as an offset of the input: an energy, whatever the basis."""

from dataclasses import replace
from itertools import product

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiddenlaw.cells import Monomials, generator_over
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds._base import Span, applied
from hiddenlaw.readouts import Linear, Quadratic
from hiddenlaw.theory.equations.eliminate import Coefficient
from hiddenlaw.theory.fits.new_runs import found_starts
from hiddenlaw.theory.gauges.offsets import (
    as_offsets,
    constant_name,
    fixed_by_offset,
    offsets_of,
    with_offset,
)
from hiddenlaw.training.recurrent import Recurrent
from hiddenlaw.translator import open_sequences, sequences_for

RUNS, SITES, DX = 5, 30, 0.15
KAPPA, SCALE, SHIFT = 2.0, 0.8, -0.3  # κ E = SCALE e + SHIFT
E = np.linspace(-1.5, 1.5, RUNS)
OFFSETS = (SCALE * E + SHIFT) / KAPPA
SPAN = Span((-3.0, -2.0), (1.0, 2.0), 1.0)


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


def generators(of_density):
    """A, B, C of ψ″ = (κV − SCALE e − SHIFT) ψ; or of ρ = ψ², ψψ′, ψ′²."""
    if not of_density:
        rise = np.array([[0.0, 0.0], [1.0, 0.0]])
        free = np.array([[0.0, 1.0], [0.0, 0.0]])
    else:
        rise = np.array([[0.0, 0, 0], [1, 0, 0], [0, 2, 0]])
        free = np.array([[0.0, 2, 0], [0, 0, 1], [0, 0, 0]])
    return np.stack([free - SHIFT * rise, KAPPA * rise, -SCALE * rise])


def model_of(matrices, readout, starts, constants):
    cell = generator_over(DX * matrices, Monomials.plain(((0, 0), (1, 0), (0, 1))), SPAN)
    return Recurrent(cell, readout, starts, constants)


@pytest.mark.parametrize("of_density", [False, True])
@given(seed=st.integers(0, 1000))
def test_in_any_basis_the_energy_is_where_the_square_s_trace_vanishes(of_density, seed):
    matrices = generators(of_density)
    d = matrices.shape[1]
    turn = np.eye(d) + 0.3 * np.random.default_rng(seed).normal(size=(d, d))
    turned = turn @ matrices @ np.linalg.inv(turn)
    with jax.enable_x64(True):
        model = model_of(turned, Linear(np.eye(d)[:, :1], np.zeros(0)), np.zeros((d, RUNS)), E)
        found = offsets_of(model, E, np.linspace(-3, 1, 20))
    np.testing.assert_allclose(found, OFFSETS, atol=1e-7 * np.linalg.cond(turn) ** 2)


def test_a_law_that_does_not_ask_for_the_input_has_no_offset():
    matrices = generators(False)
    matrices[1] = 0
    model = model_of(matrices, Linear(np.eye(2)[:, :1], np.zeros(0)), np.zeros((2, RUNS)), E)
    assert not np.isfinite(offsets_of(model, E, np.linspace(-3, 1, 20))).any()


@pytest.fixture(scope="module")
def trapped():
    """A quadratic law with a constant, and its data, which know that constant."""
    with jax.enable_x64(True):
        rng = np.random.default_rng(2)
        x = DX * np.arange(SITES)
        v = np.stack([-1 + np.sin(rng.uniform(0.5, 1.5) * x + run) for run in range(RUNS)])[
            ..., None
        ]
        shown = applied(v, "cubic")
        readout = Quadratic(np.array([[0.0], [0.0], [0.0], [1.0], [0.0], [0.0]]), np.zeros(0))
        starts = np.stack([rng.uniform(0.5, 1.5, RUNS), rng.normal(size=RUNS)])
        model = model_of(generators(False), readout, starts, E)
        blank = np.zeros((RUNS, SITES, 1))
        response = model.outputs(open_sequences(model.cell, shown.values, blank))
        response = np.asarray(response).transpose(2, 0, 1)
        data = Dataset.from_arrays(v, response, x=x, hold="cubic")
        return model, shown.values, data


def test_as_an_offset_the_law_answers_the_same(trapped):
    model, values, data = trapped
    turned = as_offsets(model, replace(data, constants=E[:, None]), SPAN)
    assert turned is not None
    np.testing.assert_allclose(turned.constants, OFFSETS, atol=1e-10)
    shown = open_sequences(turned.cell, values, data.response)
    np.testing.assert_allclose(turned.outputs(shown), shown.target, rtol=1e-7, atol=1e-9)
    fixed = fixed_by_offset(turned)
    np.testing.assert_array_equal(np.argwhere(fixed), [[0, 1, 0]])
    assert np.asarray(turned.cell.matrices)[fixed] == pytest.approx(0, abs=1e-12)


def test_starts_and_constants_of_new_runs_are_found_from_some_samples(trapped):
    model, values, data = trapped
    weight = np.ones((RUNS, SITES, 1))
    weight[:, 2::3] = 0
    wrong = np.where(weight > 0, data.response, 99.0)
    starts, constants = found_starts(model, open_sequences(model.cell, values, wrong, weight))
    assert constants is not None
    np.testing.assert_allclose(constants, E, atol=1e-6)
    signs = np.sign(starts[0])  # ψ and −ψ are one
    np.testing.assert_allclose(signs * starts, model.initial, atol=1e-6)


def test_without_constants_only_the_starts_are(trapped):
    model, values, data = trapped
    free = Recurrent(model.cell, model.readout, model.initial)
    known = np.concatenate([values, np.broadcast_to(E[:, None, None], (RUNS, SITES, 1))], axis=2)
    starts, constants = found_starts(free, sequences_for(model.cell, known, data.response))
    assert constants is None
    np.testing.assert_allclose(np.sign(starts[0]) * starts, model.initial, atol=1e-6)


@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3), st.floats(-2, 2), st.floats(-2, 2))
def test_powers_of_the_difference_are_powers_of_both(values, v, e):
    given_terms = [Coefficient(1, 0, (k,), value) for k, value in enumerate(values)]
    deviations = np.array([0.1, 0.2, 0.3])
    expanded, covariance = with_offset(given_terms, np.diag(deviations**2))
    total = sum(c.value * v ** c.exponent[0] * e ** c.exponent[1] for c in expanded)
    assert total == pytest.approx(sum(c * (v - e) ** k for k, c in enumerate(values)), abs=1e-9)
    assert {c.exponent for c in expanded} == {
        (i, j) for i, j in product(range(3), repeat=2) if i + j <= 2
    }
    variance = {c.exponent: covariance[i, i] for i, c in enumerate(expanded)}
    # −E V has twice the error of the square, and shares it.
    assert variance[1, 1] == pytest.approx((2 * 0.3) ** 2)
    assert variance[0, 1] == pytest.approx(0.2**2)
    order = {c.exponent: i for i, c in enumerate(expanded)}
    assert covariance[order[2, 0], order[1, 1]] == pytest.approx(-2 * 0.3**2)


def test_the_constant_is_called_an_energy_unless_that_is_taken(trapped):
    data = trapped[2]
    assert constant_name(data) == "E"
    taken = Dataset.from_arrays(
        data.input, data.response, x=data.x, input_names=("E",), response_names=("epsilon",)
    )
    assert constant_name(taken) == "e_run"
