"""A process that is killed, whenever that is, leaves one discovery, whole, and nothing else."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dying import MODES, faults_of
from runs import (
    SMALL,
    a_discovery,
    command,
    contents,
    environment,
    hidden,
    is_whole,
    name_of,
)

from hiddenlaw.discovery import load_discovery
from hiddenlaw.errors import FormatError, SavedElsewhere
from hiddenlaw.io import write_whole
from hiddenlaw.results.rundir import read, write
from hiddenlaw.results.saving import Saving

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.mark.parametrize(
    "mode",
    [pytest.param(mode, marks=pytest.mark.slow if mode == "inside" else ()) for mode in MODES],
)
def test_a_save_killed_at_any_step_leaves_the_old_or_the_new_one_whole(mode, tmp_path):
    ended = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("dying.py")), str(tmp_path), mode],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    trials = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(trials) > 20
    assert {trial["in place"] for trial in trials} == {
        "nothing" if mode == "first" else "old",
        "new",
    }
    for trial in trials:
        assert not any(faults_of(mode, trial).values()), trial


def saved(name: str, out: Path, tmp_path: Path, **options) -> Path:
    record, arrays = read(a_discovery(tmp_path / f"source of {name}", name))
    with Saving(out, **options) as saving:
        saving.keep(lambda place: write(record, arrays, place))
        return saving.finish()


def test_nobody_writes_a_directory_that_another_process_writes(tmp_path):
    out = tmp_path / "out"
    with Saving(out), pytest.raises(FormatError, match="out is being written by another discovery"):
        Saving(out)
    assert list(tmp_path.iterdir()) == []
    with Saving(out):
        with pytest.raises(SavedElsewhere, match=r"is not in .*out but in .*out-2: another proc"):
            saved("second", out, tmp_path, patience=0.01)
        assert name_of(tmp_path / "out-2", report=False) == "second"


def test_what_others_put_into_a_directory_stays_there(tmp_path):
    out = tmp_path / "out"
    saved("old", out, tmp_path)
    (out / "thesis.tex").write_text("do not touch")
    (out / "empty").mkdir()
    (out / "link").symlink_to("thesis.tex")
    (out / ".discovery.0123abcd.json").write_text("left by an earlier version")
    out.chmod(0o750)
    saved("new", out, tmp_path)
    assert name_of(out, report=False) == "new"
    assert (out / "thesis.tex").read_text() == "do not touch"
    assert (out / "link").is_symlink()
    assert (out / "empty").is_dir()
    assert out.stat().st_mode & 0o777 == 0o750
    assert not (out / ".discovery.0123abcd.json").exists()


def test_the_folder_in_which_somebody_stands_stays_the_same_folder(tmp_path, monkeypatch):
    out = tmp_path / "out"
    saved("old", out, tmp_path)
    (out / "report.html").write_text("old")
    before = out.stat().st_ino
    monkeypatch.chdir(out)
    saved("new", Path("."), tmp_path)
    assert out.stat().st_ino == before
    assert sorted(contents(out)) == ["discovery.json", "models.npz"]
    assert name_of(out, report=False) == "new"


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("file", "it is a file"),
        ("file/run", "is a file, and nothing can be in it"),
        ("link", "link is a link to nowhere, which is not there"),
        ("link/run", "link is a link to nowhere, which is not there"),
        ("full", "it holds other things than a discovery"),
        ("n" * 300, "File name too long"),
    ],
)
def test_what_cannot_be_a_run_directory_is_refused_before_anything_is_made(place, reason, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(FormatError, match="cannot write") as refusal:
        Saving(tmp_path / place, only_discoveries=True)
    assert reason in str(refusal.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_search_that_is_refused_or_stopped_leaves_no_folder(tmp_path):
    with pytest.raises(KeyboardInterrupt), Saving(tmp_path / "new" / "runs" / "out"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_what_is_kept_is_put_in_its_place_whatever_comes_after(tmp_path):
    record, arrays = read(a_discovery(tmp_path / "source", "found"))

    def stopped() -> None:
        with Saving(tmp_path / "out") as saving:
            saving.keep(lambda place: write(record, arrays, place))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as stop:
        stopped()
    assert stop.value.__notes__ == [f"what was found is in {tmp_path / 'out'}"]
    assert name_of(tmp_path / "out", report=False) == "found"


def test_what_does_not_fit_is_kept_elsewhere_and_said_where(tmp_path, monkeypatch):
    record, arrays = read(a_discovery(tmp_path / "source", "found"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    def full(place: Path) -> None:
        if "temporary" not in place.parts:
            raise OSError(28, "No space left on device")
        write(record, arrays, place)

    with Saving(tmp_path / "out") as saving:
        saving.keep(full)
        with pytest.raises(SavedElsewhere, match=r"but in .*: No space left") as told:
            saving.finish()
    assert name_of(Path(told.value.place), report=False) == "found"
    assert hidden(tmp_path) == []


def test_a_report_that_does_not_fit_leaves_the_discovery(tmp_path):
    record, arrays = read(a_discovery(tmp_path / "source", "found"))

    def full(place: Path) -> None:
        raise FormatError(f"cannot write {place / 'report.html'}: No space left on device")

    with Saving(tmp_path / "out") as saving:
        saving.keep(lambda place: write(record, arrays, place))
        saving.add(full)
        with pytest.raises(SavedElsewhere) as told:
            saving.finish()
    out = tmp_path / "out"
    assert str(told.value) == (
        f"what was found is in {out}: without its report: cannot write {out / 'report.html'}: "
        "No space left on device"
    )
    assert name_of(out, report=False) == "found"


@pytest.mark.parametrize("seconds", [0.5, 2.0])
def test_a_search_that_is_killed_leaves_the_old_discovery_as_it_was(seconds, tmp_path):
    out = a_discovery(tmp_path / "out", "old")
    before = contents(out)
    process = subprocess.Popen(
        [sys.executable, "-m", "hiddenlaw", "discover", *SMALL.split(), "--out", "out"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert contents(out) == before
    with Saving(out):
        pass
    assert hidden(tmp_path) == []
    assert load_discovery(out).record["notes"] == ["old"]


def test_the_second_of_two_searches_is_told_before_it_begins(tmp_path):
    with Saving(tmp_path / "out"):
        ended = command(f"discover {SMALL} --out out", tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert "out is being written by another discovery" in ended.err


def test_files_that_a_killed_process_was_writing_are_cleared_away(tmp_path):
    program = (
        "import os, sys, pathlib; from hiddenlaw.io import write_whole; "
        "write_whole(sys.argv[1], lambda path: (path.write_text('ha'), os.kill(os.getpid(), 9)))"
    )
    path = tmp_path / "data.txt"
    path.write_text("before")
    subprocess.run([sys.executable, "-c", program, str(path)], env=environment(), check=False)
    assert path.read_text() == "before"
    assert len(hidden(tmp_path)) == 1

    def while_another_writes(temporary: Path) -> None:
        write_whole(tmp_path / "other.txt", lambda other: other.write_text("other"))
        temporary.write_text("after")  # which is still there

    write_whole(path, while_another_writes)
    assert sorted(contents(tmp_path)) == ["data.txt", "other.txt"]
    assert (path.read_text(), hidden(tmp_path)) == ("after", [])


# Where the tests run in the background the shell has them, and what they start, ignore Ctrl-C.
_HEEDING_CTRL_C = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from hiddenlaw.__main__ import run
run()
"""


def test_an_interrupted_search_says_one_line(tmp_path):
    process = subprocess.Popen(
        # A search of some seconds: it must not be over before it is interrupted.
        [sys.executable, "-c", _HEEDING_CTRL_C, "discover", "--runs", "400", "--out", "out"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 30
    while not hidden(tmp_path) and time.monotonic() < until:  # it has not begun yet
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "interrupted"
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []
    assert not is_whole(tmp_path / "out")
