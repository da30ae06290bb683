"""Nonlinear laws from what they answer: terms, coefficients and errors, against the truth."""

import numpy as np
import pytest

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.errors import SettingsError
from hiddenlaw.preparations import Context, hold_back
from hiddenlaw.systems import Duffing, GrossPitaevskii, Oscillator, measure
from hiddenlaw.theory.selection import polynomial_laws

SURE = 5.0  # standard errors


def noisy(system, noise, preparation, runs=30, sites=32):
    data = system.simulate(runs=runs, sites=sites, seed=1, preparation=preparation)
    data = measure(data, noise=f"gaussian:{noise:g}", blur=0.0, missing=0.0, seed=1)
    return data, *data.split(0.2, 0)


def assert_right(found, dx, truth):
    terms = {(each.row, *each.powers): each for each in found.stated(dx)}
    assert set(terms) == {(found.dimension - 1, *powers) for powers in truth}
    for powers, value in truth.items():
        term = terms[(found.dimension - 1, *powers)]
        assert abs(term.value - value) < SURE * term.stderr
        assert term.stderr < 0.02 * abs(value)


def test_duffing_from_noise_that_starts_anywhere():
    data, train, rest = noisy(Duffing(), 0.02, "random")
    (found,) = polynomial_laws(train, hold_back(rest, Context), dimensions=(2,))
    assert_right(found, data.dx, {(1, 0, 0): -1, (0, 1, 0): -0.2, (0, 0, 1): 1, (3, 0, 0): -1})
    assert found.heldout_error < 2 * 0.02**2
    assert [each.form.degree for each in found.compared] == [1, 3]


def test_condensates_from_their_densities():
    """ψ″ = (V − μ) ψ + g ψ³ from ψ² alone."""
    data, train, rest = noisy(GrossPitaevskii(), 0.01, "shared")
    (found,) = polynomial_laws(
        train, Heldout(rest), dimensions=(2,), readout="quadratic", preparation="shared"
    )
    assert_right(found, data.dx, {(1, 0, 1): 1.0, (1, 0, 0): -0.37, (3, 0, 0): -0.5})


def test_without_noise_the_law_is_exact_and_no_wider_one_is_sought():
    """What is left is the integrator's own error, which remembers itself."""
    train, rest = GrossPitaevskii().simulate(runs=20, sites=24, seed=1).split(0.2, 0)
    asked = {"readout": ("quadratic", "linear"), "preparation": "shared", "thrifty": True}
    *_, found = polynomial_laws(train, Heldout(rest), dimensions=(2, 3), **asked)
    assert (found.readout, found.dimension, found.all_told) == ("quadratic", 2, True)
    cubic = next(each for each in found.stated(train.dx) if each.powers == (3, 0, 0))
    assert cubic.value == pytest.approx(-0.5, abs=1e-6)


def test_ideal_condensates_have_no_cubic_term():
    data, train, rest = noisy(GrossPitaevskii(g=0.0), 0.05, "shared")
    (found,) = polynomial_laws(
        train, Heldout(rest), dimensions=(2,), readout="quadratic", preparation="shared"
    )
    assert_right(found, data.dx, {(1, 0, 1): 1.0, (1, 0, 0): -0.37})


def test_an_oscillator_needs_no_powers():
    data, train, rest = noisy(Oscillator(), 0.02, "shared")
    (found,) = polynomial_laws(train, Heldout(rest), dimensions=(2,), preparation="shared")
    assert [each.form.degree for each in found.compared] == [1]
    assert max(sum(each.powers[:2]) for each in found.stated(data.dx)) == 1
    assert found.heldout_error < 2 * 0.02**2


def test_several_responses_are_refused_in_one_line():
    two = Dataset.from_arrays(np.zeros((4, 8, 1)), np.ones((4, 8, 2)) * np.arange(8)[:, None])
    with pytest.raises(SettingsError, match="2 responses"):
        polynomial_laws(two, Heldout(two))


def test_a_degree_of_zero_is_refused():
    _, train, rest = noisy(Duffing(), 0.02, "shared", runs=5, sites=8)
    with pytest.raises(SettingsError, match="degree is 0"):
        polynomial_laws(train, Heldout(rest), degree=0)
