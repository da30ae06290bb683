"""What a law says does not depend on the basis in which it was found."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hiddenlaw.cells import GeneratorCell, Monomials, TaylorCell
from hiddenlaw.holds import Span
from hiddenlaw.readouts import Quadratic
from hiddenlaw.systems import transfer_matrix
from hiddenlaw.theory.gauges.born import born_rule
from hiddenlaw.theory.gauges.companion import observability_basis
from hiddenlaw.theory.generators import generators_of

KAPPA, ENERGY, DX = 1.3, 0.37, 0.2


def schroedinger():
    """A and B of ψ″ = (κV − E) ψ for (ψ, ψ′)."""
    return np.array([[[0.0, 1.0], [-ENERGY, 0.0]], [[0.0, 0.0], [KAPPA, 0.0]]])


def density_form():
    """A and B of (ρ, ρ′, ζ = ρ″ − 2κVρ)."""
    a = np.array([[0.0, 1, 0], [0, 0, 1], [0, -4 * ENERGY, 0]])
    b = np.array([[0.0, 0, 0], [2 * KAPPA, 0, 0], [0, 2 * KAPPA, 0]])
    return np.stack([a, b])


def basis_change(seed: int, dimension: int) -> np.ndarray:
    """A random basis, stretched up to a hundredfold."""
    rng = np.random.default_rng(seed)
    rotations = [np.linalg.qr(rng.normal(size=(dimension, dimension)))[0] for _ in "uv"]
    return rotations[0] @ np.diag(10 ** rng.uniform(-1, 1, dimension)) @ rotations[1]


def quadratic(form: np.ndarray, constant=0.0, linear=0.0) -> Quadratic:
    d = len(form)
    doubled = form + form.T - np.diag(np.diag(form))
    weights = np.concatenate([[constant], np.full(d, linear), doubled[np.triu_indices(d)]])
    return Quadratic(weights[:, None], np.zeros(0))


def in_basis(transform: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    return transform @ matrices @ np.linalg.inv(transform)


seeds = st.integers(0, 2**32 - 1)


@given(seed=seeds)
def test_a_linear_readout_undoes_any_change_of_basis(seed):
    s = basis_change(seed, 3)
    c = np.array([1.0, 0.0, 0.0])
    turned = in_basis(s, density_form())
    transform = observability_basis(turned, np.linalg.solve(s.T, c))
    np.testing.assert_allclose(in_basis(transform, turned), density_form(), atol=1e-8)
    np.testing.assert_allclose(transform @ s, np.eye(3), atol=1e-8)


@given(seed=seeds)
def test_a_quadratic_readout_does_so_up_to_the_sign_of_psi(seed):
    s = basis_change(seed, 2)
    back = np.linalg.inv(s)
    turned = in_basis(s, schroedinger())
    form = back.T @ np.diag([1.0, 0.0]) @ back
    c, sign = quadratic(form).covector()
    transform = observability_basis(turned, c)
    assert sign == 1
    np.testing.assert_allclose(in_basis(transform, turned), schroedinger(), atol=1e-8)
    np.testing.assert_allclose(np.abs(transform @ s), np.eye(2), atol=1e-8)


def test_a_negative_density_is_a_sign_of_the_form():
    c, sign = quadratic(np.diag([0.0, -4.0])).covector()
    assert sign == -1
    np.testing.assert_allclose(np.abs(c), [0, 2])


@given(seed=seeds)
def test_where_psi_is_hidden_from_the_response_there_is_no_canonical_gauge(seed):
    """The second variable moves on its own, and the first never hears of it."""
    a = np.diag([0.3, -0.2])
    s = basis_change(seed, 2)
    turned = in_basis(s, np.stack([a, 0.5 * a]))
    assert observability_basis(turned, np.linalg.solve(s.T, [1.0, 0.0])) is None


def test_a_law_that_is_not_finite_has_no_canonical_gauge():
    assert observability_basis(np.full((2, 2, 2), np.nan), np.ones(2)) is None
    assert observability_basis(np.ones((2, 2, 2)), np.array([1.0, np.inf])) is None


@settings(max_examples=30)
@given(seed=seeds)
def test_born_s_rule_is_a_form_of_rank_one_in_any_basis(seed):
    rng = np.random.default_rng(seed)
    states, s = rng.normal(size=(300, 2)), basis_change(seed, 2)
    back = np.linalg.inv(s)
    one = back.T @ np.diag([1.0, 0.0]) @ back
    rule = born_rule(quadratic(one), states @ s.T, np.std(states[:, 0] ** 2))
    assert rule.eigenvalue_ratio < 1e-10
    assert rule.constant == 0
    assert rule.linear == 0


@settings(max_examples=30)
@given(seed=seeds)
def test_two_real_waves_make_a_form_of_rank_two_in_any_basis(seed):
    """ρ = ψ₁² + ψ₂² / 4 with equal mean squares: the ratio is a quarter, whatever the basis."""
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(300, 2))
    states = states @ np.linalg.inv(np.linalg.cholesky(states.T @ states / 300)).T
    s = basis_change(seed, 2)
    back = np.linalg.inv(s)
    two = back.T @ np.diag([1.0, 0.25]) @ back
    assert born_rule(quadratic(two), states @ s.T, 1.0).eigenvalue_ratio == pytest.approx(
        0.25, rel=1e-8
    )


def test_spare_terms_of_the_readout_are_told_relative_to_the_response():
    states = np.random.default_rng(0).normal(size=(1000, 2))
    rule = born_rule(quadratic(np.diag([1.0, 0]), constant=-0.2, linear=0.1), states, 2.0)
    assert rule.constant == pytest.approx(0.1)
    assert rule.linear == pytest.approx(np.std(states.sum(axis=1)) * 0.05, rel=1e-2)


def test_generators_of_any_linear_cell_are_the_same_law():
    """A generator cell has them; a Taylor cell's are the logarithm of its update matrix."""
    low, high = np.array([-5.0]), np.array([-0.2])
    span = Span((-5.0,), (-0.2,))
    monomials = Monomials.spanning(low, high, 2, centred=False)
    scale = monomials.scale[0]
    own = Monomials.plain(((0,), (1,)))
    generator = GeneratorCell.over(DX * schroedinger(), own, (-5.0,), (-0.2,))
    found = generators_of(generator, monomials, span)
    expected = DX * np.stack([schroedinger()[0], schroedinger()[1] * scale, np.zeros((2, 2))])
    np.testing.assert_allclose(found, expected, atol=1e-14)

    v = np.linspace(-5, -0.2, 60)
    six = Monomials.spanning(low, high, 6)
    exact = transfer_matrix(KAPPA * v - ENERGY, DX).reshape(60, 4)
    weights = np.linalg.lstsq(six(v[:, None]), exact, rcond=None)[0]
    taylor = TaylorCell(weights.reshape(-1, 2, 2), six)
    np.testing.assert_allclose(generators_of(taylor, monomials, span), expected, atol=1e-8)
