"""Two constants of every run, none of them told, found beside the law; the oracle is SciPy's."""

import numpy as np
import pytest
from scipy.linalg import expm

import hiddenlaw as hl
from hiddenlaw.data.parts import parts_of

RUNS, SITES, DX, NOISE = 24, 80, 0.2, 0.01


def oscillators(seed, runs=RUNS):
    """z″ = −(1 + a) z − (0.2 + b) z′ + u, with a and b of each run's own, and 1 % of noise."""
    rng = np.random.default_rng(seed)
    constants = rng.uniform(-1, 1, (runs, 2)) * (0.4, 0.1)
    u, state = rng.uniform(-1, 1, (runs, SITES)), rng.normal(size=(runs, 2))
    z = np.zeros((runs, SITES))
    for run, (a, b) in enumerate(constants):
        cell = expm(DX * np.array([[0, 1, 0], [-1 - a, -0.2 - b, 1], [0, 0, 0]]))
        for site in range(SITES):
            state[run] = cell[:2] @ (*state[run], u[run, site])
            z[run, site] = state[run, 0]
    return u, z + NOISE * z.std() * rng.normal(size=z.shape), constants


def explained(values, true):
    """Of the true constants, by the affine map of those found that comes closest."""
    known = np.column_stack([np.ones(len(true)), values])
    left = true - known @ np.linalg.lstsq(known, true, rcond=None)[0]
    return np.sqrt(np.mean(left**2, axis=0)) / true.std(axis=0)


@pytest.mark.slow
def test_stiffness_and_damping_of_every_run_are_found_beside_the_law(tmp_path, capsys):
    u, z, constants = oscillators(0)
    asked = {"run_constants": 2, "dimension": 3, "readout": "linear"}
    found = hl.discover(u, z, dx=DX, hidden=3, translator_seeds=1, seeds=1, **asked)
    theory = found.theory
    ((left, terms),) = theory.record["law"]["terms"].items()
    assert left == "y''"
    of_runs = {"E1*y", "E2*y", "E1*y'", "E2*y'"}
    assert set(terms) - of_runs == {"u", "y", "y'"}
    assert len(of_runs & set(terms)) >= 3  # a turn of the two may take one of the four to zero
    assert terms["u"]["value"] == pytest.approx(1, abs=0.01)
    said = theory.statement.run_constants
    values = np.array([constant.values for constant in said]).T
    train, _ = parts_of(RUNS, 0.2, 0)
    assert (explained(values, constants[train]) < 0.03).all()
    # What the law makes of them is the stiffness and the damping of each run themselves.
    for name, number, mean in (("y", 0, 1.0), ("y'", 1, 0.2)):
        factors = [terms.get(f"E{k}*{name}", {"value": 0.0})["value"] for k in (1, 2)]
        of_each = -(terms[name]["value"] + values @ factors)
        apart = of_each - mean - constants[train][:, number]
        assert np.sqrt(np.mean(apart**2)) < 0.04 * constants[:, number].std()

    assert any("E1 and E2 cannot be told apart" in note for note in found.record["notes"])
    print(found)
    assert "E1 and E2 are constants of each run, found beside the law." in capsys.readouterr().out
    found.save(tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "2 constants of each run" in page
    assert "known up to scale, offset and sums with E2" in page
    # Runs that no training saw: of each, every other sample is given to find its constants.
    new_u, new_z, _ = oscillators(1, runs=4)
    told = hl.load_discovery(tmp_path / "run").predict_runs(
        hl.Dataset.from_arrays(new_u, new_z, dx=DX)
    )
    assert told.errors.max() < 2e-3
