"""The examples on measured records: they stop where there is none, and agree with SciPy's fit."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import cont2discrete

import hiddenlaw as hl

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
MEASURED = [
    "ball_and_beam",
    "damper",
    "dc_motor",
    "heat_exchanger",
    "rc_circuit",
    "robot_arm",
]
DT, OMEGA, ZETA, GAIN = 0.05, 2.0, 0.4, 1.5


@pytest.fixture
def examples(monkeypatch):
    """An example, or what examples share, as a module by its name."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return importlib.import_module


def test_each_example_on_a_record_is_tested():
    there = {path.stem for path in EXAMPLES.glob("*.py") if "_measured" in path.read_text()}
    assert there - {"_measured"} == set(MEASURED)


@pytest.mark.parametrize("name", MEASURED)
def test_without_its_record_an_example_says_so_and_stops(
    name, examples, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(examples("_measured"), "RECORDS", tmp_path)
    with pytest.raises(SystemExit) as stopped:
        examples(name).main([])
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert ".csv is not part of the project" in said
    assert str(tmp_path) in said


def test_a_record_that_was_named_and_is_not_there_is_an_error(examples, tmp_path):
    with pytest.raises(SystemExit, match="no file"):
        examples("dc_motor").main([str(tmp_path / "motor.csv")])


@pytest.mark.parametrize("name", MEASURED)
@pytest.mark.parametrize("content", ["a,b\n1,2\n2,1\n", "t,u,y\n1,2,x\n", "\n"])
def test_another_file_in_place_of_the_record_ends_in_one_line(name, content, examples, tmp_path):
    path = tmp_path / "another.csv"
    path.write_text(content)
    with pytest.raises(SystemExit) as stopped:
        examples(name).main([str(path)])
    said = str(stopped.value.code)
    assert said.startswith(f"{path} is not the record of this example: ")
    assert said.count("\n") == 0


def test_a_short_record_and_many_runs_are_not_that_of_an_example(examples):
    measured, rng = examples("_measured"), np.random.default_rng(0)
    short = hl.Dataset.from_arrays(*rng.normal(size=(2, 1, 20)), source="short.csv")
    with pytest.raises(SystemExit, match=r"short.csv is not the record .*the data hold 1 run"):
        measured.discovered(short)


def oscillation(samples, seed, late=0):
    """Input and response of y″ = ω² (K u(t − late) − y) − 2 ζ ω y′ + c, from any start."""
    rng = np.random.default_rng(seed)
    matrix = np.array([[0.0, 1.0], [-(OMEGA**2), -2 * ZETA * OMEGA]])
    push = np.array([[0.0], [GAIN * OMEGA**2]])
    update, pushed, *_ = cont2discrete((matrix, push, np.eye(2), np.zeros((2, 1))), DT)
    u = np.repeat(rng.uniform(-1, 1, samples // 10), 10)
    z, y = rng.normal(size=2), np.empty(samples)
    for k in range(samples):
        z = update @ z + pushed[:, 0] * u[max(k - late, 0)]
        y[k] = z[0] + 0.7
    return u, y


@pytest.mark.parametrize("late", [0, 3])
def test_the_independent_fit_is_exact_where_there_is_no_noise(late, examples):
    runs = [oscillation(300, 0, late), oscillation(200, 1, late)]
    fit = examples("_output_error").fitted(runs, 2, delays=range(5))
    # One coefficient more than such a law needs: three samples late is two and the first one zero.
    assert fit.delay + int(abs(fit.b[0]) < 1e-9) == late
    assert fit.error < 1e-8
    assert fit.gain == pytest.approx(GAIN, rel=1e-6)
    (rate,) = fit.rates / DT
    assert abs(rate) == pytest.approx(OMEGA, rel=1e-6)
    assert -rate.real / abs(rate) == pytest.approx(ZETA, rel=1e-6)
    # A new stretch, from five samples of the response and the input alone.
    u, y = oscillation(200, 2, late)
    np.testing.assert_allclose(fit.free_run(u, y, 80, 200, 5), y[80:], atol=1e-6)


def test_of_noise_the_independent_fit_leaves_the_noise(examples):
    u, y = oscillation(2000, 3)
    noise = 0.05 * np.random.default_rng(4).normal(size=len(y))
    fit = examples("_output_error").fitted([(u, y + noise)], 2)
    assert fit.error == pytest.approx(0.05, rel=0.05)
    assert fit.gain == pytest.approx(GAIN, rel=0.02)
    # A wrong order leaves more, and a first-order answer has no frequency.
    one = examples("_output_error").fitted([(u, y + noise)], 1)
    assert one.error > 2 * fit.error
    assert not one.rates.imag.any()


@pytest.mark.slow
def test_a_motor_s_law_agrees_with_the_independent_fit(examples, tmp_path, monkeypatch, capsys):
    measured, motor = examples("_measured"), examples("dc_motor")
    table = measured.side_by_side
    if not (measured.RECORDS / "dc-motor.csv").exists():
        pytest.skip("the record of the motor is not at hand")
    kept = {}

    def keeping(ends, fits):
        kept.update(ends=ends, fits=fits)
        table(ends, fits)

    monkeypatch.setattr(measured, "side_by_side", keeping)
    motor.main(["--figure", str(tmp_path / "motor.png")])
    ends, one = kept["ends"], kept["fits"]["SciPy, order 1"]
    readings = {each.name: each for each in ends.found.theory.readings}
    gain = readings["gain of Geschwindigkeit for Motorspannung"]
    assert gain.unit == "rpm/V"
    assert gain.value == pytest.approx(243, rel=0.03)
    assert one.gain == pytest.approx(243, rel=0.03)
    # Of one variable each, they leave as much of what neither was shown.
    ours, theirs = (np.array(ends.errors(a)) for a in (ends.by_law(), ends.by_fit(one)))
    ratio = ours / theirs
    assert len(ratio) == 3
    assert (ratio < 2).all()
    assert (ratio > 0.5).all()
    # What the table shows of the law is what the discovery says of its free run.
    told = [entry["rmse"]["Geschwindigkeit"] for entry in ends.found.record["simulation"]]
    np.testing.assert_allclose(ours, told, rtol=1e-9)
    assert "rpm, run 3" in capsys.readouterr().out
    assert (tmp_path / "motor.png").stat().st_size > 1000


@pytest.mark.slow
def test_the_law_is_the_same_whichever_way_data_come_in(examples, tmp_path):
    asked = {"family": "driven", "dimension": 2, "readout": "linear", "hidden": 3}
    asked |= {"seeds": 1, "translator_seeds": 1}
    found = examples("first_hour").discoveries(tmp_path, **asked)
    assert len(found) == 4
    for discovery in found.values():
        law = discovery.theory
        assert law.equation == "y'' = u - 4*y - 0.4*y'"
        terms = law.statement.law.terms["y''"]
        values = [terms[name].value for name in ("u", "y", "y'")]
        np.testing.assert_allclose(values, [1, -4, -0.4], atol=1e-6)
        assert law.statement.units["y''"]["y"] == "s^-2"
    for kind in ("a DataFrame", "two DataArrays", "a file"):
        assert found[kind].record["dataset"]["units"] == {"t": "s", "u": "V", "y": "mm"}
