"""Coefficients that are each run's own: the chemical potential of a trap, a stiffness."""

from dataclasses import replace

import numpy as np
import pytest

from hiddenlaw.cells import Coefficient, PolynomialCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Own, RunConstants, hold_back
from hiddenlaw.readouts import Linear
from hiddenlaw.systems import InteractingTrap, measure
from hiddenlaw.theory.selection import polynomial_laws
from hiddenlaw.theory.selection.forms import Form
from hiddenlaw.theory.selection.placing import (
    as_offset,
    normalised,
    on_offer,
    place_of,
    placed,
    places,
)

SURE = 5.0  # standard errors


def oscillators(more=()):
    """Five oscillators y″ = 0.1 u y − 0.02 y³ + own y, and what they are shown."""
    rng = np.random.default_rng(0)
    span = Span((-1.0,), (2.0,))
    terms = [Coefficient(0, (1,), (0,), 1.0), Coefficient(1, (0, 0, 0), (0,), -0.02)]
    terms += [Coefficient(1, (0,), (1,), 0.1), *more]
    cell = replace(PolynomialCell.of(terms, 2, span), clip=None)
    law = Law(Own(np.zeros((5, 2))), cell, Linear(np.eye(2)[:, :1], np.zeros(0)), np.ones(1))
    law = placed(law, np.array([1, 0, 0]), 5)
    own = law.preparation.with_numbers(rng.normal(size=(5, 2)))
    law = law.but(preparation=own.with_constants(rng.uniform(-5, -1, (5, 1))))
    return law, Shown.unanswered(rng.uniform(-1, 2, (5, 12, 1)))


def test_a_constant_may_stand_beside_what_is_linear_in_the_state():
    assert places(Form(3), 2, 1).tolist() == [
        [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 1],
    ]  # fmt: skip
    assert places(Form(3, odd=True), 2, 1).tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 1], [0, 1, 1]]


def test_constants_act_in_the_last_row_alone():
    row, powers = on_offer(Form(3, 2), oscillators()[0])
    assert (row[powers[:, -1] > 0] == 1).all()
    assert (row[powers[:, 2] > 0] == 0).any()


def test_constants_in_their_own_unit_make_the_same_answers():
    law, shown = oscillators()
    again = normalised(law)
    e = again.preparation.constants
    assert (e.mean(), e.std()) == pytest.approx((0, 1), abs=1e-12)
    np.testing.assert_allclose(again.states(shown), law.states(shown), rtol=1e-10)


def test_a_constant_beside_the_term_that_the_input_multiplies_is_an_offset_of_the_input():
    law, shown = oscillators()
    offset = as_offset(normalised(law))
    assert offset.preparation.offset_of == (0,)
    np.testing.assert_allclose(offset.states(shown), law.states(shown), rtol=1e-10)
    place, cell = place_of(law), law.cell
    assert isinstance(cell, PolynomialCell)
    assert place is not None
    of_each = cell.coefficients[place.with_constant] / cell.scale[-1] * law.preparation.constants
    np.testing.assert_allclose(offset.preparation.constants, -of_each / 0.1, rtol=1e-10)


def test_where_the_input_does_more_a_constant_is_no_offset():
    law, _ = oscillators(more=[Coefficient(1, (), (1,), 0.3)])
    assert as_offset(law) is law


def stiff(runs=16, sites=28, dx=0.25):
    """Hard springs y″ = u − k y − y³, each with a stiffness k of its own, by SciPy's integrator."""
    from scipy.integrate import solve_ivp

    rng = np.random.default_rng(3)
    stiffness, u = rng.uniform(0.5, 1.5, runs), rng.uniform(-2, 2, (runs, sites))
    y, state = np.empty((runs, sites)), rng.normal(size=(2, runs))
    for site in range(sites):

        def rates(x, z, push=u[:, site]):
            place, speed = z.reshape(2, runs)
            return np.concatenate([speed, push - stiffness * place - place**3])

        solved = solve_ivp(rates, (0, dx), state.ravel(), rtol=1e-9, atol=1e-10)
        state = solved.y[:, -1].reshape(2, runs)
        y[:, site] = state[0]
    y += 0.005 * y.std() * rng.normal(size=y.shape)
    return Dataset.from_arrays(u, y, dx=dx), stiffness


@pytest.mark.slow
def test_springs_of_their_own_stiffness():
    data, stiffness = stiff()
    train, rest = data.split(0.2, 0)
    known, _ = _parts(stiffness)
    (found,) = polynomial_laws(
        train, hold_back(rest, RunConstants), dimensions=(2,), preparation=RunConstants
    )
    terms = {each.powers: each for each in found.stated(data.dx) if each.row == 1}
    truth = {
        (1, 0, 0, 0): -known.mean(), (1, 0, 0, 1): known.std(), (0, 0, 1, 0): 1, (3, 0, 0, 0): -1,
    }  # fmt: skip
    assert set(terms) == set(truth)
    for powers, value in truth.items():
        size = abs(terms[powers].value) if powers[-1] else terms[powers].value
        assert abs(size - value) < SURE * terms[powers].stderr < 0.1
    e = found.law.preparation.constants[:, 0]
    assert abs(np.corrcoef(e, known)[0, 1]) > 0.999
    assert found.heldout_error < 2 * 0.005**2


def _parts(values):
    from hiddenlaw.data.parts import parts_of

    train, heldout = parts_of(len(values), 0.2, 0)
    return values[train], values[heldout]


@pytest.mark.slow
def test_ground_states_of_repelling_atoms_in_traps():
    """ψ″ = (V − μ) ψ + g ψ³ from ψ² alone, μ of each run unknown."""
    data = InteractingTrap().simulate(runs=50, sites=64, seed=4, with_truth=True)
    data = measure(data, noise="gaussian:0.01", blur=0.0, missing=0.0, seed=4)
    data, _ = RunConstants.seen(data)
    data, truth = data.without_truth(), data.truth
    train, rest = data.split(0.2, 0)
    (found,) = polynomial_laws(
        train,
        hold_back(rest, RunConstants),
        dimensions=(2,),
        readout="quadratic",
        preparation=RunConstants,
    )
    assert found.law.preparation.offset_of == (0,)
    terms = {each.powers: each for each in found.stated(data.dx)}
    assert set(terms) == {(1, 0, 1), (3, 0, 0)}
    assert abs(terms[1, 0, 1].value - 1) < SURE * terms[1, 0, 1].stderr < 0.05
    assert abs(terms[3, 0, 0].value - 0.006) < SURE * terms[3, 0, 0].stderr < 0.05 * 0.006
    assert truth is not None
    energies, _ = _parts(truth.states["E"][:, 0])
    assert np.std(found.law.preparation.constants[:, 0] - energies) < 0.02
    assert found.heldout_error < 2 * 0.01**2
