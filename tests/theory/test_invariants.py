"""What the law conserves, computed along exact solutions: the Wronskian, and ρξ − η² = J²."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from hiddenlaw.systems import transfer_matrix
from hiddenlaw.theory.invariants import conserved_form, folding, quantum_numbers, wronskian

KAPPA, ENERGY, DX = 1.0, 0.37, 0.2
A = np.array([[0.0, 1, 0], [0, 0, 1], [0, -4 * ENERGY, 0]])
B = np.array([[0.0, 0, 0], [2 * KAPPA, 0, 0], [0, 2 * KAPPA, 0]])
# ρξ − η² with η = ρ′/2 and ξ = ψ′² = (ζ + 2Eρ)/2, as a form of (ρ, ρ′, ζ).
SL2 = np.array([[ENERGY, 0, 0.25], [0, -0.25, 0], [0.25, 0, 0]])


def waves(start, runs=20, sites=60, seed=0):
    """(ψ, ψ′) of solutions in one set of random potentials, by exact transfer matrices."""
    rng = np.random.default_rng(seed)
    matrices = transfer_matrix(KAPPA * rng.uniform(-5.5, -0.2, (runs, sites)) - ENERGY, DX)
    state, states = np.tile(start, (runs, 1)), []
    for site in range(sites):
        state = np.einsum("rij,rj->ri", matrices[:, site], state)
        states.append(state)
    return np.array(states).reshape(-1, 2)


def density_state(*parts):
    """(ρ, ρ′, ζ = ρ″ − 2κVρ = 2ξ − 2Eρ) of ψ with these real parts; ξ = |ψ′|²."""
    rho = sum(p[:, 0] ** 2 for p in parts)
    slope = sum(2 * p[:, 0] * p[:, 1] for p in parts)
    xi = sum(p[:, 1] ** 2 for p in parts)
    return np.stack([rho, slope, 2 * xi - 2 * ENERGY * rho], axis=1)


REAL = density_state(waves([1.0, 0.0]))
CURRENT = 0.8  # J = f g′ − g f′ of f = (1, 0), g = (0.3, 0.8)
COMPLEX = density_state(waves([1.0, 0.0]), waves([0.3, CURRENT]))


@given(st.floats(-10, 10))
def test_the_form_is_invariant_under_the_law_whatever_the_input(v):
    move = expm(DX * (A + v * B))
    np.testing.assert_allclose(move.T @ SL2 @ move, SL2, atol=1e-11 * np.abs(move).max() ** 2)


@pytest.mark.parametrize("states", [REAL, COMPLEX], ids=["real", "complex"])
def test_the_conserved_form_is_found_from_the_law_alone(states):
    found = conserved_form(np.stack([A, B, np.zeros((3, 3))]), states)
    np.testing.assert_allclose(found.form, SL2, atol=1e-12)
    assert found.defect < 1e-13
    assert found.next_defect > 1e-3


def test_for_a_real_wave_it_is_null_and_three_variables_fold_into_two():
    found = conserved_form(np.stack([A, B]), REAL)
    assert found.relative < 1e-12
    assert abs(found.value) < 1e-12
    first = folding(found, 1e-6)[0]
    assert "null on the data: J = 0" in first.meaning
    assert "square of two, the wave function" in first.meaning


def test_for_a_complex_wave_it_is_the_square_of_the_current_and_nothing_folds():
    found = conserved_form(np.stack([A, B]), COMPLEX)
    values = np.einsum("ni,ij,nj->n", COMPLEX, found.form, COMPLEX)
    np.testing.assert_allclose(values, CURRENT**2, rtol=1e-9)
    assert found.value == pytest.approx(CURRENT**2)
    assert "J^2 = 0.64" in folding(found, 1e-6)[0].meaning


def test_a_law_with_friction_conserves_no_form():
    damped = A - 0.2 * np.diag([0.0, 1.0, 2.0])
    assert conserved_form(np.stack([damped, B]), REAL) is None
    assert folding(None, 1e-6) == []


@settings(max_examples=30)
@given(seed=st.integers(0, 2**16))
def test_kappa_and_the_energy_are_read_off_in_any_basis(seed):
    s = np.random.default_rng(seed).normal(size=(2, 2)) + 2 * np.eye(2)
    if abs(np.linalg.det(s)) < 0.1:
        return
    a = s @ np.array([[0.0, 1.0], [-0.37, 0.0]]) @ np.linalg.inv(s)
    b = s @ np.array([[0.0, 0.0], [1.3, 0.0]]) @ np.linalg.inv(s)
    kappa, energy = quantum_numbers(np.stack([a, b]))
    assert kappa.value == pytest.approx(1.3)
    assert energy.value == pytest.approx(0.37)


def test_the_wronskian_is_conserved_without_friction_and_not_with_it():
    v = np.linspace(-5, 0, 30)
    exact = transfer_matrix(v - ENERGY, DX)
    kept, trace = wronskian(exact, np.zeros(2))
    assert kept.value < 1e-13
    assert kept.meaning.endswith("the Wronskian is conserved")
    assert trace.value == 0
    lost, _ = wronskian(exact * np.exp(-0.1), np.array([-1.0, 0.0]))
    assert lost.value == pytest.approx(1 - np.exp(-0.2))
    assert "not conserved" in lost.meaning
