"""From V and ρ alone: the wave function, its equation, Born's rule; nothing where nothing is.

Every discovery here is small: few runs, few seeds, narrow bottlenecks. What they share in shape and
input they share in compiled code.
"""

import json
from dataclasses import replace

import numpy as np
import pytest
from shared_example import ENERGY, RUNS, SITES

import hiddenlaw as hl
from hiddenlaw.data.dataset import Truth
from hiddenlaw.systems import Schroedinger, get_potential

SYSTEM = Schroedinger(energy=ENERGY)


def terms_of(found, readout):
    theory = next(t for t in found.theories if t.readout == readout)
    ((left, terms),) = theory.record["law"]["terms"].items()
    return left, {name: term["value"] for name, term in terms.items()}


def test_three_variables_linearly_two_squared(discovery):
    assert discovery.verdict == "law"
    assert discovery.dimension == {"linear": 3, "quadratic": 2}


def test_the_schroedinger_equation_comes_out(discovery):
    assert discovery.theory.dimension == 2
    left, terms = terms_of(discovery, "quadratic")
    assert left == "psi''"
    assert terms == pytest.approx({"V*psi": 1, "psi": -ENERGY}, abs=1e-6)
    assert discovery.theory.equation == "psi'' = V*psi - 0.37*psi"


def test_born_s_rule_comes_out(discovery):
    record = discovery.theory.record
    assert record["readout_law"]["equation"] == "rho = psi**2"
    assert record["born"]["eigenvalue_ratio"] < 1e-6
    assert record["born"]["constant"] < 1e-6
    assert record["born"]["linear"] < 1e-6


def test_the_density_form_comes_out_beside_it(discovery):
    left, terms = terms_of(discovery, "linear")
    assert left == "rho'''"
    expected = {"V*rho'": 4, "V'*rho": 2, "rho'": -4 * ENERGY}
    assert terms == pytest.approx(expected, abs=1e-6)


def test_the_wronskian_is_conserved_and_three_variables_fold_into_two(discovery):
    invariants = [{i["name"]: i for i in t.record["invariants"]} for t in discovery.theories]
    assert invariants[0]["max |det W(V) - 1|"]["value"] < 1e-6
    assert invariants[0]["tr(A B)"]["value"] == pytest.approx(1, abs=1e-6)
    assert invariants[0]["det A"]["value"] == pytest.approx(ENERGY, abs=1e-6)
    folding = invariants[1]["rho*xi - eta**2 over mean |rho*xi|"]
    assert folding["value"] < 1e-6
    assert "square of two, the wave function" in folding["meaning"]


def test_the_law_emerged_already_in_the_distiller(discovery):
    distilled = discovery.theory.record["distilled"]["psi''"]
    assert distilled["V*psi"]["value"] == pytest.approx(1, abs=1e-2)
    assert distilled["psi"]["value"] == pytest.approx(-ENERGY, abs=1e-2)


def test_the_hidden_state_is_the_wave_function_up_to_its_sign(discovery, dataset):
    states = discovery.theory.states(dataset.input)
    assert discovery.theory.record["state_names"] == ["psi", "psi'"]
    sign = np.sign(np.sum(states[..., 0] * dataset.truth.states["psi"]))
    for k, name in enumerate(("psi", "psi'")):
        np.testing.assert_allclose(sign * states[..., k], dataset.truth.states[name], atol=1e-6)


@pytest.mark.parametrize("family", ["wells", "harmonic", "double_well", "ramps"])
def test_the_law_predicts_potentials_of_a_kind_it_never_saw(discovery, dataset, family):
    low, high = dataset.input_range[0]
    rng = np.random.default_rng(3)
    v = get_potential(family)(rng, 20, dataset.x, low, high)
    rho = SYSTEM.respond(v, dataset.dx)[0][..., 0]
    for theory in discovery.theories:
        answer = theory.predict(v)
        assert not theory.out_of_range(v).any()
        assert (np.mean((answer - rho) ** 2, axis=1) < 1e-8 * rho.var(axis=1)).all()


def test_runs_outside_the_trained_range_are_flagged(discovery, dataset):
    v = dataset.input[:4, :, 0].copy()
    low, high = dataset.input_range[0]
    v[1, 7], v[3, 0] = high + 0.5, low - 0.5
    np.testing.assert_array_equal(discovery.theory.out_of_range(v), [False, True, False, True])
    rho = SYSTEM.respond(v, dataset.dx)[0][..., 0]
    np.testing.assert_allclose(discovery.theory.predict(v), rho, atol=1e-6)


def test_prediction_takes_runs_of_any_shape_and_length(discovery, dataset):
    v = dataset.input[:3]
    full = discovery.theory.predict(v)
    assert full.shape == dataset.response[:3].shape
    np.testing.assert_allclose(discovery.theory.predict(v[..., 0]), full[..., 0], atol=1e-12)
    np.testing.assert_allclose(discovery.theory.predict(v[0, :, 0]), full[0, :, 0], atol=1e-12)
    long = np.concatenate([v, v], axis=1)[..., 0]
    rho = SYSTEM.respond(long, dataset.dx)[0][..., 0]
    np.testing.assert_allclose(discovery.theory.predict(long), rho, rtol=1e-6, atol=1e-6)
    with pytest.raises(hl.DataError, match="takes 1 channel"):
        discovery.theory.predict(np.zeros((2, 5, 2)))
    with pytest.raises(hl.DataError, match="not finite in run 0 at site 1"):
        discovery.theory.predict([[0.0, np.nan]])


def test_what_is_saved_predicts_the_same_when_loaded(discovery, dataset, tmp_path):
    discovery.save(tmp_path / "run", report=False)
    again = hl.load_discovery(tmp_path / "run")
    assert (again.verdict, again.dimension) == (discovery.verdict, discovery.dimension)
    assert len(again.theories) == len(discovery.theories) == 2
    for one, other in zip(again.theories, discovery.theories, strict=True):
        assert one.equation == other.equation
        np.testing.assert_array_equal(one.predict(dataset.input), other.predict(dataset.input))
    text = (tmp_path / "run" / "discovery.json").read_text(encoding="utf-8")
    record = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert (record["format"], record["version"]) == ("hiddenlaw.discovery", 1)
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == ["discovery.json", "models.npz"]


@pytest.mark.parametrize(
    ("file", "spoil", "reason"),
    [
        ("discovery.json", lambda b: b[:200], "is damaged"),
        ("discovery.json", lambda b: b"{}", "is no discovery"),
        ("discovery.json", lambda b: b.replace(b'"version": 1', b'"version": 9', 1), "version 9"),
        ("models.npz", lambda b: b"", "is damaged"),
    ],
)
def test_a_damaged_run_directory_says_so(discovery, tmp_path, file, spoil, reason):
    discovery.save(tmp_path, report=False)
    path = tmp_path / file
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(hl.FormatError, match=reason):
        hl.load_discovery(tmp_path)


def same_theories(one, other, rtol=0.0):
    assert one.dimension == other.dimension
    for a, b in zip(one.theories, other.theories, strict=True):
        for x, y in zip(
            (a.law.cell.matrices, a.law.preparation.numbers, a.law.readout.weights),
            (b.law.cell.matrices, b.law.preparation.numbers, b.law.readout.weights),
            strict=True,
        ):
            np.testing.assert_allclose(x, y, rtol=rtol, atol=rtol)


def test_the_truth_is_never_read_and_equal_seeds_give_equal_answers(discovery, dataset, small):
    """With a false truth in the place of the true one, every number is the same."""
    rng = np.random.default_rng(0)
    lies = {name: rng.normal(size=dataset.response.shape[:2]) for name in dataset.truth.states}
    misled = replace(dataset, truth=Truth("schroedinger", lies, {"energy": 5.0}))
    found = hl.discover(misled, **small)
    same_theories(found, discovery)
    assert [t.record["law"] for t in found.theories] == [
        t.record["law"] for t in discovery.theories
    ]
    assert found.record["sweep"] == discovery.record["sweep"]


def test_arrays_in_other_units_are_as_good_as_a_dataset(discovery, dataset, small):
    """42 times the density, without names: the same dimensions and the same law."""
    found = hl.discover(
        dataset.input[..., 0], 42 * dataset.response[..., 0], dx=dataset.dx, **small
    )
    assert found.dimension == discovery.dimension
    assert terms_of(found, "quadratic")[1] == pytest.approx({"psi*u": 1, "psi": -ENERGY}, abs=1e-6)
    assert found.theory.record["readout_law"]["equation"] == "y = psi**2"
    same_theories(found, discovery, rtol=1e-6)


def test_a_dataset_comes_alone_and_arrays_in_pairs(dataset):
    with pytest.raises(hl.DataError, match="give the response beside the input"):
        hl.discover(dataset.input)
    with pytest.raises(hl.DataError, match="brings its own response"):
        hl.discover(dataset, dx=0.2)


@pytest.mark.slow
def test_a_heavier_particle_has_a_larger_kappa(small):
    data = Schroedinger(kappa=3.7, energy=ENERGY, scale=42.0).simulate(
        runs=RUNS, sites=SITES, dx=0.2, seed=2
    )
    found = hl.discover(data, **(small | {"max_dimension": 2, "decoders": ("quadratic",)}))
    assert found.dimension == {"quadratic": 2}
    assert terms_of(found, "quadratic")[1] == pytest.approx(
        {"V*psi": 3.7, "psi": -ENERGY}, abs=1e-6
    )


def test_constants_of_runs_go_with_one_input(dataset):
    with pytest.raises(hl.DataError, match="one input channel and these data have 2"):
        hl.discover(np.tile(dataset.input, 2), dataset.response, dx=0.2, run_constants=1)


def test_in_noise_there_is_no_law(dataset, small):
    noise = np.random.default_rng(1).normal(size=dataset.response.shape)
    found = hl.discover(replace(dataset, response=noise, truth=None), **small)
    assert found.verdict == "none"
    assert found.theories == ()
    assert set(found.dimension.values()) == {None}
    with pytest.raises(hl.DataError, match="no law was found"):
        found.theory  # noqa: B018


def test_a_response_that_forgets_at_once_is_memoryless(dataset, small):
    few = dataset.select_runs(range(16))
    found = hl.discover(
        replace(few, response=np.sin(few.input) + few.input**2, truth=None), **small
    )
    assert found.verdict == "memoryless"
    assert found.theories == ()


def test_wrong_settings_are_refused_before_anything_is_computed(dataset):
    for options, reason in (
        ({"cell": "lstm"}, "cell"),
        ({"dimension": 2}, "needs a readout"),
        ({"seeds": 0}, "seeds"),
    ):
        with pytest.raises(hl.SettingsError, match=reason):
            hl.discover(dataset, **options)
    with pytest.raises(TypeError, match="colour"):
        hl.discover(dataset, colour="red")


def test_what_dies_away_is_a_law_though_nothing_is_left_of_it_in_the_end():
    """Ring-downs of y'' = −(4 + 0.64) y − 1.6 y', each from a start of its own."""
    rng, x = np.random.default_rng(1), np.linspace(0, 12, 60)
    a, b = rng.normal(size=(2, 40, 1))
    y = np.exp(-0.8 * x) * (a * np.cos(2 * x) + b * np.sin(2 * x))
    y += 0.01 * rng.normal(size=y.shape)
    idle = 1e-3 * rng.normal(size=y.shape)
    found = hl.discover(idle, y, dx=x[1], seeds=3, max_dimension=3)
    assert (found.verdict, found.theory.dimension) == ("law", 2)
    (terms,) = found.theory.record["law"]["terms"].values()
    assert terms["y"]["value"] == pytest.approx(-4.64, rel=0.01)
    assert terms["y'"]["value"] == pytest.approx(-1.6, rel=0.01)
