"""Ground states of atoms that repel one another, μ of each trap its own: found, kept, read back."""

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.systems import InteractingTrap, Trap, measure

pytestmark = pytest.mark.slow

G = 0.006


def traps(runs, seed):
    """Densities with 1 % of noise, and the chemical potentials that nobody is told."""
    data = InteractingTrap(g=G).simulate(runs=runs, sites=64, seed=seed, with_truth=True)
    return measure(data, noise="gaussian:0.01", seed=seed)


def test_traps_from_their_densities(tmp_path):
    found = hl.discover(
        traps(30, 0), family="polynomial", run_constants=1, dimension=2, readout="quadratic"
    )
    assert found.record["verdict"] == "law"
    theory = found.theory
    ((left, terms),) = theory.record["law"]["terms"].items()
    assert left == "psi''"
    assert terms.keys() == {"V*psi", "E*psi", "psi**3"}
    for name, value in {"V*psi": 1.0, "E*psi": -1.0, "psi**3": G}.items():
        assert abs(terms[name]["value"] - value) < 4 * terms[name]["stderr"] < 0.1 * abs(value)
    said = theory.record["run_constants"]
    assert said["meaning"] == "a chemical potential in the unit of V"
    assert found.record["truth"]["run_constants"]["E"] < 0.02
    pulls = (np.array(said["values"]) - found.arrays["constants/true"]) / np.array(said["stderr"])
    assert 0.3 < np.sqrt(np.mean(pulls**2)) < 2
    assert theory.record["heldout_error"] < 2 * 0.01**2
    assert not found.record["equilibria"]  # they are other ones in each run

    found.save(tmp_path / "run", report=False)
    again = hl.load_discovery(tmp_path / "run").theory
    assert again.equation == theory.equation
    new, _ = type(again.law.preparation).seen(traps(4, 1))
    given = np.where(np.arange(new.sites)[:, None] % 2, np.nan, new.response)
    answer = again.predict(new.input, given)
    apart = np.where(new.observed & np.isnan(given), answer - new.response, 0.0)
    count = (new.observed & np.isnan(given)).sum()
    assert np.sqrt(np.sum(apart**2) / count) < 2 * 0.01 * np.sqrt(new.variance[0])


def test_they_are_sought_too_where_a_search_for_multiplied_laws_came_before():
    """Of ideal clouds, with a translator too narrow for them."""
    data = measure(
        Trap().simulate(runs=12, sites=32, dx=0.28, seed=0), noise="gaussian:0.01", seed=0
    )
    narrow = {"translator_seeds": 1, "seeds": 1, "hidden": 3}
    found = hl.discover(data, run_constants=1, dimension=2, readout="quadratic", **narrow)
    multiplied, polynomial = found.record["families"]
    assert multiplied["heldout_error"] > 4 * polynomial["heldout_error"]
    assert polynomial["selected"]
    ((_, terms),) = found.theory.record["law"]["terms"].items()
    assert terms.keys() == {"V*psi", "E*psi"}
    assert terms["V*psi"]["value"] == pytest.approx(1.0, abs=0.02)
