"""A discovered law gives traps the levels that textbooks give them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from levels_example import theory_of
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from scipy.special import eval_hermite, factorial

from hiddenlaw.errors import DataError, SettingsError

KAPPAS = [1.0, 2.6]
X = np.linspace(-9, 9, 601)


def harmonic(x, omega=1.0):
    return 0.5 * omega**2 * x**2


@pytest.mark.parametrize("kappa", KAPPAS)
@pytest.mark.parametrize("constant", [-0.37, 2.0])
def test_a_harmonic_trap_has_equidistant_levels(kappa, constant):
    """E = ω√(2/κ)(n + ½), whatever the energy at which the law was found."""
    found = theory_of(kappa, constant).bound_states(harmonic(X, 1.3), X, count=5)
    expected = 1.3 * np.sqrt(2 / kappa) * (np.arange(5) + 0.5)
    np.testing.assert_allclose(found.energies, expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.curvatures, kappa * expected, rtol=0, atol=1e-8)
    assert found.number == 5
    assert found.below_edge > 5


@pytest.mark.parametrize("kappa", KAPPAS)
def test_a_poschl_teller_well_has_its_levels_and_no_more(kappa):
    """V = -20/cosh² x: E = -(μ - n)²/κ where μ(μ + 1) = 20 κ; four levels for κ = 1."""
    x = np.linspace(-25, 25, 2001)
    found = theory_of(kappa).bound_states(-20 / np.cosh(x) ** 2, x)
    mu = (np.sqrt(1 + 80 * kappa) - 1) / 2
    expected = [-((mu - n) ** 2) / kappa for n in range(int(np.ceil(mu - 1e-9)))]
    assert len(expected) == {1.0: 4, 2.6: 7}[kappa]
    assert found.number == found.below_edge == len(expected)
    np.testing.assert_allclose(found.energies, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("kappa", KAPPAS)
def test_a_morse_well_has_its_levels_and_no_more(kappa):
    x = np.linspace(-2.5, 60, 4001)
    found = theory_of(kappa).bound_states(30 * (np.exp(-2 * x) - 2 * np.exp(-x)), x)
    s = np.sqrt(30 * kappa)
    expected = [-((s - n - 0.5) ** 2) / kappa for n in range(int(np.ceil(s - 0.5)))]
    assert len(expected) == {1.0: 5, 2.6: 9}[kappa]
    assert found.number == found.below_edge == len(expected)
    np.testing.assert_allclose(found.energies, expected, rtol=0, atol=1e-8)


def test_wave_functions_are_those_of_hermite():
    """ψ_n ∝ H_n(ξ) exp(-ξ²/2) with ξ = x (κω²/2)^¼, of integral 1, rising on the left."""
    kappa = 1.7
    found = theory_of(kappa).bound_states(harmonic(X), X, count=4)
    width = (kappa / 2) ** -0.25
    xi = X / width
    for n, wave in enumerate(found.wave_functions):
        norm = (np.pi**0.25) * np.sqrt(2.0**n * factorial(n) * width)
        exact = (-1) ** n * eval_hermite(n, xi) * np.exp(-(xi**2) / 2) / norm
        np.testing.assert_allclose(wave, exact, atol=1e-9)


def test_levels_are_those_of_shooting_with_an_integrator():
    """A lopsided quartic trap, by SciPy's integrator from both ends and a root finder."""
    kappa, x = 1.4, np.linspace(-5, 5, 801)

    def trap(x):
        return 0.3 * x**4 - 2 * x**2 + 0.5 * x

    def wronskian_at_zero(energy):
        ends = []
        for start in (-5.0, 5.0):
            slope = -np.sign(start) * 1e-6
            run = solve_ivp(
                lambda s, y: (y[1], kappa * (trap(s) - energy) * y[0]),
                (start, 0.3),
                (0.0, slope),
                rtol=1e-11,
                atol=1e-16,
                method="DOP853",
            )
            ends.append(run.y[:, -1] / np.linalg.norm(run.y[:, -1]))
        return ends[0][0] * ends[1][1] - ends[0][1] * ends[1][0]

    found = theory_of(kappa).bound_states(trap(x), x, count=4)
    for energy in found.energies:
        root = brentq(wronskian_at_zero, energy - 0.05, energy + 0.05, xtol=1e-12)
        assert energy == pytest.approx(root, abs=1e-8)


@settings(max_examples=10)
@given(
    kappa=st.floats(0.3, 5),
    offset=st.floats(-50, 50),
    place=st.floats(-5, 5),
    constant=st.floats(-5, 5),
)
def test_only_v_minus_e_and_distances_matter(kappa, offset, place, constant):
    """Lifting the trap lifts its levels; moving it, or the energy of the data, moves nothing."""
    x = np.linspace(-12, 12, 401)
    plain = theory_of(kappa).bound_states(harmonic(x), x, count=3)
    moved = theory_of(kappa, constant).bound_states(harmonic(x) + offset, x + place, count=3)
    np.testing.assert_allclose(moved.energies, plain.energies + offset, atol=1e-7)
    np.testing.assert_allclose(moved.stderr, plain.stderr, rtol=1e-5)


def test_an_uneven_x_will_do():
    rng = np.random.default_rng(0)
    x = np.sort(np.concatenate([[-9.0, 9.0], rng.uniform(-9, 9, 500)]))
    found = theory_of().bound_states(400 * np.sin(x / 20) ** 2, x, count=3)
    even = theory_of().bound_states(400 * np.sin(X / 20) ** 2, X, count=3)
    np.testing.assert_allclose(found.energies, even.energies, atol=1e-7)


@pytest.mark.parametrize("kappa", KAPPAS)
def test_errors_of_the_levels_are_those_of_kappa_carried_over(kappa):
    """E ∝ κ^-½ in a harmonic trap: dE/E = ½ dκ/κ (the law's constant plays no part)."""
    found = theory_of(kappa, stderr=0.02).bound_states(harmonic(X), X, count=4)
    np.testing.assert_allclose(found.stderr, found.energies * 0.01 / kappa, rtol=1e-8)


def test_errors_of_a_square_term_are_carried_over():
    """By a finite difference in its coefficient, the others being certain."""

    def levels(c, stderr=0.0):
        more = {"V**2*psi": {"value": c, "stderr": stderr}}
        return theory_of(1.3, stderr=0.0, more=more).bound_states(harmonic(X), X, count=3)

    slope = (levels(0.051).energies - levels(0.049).energies) / 0.002
    np.testing.assert_allclose(levels(0.05, 1e-2).stderr, 1e-2 * slope, rtol=1e-4)


def test_a_square_term_acts_as_a_quartic_trap():
    """κV + cV² with V = x is the harmonic trap c (x + κ/2c)² - κ²/4c, seen through the law."""
    kappa, c = 1.0, 0.5
    more = {"V**2*psi": {"value": c, "stderr": 0.0}}
    x = np.linspace(-11, 9, 801)
    found = theory_of(kappa, more=more).bound_states(x, x, count=4)
    expected = np.sqrt(c) * (2 * np.arange(4) + 1) - kappa**2 / (4 * c)
    np.testing.assert_allclose(found.curvatures, expected, atol=1e-9)
    np.testing.assert_allclose(found.energies, expected / kappa, atol=1e-9)


def test_a_negative_kappa_binds_in_hills():
    hill = theory_of(-1.0).bound_states(-harmonic(X), X, count=3)
    well = theory_of(1.0).bound_states(harmonic(X), X, count=3)
    np.testing.assert_allclose(hill.energies, -well.energies, atol=1e-12)
    np.testing.assert_allclose(hill.curvatures, well.curvatures, atol=1e-12)


def test_levels_that_reach_the_ends_are_told_of_and_not_given():
    x = np.linspace(-7, 7, 401)
    found = theory_of().bound_states(harmonic(x), x)
    assert 0 < found.number < found.below_edge
    assert found.unsettled == found.below_edge - found.number
    expected = np.sqrt(2) * (np.arange(found.number) + 0.5)
    np.testing.assert_allclose(found.energies, expected, atol=1e-5)
    np.testing.assert_array_less(np.abs(found.energies - expected), 3 * found.numerical_errors)
    with pytest.raises(DataError, match=r"reaches the ends of x.* or ask for at most \d+$"):
        theory_of().bound_states(harmonic(x), x, count=found.number + 1)
    with pytest.raises(DataError, match=r"level 0 .* on a wider x$"):
        theory_of().bound_states(harmonic(x / 8), x)


def test_the_numerical_error_tells_of_a_coarse_trap():
    """Seventeen samples of a Pöschl–Teller well: the levels are off by about what is said."""
    x = np.linspace(-8, 8, 33)
    found = theory_of().bound_states(-20 / np.cosh(x) ** 2, x, count=2)
    error = np.abs(found.energies - [-16, -9])
    assert (error > 1e-5).all()
    assert (error < 5 * found.numerical_errors).all()
    assert (found.numerical_errors < 1).all()


def test_nothing_is_bound_on_a_hill():
    found = theory_of().bound_states(-harmonic(X), X)
    assert (found.number, found.below_edge, found.unsettled) == (0, 0, 0)
    assert found.wave_functions.shape == (0, len(X))


def test_a_finite_well_has_no_levels_above_its_edge():
    """One side of a step well is lower: only what lies below that side is bound."""
    x = np.linspace(-20, 20, 2001)
    trap = -10 / np.cosh(x) ** 2 - 6 / (1 + np.exp(-2 * (x - 4)))
    found = theory_of().bound_states(trap, x)
    assert found.edge == pytest.approx(-6)
    assert found.energies.max() < -6
    assert found.number == 1


@pytest.mark.parametrize(
    ("V", "x", "reason"),
    [
        (harmonic(X)[:-1], X, r"x has shape \(601,\) and V \(600,\)"),
        (harmonic(X)[None], X[None], r"give both as \(sites,\)"),
        (harmonic(X)[:5], X[:5], "has 5 sites"),
        (np.where(X > 8, np.nan, harmonic(X)), X, "V of the trap is nan at site 567"),
        (harmonic(X), np.where(X > 8, np.inf, X), "x of the trap is inf"),
        (harmonic(X), X[::-1], "x of the trap is not increasing: 9 at site 0"),
        (1e6 * harmonic(X), X, "may bind .* levels, more than can be computed"),
        (["a"] * 601, X, "V holds"),
    ],
)
def test_what_is_no_trap_is_refused(V, x, reason):
    with pytest.raises(DataError, match=reason):
        theory_of().bound_states(V, x)


def test_no_level_at_all_cannot_be_asked_for():
    with pytest.raises(SettingsError, match="count is 0"):
        theory_of().bound_states(harmonic(X), X, count=0)
