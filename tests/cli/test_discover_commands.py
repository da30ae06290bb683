"""`discover`, `predict` and `report`: one clear line for every mistake, and a law for good data."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from shared_example import RUNS, SITES

from hiddenlaw.errors import DataError
from hiddenlaw.io import load
from hiddenlaw.results.prediction import predict_runs
from hiddenlaw.systems import Schroedinger


def write_csv(path, rows, header="run,x,V,rho"):
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")


NAMED = "--input V --response rho"


def good(runs=5, sites=12):
    rng = np.random.default_rng(0)
    return [[r, s / 4, *rng.normal(size=2)] for r in range(runs) for s in range(sites)]


def spoiled(row, column, value):
    rows = good()
    rows[row][column] = value
    return rows


WRONG_DATA = {
    "NaN": (spoiled(14, 3, "nan"), "rho has 1 NaN in run 1 (first at site 2)"),
    "infinite": (spoiled(14, 2, "inf"), "V has 1 infinite in run 1"),
    "one run": (good(runs=1), "the data hold 1 run; discovery needs at least 4"),
    "one site": (good(sites=1), "1 site a run"),
    "grid": ([[r, x + 0.1 * (x == 2), *y] for r, x, *y in good()], "x is not uniform"),
    "constant input": ([[r, x, 0.3, y] for r, x, _, y in good()], "input V is constant (0.3)"),
    "constant response": ([[r, x, v, 2] for r, x, v, _ in good()], "response rho is constant (2)"),
}


def refused(answer, reason):
    code, out, err = answer
    assert code == 2
    assert out == ""
    assert err.startswith("error: ")
    assert reason in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize("case", WRONG_DATA)
def test_data_in_which_no_law_can_be_sought(case, hiddenlaw, tmp_path):
    rows, reason = WRONG_DATA[case]
    write_csv(tmp_path / "data.csv", rows)
    refused(hiddenlaw(f"discover data.csv {NAMED} --out run"), reason)
    assert [p.name for p in tmp_path.iterdir()] == ["data.csv"]


def test_symbols_for_odd_names_are_told_in_one_line(hiddenlaw, tmp_path):
    rows = [[*row, "", "start"] for row in good(runs=1)]
    write_csv(tmp_path / "data.csv", rows, "run,Time (s),Servo 3 (µs),Speed [rpm],,note")
    code, out, err = hiddenlaw("discover data.csv --input Servo_3 --response Speed --out run")
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == (
        "note: Servo 3 (µs) is called Servo_3 in equations; not read, empty: c5; "
        "not read, text: note"
    )
    assert err.splitlines()[1].startswith("error: the data hold 1 run")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("discover nofile.csv --out run", "no such file: nofile.csv"),
        ("discover data.csv --out run --response density --input V", "no column 'density'"),
        ("discover data.csv --out run --cell foo", "cell"),
        ("discover data.csv --out run --decoders cubic", "decoders"),
        ("discover data.csv --out run --dimension 2", "dimension needs a readout"),
        ("discover data.csv --out run --max-dimension 0", "max_dimension"),
        ("discover data.csv --out run --seeds many", "--seeds"),
        ("discover data.csv --out run --seed -1", "--seed"),
        ("discover data.csv --out run --fast", "No such option: --fast"),
        ("discover data.csv --out data.csv", "is a file"),
        ("discover data.csv --out full", "holds other things than a discovery"),
        ("discover data.csv --runs 20 --out run", "either DATA or --runs"),
        ("discover data.csv --noise gaussian:0.1 --out run", "either DATA or --noise"),
        ("discover data.csv --missing 0.1 --out run", "either DATA or --missing"),
        ("discover --noise pink:0.1 --out run", "pink"),
        ("discover --noise gaussian:loud --out run", "loud"),
        ("discover data.csv --bootstrap 5 --out run", "at least 20 resamples"),
        ("discover data.csv --hold second --out run", "hold"),
        ("discover --system bose --out run", "no system is called 'bose'"),
        ("predict nowhere data.csv --out p.csv", "nowhere is no run directory"),
        ("predict full data.csv --out p.csv", "full is no run directory"),
        ("predict full data.csv --out p.xls", "unknown suffix '.xls'"),
        ("predict full data.csv", "Missing option '--out'"),
        ("report nowhere", "nowhere is no run directory"),
        ("report full", "full is no run directory"),
        ("report", "Missing argument"),
    ],
)
def test_wrong_use_ends_in_one_line_and_writes_nothing(line, reason, hiddenlaw, tmp_path):
    write_csv(tmp_path / "data.csv", good())
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("do not touch")
    refused(hiddenlaw(line), reason)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data.csv", "full"]
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["thesis.tex"]


def a_discovery_of(monkeypatch, predict, **record):
    """A run directory holds the law y = 2 V, with a preparation of the runs in its record."""
    law = SimpleNamespace(
        dx=0.25,
        hold="zero",
        equation="y = 2 V",
        low=[-9.0],
        high=[9.0],
        own_starts="initial_state" in record,
        predict=predict,
        out_of_range=lambda inputs: np.zeros(len(inputs), dtype=bool),
    )
    names = {"input": ["V"], "response": ["rho"], "x": "x"}
    record = {"dataset": names, "settings": {}, **record}
    found = SimpleNamespace(
        theory=law,
        theories=[law],
        record=record,
        predict_runs=lambda data, theory, context: predict_runs(law, data, record, context),
    )
    monkeypatch.setattr("hiddenlaw.discovery.load_discovery", lambda path: found)


def test_predict_compares_with_the_samples_that_were_measured(hiddenlaw, tmp_path, monkeypatch):
    a_discovery_of(monkeypatch, lambda inputs, given: 2 * inputs)
    # Run by run: +1 and -1 in turn, and a deviation of 0.1 everywhere.
    rows = [[r, s / 4, (v := (-1) ** s / 2), 2 * v + 0.1, 0.3] for r in range(4) for s in range(12)]
    for gap in (2, 3, 16):
        rows[gap][3] = ""
    write_csv(tmp_path / "data.csv", rows, "run,x,V,rho,rho_error")
    refused(hiddenlaw("predict run data.csv --out p.csv"), "rho has 2 NaN in run 0")
    code, out, err = hiddenlaw("predict run data.csv --out p.csv --allow-missing")
    assert (code, err) == (0, "")
    assert "1.0e-02, worst 1.0e-02" in out
    assert "nan" not in out
    # What is predicted has no gaps, and not the errors of what was measured.
    assert (tmp_path / "p.csv").read_text().splitlines()[1:3] == ["run,x,V,rho", "0,0.0,0.5,1.0"]
    assert load(tmp_path / "p.csv").response_error is None


def test_predict_judges_by_the_samples_that_no_start_needed(hiddenlaw, tmp_path, monkeypatch):
    shown = []
    a_discovery_of(
        monkeypatch,
        lambda inputs, given: (shown.append(given), 2 * inputs)[1],
        initial_state={"choice": "per-run"},
    )
    # Off by 0.1 and then by 0.3: the first half is given, and what is judged is 0.3 off.
    rows = [
        [r, s / 4, (v := (-1) ** s / 2), 2 * v + (0.3 if s >= 6 else 0.1)]
        for r in range(4)
        for s in range(12)
    ]
    for s in range(1, 12):
        rows[24 + s][3] = ""
    write_csv(tmp_path / "data.csv", rows, "run,x,V,rho")
    code, out, err = hiddenlaw(f"predict run data.csv {NAMED} --out p.csv --allow-missing")
    assert (code, err) == (0, "")
    assert "none is left to judge: run 2" in out
    assert "9.0e-02, worst 9.0e-02" in out
    (given,) = shown
    first_half = np.arange(12) < 6
    for run in (0, 1, 3):
        np.testing.assert_array_equal(np.isfinite(given[run, :, 0]), first_half)
    assert np.isfinite(given[2]).sum() == 1


def measured(path, seed, runs=RUNS):
    data = Schroedinger().simulate(runs=runs, sites=SITES, dx=0.2, seed=seed)
    rows = [
        (r, repr(float(x)), repr(float(v)), repr(float(rho)))
        for r in range(runs)
        for x, v, rho in zip(data.x, data.input[r, :, 0], data.response[r, :, 0], strict=True)
    ]
    write_csv(path, rows)


@pytest.mark.slow
def test_from_a_table_to_the_law_a_prediction_and_a_page(hiddenlaw, tmp_path):
    measured(tmp_path / "data.csv", seed=0)
    code, out, _ = hiddenlaw(
        f"discover data.csv {NAMED} --out run --dimension 2 --readout quadratic --seeds 1"
    )
    assert code == 0
    assert "A law was found" in out
    record = json.loads((tmp_path / "run" / "discovery.json").read_text(encoding="utf-8"))
    terms = record["theories"][0]["law"]["terms"]["psi''"]
    assert terms["V*psi"]["value"] == pytest.approx(1, abs=1e-6)
    assert terms["psi"]["value"] == pytest.approx(-0.37, abs=1e-6)
    assert record["dimension"] == {"quadratic": 2}
    assert (tmp_path / "run" / "models.npz").is_file()
    page = tmp_path / "run" / "report.html"
    assert page.stat().st_size > 10_000
    assert list((tmp_path / "run" / "figures").glob("*.png"))

    measured(tmp_path / "new.csv", seed=1, runs=5)
    code, out, err = hiddenlaw("predict run new.csv --out predicted.csv")
    assert (code, err) == (0, "")
    assert "psi'' = V*psi - 0.37*psi" in out
    new, predicted = (
        load(tmp_path / "new.csv", input="V", response="rho"),
        load(tmp_path / "predicted.csv"),
    )
    np.testing.assert_allclose(predicted.response, new.response, atol=1e-5)
    refused(hiddenlaw("predict run new.csv --out p.csv --theory 3"), "--theory 3: run has 1")

    page.unlink()
    code, out, err = hiddenlaw("report run")
    assert (code, err) == (0, "")
    assert page.stat().st_size > 10_000


def test_a_width_that_nobody_asked_for_is_left_to_the_family(hiddenlaw, monkeypatch):
    seen = {}

    def find(data, **options):
        seen.clear()
        seen.update(options)
        raise DataError("that is enough")

    monkeypatch.setattr("hiddenlaw.discovery.discover", find)
    assert hiddenlaw("discover --runs 8 --sites 16 --out run")[0] == 2
    assert seen["seeds"] == 8
    assert "max_dimension" not in seen
    assert hiddenlaw("discover --runs 8 --sites 16 --max-dimension 3 --out run")[0] == 2
    assert seen["max_dimension"] == 3
