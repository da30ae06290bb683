"""What `discover`, `check` and `predict` make of several files, uneven grids and their options."""

import shlex
from types import SimpleNamespace

import numpy as np
import pytest

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.records import in_windows
from hiddenlaw.errors import DataError
from hiddenlaw.io import load, save
from hiddenlaw.results.prediction import predict_runs
from hiddenlaw.settings import Settings


def write(path, t, header="t,u,y"):
    rows = [f"{x!r},{u!r},{2 * u!r}" for x, u in zip(t.tolist(), np.cos(t).tolist(), strict=True)]
    path.write_text("\n".join([header, *rows]) + "\n")


@pytest.fixture
def uneven(tmp_path):
    """Two records of a response that is twice the input, on clocks that do not keep time."""
    rng = np.random.default_rng(0)
    for name, samples in (("a", 480), ("b", 450)):
        write(tmp_path / f"{name}.csv", 0.1 * (np.arange(samples) + rng.uniform(0, 0.5, samples)))


@pytest.fixture
def sought(monkeypatch):
    """The data and the options that a search was begun with."""
    seen = SimpleNamespace(data=None, options={})

    def find(data, progress, **options):
        seen.data, seen.options = data, options
        raise DataError("that is enough")

    monkeypatch.setattr("hiddenlaw.discovery.discover", find)
    return seen


@pytest.fixture
def law(monkeypatch):
    """A run directory with the law y = 2 u, found with a step of 0.1."""
    law = SimpleNamespace(
        dx=0.1,
        hold="zero",
        equation="y = 2 u",
        low=[-9.0],
        high=[9.0],
        own_starts=False,
        predict=lambda inputs, given: 2 * inputs,
        out_of_range=lambda inputs: np.zeros(len(inputs), dtype=bool),
    )
    record = {"dataset": {"input": ["u"], "response": ["y"], "x": "t"}, "settings": {}}
    found = SimpleNamespace(
        theory=law,
        theories=[law],
        record=record,
        predict_runs=lambda data, theory, context: predict_runs(law, data, record, context),
    )
    monkeypatch.setattr("hiddenlaw.discovery.load_discovery", lambda path: found)
    return law


def test_an_uneven_grid_ends_in_the_command_that_mends_it(hiddenlaw, uneven, sought):
    code, out, err = hiddenlaw("check a.csv")
    assert code == 2
    assert err.startswith("error: t is not uniform: the step from site")
    command = out.splitlines()[-1].partition("mended: ")[2]
    words = shlex.split(command)
    assert words[-2] == "--resample"
    assert float(words[-1]) == pytest.approx(0.1, rel=0.1)
    code, out, err = hiddenlaw(command.replace("hiddenlaw discover", "check"))
    assert (code, err) == (0, "")
    assert "samples were put on an even grid of t with the step" in out
    assert out.splitlines()[-1] == f"to go on: {command}"
    code, _, err = hiddenlaw(command.removeprefix("hiddenlaw "))
    assert "note: samples were put on an even grid of t" in err
    assert sought.data is not None
    assert sought.data.dx == float(words[-1])
    np.testing.assert_allclose(sought.data.response[0, :, 0], 2 * np.cos(sought.data.x), atol=1e-3)


def test_several_files_are_resampled_and_searched_as_one(hiddenlaw, uneven, sought):
    code, _, err = hiddenlaw("discover a.csv b.csv --resample 0.1 --out run")
    assert code == 2
    assert "a.csv: samples were put on an even grid" in err
    assert "b.csv: samples were put on an even grid" in err
    assert err.endswith("error: that is enough\n")
    assert (sought.data.runs, sought.data.dx) == (2, 0.1)
    code, _, err = hiddenlaw("discover a.csv b.csv --resample -1 --out run")
    assert (code, err.count("\n")) == (2, 1)
    assert "the step to resample to is -1; it must be a positive number" in err


def test_a_law_predicts_several_files_on_its_own_grid(hiddenlaw, uneven, law, tmp_path):
    code, _, err = hiddenlaw("predict run a.csv b.csv --resample 0.2 --out p.csv")
    assert code == 2
    assert "or put them on it with --resample 0.1\n" in err
    code, out, err = hiddenlaw("predict run a.csv b.csv --resample 0.1 --out p.csv")
    assert code == 0
    assert "wrote p.csv" in out
    assert "note: a.csv: samples were put" in err
    predicted = load(tmp_path / "p.csv")
    assert predicted.runs == 2
    np.testing.assert_allclose(predicted.response[0, :, 0], 2 * np.cos(predicted.x), atol=1e-3)


def test_a_prediction_advises_the_step_of_the_law_and_none_of_the_data(hiddenlaw, law, tmp_path):
    t = 0.2 * np.delete(np.arange(200), 30)
    write(tmp_path / "gap.csv", t)
    assert "--resample 0.2 " in hiddenlaw("check gap.csv")[2]
    code, _, err = hiddenlaw("predict run gap.csv --out p.csv")
    assert code == 2
    assert "t has gaps" in err
    assert "--resample 0.1 puts the others on one grid" in err
    np.savetxt(tmp_path / "counted.csv", np.stack([np.cos(t), t], 1), "%.3f", ",", header="u,y",
               comments="")  # fmt: skip
    code, _, err = hiddenlaw("predict run counted.csv --out p.csv")
    assert err.endswith("if the data do not say where samples are, --dx 0.1\n")
    assert hiddenlaw("predict run counted.csv --out p.csv --dx 0.1")[0] == 0


def test_a_prediction_without_a_response_says_what_it_is_for(hiddenlaw, law, tmp_path):
    write(tmp_path / "half.csv", 0.1 * np.arange(50))
    table = (tmp_path / "half.csv").read_text().splitlines()
    (tmp_path / "none.csv").write_text("\n".join(row.rpartition(",")[0] for row in table))
    law.own_starts = True
    code, _, err = hiddenlaw("predict run none.csv --out p.csv")
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith(
        "error: none.csv has no response y: every run of this law starts from a state of its own, "
        "and measured samples of y tell which"
    )
    assert "(--context 8 looks at the first 8 alone; with --allow-missing the rest may be" in err
    table[9:] = [row.rpartition(",")[0] + "," for row in table[9:]]
    (tmp_path / "half.csv").write_text("\n".join(table))
    assert hiddenlaw("predict run half.csv --out p.csv --context 8 --allow-missing")[0] == 0


def test_the_share_that_is_held_out_is_left_to_the_data_unless_it_is_given(
    hiddenlaw, uneven, sought
):
    line = "discover a.csv b.csv --resample 0.1 --out run"
    assert hiddenlaw(line)[0] == 2
    assert "held_out" not in sought.options
    assert Settings(**sought.options).of_records == (0.3, None)
    assert hiddenlaw(f"{line} --held-out 0.4")[0] == 2
    chosen = Settings(**sought.options)
    assert (chosen.held_out, chosen.of_records) == (0.4, (0.4, None))
    cut = in_windows(sought.data, *chosen.of_records)
    np.testing.assert_allclose((cut.ends - cut.begins) / cut.ends, 0.4, atol=0.01)
    sought.data = None
    for share in ("0", "0.95", "nan"):
        code, out, err = hiddenlaw(f"{line} --held-out {share}")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith("error: held_out must be")
    assert sought.data is None


def test_columns_are_those_of_the_law_unless_they_are_named(hiddenlaw, law, tmp_path):
    t = 0.1 * np.arange(20)
    u = np.cos(t)
    line = "predict run {} --out p.csv"
    headers = {
        "own names among others": ("t,u,extra,y", [t, u, u + 1, 2 * u]),
        "no grid but its name": ("u,y,t,x", [u, 2 * u, t, 3 * t]),
        "other names": ("run,time,V,rho", [0 * t, t, u, 2 * u]),
    }
    for case, (header, columns) in headers.items():
        rows = [",".join(map(repr, map(float, row))) for row in zip(*columns, strict=True)]
        (tmp_path / "d.csv").write_text("\n".join([header, *rows]) + "\n")
        options = " --input V --response rho" if case == "other names" else ""
        code, out, err = hiddenlaw(line.format("d.csv") + options)
        assert code == 0, err
        # No error is left: the response was taken for the response.
        assert "0.0e+00, worst" in out or "e-3" in out
        noted = "note: V is taken for u of the law\nnote: rho is taken for y of the law\n"
        assert err == (noted if options else "")
    code, _, err = hiddenlaw(line.format("d.csv"))
    assert code == 2
    assert "d.csv has no column 'u' (it has run, time, V, rho); name it with --input" in err
    runs = Dataset.from_arrays(u[None], 2 * u[None], dx=0.1, x_name="s", response_names="q")
    save(runs, tmp_path / "own.npz")
    code, _, err = hiddenlaw(line.format("own.npz"))
    assert (code, err) == (0, "note: q is taken for y of the law\n")
