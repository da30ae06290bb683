"""A file format of somebody else's: strip charts, a line of text for every trace of a recorder.

    step 0.2
    V   -2.1  -3.0  -1.8
    rho  0.98  0.91  0.80
    (an empty line, and the next run)

One line adds it; from then on a file whose name ends in .strip is read and written like any other.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.cli import main
from hiddenlaw.io import FORMATS, Columns, Format, select_channels
from hiddenlaw.systems import Schroedinger

LARGEST = 16 * 2**20  # bytes


class StripChart(Format):
    """One input and one response on a uniform grid; no units, hold or truth."""

    name = "strip chart"
    suffixes = (".strip",)
    carries_truth = False

    def read(self, path: Path, columns: Columns, *, allow_missing: bool = False) -> hl.Dataset:
        if path.stat().st_size > LARGEST:
            raise hl.FormatError(f"{path} is too large for a strip chart; save fewer runs in it")
        try:
            head, *runs = path.read_text(encoding="utf-8").strip().split("\n\n")
            word, step, names, arrays = *head.split("\n")[0].split(), [], []
            for block in [head.partition("\n")[2], *runs]:
                traces = [line.split() for line in block.splitlines()]
                names.append([trace[0] for trace in traces])
                arrays.append([[float(number) for number in trace[1:]] for trace in traces])
            values, dx = np.array(arrays), float(step)
            if word != "step" or values.shape[1] != 2 or any(each != names[0] for each in names):
                raise ValueError("each run has the same two traces")
        except (ValueError, IndexError) as problem:
            raise hl.FormatError(f"{path} is no strip chart ({problem})") from None
        data = hl.Dataset.from_arrays(
            values[:, 0],
            values[:, 1],
            dx=dx,
            input_names=names[0][0],
            response_names=names[0][1],
            source=str(path),
            allow_missing=allow_missing,
        )
        return select_channels(path, columns, data)

    def write(self, dataset: hl.Dataset, path: Path) -> None:
        names = (*dataset.input_names, *dataset.response_names)
        blocks = []
        for run in range(dataset.runs):
            traces = np.concatenate([dataset.input[run].T, dataset.response[run].T])
            lines = [
                " ".join([name, *map(repr, trace.tolist())])
                for name, trace in zip(names, traces, strict=True)
            ]
            blocks.append("\n".join(lines))
        text = "\n\n".join(blocks)
        path.write_text(f"step {dataset.dx!r}\n{text}\n", encoding="utf-8")


@pytest.fixture
def strip_charts():
    FORMATS.append(StripChart())
    yield
    FORMATS.pop()


@pytest.fixture(scope="module")
def measured():
    data = Schroedinger().simulate(runs=20, sites=24, dx=0.2, seed=0)
    return replace(data, source="")


def test_what_is_saved_in_it_is_loaded_as_it_was(strip_charts, measured, tmp_path):
    hl.save(measured, tmp_path / "there" / "runs.strip")
    again = hl.load(tmp_path / "there" / "runs.strip")
    np.testing.assert_array_equal(again.input, measured.input)
    np.testing.assert_array_equal(again.response, measured.response)
    assert again.dx == pytest.approx(measured.dx)
    assert (again.input_names, again.response_names) == (("V",), ("rho",))
    turned = hl.load(tmp_path / "there" / "runs.strip", input="rho", response="V")
    np.testing.assert_array_equal(turned.input, measured.response)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("step 0.2\nV 1 2\nrho 1 x\n", "could not convert string to float: 'x'"),
        ("step 0.2\nV 1 2\nrho 1 2\n\nV 1 2\npsi 1 2\n", "the same two traces"),
        ("V 1 2\n", "is no strip chart"),
    ],
)
def test_a_damaged_one_is_refused_in_one_line(strip_charts, text, reason, tmp_path, capsys):
    (tmp_path / "runs.strip").write_text(text)
    assert main(["discover", str(tmp_path / "runs.strip"), "--out", str(tmp_path / "run")]) == 2
    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_law_is_discovered_from_it_reported_read_back_and_used(
    strip_charts, measured, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    hl.save(measured, "runs.strip")
    asked = "--dimension 2 --readout quadratic --seeds 1 --out run"
    assert main(["discover", "runs.strip", *asked.split()]) == 0
    assert "ψ″ = V ψ − 0.37 ψ" in capsys.readouterr().out
    record = json.loads(Path("run/discovery.json").read_text(encoding="utf-8"))
    assert record["dataset"]["source"] == "runs.strip"
    page = Path("run/report.html").read_text(encoding="utf-8")
    assert "runs.strip" in page
    assert "psi&#x27;&#x27; = V*psi - 0.37*psi" in page

    new = Schroedinger().simulate(runs=3, sites=32, dx=0.2, seed=5)
    hl.save(new, "new.strip")
    assert main(["predict", "run", "new.strip", "--out", "told.strip"]) == 0
    told = hl.load("told.strip")
    np.testing.assert_allclose(told.response, new.response, atol=1e-6)
    again = hl.load_discovery("run").theory
    np.testing.assert_allclose(again.predict(new.input), new.response, atol=1e-6)


def test_without_the_line_the_name_is_unknown(tmp_path):
    (tmp_path / "runs.strip").write_text("step 0.2\nV 1 2\nrho 1 2\n")
    with pytest.raises(hl.FormatError, match=r"unknown suffix '\.strip'; known are"):
        hl.load(tmp_path / "runs.strip")
