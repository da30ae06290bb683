"""A theory does not depend on how well, or in which basis, the distiller found it."""

import numpy as np
import pytest
from distilled_example import distilled, theory_of
from shared_example import RUNS, SITES

from hiddenlaw.systems import get_system

SCHROEDINGER = np.array([[[0, 1], [-0.37, 0]], [[0, 0], [1, 0.0]]])


@pytest.fixture(scope="module")
def split():
    data = get_system("schroedinger")().simulate(runs=RUNS, sites=SITES, dx=0.2, seed=0)
    return data.split(0.2, 0)


@pytest.mark.parametrize(("error", "seed"), [(1e-5, 0), (1e-2, 1), (5e-2, 2)])
def test_the_schroedinger_equation_comes_out_of_any_basis_and_a_crude_start(split, error, seed):
    train, heldout = split
    found = distilled(
        SCHROEDINGER, (1.0, 0.0), train, error=0.2 * error, start_error=error, seed=seed
    )

    theory = theory_of(found, "quadratic", train, heldout)

    (terms,) = theory.record["law"]["terms"].values()
    assert set(terms) == {"V*psi", "psi"}
    assert terms["V*psi"]["value"] == pytest.approx(1.0, abs=1e-9)
    assert terms["psi"]["value"] == pytest.approx(-0.37, abs=1e-9)
    assert list(theory.record["readout_law"]["terms"]["rho"]) == ["psi**2"]
    # psi and -psi are one state, and this is the convention.
    assert theory.law.preparation.numbers[0] > 0
