"""Units of coefficients, by dimensional analysis; constants of runs as offsets of inputs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiddenlaw.cells.terms import Coefficient
from hiddenlaw.theory.equations.eliminate import Scalar
from hiddenlaw.theory.equations.offsets import meaning_of, unknowable, with_powers
from hiddenlaw.theory.equations.term import Term
from hiddenlaw.theory.equations.units import units_of

UNITS = {"x": "nm", "V": "eV", "u": "m/s", "y": "m"}


def told(left, *terms, orders=None, units=UNITS, inputs=("V",), **options):
    rows = {left: dict.fromkeys(terms, Term(1.0))}
    options = {"x": "x", "response": "y"} | options
    return units_of(rows, orders or {"psi": 0}, units, inputs=inputs, **options).get(left)


def test_kappa_and_the_energy_of_schroedingers_equation():
    assert told("psi''", "V*psi", "psi", "V**2*psi", "psi'") == {
        "V*psi": "eV^-1 nm^-2",
        "psi": "nm^-2",
        "V**2*psi": "eV^-2 nm^-2",
        "psi'": "nm^-1",
    }


def test_slopes_of_the_input_count_once_more():
    assert told("rho'''", "V'*rho", "V*rho'") == {
        "V'*rho": "eV^-1 nm^-2",
        "V*rho'": "eV^-1 nm^-2",
    }


def test_a_variable_without_primes_is_differentiated_as_often_as_is_said():
    orders = {"y": 0, "zeta": 1}
    assert told("y'", "zeta", "u", orders=orders, inputs=("u",)) == {
        "zeta": "",
        "u": "m (m/s)^-1 nm^-1",
    }


def test_what_drives_and_what_is_a_product_asks_for_the_unit_of_the_response():
    assert told("y''", "u", "1", "y**3", "y", inputs=("u",)) == {
        "u": "m (m/s)^-1 nm^-2",
        "1": "m nm^-2",
        "y**3": "m^-2 nm^-2",
        "y": "nm^-2",
    }
    without = {name: unit for name, unit in UNITS.items() if name != "y"}
    assert told("y''", "u", "y**3", "y", inputs=("u",), units=without) == {"y": "nm^-2"}


def test_a_wave_has_the_root_of_the_unit_of_its_density():
    """g ψ³ in ψ″: g ρ, so that g has one over the unit of ρ; ψ² would have a root."""
    assert told("psi''", "psi**3", "psi**2", degree=2) == {"psi**3": "m^-1 nm^-2"}


def test_constants_of_runs_have_their_unit_or_are_numbers():
    assert told("psi''", "E*psi", constants={"E": "eV"}) == {"E*psi": "eV^-1 nm^-2"}
    assert told("psi''", "E*psi", constants={"E": None}) == {"E*psi": "nm^-2"}


@pytest.mark.parametrize("missing", ["x", "V"])
def test_nothing_is_told_where_a_unit_is_missing(missing):
    units = {name: unit for name, unit in UNITS.items() if name != missing}
    assert told("psi''", "V*psi", units=units) is None


def value_at(found, inputs):
    """The sum of all terms, of whatever row and state, at these inputs and constants."""
    return sum(c.value * np.prod(np.power(inputs, c.input)) for c in found)


@given(
    powers=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)), min_size=1),
    offsets=st.sampled_from([(0,), (1,), (0, 0), (0, 1), (0, None), (None, 1)]),
    seed=st.integers(0, 2**16),
)
def test_powers_of_differences_are_multiplied_out(powers, offsets, seed):
    """At numbers: Σ p (V − c)^e is what it was, for constants that shift one channel or several."""
    rng = np.random.default_rng(seed)
    own = [k for k, channel in enumerate(offsets) if channel is None]
    found = [
        Coefficient(0, (k % 2,), tuple(e[: 2 + len(own)]), float(rng.normal()))
        for k, e in enumerate(powers)
    ]
    inputs, constants = rng.normal(size=2), rng.normal(size=len(offsets))
    shifted = inputs.copy()
    for channel, constant in zip(offsets, constants, strict=True):
        if channel is not None:
            shifted[channel] -= constant
    expanded, _ = with_powers(found, np.zeros((len(found),) * 2), offsets)
    before = value_at(found, [*shifted, *constants[own]])
    assert value_at(expanded, [*inputs, *constants]) == pytest.approx(before, abs=1e-9)
    places = [(c.row, c.state, c.input) for c in expanded]
    assert len(set(places)) == len(places)


def test_errors_of_what_is_multiplied_out():
    """κ (V − E) ψ + b (V − E)² ψ: the terms in V and in E have equal and opposite errors."""
    found = [Coefficient(1, (0,), (1,), 2.0), Coefficient(1, (0,), (2,), 0.5)]
    covariance = np.array([[4.0, 1.0], [1.0, 9.0]])
    expanded, spread = with_powers(found, covariance)
    values = {c.input: c.value for c in expanded}
    assert values == {(1, 0): 2, (0, 1): -2, (2, 0): 0.5, (1, 1): -1, (0, 2): 0.5}
    at = {c.input: k for k, c in enumerate(expanded)}
    assert spread[at[1, 0], at[0, 1]] == -4
    assert spread[at[1, 1], at[1, 1]] == 36
    assert spread[at[1, 0], at[1, 1]] == -2


def test_an_offset_of_the_potential_is_an_energy_in_schroedingers_equation_alone():
    energies = {"V*psi": Term(1.0), "E*psi": Term(-1.0)}
    assert meaning_of("E", None, None, ("E",), "psi") == "known up to scale and offset"
    exact = Scalar("psi''", energies)
    assert meaning_of("E", "V", exact, ("E",), "psi") == "an energy in the unit of V"
    repelled = Scalar("psi''", energies | {"psi**3": Term(0.5)})
    said = meaning_of("E", "V", repelled, ("E",), "psi")
    assert said == "a chemical potential in the unit of V"
    damped = Scalar("psi''", energies | {"psi'": Term(-0.1)})
    for scalar in (None, damped, Scalar("rho'''", energies)):
        assert meaning_of("E", "V", scalar, ("E",), "psi") == "an offset of V, in its unit"


def test_of_several_constants_sums_are_convention_and_that_is_said():
    names, channels = ("E1", "E2", "E3"), (None, None, None)
    meaning = meaning_of("E2", None, None, names, "psi")
    assert meaning == "known up to scale, offset and sums with E1 and E3"
    (said,) = unknowable(names, channels)
    assert said.startswith("E1, E2 and E3 cannot be told apart: affine functions of them")
    assert unknowable(("E",), (None,)) == unknowable((), ()) == []
    assert unknowable(("E1", "E2"), (0, None)) == []  # an offset has a unit: it is known
