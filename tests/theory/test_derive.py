"""A theory does not depend on how well, or in which basis, the distiller found it."""

import jax
import numpy as np
import pytest
from shared_example import RUNS, SITES

from hiddenlaw.cells import GeneratorCell, Monomials
from hiddenlaw.distiller.distiller import Distiller
from hiddenlaw.systems import get_system
from hiddenlaw.theory.derive import derive_theory


@pytest.fixture(scope="module")
def split():
    data = get_system("schroedinger")().simulate(runs=RUNS, sites=SITES, dx=0.2, seed=0)
    return data.split(0.2, 0)


@pytest.mark.parametrize(("error", "seed"), [(1e-5, 0), (1e-2, 1), (5e-2, 2)])
def test_the_schroedinger_equation_comes_out_of_any_basis_and_a_crude_start(split, error, seed):
    train, heldout = split
    rng = np.random.default_rng(seed)
    low, high = float(train.input.min()), float(train.input.max())
    monomials = Monomials.spanning((low,), (high,), 1)
    a, b = np.array([[0, 0.2], [-0.37 * 0.2, 0]]), np.array([[0, 0], [0.2, 0.0]])
    exact = np.stack([a + b * monomials.offset[0], b * monomials.scale[0]])
    basis = rng.normal(size=(2, 2))
    found = basis @ (exact + 0.2 * error * rng.normal(size=exact.shape)) @ np.linalg.inv(basis)
    initial = basis @ (np.array([1.0, 0.0]) + error * rng.normal(size=2))
    with jax.enable_x64(True):
        cell = GeneratorCell.over(found, monomials, (low,), (high,))
    # The refit looks at cell and initial state alone, so no encoder is needed.
    distiller = Distiller(None, cell, initial)  # type: ignore[arg-type]

    theory = derive_theory(distiller, "quadratic", train, heldout)

    (terms,) = theory.record["law"]["terms"].values()
    assert set(terms) == {"V*psi", "psi"}
    assert terms["V*psi"]["value"] == pytest.approx(1.0, abs=1e-9)
    assert terms["psi"]["value"] == pytest.approx(-0.37, abs=1e-9)
    assert list(theory.record["readout_law"]["terms"]["rho"]) == ["psi**2"]
    assert theory.model.initial[0] > 0  # psi and -psi are one state, and this is the convention
