"""An approximate law is called so, and a whole one is not accused."""

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.report.words.verdict import per_cent
from hiddenlaw.systems import Schroedinger

RUNS, SITES, DX = 80, 40, 0.2
ASKED = {"dimension": 2, "readout": "quadratic", "seeds": 1, "translator_seeds": 1}


def data(bend=0.0, noise=0.01, seed=0):
    """Densities as a detector shows them that saturates: ρ / (1 + bend ρ)."""
    clean = Schroedinger().simulate(runs=RUNS, sites=SITES, dx=DX, seed=seed)
    rng, rho = np.random.default_rng(seed), clean.response
    rho = rho / (1 + bend * rho)
    rho = rho + noise * rho.std() * rng.normal(size=rho.shape)
    names = {"input_names": "V", "response_names": "rho"}
    return hl.Dataset.from_arrays(clean.input, rho, dx=DX, **names)


@pytest.mark.slow
def test_a_whole_law_is_a_law():
    recorded = data()
    found = hl.discover(recorded, **ASKED)
    assert found.verdict == "law"
    left, heldout = found.record["residuals"], recorded.split(0.2, 0)[1]
    assert left["why"] == []
    noise = 1e-4 * recorded.variance[0] / heldout.variance[0]
    assert left["left"] == pytest.approx(noise, rel=0.15)


@pytest.mark.slow
def test_a_detector_that_saturates_leaves_an_approximate_law_without_spurious_terms():
    found = hl.discover(data(bend=0.1), **ASKED)
    assert found.verdict == "approximate"
    assert set(found.theory.record["law"]["terms"]["psi''"]) == {"V*psi", "psi"}
    assert found.theory.record["law"]["terms"]["psi''"]["V*psi"]["value"] == pytest.approx(
        1, abs=0.05
    )
    assert "not the whole law" in str(found)
    richer = found.record["families"][-1]
    assert richer["family"] == "polynomial"
    assert "bent scale" in richer["reason"]
    assert found.record["noise"]["relative"]["rho"] < np.sqrt(found.record["residuals"]["left"])


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (0.0032, "99.68 %"),
        (0.00321, "99.67 %"),
        (0.5, "50 %"),
        (0.049, "95.1 %"),
        (1e-4, "99.990 %"),
        (5.7e-26, "all"),
        (0.0, "100 %"),
        (1.3, "nothing"),
        (None, "nothing"),
    ],
)
def test_how_much_is_explained_is_never_rounded_up(left, said):
    assert per_cent(left) == said
