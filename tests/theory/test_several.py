"""Several waves in one law: what a change of basis hides is found again, and no more than that."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hiddenlaw.cells import GeneratorCell, Monomials
from hiddenlaw.cells.terms import Coefficient
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import flat, layout
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Quadratic
from hiddenlaw.theory.equations.waves import energies, law_of, said_of, second_order
from hiddenlaw.theory.gauges.waves import Waves

KAPPA, ENERGY, DETUNING, COUPLING = 1.3, 0.37, 1.0, 1.2
SPLITTING = float(np.hypot(DETUNING, COUPLING))
MODES = np.array([ENERGY - SPLITTING / 2, ENERGY + SPLITTING / 2])
NOTHING = Shown.unanswered(np.zeros((1, 1, 1)))  # what the gauge sees does not matter
seeds = st.integers(0, 2**32 - 1)


def rotation(angle):
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def generators(angle=0.0):
    """A, B and no V² for (ψ1, ψ2, ψ1′, ψ2′), the components turned by an angle."""
    r = rotation(angle)
    c = np.array([[DETUNING, COUPLING], [COUPLING, -DETUNING]]) / 2
    matrices = np.zeros((3, 4, 4))
    matrices[0, :2, 2:] = np.eye(2)
    matrices[0, 2:, :2] = r @ (c - ENERGY * np.eye(2)) @ r.T
    matrices[1, 2:, :2] = KAPPA * np.eye(2)
    return matrices


def weights_of(*forms):
    columns = []
    for form in forms:
        full = np.zeros((4, 4))
        full[:2, :2] = form
        doubled = full + full.T - np.diag(np.diag(full))
        columns.append(np.concatenate([np.zeros(5), doubled[np.triu_indices(4)]]))
    return np.stack(columns, axis=1)


def hidden(seed, forms, angle=0.0):
    """The law and its readout in a random basis, stretched up to thirtyfold."""
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.normal(size=(4, 4)))[0] for _ in range(2))
    s = left @ np.diag(10 ** rng.uniform(-0.75, 0.75, 4)) @ right
    back = np.linalg.inv(s)
    columns = []
    for column in weights_of(*forms).T:
        form = np.zeros((4, 4))
        form[np.triu_indices(4)] = column[5:]
        form = back.T @ (form + form.T) / 2 @ back
        doubled = form + form.T - np.diag(np.diag(form))
        columns.append(np.concatenate([np.zeros(5), doubled[np.triu_indices(4)]]))
    monomials = Monomials.plain(((0,), (1,), (2,)))
    cell = GeneratorCell.over(s @ generators(angle) @ back, monomials, (-3.0,), (-1.0,))
    readout = Quadratic(np.stack(columns, axis=1), np.zeros(0))
    return Law(Shared(s @ rng.normal(size=4)), cell, readout, np.ones(len(forms)))


def found_in(law, kind):
    (waves,) = (w for w in Waves().fix(law, NOTHING) if w.kind == kind)
    return waves


def products(waves, output=0):
    """Factors of ψ1², ψ1 ψ2 and ψ2² in a response."""
    return np.asarray(waves.law.readout.weights)[[5, 6, 9], output]


def test_modes_are_uncoupled_and_their_energies_are_the_eigenvalues():
    @settings(max_examples=30, deadline=None)
    @given(seed=seeds)
    def check(seed):
        waves = found_in(hidden(seed, [np.eye(2)]), "modes")
        matrices = np.asarray(waves.law.cell.matrices)
        np.testing.assert_array_equal(matrices[0, :2], np.eye(4)[2:])
        np.testing.assert_array_equal(matrices[1:, :2], 0)
        np.testing.assert_allclose(matrices[0, 2:, :2], np.diag(-MODES), atol=1e-8)
        np.testing.assert_allclose(matrices[1, 2:, :2], KAPPA * np.eye(2), atol=1e-8)
        np.testing.assert_allclose(matrices[:, 2:, 2:], 0, atol=1e-8)

    check()


@pytest.mark.parametrize("angle", [0.3, 1.1, 2.5])
def test_the_total_density_does_not_know_how_its_components_are_turned(angle):
    one, other = (found_in(hidden(7, [np.eye(2)], turn), "modes") for turn in (0.0, angle))
    np.testing.assert_allclose(
        one.law.cell.matrices[0], other.law.cell.matrices[0], rtol=0, atol=1e-9
    )
    np.testing.assert_allclose(products(one), [1, 0, 1], atol=1e-9)
    np.testing.assert_allclose(products(other), [1, 0, 1], atol=1e-9)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_one_component_is_the_square_of_a_sum_of_modes(seed):
    waves = found_in(hidden(seed, [np.diag([1.0, 0.0])]), "modes")
    np.testing.assert_allclose(products(waves), [1, 2, 1], atol=1e-8)


def test_one_component_cannot_tell_detuning_from_coupling():
    """C → R C R⁻¹ with R keeping ψ1: another detuning and coupling, the same density."""
    mixing = np.array([[1.0, 0.0], [0.4, 1.7]])
    c = generators()[0, 2:, :2]
    mixed = mixing @ c @ np.linalg.inv(mixing)
    assert not np.allclose(np.diag(mixed), np.diag(c))
    v = np.random.default_rng(0).uniform(-3, -1, 200)
    answers = []
    for block, start in ((c, np.array([1.0, 0.3])), (mixed, mixing @ [1.0, 0.3])):
        psi, slope, density = start, np.zeros(2), []
        for value in v:
            slope = slope + 0.05 * (block + KAPPA * value * np.eye(2)) @ psi
            psi = psi + 0.05 * slope
            density.append(psi[0] ** 2)
        answers.append(density)
    np.testing.assert_allclose(answers[0], answers[1], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_both_densities_give_detuning_and_the_size_of_the_coupling(seed):
    model = hidden(seed, [np.diag([1.0, 0.0]), np.diag([0.0, 1.0])])
    waves = found_in(model, "components")
    curvature = np.asarray(waves.law.cell.matrices)[0, 2:, :2]
    np.testing.assert_allclose(np.diag(curvature), [DETUNING / 2 - ENERGY, -DETUNING / 2 - ENERGY])
    np.testing.assert_allclose(curvature[[0, 1], [1, 0]], COUPLING / 2, atol=1e-9)
    np.testing.assert_allclose(products(waves, 0), [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(products(waves, 1), [0, 0, 1], atol=1e-12)


@pytest.mark.parametrize("kind", ["components", "modes"])
def test_what_a_gauge_fixes_is_not_free(kind):
    model = hidden(0, [np.diag([1.0, 0.0]), np.diag([0.0, 1.0])])
    waves = found_in(model, kind)
    fixed = flat(waves.law)[~waves.free]
    assert np.isin(fixed, [-1.0, 0.0, 1.0]).all()
    # Two of three blocks of matrices, the gauge's own four numbers.
    assert len(fixed) == 3 * 8 + 4
    assert not waves.prunable[layout(waves.law).starts].any()


def test_waves_that_decay_into_each_other_have_no_modes():
    model = hidden(0, [np.eye(2)])
    matrices = generators()
    matrices[0, 2:, :2] = [[-1.0, 1.0], [-1.0, -1.0]]
    cell = GeneratorCell.over(matrices, model.cell.monomials, (-3.0,), (-1.0,))
    turned = model.but(cell=cell, readout=Quadratic(weights_of(np.eye(2)), np.zeros(0)))
    assert list(Waves().fix(turned, NOTHING)) == []


def test_the_law_is_named_and_says_what_cannot_be_known():
    found = [
        Coefficient(2, (0,), (1,), KAPPA),
        Coefficient(2, (0,), (0,), -MODES[0]),
        Coefficient(3, (1,), (1,), KAPPA),
        Coefficient(3, (1,), (0,), -MODES[1]),
    ]
    system = second_order(found, np.zeros(4), 2, "psi", ("V",))
    assert system.names == ("psi1", "psi2", "psi1'", "psi2'")
    terms = law_of(system)
    assert {left: list(row) for left, row in terms.items()} == {
        "psi1''": ["V*psi1", "psi1"],
        "psi2''": ["V*psi2", "psi2"],
    }
    mean, splitting = energies(generators(), "modes")
    assert mean.value == pytest.approx(ENERGY)
    assert splitting.value == pytest.approx(SPLITTING)
    assert "cannot be told apart" in " ".join(said_of("modes", 2, "rho", "psi"))
