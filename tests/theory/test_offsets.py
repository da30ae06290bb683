"""The constant of a run as an offset of the input: an energy, whatever the basis."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiddenlaw.cells import Coefficient, Monomials, generator_over
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import Span, applied
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Own, RunConstants
from hiddenlaw.readouts import Linear, Quadratic
from hiddenlaw.theory.describe import Channels
from hiddenlaw.theory.equations.offsets import with_powers
from hiddenlaw.theory.gauges.offsets import as_offset, fixed_by_offset, offsets_of
from hiddenlaw.training.new_runs import found

RUNS, SITES, DX = 5, 30, 0.15
KAPPA, SCALE, SHIFT = 2.0, 0.8, -0.3  # κ E = SCALE e + SHIFT
E = np.linspace(-1.5, 1.5, RUNS)
OFFSETS = (SCALE * E + SHIFT) / KAPPA
SPAN, OF_INPUT = Span((-3.0, -2.0), (1.0, 2.0), 1.0), Span((-3.0,), (1.0,), 1.0)


def generators(of_density):
    """A, B, C of ψ″ = (κV − SCALE e − SHIFT) ψ; or of ρ = ψ², ψψ′, ψ′²."""
    if not of_density:
        rise = np.array([[0.0, 0.0], [1.0, 0.0]])
        free = np.array([[0.0, 1.0], [0.0, 0.0]])
    else:
        rise = np.array([[0.0, 0, 0], [1, 0, 0], [0, 2, 0]])
        free = np.array([[0.0, 2, 0], [0, 0, 1], [0, 0, 0]])
    return np.stack([free - SHIFT * rise, KAPPA * rise, -SCALE * rise])


def law_of(matrices, readout, starts):
    """Runs with the constants e, which are a channel behind the input."""
    cell = generator_over(DX * matrices, Monomials.plain(((0, 0), (1, 0), (0, 1))), SPAN)
    return Law(RunConstants.beside(starts, E[:, None]), cell, readout, np.ones(1))


def linear(matrices):
    d = matrices.shape[1]
    return law_of(matrices, Linear(np.eye(d)[:, :1], np.zeros(0)), np.zeros((RUNS, d)))


@pytest.mark.parametrize("of_density", [False, True])
@given(seed=st.integers(0, 1000))
def test_in_any_basis_the_energy_is_where_the_square_s_trace_vanishes(of_density, seed):
    matrices = generators(of_density)
    d = matrices.shape[1]
    turn = np.eye(d) + 0.3 * np.random.default_rng(seed).normal(size=(d, d))
    turned = turn @ matrices @ np.linalg.inv(turn)
    offsets = offsets_of(linear(turned), E, np.linspace(-3, 1, 20))
    np.testing.assert_allclose(offsets, OFFSETS, atol=1e-7 * np.linalg.cond(turn) ** 2)


def test_a_law_that_does_not_ask_for_the_input_has_no_offset():
    matrices = generators(False)
    matrices[1] = 0
    assert not np.isfinite(offsets_of(linear(matrices), E, np.linspace(-3, 1, 20))).any()


@pytest.fixture(scope="module")
def trapped():
    """A quadratic law with a constant, and its data, which know that constant."""
    rng = np.random.default_rng(2)
    x = DX * np.arange(SITES)
    v = np.stack([-1 + np.sin(rng.uniform(0.5, 1.5) * x + run) for run in range(RUNS)])[..., None]
    shown = applied(v, "cubic")
    readout = Quadratic(np.array([[0.0], [0.0], [0.0], [1.0], [0.0], [0.0]]), np.zeros(0))
    starts = np.column_stack([rng.uniform(0.5, 1.5, RUNS), rng.normal(size=RUNS)])
    law = law_of(generators(False), readout, starts)
    response = law.outputs(Shown.unanswered(shown.values)).swapaxes(0, 1)
    return law, shown.values, Dataset.from_arrays(v, response, x=x, hold="cubic")


def test_as_an_offset_the_law_answers_the_same(trapped):
    law, values, data = trapped
    turned = as_offset(law, data, OF_INPUT)
    assert turned is not None
    assert turned.preparation.offset_of == (0,)
    np.testing.assert_allclose(turned.preparation.constants[:, 0], OFFSETS, atol=1e-10)
    outputs = turned.outputs(Shown.unanswered(values)).swapaxes(0, 1)
    np.testing.assert_allclose(outputs, data.response, rtol=1e-7, atol=1e-9)
    fixed = fixed_by_offset(turned)
    np.testing.assert_array_equal(np.argwhere(fixed), [[0, 1, 0]])
    assert np.asarray(turned.cell.matrices)[fixed] == pytest.approx(0, abs=1e-12)


def test_starts_and_constants_of_new_runs_are_found_from_some_samples(trapped):
    law, values, data = trapped
    weight = np.ones((RUNS, SITES, 1))
    weight[:, 2::3] = 0
    wrong = np.where(weight > 0, data.response, 99.0)
    preparation = found(law, Shown.of(values, wrong, weight))
    np.testing.assert_allclose(preparation.constants[:, 0], E, atol=1e-6)
    starts = preparation.numbers
    signs = np.sign(starts[:, :1])  # ψ and −ψ are one
    np.testing.assert_allclose(signs * starts, law.preparation.numbers, atol=1e-6)


def test_without_constants_only_the_starts_are(trapped):
    law, values, data = trapped
    free = law.but(preparation=Own(law.preparation.numbers))
    known = np.concatenate([values, np.broadcast_to(E[:, None, None], (RUNS, SITES, 1))], axis=2)
    preparation = found(free, Shown.of(known, data.response))
    assert not preparation.constants.size
    starts = preparation.numbers
    np.testing.assert_allclose(np.sign(starts[:, :1]) * starts, law.preparation.numbers, atol=1e-6)


@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3), st.floats(-2, 2), st.floats(-2, 2))
def test_powers_of_the_difference_are_powers_of_both(values, v, e):
    given_terms = [Coefficient(1, (0,), (k,), value) for k, value in enumerate(values)]
    deviations = np.array([0.1, 0.2, 0.3])
    expanded, covariance = with_powers(given_terms, np.diag(deviations**2))
    total = sum(c.value * v ** c.input[0] * e ** c.input[1] for c in expanded)
    assert total == pytest.approx(sum(c * (v - e) ** k for k, c in enumerate(values)), abs=1e-9)
    assert {c.input for c in expanded} == {
        (i, j) for i, j in product(range(3), repeat=2) if i + j <= 2
    }
    variance = {c.input: covariance[i, i] for i, c in enumerate(expanded)}
    # −E V has twice the error of the square, and shares it.
    assert variance[1, 1] == pytest.approx((2 * 0.3) ** 2)
    assert variance[0, 1] == pytest.approx(0.2**2)
    order = {c.input: i for i, c in enumerate(expanded)}
    assert covariance[order[2, 0], order[1, 1]] == pytest.approx(-2 * 0.3**2)


def test_the_constant_is_called_an_energy_unless_that_is_taken(trapped):
    law, _, data = trapped
    assert Channels.of(data, law.preparation).constants == ("E",)
    taken = Dataset.from_arrays(
        data.input, data.response, x=data.x, input_names=("E",), response_names=("epsilon",)
    )
    assert Channels.of(taken, law.preparation).constants == ("e_run",)
    several = RunConstants.beside(law.preparation.numbers, np.zeros((RUNS, 2)))
    assert Channels.of(taken, several).constants == ("E1", "E2")
