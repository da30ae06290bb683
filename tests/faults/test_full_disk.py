"""On a disk with no room a command ends in one line, and leaves what was there as it was."""

import contextlib
import shutil

import pytest
from runs import WRITTEN, hidden

from hiddenlaw.cli import main

resource = pytest.importorskip("resource", reason="no limits of file sizes here")
ROOM = 2048  # bytes of a file


@contextlib.contextmanager
def little_room():
    """No file grows beyond a little."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("full")
    shutil.copytree(WRITTEN, place / "run")
    data = place / "data.npz"
    assert (
        main(["simulate", "schroedinger", "--runs", "9", "--sites", "32", "--out", str(data)]) == 0
    )
    return place


@pytest.mark.parametrize("suffix", ["nc", "h5", "npz", "csv"])
@pytest.mark.parametrize(
    "line", ["simulate schroedinger --runs 9 --sites 32", "predict run data.npz"]
)
def test_data_that_do_not_fit_end_in_one_line(line, suffix, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    out = folder / f"out.{suffix}"
    out.write_text("before")
    with little_room():
        code = main([*line.split(), "--out", out.name])
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err == f"error: cannot write out.{suffix}: File too large\n"
    assert out.read_text() == "before"
    assert hidden(folder) == []


def test_a_report_that_does_not_fit_leaves_the_old_one(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    page = folder / "run" / "report.html"
    page.write_text("before")
    with little_room():
        code = main(["report", "run"])
    assert (code, capsys.readouterr().err) == (2, "error: cannot write run: File too large\n")
    assert page.read_text() == "before"
    assert hidden(folder) == []
