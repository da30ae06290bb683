"""A first-order system becomes the scalar equation that every physicist would have written."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from hiddenlaw.cells.terms import Coefficient
from hiddenlaw.theory.equations.eliminate import eliminate
from hiddenlaw.theory.equations.entries import coefficients, raw_matrices
from hiddenlaw.theory.equations.naming import factors_of
from hiddenlaw.theory.equations.system import first_order

KAPPA, ENERGY = 1.3, 0.37
SCHROEDINGER = [Coefficient(1, (0,), (0,), -ENERGY), Coefficient(1, (0,), (1,), KAPPA)]
DENSITY = [
    Coefficient(1, (0,), (1,), 2 * KAPPA),
    Coefficient(2, (1,), (0,), -4 * ENERGY),
    Coefficient(2, (1,), (1,), 2 * KAPPA),
]


def scalar_of(found, dimension, variable="psi", inputs=("V",), covariance=None):
    covariance = np.zeros((len(found),) * 2) if covariance is None else covariance
    return eliminate(found, covariance, dimension, variable, inputs)


def values(terms):
    return {name: term.value for name, term in terms.items()}


def test_the_schroedinger_equation():
    law = scalar_of(SCHROEDINGER, 2)
    assert law.left == "psi''"
    assert values(law.terms) == pytest.approx({"V*psi": KAPPA, "psi": -ENERGY})
    assert next(iter(law.terms)) == "V*psi"


def test_the_density_obeys_an_equation_of_third_order():
    """ρ‴ = 4 (κV − E) ρ′ + 2 κV′ ρ, from (ρ, ρ′, ζ) without any derivative of V."""
    law = scalar_of(DENSITY, 3, "rho")
    assert law.left == "rho'''"
    assert values(law.terms) == pytest.approx(
        {"V*rho'": 4 * KAPPA, "V'*rho": 2 * KAPPA, "rho'": -4 * ENERGY}
    )


def test_zeta_is_defined_by_the_response():
    system = first_order(DENSITY, np.zeros(3), 3, "rho", ("V",))
    assert system.names == ("rho", "rho'", "zeta")
    assert values(system.definitions["zeta"]) == pytest.approx({"rho''": 1, "V*rho": -2 * KAPPA})
    assert values(system.equations["zeta'"]) == pytest.approx(
        {"V*rho'": 2 * KAPPA, "rho'": -4 * ENERGY}
    )
    assert system.text()[0] == "rho' = rho'"


def test_a_damped_oscillator_whose_spring_is_driven():
    found = [
        Coefficient(1, (0,), (0,), -4.0),
        Coefficient(1, (0,), (1,), -1.0),
        Coefficient(1, (1,), (0,), -0.3),
    ]
    law = scalar_of(found, 2, "y", ("u",))
    assert values(law.terms) == pytest.approx({"u*y": -1, "y": -4, "y'": -0.3})


def test_friction_and_stiffness_seen_from_another_variable():
    """z₀′ = z₁ + a z₀, z₁′ = b z₀ + c z₁ is y″ = (a + c) y′ + (b − ac) y."""
    a, b, c = 0.5, -3.0, -0.2
    found = [
        Coefficient(0, (0,), (0,), a),
        Coefficient(1, (0,), (0,), b),
        Coefficient(1, (1,), (0,), c),
    ]
    law = scalar_of(found, 2, "y", ("u",))
    assert values(law.terms) == pytest.approx({"y'": a + c, "y": b - a * c})


def test_one_variable_is_its_own_equation():
    law = scalar_of(
        [Coefficient(0, (0,), (0,), -1.0), Coefficient(0, (0,), (1,), 0.5)], 1, "y", ("u",)
    )
    assert law.left == "y'"
    assert values(law.terms) == pytest.approx({"u*y": 0.5, "y": -1})


def test_two_inputs_keep_their_names():
    found = [Coefficient(1, (0,), (1, 0), 2.0), Coefficient(1, (1,), (0, 1), -1.0)]
    law = scalar_of(found, 2, "y", ("E", "B"))
    assert values(law.terms) == pytest.approx({"E*y": 2, "B*y'": -1})


def test_an_input_that_moves_the_response_directly_leaves_no_scalar_equation():
    """c B ≠ 0: the first-order pair is the law, and no second-order equation is claimed."""
    direct = [*SCHROEDINGER, Coefficient(0, (1,), (1,), 0.1)]
    assert scalar_of(direct, 2) is None
    names = first_order(direct, np.zeros(3), 2, "psi", ("V",)).names
    assert names == ("psi", "zeta")


def potential(x):
    """V, V′, V″ of a smooth input."""
    return np.array([np.sin(1.3 * x) - 2, 1.3 * np.cos(1.3 * x), -1.69 * np.sin(1.3 * x)])


def value_of(term, derivatives, levels):
    product = 1.0
    for name, power in factors_of(term):
        table = levels if name.startswith("V") else derivatives
        product *= table[name.count("'")] ** power
    return product


@settings(max_examples=15)
@given(
    entries=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), st.floats(-1.5, 1.5)),
        min_size=1,
        max_size=5,
        unique_by=lambda e: e[:3],
    )
)
def test_system_and_scalar_equation_have_the_same_solutions(entries):
    """Integrated side by side under a smooth input, from equal beginnings."""
    found = [
        Coefficient(row, (min(column, row),), (power if row else 0,), value)
        for row, column, power, value in entries
    ]
    found = list({(c.row, c.state, c.input): c for c in found}.values())
    law = scalar_of(found, 3, "y")

    def system(x, z):
        v = potential(x)[0]
        rates = np.array([z[1], z[2], 0.0])
        for c in found:
            rates[c.row] += c.value * v ** c.input[0] * z[c.state[0]]
        return rates

    def scalar(x, y):
        levels = potential(x)
        top = sum(c.value * value_of(t, y, levels) for t, c in law.terms.items())
        return np.array([y[1], y[2], top])

    start, tight = np.array([1.0, -0.4, 0.7]), {"rtol": 1e-10, "atol": 1e-12}
    first = system(0.0, start)
    step = 1e-5
    slopes = [system(h, start + h * first)[0] for h in (-step, step)]  # y″ by differences
    second = (slopes[1] - slopes[0]) / (2 * step)
    one = solve_ivp(system, (0, 1.5), start, "DOP853", **tight).y[0, -1]
    other = solve_ivp(scalar, (0, 1.5), [start[0], first[0], second], "DOP853", **tight).y[0, -1]
    assert other == pytest.approx(one, rel=1e-6, abs=1e-6)


def test_errors_are_carried_over_as_monte_carlo_carries_them():
    mean = np.array([0.5, -3.0, -0.2])
    root = 1e-3 * np.array([[3.0, 0, 0], [1, 2, 0], [-2, 1, 4]])
    covariance = root @ root.T

    def of(p):
        places = zip([(0, 0), (1, 0), (1, 1)], p, strict=True)
        return [Coefficient(r, (c,), (0,), float(value)) for (r, c), value in places]

    law = scalar_of(of(mean), 2, "y", ("u",), covariance)
    draws = mean + np.random.default_rng(0).normal(size=(200_000, 3)) @ root.T
    a, b, c = draws.T
    assert law.terms["y'"].stderr == pytest.approx(np.std(a + c), rel=1e-2)
    assert law.terms["y"].stderr == pytest.approx(np.std(b - a * c), rel=1e-2)


def test_correlated_errors_cancel_where_they_should():
    """4κ = 2κ + 2κ: perfectly anticorrelated entries leave their sum certain."""
    covariance = np.zeros((3, 3))
    covariance[0, 0] = covariance[2, 2] = 1e-4
    covariance[0, 2] = covariance[2, 0] = -1e-4
    law = scalar_of(DENSITY, 3, "rho", covariance=covariance)
    assert law.terms["V*rho'"].stderr == pytest.approx(0, abs=1e-12)
    assert law.terms["V'*rho"].stderr == pytest.approx(1e-2)


def test_entries_become_coefficients_in_the_units_of_the_data():
    """Per site over scaled inputs: dx for every derivative, the scale for every power of V."""
    dx, scale = 0.2, 6.0
    matrices = np.zeros((3, 2, 2))
    matrices[0] = [[0.1, 1.0], [-ENERGY * dx**2, -0.3 * dx]]
    matrices[1, 1, 0] = KAPPA * dx**2 * scale
    matrices[2, 1, 0] = 0.05 * dx**2 * scale**2
    free = matrices != 0
    free[0, 0] = False  # the row that the gauge fixes
    found, factors, indices = coefficients(
        matrices, free, ((0,), (1,), (2,)), np.array([scale]), dx, (0, 1)
    )
    by_place = {(c.row, c.state, c.input): c.value for c in found}
    expected = {
        (1, (0,), (0,)): -ENERGY,
        (1, (1,), (0,)): -0.3,
        (1, (0,), (1,)): KAPPA,
        (1, (0,), (2,)): 0.05,
    }
    assert by_place == pytest.approx(expected)
    np.testing.assert_allclose(matrices.ravel()[indices] * factors, [c.value for c in found])


def test_the_column_of_a_variable_that_is_one_drives():
    """Its coefficients are in units of the response over those of the grid, as a push is."""
    dx = 0.5
    matrices = np.zeros((2, 3, 3))
    matrices[0, 0, 1] = 1.0
    matrices[1, 1, 2] = 0.9 * dx**2
    matrices[0, 1, 0] = -1.5 * dx**2
    free = matrices != 0
    free[0, 0] = False
    exponents, scale, orders = ((0,), (1,)), np.ones(1), (0, 1, 0)
    found, _, _ = coefficients(matrices, free, exponents, scale, dx, orders, constant=True)
    assert found == [
        Coefficient(1, (0,), (0,), pytest.approx(-1.5)),
        Coefficient(1, (), (1,), pytest.approx(0.9)),
    ]
    law = scalar_of(found, 2, "y", ("u",))
    assert values(law.terms) == pytest.approx({"u": 0.9, "y": -1.5})
    raw = raw_matrices(found, exponents, orders, constant=True)
    np.testing.assert_allclose(raw[0], [[0, 1, 0], [-1.5, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(raw[1], [[0, 0, 0], [0, 0, 0.9], [0, 0, 0]])


def test_a_driven_system_may_name_the_variable_that_is_one():
    found = [Coefficient(1, (), (1,), 0.9), Coefficient(1, (0,), (0,), -1.5)]
    plain = first_order(found, np.zeros(2), 2, "y", ("u",))
    named = first_order(found, np.zeros(2), 2, "y", ("u",), constant=True)
    assert plain.names == ("y", "y'")
    assert named.names == ("y", "y'", "1")
    assert named.text() == plain.text() == ["y' = y'", "y'' = 0.9*u - 1.5*y"]


def test_products_of_the_state_are_named_and_have_no_matrix():
    """Van der Pol: y″ = (1 − y²) y′ − y + u."""
    found = [
        Coefficient(1, (1,), (0,), 1.0),
        Coefficient(1, (0, 0, 1), (0,), -1.0),
        Coefficient(1, (0,), (0,), -1.0),
        Coefficient(1, (), (1,), 1.0),
    ]
    system = first_order(found, np.zeros(4), 2, "y", ("u",))
    assert values(system.equations["y''"]) == {"y": -1, "y'": 1, "y**2*y'": -1, "u": 1}
    assert values(scalar_of(found, 2, "y", ("u",)).terms) == values(system.equations["y''"])
    with pytest.raises(ValueError, match="no matrix"):
        raw_matrices(found, ((0,), (1,)), (0, 1))
