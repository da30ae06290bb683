"""One table: experiments with a known law, and what a discovery makes of their data alone."""

from dataclasses import replace

import numpy as np
import pytest
from driven_example import OSCILLATOR, respond
from shared_example import RUNS, SITES, SMALL

import hiddenlaw as hl
from hiddenlaw.cli import main
from hiddenlaw.levels.curvature import curvature_law
from hiddenlaw.systems import Schroedinger, Trap, get_system, measure

# Where the dimension is known from elsewhere: one width in place of a sweep.
ONE = {"dimension": 2, "readout": "quadratic"}
# Four variables read through their squares: what a translator of as many holds.
FOUR = {
    "dimension": 4,
    "readout": "quadratic",
    "translator_readout": "quadratic",
    "hidden": 4,
}
# Of E - C, with E = 0.37, detuning 1 and coupling 1.2.
HALF_SPLITTING = float(np.hypot(1.0, 1.2)) / 2
TWO_MODES = {
    "psi1''": {"V*psi1": 1, "psi1": HALF_SPLITTING - 0.37},
    "psi2''": {"V*psi2": 1, "psi2": -HALF_SPLITTING - 0.37},
}

# System, options of its simulation and of the discovery, dimension by class, readout, terms.
TABLE = {
    "a current": (
        "current",
        {},
        {},
        {"linear": 3, "quadratic": 3},
        "linear",
        {"rho'''": {"V*rho'": 4, "V'*rho": 2, "rho'": -4 * 0.37}},
    ),
    "a refractive index": (
        "helmholtz",
        {},
        {},
        {"linear": 3, "quadratic": 2},
        "quadratic",
        {"psi''": {"n**2*psi": -1.44}},
    ),
    "a damped oscillator": (
        "oscillator",
        {},
        {"max_dimension": 2},
        {"linear": 2, "quadratic": 2},
        "linear",
        {"q''": {"q*u": -2.25, "q": -2.25, "q'": -0.1}},
    ),
    "runs that start each from its own state": (
        "schroedinger",
        {"preparation": "random"},
        ONE,
        {"quadratic": 2},
        "quadratic",
        {"psi''": {"V*psi": 1, "psi": -0.37}},
    ),
    "linear between samples": (
        "schroedinger",
        {"hold": "first", "dx": 0.15},
        ONE,
        {"quadratic": 2},
        "quadratic",
        {"psi''": {"V*psi": 1, "psi": -0.37}},
    ),
    "a smooth potential": (
        "schroedinger",
        {"hold": "cubic", "dx": 0.15, "potentials": "smooth"},
        ONE,
        {"quadratic": 2},
        "quadratic",
        {"psi''": {"V*psi": 1, "psi": -0.37}},
    ),
    "two components, total": (
        "components",
        {},
        FOUR,
        {"quadratic": 4},
        "quadratic",
        TWO_MODES,
    ),
    "two components, one": (
        "components",
        {},
        FOUR,
        {"quadratic": 4},
        "quadratic",
        TWO_MODES,
    ),
}
OBSERVED = {"two components, total": "total", "two components, one": "one"}
READOUTS = {
    "two components, total": {"rho": {"psi1**2": 1, "psi2**2": 1}},
    "two components, one": {"rho1": {"psi1**2": 1, "psi1*psi2": 2, "psi2**2": 1}},
}
ACCURACY = {"linear between samples": 1e-4, "a smooth potential": 2e-4}


@pytest.mark.slow
@pytest.mark.parametrize("case", TABLE)
def test_the_law_of(case):
    system, options, settings, dimension, readout, expected = TABLE[case]
    constants = {"observe": OBSERVED[case]} if case in OBSERVED else {}
    data = get_system(system)(**constants).simulate(runs=RUNS, sites=SITES, seed=0, **options)
    found = hl.discover(data, **{**SMALL, **settings})
    assert found.dimension == dimension
    theory = found.theory
    assert theory.readout == readout
    own = options.get("preparation") == "random"
    assert found.record["initial_state"]["choice"] == ("per-run" if own else "shared")
    terms = theory.record["law"]["terms"]
    values = {left: {t: e["value"] for t, e in row.items()} for left, row in terms.items()}
    assert set(values) == set(expected)
    for left, row in expected.items():
        assert values[left] == pytest.approx(row, abs=ACCURACY.get(case, 1e-6)), case
    if case in READOUTS:
        read = theory.record["readout_law"]["terms"]
        for response, row in READOUTS[case].items():
            assert {t: e["value"] for t, e in read[response].items()} == pytest.approx(row)
        assert any("cannot be told apart" in note for note in found.record["notes"])
    if system == "current":
        (current,) = (i for i in theory.record["invariants"] if i["name"].startswith("rho*xi"))
        assert "there is a current" in current["meaning"]
        assert len(found.theories) == 1  # squares need no fewer variables, and add no theory


@pytest.mark.slow
@pytest.mark.parametrize(("observe", "products"), [("total", 6), ("one", 10)])
def test_of_four_variables_the_products_move_linearly(observe, products):
    """Ten products of ψ1, ψ2, ψ1′, ψ2′; ψ1² + ψ2² does not see how the two are turned."""
    data = get_system("components")(observe=observe).simulate(runs=RUNS, sites=48, seed=0)
    settings = {"decoders": ("linear",), "max_dimension": products, "seeds": 1, "seed": 0}
    found = hl.discover(data, translator_readout="quadratic", hidden=4, **settings)
    assert found.dimension == {"linear": products}
    least = {row["dimension"]: [] for row in found.record["sweep"]}
    for row in found.record["sweep"]:
        least[row["dimension"]].append(row["heldout_loss"])
    assert min(least[products]) < 1e-15
    assert min(least[products - 1]) > 1e-6
    assert found.theory.record["heldout_error"] < 1e-18
    # No gauge makes one equation of it; still V² is found to do nothing.
    assert not found.theory.record["canonical"]
    rows = found.theory.record["system"]["terms"].values()
    assert not any("V**2" in term for row in rows for term in row)


@pytest.mark.slow
def test_noise_gaps_and_a_bootstrap_leave_the_law_within_its_intervals():
    clean = Schroedinger().simulate(runs=RUNS, sites=SITES, dx=0.2, seed=1)
    data = measure(clean, noise="gaussian:0.05", missing=0.05, seed=1)
    found = hl.discover(data, bootstrap=20, **SMALL)
    assert found.dimension == {"linear": 3, "quadratic": 2}
    law = found.theory.record["law"]
    assert set(law["terms"]["psi''"]) == {"V*psi", "psi"}
    for term, value in {"V*psi": 1.0, "psi": -0.37}.items():
        entry = law["terms"]["psi''"][term]
        assert entry["value"] == pytest.approx(value, rel=0.02)
        assert abs(entry["value"] - value) < 4 * entry["stderr"]
        assert entry["stderr_bootstrap"] > 0
    assert "±" in law["with_errors"]
    assert found.record["noise"]["relative"]["rho"] == pytest.approx(0.05, rel=0.4)
    rivals = {entry["rival"]: entry for entry in found.record["evidence"]}
    assert rivals["3 variables, linear readout"]["log10_bayes_factor"] > 0
    assert rivals["no memory: a static map"]["log10_bayes_factor"] > 100
    assert all(theory.record["confirmed"]["as_good"] for theory in found.theories)


@pytest.mark.slow
def test_an_oscillator_that_is_pushed():
    """y″ = u − 1.5 y − 0.2 y′, by SciPy, 1 % noise: two variables that are driven or, where they
    are to be multiplied, two and a constant.
    """
    u, y = respond(OSCILLATOR, (0.3, 0.0), 0.2)
    rng = np.random.default_rng(1)
    y += 0.01 * y.std() * rng.normal(size=y.shape)
    asked = SMALL | {"decoders": ("linear",)}
    assert hl.discover(u, y, dx=0.2, **asked).dimension == {"linear": 2}
    found = hl.discover(u, y, dx=0.2, family="multiplied", **asked)
    assert found.dimension == {"linear": 3}
    terms = found.theory.record["law"]["terms"]["y''"]
    assert set(terms) == {"u", "y", "y'"}
    for name, value in {"u": 1, "y": -1.5, "y'": -0.2}.items():
        assert terms[name]["value"] == pytest.approx(value, abs=0.02)
        assert abs(terms[name]["value"] - value) < 4 * terms[name]["stderr"]
    assert "3 hidden variables, one of them constant," in str(found)


@pytest.mark.slow
def test_held_out_error_tells_which_hold_the_data_have():
    data = Schroedinger().simulate(
        runs=RUNS, sites=SITES, dx=0.15, seed=2, hold="cubic", potentials="smooth"
    )
    wrong = replace(data, hold="zero")
    found = hl.discover(wrong, hold="auto", **{**SMALL, **ONE})
    errors = found.record["hold_errors"]
    assert min(errors, key=errors.get) == "cubic"
    assert found.record["dataset"]["hold"] == "cubic"
    assert errors["zero"] > 100 * errors["cubic"]


@pytest.mark.slow
def test_no_law_is_claimed_of_a_noisy_static_response():
    v = Schroedinger().simulate(runs=RUNS, sites=SITES, dx=0.2, seed=3).input
    response = np.tanh(2 * (v + 3)) + 0.05 * np.random.default_rng(4).normal(size=v.shape)
    found = hl.discover(v, response, dx=0.2, **SMALL)
    assert found.verdict == "memoryless"
    assert not found.theories
    assert "Memoryless" in str(found)


@pytest.mark.slow
def test_energies_of_trapped_runs_are_found_beside_the_law(tmp_path, capsys):
    """ψ″ = 2 (V − E_r) ψ from densities with 1 % noise, E_r unknown and different in every run."""
    clean = Trap(kappa=2.0).simulate(runs=30, sites=64, seed=0, with_truth=True)
    data = measure(clean, noise="gaussian:0.01", seed=0)
    error = np.full(data.response.shape, 0.01 * np.sqrt(clean.variance))
    data = replace(data, response_error=error, units={"V": "nK", "x": "um"})
    found = hl.discover(data, run_constants=1, seeds=1, translator_seeds=1, seed=0, **ONE)
    theory = found.theory
    (terms,) = theory.record["law"]["terms"].values()
    assert set(terms) == {"V*psi", "E*psi"}
    entry = terms["V*psi"]
    assert entry["value"] == pytest.approx(2, rel=0.02)
    assert abs(entry["value"] - 2) < 4 * entry["stderr"]
    assert terms["E*psi"]["value"] == pytest.approx(-entry["value"])
    assert found.record["truth"]["run_constants"]["E"] < 0.02
    energies = theory.record["run_constants"]
    assert "energy in the unit of V" in energies["meaning"]
    true = found.arrays["constants/true"]
    pulls = (np.array(energies["values"]) - true) / np.array(energies["stderr"])
    assert 0.5 < np.sqrt(np.mean(pulls**2)) < 1.5
    assert theory.record["fit"]["chi_square"] == pytest.approx(1, abs=0.2)
    assert len(set(theory.record["units"]["psi''"].values())) == 1
    # Runs that no training saw: of each, every other sample is given to find its energy.
    told = found.record["initial_state"]["predicted_from"]
    assert told == "from the input and every other sample"
    assert any("both are found from every other sample" in note for note in found.record["notes"])
    assert theory.record["confirmed"]["as_good"]
    assert theory.record["heldout_error"] < 3e-4
    levels = theory.bound_states(0.5 * (x := np.linspace(-8, 8, 801)) ** 2, x, count=3)
    np.testing.assert_allclose(levels.energies, np.arange(3) + 0.5, rtol=0.01)
    ends = curvature_law(theory.statement, theory.low, theory.high).found_at
    assert ends == pytest.approx((true.min(), true.max()), rel=0.02)

    found.save(tmp_path / "run", report=False)
    new = Trap(kappa=2.0).simulate(runs=3, sites=64, seed=9)
    hl.save(measure(new, noise="gaussian:0.01", seed=9), tmp_path / "new.nc")
    files = [str(tmp_path / name) for name in ("run", "new.nc", "told.nc")]
    assert main(["predict", *files[:2], "--out", files[2]]) == 0
    assert "wrote" in capsys.readouterr().out
    told = hl.load(files[2], allow_missing=True)
    misfit = told.response - new.response
    assert np.isfinite(misfit).sum() > 60
    assert np.sqrt(np.nanmean(misfit**2)) < 0.02 * np.sqrt(new.variance[0])


@pytest.mark.slow
def test_a_black_box_finds_the_wave_function_too():
    """A GRU, 2 % noise: nothing in it is linear, and what is distilled from it is."""
    clean = Schroedinger().simulate(runs=240, sites=32, seed=0)
    data = measure(clean, noise="gaussian:0.02", seed=0)
    found = hl.discover(data, cell="gru", seed=0, seeds=2, translator_seeds=1, max_dimension=3)
    assert found.dimension == {"linear": 3, "quadratic": 2}
    theory = found.theory
    assert (theory.dimension, theory.readout) == (2, "quadratic")
    (terms,) = theory.record["distilled"].values()  # before any refit to the densities
    assert terms["V*psi"]["value"] == pytest.approx(1, abs=0.03)
    assert terms["psi"]["value"] == pytest.approx(-0.37, abs=0.03)
    targets = {(entry["readout"], entry["target"]) for entry in found.record["targets"]}
    assert targets == {(r, t) for r in ("linear", "quadratic") for t in ("states", "answers")}
    assert any("distilled from the translator's" in note for note in found.record["notes"])
