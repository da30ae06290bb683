"""The summary is on the screen before a figure is drawn, and what was found is on the disk."""

import logging
import sys
from types import ModuleType, SimpleNamespace

import pytest

from hiddenlaw.results import rundir

RECORD = {"format": "hiddenlaw.discovery", "version": 1, "theories": []}


@pytest.fixture
def found(monkeypatch):
    """A search that finds at once what it is told to, and a summary of one word."""

    def write(directory):
        rundir.write(RECORD, {}, directory)

    def discover(data, *, progress, **options):
        return SimpleNamespace(record=RECORD, write=write)

    monkeypatch.setattr("hiddenlaw.discovery.discover", discover)
    monkeypatch.setattr("hiddenlaw.report.summary", lambda record: "FOUND")


def a_worker(events, on_write):
    """A module with a worker that tells what is done to it."""

    class ReportWorker:
        def __enter__(self):
            events.append("started")
            return self

        def __exit__(self, *_):
            events.append("ended")

        def write(self, directory):
            on_write(directory)
            events.append("written")

    module = ModuleType("hiddenlaw.report.worker")
    module.ReportWorker = ReportWorker  # pyright: ignore[reportAttributeAccessIssue]
    return module


def test_the_summary_comes_before_the_figures(found, hiddenlaw, capsys, monkeypatch, tmp_path):
    events, seen = [], []

    def on_write(directory):
        seen.append(capsys.readouterr().out)
        assert rundir.read(directory) == (RECORD, {})
        assert not (tmp_path / "run").exists()

    monkeypatch.setitem(sys.modules, "hiddenlaw.report.worker", a_worker(events, on_write))
    code, out, _ = hiddenlaw("discover --runs 4 --sites 8 --out run")
    assert code == 0
    assert "FOUND" in seen[0]
    assert "FOUND" not in out
    assert "Everything is in run; open run/report.html" in out
    assert events == ["started", "written", "ended"]


def test_without_a_worker_the_report_is_written_here(found, hiddenlaw, monkeypatch, tmp_path):
    written = []
    monkeypatch.setitem(sys.modules, "hiddenlaw.report.worker", None)
    monkeypatch.setattr("hiddenlaw.report.write_report", lambda *given: written.append(given))
    code, out, _ = hiddenlaw("discover --runs 4 --sites 8 --out run")
    assert code == 0
    assert out.index("FOUND") < out.index("Everything is in run")
    ((record, arrays, directory),) = written
    assert (record, arrays) == (RECORD, {})
    assert directory.name == "run"


@pytest.mark.parametrize(
    ("option", "told", "untold"),
    [
        ("", (), ("verdict", "stopped", "trial")),
        ("-v", ("verdict: law", "it was stopped at length 12"), ("trial",)),
        ("-vv", ("verdict: law", "it was stopped at length 12", "trial 3"), ()),
    ],
)
def test_what_is_tried_and_what_failed_is_said_where_it_is_asked_for(
    found, hiddenlaw, monkeypatch, option, told, untold
):
    def discover(data, *, progress, **options):
        log = logging.getLogger("hiddenlaw.theory.selection.direct")
        log.info("it was stopped at length %d", 12)
        log.debug("trial %d", 3)
        logging.getLogger("hiddenlaw.discovery").info("verdict: law")
        return SimpleNamespace(
            record=RECORD, write=lambda directory: rundir.write(RECORD, {}, directory)
        )

    monkeypatch.setattr("hiddenlaw.discovery.discover", discover)
    idle = a_worker([], lambda directory: None)
    monkeypatch.setitem(sys.modules, "hiddenlaw.report.worker", idle)
    before = logging.getLogger("hiddenlaw").handlers.copy()
    code, out, err = hiddenlaw(f"discover --runs 4 --sites 8 --out run {option}")
    assert code == 0
    assert "FOUND" in out
    assert all(said in err for said in told)
    assert not any(said in err for said in untold)
    assert logging.getLogger("hiddenlaw").handlers == before
    assert logging.getLogger("hiddenlaw").level == logging.NOTSET
