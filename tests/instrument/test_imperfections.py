"""What of a misfit is the instrument's: found, with errors that hold, and never made up."""

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.cells import Monomials, generator_over
from hiddenlaw.data.instrument import blurred
from hiddenlaw.holds import Span
from hiddenlaw.instrument import imperfections_of
from hiddenlaw.law import Law
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Quadratic
from hiddenlaw.systems import Schroedinger
from hiddenlaw.systems._linear import walk
from hiddenlaw.systems.schroedinger import transfer_matrix

RUNS, SITES, DX = 24, 40, 0.2
ENERGY, NOISE = 0.37, 0.005


def densities(v, dx=DX):
    start = np.tile([1.0, 0.0], (len(v), 1))
    return walk(transfer_matrix(v - ENERGY, dx), start)[:, 1:, :1] ** 2


def potentials(seed):
    return Schroedinger().simulate(runs=RUNS, sites=SITES, dx=DX, seed=seed).input[..., 0]


def recorded(v, rho, seed):
    rng = np.random.default_rng(seed)
    noisy = rho + NOISE * rho.std() * rng.normal(size=rho.shape)
    return hl.Dataset.from_arrays(v, noisy, dx=DX, input_names="V", response_names="rho")


def law_of(data, *, kappa=1.01, energy=0.36):
    """ψ″ = (κV − E) ψ, ρ = ψ², a little wrong."""
    (low,), (high,) = data.input_range.T
    monomials = Monomials.spanning((low,), (high,), 1, centred=False)
    size = float(np.asarray(monomials.scale)[0])
    matrices = np.zeros((2, 2, 2))
    matrices[0] = [[0, 1], [-energy * DX**2, 0]]
    matrices[1, 1, 0] = kappa * size * DX**2
    span = Span((low,), (high,))
    weights = np.zeros((6, 1))
    weights[3] = 1.0
    scale = np.sqrt(data.variance)
    start = Shared(np.array([1 / np.sqrt(scale[0]), 0.0]))
    cell = generator_over(matrices, monomials, span).with_span(span)
    return Law(start, cell, Quadratic(weights, np.zeros(0)), scale)


def holds(entry, true, errors=4.0):
    """Whether the truth is within so many standard errors, and a tenth of itself."""
    value, stderr = entry["value"], entry["stderr"]
    return abs(value - true) <= errors * stderr + 0.02 * abs(true)


@pytest.mark.parametrize("seed", range(3))
def test_a_perfect_instrument_is_not_accused(seed):
    v = potentials(seed)
    data = recorded(v, densities(v), seed)
    assert imperfections_of(law_of(data), data) is None


@pytest.mark.parametrize(("seed", "halves"), [(0, 1), (1, 1), (2, -1)])
def test_an_input_that_acts_half_a_site_late_or_early(seed, halves):
    v = potentials(seed)
    acting = np.roll(np.repeat(v, 2, axis=1), halves, axis=1)
    if halves > 0:
        acting[:, 0] = v[:, 0]
    else:
        acting[:, -1] = v[:, -1]
    data = recorded(v, densities(acting, DX / 2)[:, 1::2], seed)
    found = imperfections_of(law_of(data), data)
    assert found is not None
    assert list(found.told) == ["alignment"]
    (entry,) = found.told["alignment"]
    assert entry["value"] == pytest.approx(halves * DX / 2, abs=0.1 * DX)


@pytest.mark.parametrize("seed", range(2))
def test_a_background_with_a_slope(seed):
    v = potentials(seed)
    rho = densities(v)
    x = DX * np.arange(1, SITES + 1)[:, None]
    data = recorded(v, rho + 0.03 + 0.004 * (x - DX), seed)
    found = imperfections_of(law_of(data), data)
    assert found is not None
    assert list(found.told) == ["background"]
    (entry,) = found.told["background"]
    assert holds(entry["constant"], 0.03)
    assert holds(entry["slope"], 0.004)


@pytest.mark.parametrize("seed", range(2))
def test_a_blur(seed):
    v = potentials(seed)
    data = recorded(v, blurred(densities(v), 0.7), seed)
    found = imperfections_of(law_of(data), data)
    assert found is not None
    assert list(found.told) == ["blur"]
    assert holds(found.told["blur"][0], 0.7 * DX)


def test_two_at_once():
    v = potentials(5)
    data = recorded(v, 0.05 + blurred(densities(v), 0.7), 5)
    found = imperfections_of(law_of(data), data)
    assert found is not None
    assert set(found.told) == {"blur", "background"}
    assert holds(found.told["background"][0]["constant"], 0.05)


@pytest.mark.slow
def test_a_discovery_takes_it_off_and_predicts_what_is_recorded(tmp_path):
    v, under = potentials(7), 0.05 + 0.002 * np.arange(SITES)
    rho = densities(v) + under[:, None]
    data = recorded(v, rho, 7)
    found = hl.discover(data, dimension=2, readout="quadratic", seeds=1, translator_seeds=1)
    assert found.verdict == "law"
    theory = found.theory
    assert set(theory.record["law"]["terms"]["psi''"]) == {"V*psi", "psi"}
    assert set(theory.record["readout_law"]["terms"]["rho"]) == {"psi**2"}
    assert "background" in found.record["instrument"]
    assert "under ρ stands" in str(found)
    new = Schroedinger().simulate(runs=5, sites=SITES, dx=DX, seed=99).input
    expected = densities(new[..., 0])[..., 0] + under
    answer = theory.predict(new[..., 0])
    assert np.abs(answer - expected).max() < 0.02 * rho.std()
    found.save(tmp_path / "D", report=False)
    again = hl.load_discovery(tmp_path / "D").theory
    np.testing.assert_allclose(again.predict(new[..., 0]), answer, rtol=1e-10, atol=1e-12)


@pytest.mark.slow
def test_what_acts_late_is_told_so_though_powers_of_the_state_could_feign_it():
    v = potentials(0)
    acting = np.roll(np.repeat(v, 2, axis=1), 1, axis=1)
    acting[:, 0] = v[:, 0]
    data = recorded(v, densities(acting, DX / 2)[:, 1::2], 0)
    found = hl.discover(data, dimension=2, readout="quadratic", seeds=1, translator_seeds=1)
    assert [row["family"] for row in found.record["families"] if row["selected"]] == ["multiplied"]
    (entry,) = found.record["instrument"]["alignment"]
    assert entry["value"] == pytest.approx(DX / 2, abs=0.1 * DX)
    assert set(found.theory.record["law"]["terms"]["psi''"]) == {"V*psi", "psi"}
