"""Which laws give a wave function's curvature from the input, and at which energies they hold."""

from dataclasses import replace

import numpy as np
import pytest
from levels_example import HIGH, LOW, law_record, theory_of, with_law

from hiddenlaw.errors import LawError
from hiddenlaw.levels.curvature import curvature_law
from hiddenlaw.theory.statement import RunConstant

X = np.linspace(-9, 9, 601)


def harmonic(x):
    return 0.5 * x**2


def curvature(theory, *constants):
    statement = replace(theory.statement, run_constants=constants)
    return curvature_law(statement, (LOW,), (HIGH,))


def test_it_is_said_where_the_law_was_found_and_where_it_is_used():
    """Found for -6 < V < -0.1 with b = -0.37 only; a trap needs the other sign of ψ''/ψ too."""
    found = theory_of(2.0, -0.37).bound_states(harmonic(X), X, count=1)
    assert found.found_between == pytest.approx((-12.37, -0.57))
    assert found.used_between[0] == pytest.approx(-2 * found.energies[0], rel=1e-2)
    assert found.used_between[1] > 0


REFUSED = {
    "no scalar law": None,
    "damping": law_record(1, -1, more={"psi'": {"value": 0.1, "stderr": 0}}),
    "slope of the input": law_record(1, -1, more={"V'*psi": {"value": 0.1, "stderr": 0}}),
    "not linear": law_record(1, -1, more={"V*psi**2": {"value": 0.1, "stderr": 0}}),
    "third order": {
        "equation": "rho''' = 4*V*rho'",
        "terms": {"rho'''": {"V*rho'": {"value": 4.0, "stderr": 0.0}}},
    },
    "first order": {
        "equation": "psi' = V*psi",
        "terms": {"psi'": {"V*psi": {"value": 4.0, "stderr": 0.0}}},
    },
    "no input": {
        "equation": "psi'' = -psi",
        "terms": {"psi''": {"psi": {"value": -1.0, "stderr": 0.0}}},
    },
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_law_of_another_form_has_no_levels(case):
    with pytest.raises(
        LawError, match=r"no energy levels follow|no term with the input"
    ) as refusal:
        with_law(theory_of(), REFUSED[case]).bound_states(harmonic(X), X)
    assert "\n" not in str(refusal.value)


def test_a_law_found_at_one_energy():
    """ψ'' = (2V − 0.74) ψ is that of E = 0.37."""
    law = curvature(theory_of(2.0, -0.74))
    assert (law.variable, law.input, law.kappa) == ("psi", "V", 2.0)
    assert law.coefficients == {1: (2.0, 1e-3), 0: (-0.74, 1e-3)}
    assert law.is_linear
    assert law.found_at == pytest.approx((0.37, 0.37))


def with_energies(**slopes):
    more = {f"{name}*psi": {"value": slope, "stderr": 0.1} for name, slope in slopes.items()}
    return theory_of(2.0, -0.74, more=more)


def test_energies_of_the_runs_add_to_that_of_the_law():
    """ψ'' = (2V − 2E − 0.74) ψ with E between 0.1 and 0.5."""
    law = curvature(with_energies(E=-2.0), RunConstant("E", "", (0.5, 0.1, 0.3)))
    assert law.energies == pytest.approx((0.1, 0.5))
    assert law.found_at == pytest.approx((0.47, 0.87))
    assert set(law.coefficients) == {0, 1}


def test_several_constants_of_a_run_add_up_run_by_run():
    constants = RunConstant("E", "", (0.5, 0.1)), RunConstant("F", "", (-0.4, 0.3))
    law = curvature(with_energies(E=-2.0, F=-1.0), *constants)
    assert law.energies == pytest.approx((0.25, 0.3))


def test_a_constant_of_the_runs_that_is_no_energy_gives_no_levels():
    theory = theory_of(more={"E**2*psi": {"value": 1.0, "stderr": 0.1}})
    with pytest.raises(LawError, match="no energy levels follow"):
        curvature(theory, RunConstant("E", "", (0.5, 0.1)))
