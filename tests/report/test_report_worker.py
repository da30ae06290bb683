"""The report that processes of their own write is the one that is written here."""

import json
import subprocess
import sys

import numpy as np
import pytest
from example import make_arrays, make_record

from hiddenlaw.errors import FormatError
from hiddenlaw.report import worker as module
from hiddenlaw.report import write_report
from hiddenlaw.report.worker import ReportWorker

pytestmark = pytest.mark.slow

HEAVY = "{'jax', 'equinox', 'sympy', 'pandas', 'xarray', 'hiddenlaw.training', 'hiddenlaw.theory'}"


# With no theory there is little to draw.
POOR = make_record() | {"verdict": "none", "theories": [], "selected": None, "sweep": []}


def files(directory):
    return {
        path.relative_to(directory): path.read_bytes()
        for path in directory.rglob("*")
        if path.suffix in (".png", ".html")
    }


@pytest.fixture
def run(tmp_path):
    """A directory with a discovery, and none of its report."""
    directory = tmp_path / "with a blank, ψ and\nmore lines"
    directory.mkdir()
    (directory / "discovery.json").write_text(json.dumps(POOR), encoding="utf-8")
    np.savez(directory / "models.npz", **make_arrays())  # type: ignore[arg-type]
    return directory


@pytest.mark.parametrize("processors", [1, 2])
def test_children_write_what_is_written_here(run, tmp_path, monkeypatch, processors):
    monkeypatch.setattr(module, "_processors", lambda: processors)
    (run / "discovery.json").write_text(json.dumps(make_record()), encoding="utf-8")
    write_report(make_record(), make_arrays(), tmp_path / "here")
    with ReportWorker() as worker:
        with monkeypatch.context() as patch:
            patch.delattr("hiddenlaw.report.write.write_report_of")
            assert worker.write(run) == run / "report.html"
        with pytest.raises(FormatError, match=r"cannot read .*discovery[.]json"):
            worker.write(tmp_path)  # it has been used, so that this happens here
    assert files(run) == files(tmp_path / "here")


def test_what_is_wrong_with_the_files_is_told_as_it_is_here(run):
    (run / "models.npz").write_bytes(b"PK")
    with ReportWorker() as worker, pytest.raises(FormatError, match="no NumPy archive") as there:
        worker.write(run)
    with pytest.raises(FormatError) as here:
        ReportWorker().write(run)
    assert str(there.value) == str(here.value)


@pytest.mark.parametrize("command", [("-c", ""), ("-c", "input(); print('no JSON')")])
def test_where_children_die_the_report_is_written_all_the_same(run, monkeypatch, command):
    monkeypatch.setattr(module, "_COMMAND", command)
    with ReportWorker() as worker:
        worker.write(run)
    assert {path.name for path in files(run)} == {"samples.png", "report.html"}


def test_where_none_can_be_started_neither_is_anything_lost(run, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(run / "no python"))
    with ReportWorker() as worker:
        worker.write(run)
    assert {path.name for path in files(run)} == {"samples.png", "report.html"}


def test_leaving_without_a_report_ends_the_children():
    started = []

    def interrupted() -> None:
        with ReportWorker() as worker:
            started.extend(child._process for child in worker._children)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert started
    assert all(child.returncode is not None for child in started)


def test_a_child_whose_parent_is_gone_ends_quietly():
    ended = subprocess.run(
        [sys.executable, "-m", "hiddenlaw.report.worker"],
        input=b"",
        capture_output=True,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_a_child_imports_nothing_of_the_search(run):
    program = (
        "import sys; from hiddenlaw.report.serving import warm_up; warm_up(); "
        "from hiddenlaw.report import write_report_of; write_report_of(sys.argv[1]); "
        f"sys.exit(', '.join({HEAVY} & set(sys.modules)) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(run)], capture_output=True)
    assert (ended.returncode, ended.stderr) == (0, b"")
