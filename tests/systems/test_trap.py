"""The densities of traps are those of their ground states."""

import numpy as np
import pytest
import scipy.sparse
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline
from scipy.sparse.linalg import eigsh

from hiddenlaw.errors import SettingsError
from hiddenlaw.systems import TRAPS, Trap
from hiddenlaw.systems._ground_states import ground_states
from hiddenlaw.systems.trap_shapes import draw_traps

X = 0.15 * (np.arange(64) - 31.5)
SHAPES = pytest.mark.parametrize("shape", TRAPS)


def traps(shape: str, runs: int = 6):
    return draw_traps(shape, np.random.default_rng(0), runs)


def test_in_a_parabola_the_ground_state_is_a_gaussian():
    """V = a (x − c)²: E = √a, ρ = (√a/π)^(1/2) exp(−√a (x − c)²)."""
    data = Trap().simulate(runs=30, sites=64, seed=0, potentials="harmonic", with_truth=True)
    assert data.truth is not None
    for run in range(30):
        a, slope, _ = np.polyfit(data.x, data.input[run, :, 0], 2)
        root, c = np.sqrt(a), -slope / (2 * a)
        np.testing.assert_allclose(data.truth.states["E"][run], root, rtol=0, atol=1e-9)
        gaussian = np.sqrt(root / np.pi) * np.exp(-root * (data.x - c) ** 2)
        np.testing.assert_allclose(data.response[run, :, 0], 1000 * gaussian, atol=1e-7)
        psi = np.sqrt(1000 * gaussian)
        np.testing.assert_allclose(data.truth.states["psi"][run], psi, atol=1e-8)
        np.testing.assert_allclose(
            data.truth.states["psi'"][run], -root * (data.x - c) * psi, atol=1e-8
        )


def test_a_force_lowers_the_energy_of_a_parabola():
    """V = a x² + f x: E = √a − f²/4a."""
    trap = traps("tilted")
    energy, _, _ = ground_states(trap, X)
    for run, potential in enumerate(trap(X)):
        a, force, level = np.polyfit(X, potential, 2)
        assert level == pytest.approx(0, abs=1e-9)
        assert energy[run] == pytest.approx(np.sqrt(a) - force**2 / (4 * a), abs=1e-9)
        assert abs(force) > 0.01


def test_the_energy_of_a_quartic_trap_is_the_known_number():
    """p² + b x⁴ has the ground energy 1.060362090484183 b^(1/3)."""
    trap = traps("quartic")
    energy, _, _ = ground_states(trap, X)
    b = np.array([np.polyfit(X, potential, 4)[0] for potential in trap(X)])
    np.testing.assert_allclose(energy, 1.060362090484183 * np.cbrt(b), rtol=0, atol=1e-9)


@SHAPES
def test_energies_are_those_of_sparse_differences(shape):
    """Second differences at three steps, extrapolated to none, by SciPy's Lanczos method."""
    trap = traps(shape, 2)
    found, _, _ = ground_states(trap, X)

    def lowest(step: float) -> np.ndarray:
        points = np.arange(-9, 9 + step / 2, step)
        side = -np.ones(points.size - 1) / step**2
        energies = []
        for q in trap(points):
            matrix = scipy.sparse.diags_array(
                [side, q + 2 / step**2, side], offsets=[-1, 0, 1], format="csc"
            )
            energies.append(eigsh(matrix, k=1, sigma=q.min(), return_eigenvectors=False)[0])
        return np.array(energies)

    coarse, middle, fine = (lowest(step) for step in (0.04, 0.02, 0.01))
    once = (4 * middle - coarse) / 3, (4 * fine - middle) / 3
    np.testing.assert_allclose(found, (16 * once[1] - once[0]) / 15, rtol=0, atol=1e-8)


@SHAPES
def test_the_states_obey_the_equation_from_both_ends_to_the_middle(shape):
    """Dormand and Prince's method of order 8, from the true state at the first and last site."""
    trap = traps(shape, 3)
    energy, psi, slope = ground_states(trap, X)
    for run in range(3):
        for start, ends in ((0, (0, 32)), (-1, (63, 32))):
            solution = solve_ivp(
                lambda x, s, r=run: [s[1], (trap(np.array([x]))[r, 0] - energy[r]) * s[0]],
                X[list(ends)],
                [psi[run, start], slope[run, start]],
                "DOP853",
                rtol=1e-12,
                atol=1e-15,
            )
            # The tail is known to 1e-10 of the whole, and grows by its own inverse on the way.
            middle = [psi[run, 32], slope[run, 32]]
            np.testing.assert_allclose(solution.y[:, -1], middle, rtol=0, atol=1e-5)


@SHAPES
def test_they_have_converged_and_no_node(shape):
    trap = traps(shape, 4)
    energy, psi, slope = ground_states(trap, X)
    finer = ground_states(trap, X, step=0.08)
    np.testing.assert_allclose(energy, finer[0], rtol=0, atol=1e-10)
    np.testing.assert_allclose(psi, finer[1], rtol=0, atol=1e-9)
    np.testing.assert_allclose(slope, finer[2], rtol=0, atol=1e-9)
    assert psi.min() > -1e-9
    assert (psi[:, 20:44] > 0).all()


@SHAPES
def test_the_grid_holds_the_density_and_resolves_the_trap(shape):
    trap = traps(shape, 50)
    _, psi, _ = ground_states(trap, X)
    density = psi**2
    np.testing.assert_allclose(density.sum(axis=1) * 0.15, 1, atol=1e-5)
    visible = density > 1e-3 * density.max(axis=1, keepdims=True)
    for q, seen in zip(trap(X), visible, strict=True):
        assert 1 < np.ptp(q[seen]) < 20
        assert seen.sum() >= 24
    fine = np.linspace(X[0], X[-1], 8 * 63 + 1)
    error = CubicSpline(X, trap(X), axis=1)(fine) - trap(fine)
    assert np.abs(error).max() < 1e-3


def test_energies_differ_from_run_to_run_and_only_the_truth_knows():
    data = Trap().simulate(runs=50, sites=64, seed=0, with_truth=True)
    assert data.truth is not None
    energy = data.truth.states["E"]
    np.testing.assert_array_equal(energy, np.tile(energy[:, :1], (1, 64)))
    assert len(np.unique(energy[:, 0])) == 50
    assert energy.std() > 0.3
    assert set(data.truth.states) == {"psi", "psi'", "E"}
    assert data.truth.parameters == {"kappa": 1, "atoms": 1000}
    np.testing.assert_allclose(data.response[:, :, 0], data.truth.states["psi"] ** 2)
    assert (data.hold, data.input_names, data.response_names) == ("cubic", ("V",), ("rho",))
    assert data.x[0] == -data.x[-1]
    assert data.dx == 0.15
    assert "mixed traps" in data.source
    assert Trap().simulate(runs=5, sites=64, seed=0).truth is None


def test_constants_and_seeds():
    plain, scaled, other = (
        system.simulate(runs=5, sites=64, seed=seed, with_truth=True)
        for system, seed in ((Trap(), 0), (Trap(kappa=2.0, atoms=50.0), 0), (Trap(), 1))
    )
    np.testing.assert_allclose(scaled.input, plain.input / 2)
    np.testing.assert_allclose(scaled.response, plain.response / 20)
    np.testing.assert_allclose(scaled.response.sum(axis=1) * 0.15, 50, rtol=1e-5)
    assert (plain.input != other.input).all()
    assert plain.truth is not None
    assert scaled.truth is not None
    # An energy, in the unit of the trap.
    np.testing.assert_allclose(scaled.truth.states["E"], plain.truth.states["E"] / 2)


def test_mixed_traps_are_of_every_shape():
    """Two of five shapes are parabolas, whose third differences vanish."""
    potential = draw_traps("mixed", np.random.default_rng(3), 20)(X)
    third = np.abs(np.diff(potential, 3, axis=1)).max(axis=1)
    assert (third < 1e-10).sum() == 8


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"potentials": "fourier"}, "'fourier'; there are mixed, harmonic, quartic"),
        ({"hold": "zero"}, "trap knows no hold 'zero'; only cubic"),
        ({"preparation": "random"}, "trap knows no preparation 'random'; only ground"),
        ({"sites": 20}, "a grid of 20 sites of 0.15 cuts off the density in 4 of 4"),
        ({"dx": -1.0}, "dx is -1; it must be a positive number"),
    ],
)
def test_experiments_that_cannot_be_are_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        Trap().simulate(**({"runs": 4, "sites": 64, "seed": 0} | settings))
    with pytest.raises(SettingsError, match="atoms is 0; it must be a positive number"):
        Trap(atoms=0.0)
