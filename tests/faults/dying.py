"""Saving over an old discovery, and being killed at every single step of it.

    python tests/faults/dying.py FOLDER MODE

saves the discovery "new" over "old" in FOLDER/out again and again, each time in a child that kills
itself at the next step: a file that is opened, moved, linked or removed, a folder that is made. One
line of JSON for each says what was left, and what the next process found. MODE is `exchange`,
`one-by-one` (as on a system that cannot exchange directories), `inside` (nothing can be made beside
the directory) or `first` (there was no old one).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
from pathlib import Path

from runs import a_discovery, add_report, contents, hidden, name_of, waits

import hiddenlaw.results.placing as placing
import hiddenlaw.results.recovery as recovery
from hiddenlaw.discovery import load_discovery
from hiddenlaw.results.rundir import read, write
from hiddenlaw.results.saving import Saving

_STEPS = ("open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.chmod")
MODES = ("exchange", "one-by-one", "inside", "first")


def die_at(step: int, folder: str) -> None:
    """Kill this process at that step of its work in the folder, counted from 1."""
    done = 0

    def count(event: str, arguments: tuple) -> None:
        nonlocal done
        if event in _STEPS and folder in str(arguments[0]):
            if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
                return
            done += 1
            if done == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    exchange = placing.exchange

    def exchanged(one: Path, other: Path) -> bool:
        count("os.rename", (folder,))
        answer = exchange(one, other)
        count("os.rename", (folder,))
        return answer

    placing.exchange = exchanged


def prepare(mode: str) -> None:
    if mode in ("one-by-one", "inside"):
        placing.exchange = lambda one, other: False
    if mode == "inside":
        beside = recovery.folders_for
        recovery.folders_for = lambda target: beside(target)[-1:]


def save_new(source: Path, out: Path) -> None:
    record, arrays = read(source)
    with Saving(out) as saving:
        saving.keep(lambda place: write(record, arrays, place))
        saving.add(add_report)
        saving.finish()


def trial(folder: Path, mode: str, step: int) -> dict:
    """Save and die at a step: what is left, and what is there after the next save elsewhere."""
    work, out = folder / "work", folder / "work" / "out"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    if mode != "first":
        shutil.copytree(folder / "old", out)
        (out / "mine").mkdir()
        (out / "mine" / "thesis.tex").write_text("do not touch")
        (out / "figures" / "drawn by hand.png").write_text("nor this")
    child = os.fork()
    if child == 0:
        die_at(step, str(work))
        with contextlib.suppress(BaseException):
            save_new(folder / "new", out)
            os._exit(0)
        os._exit(7)
    _, status = os.waitpid(child, 0)
    left = {
        "step": step,
        "killed": os.WIFSIGNALED(status),
        "code": os.waitstatus_to_exitcode(status),
    }
    left |= {"at once": name_of(out) if out.exists() else "nothing", "waits": waits(work)}
    with contextlib.suppress(Exception):
        left["loaded"] = load_discovery(out).record["notes"][0]
    if (out / "mine").is_dir():
        (work / "edited").write_text("do not touch what was edited since")
        os.replace(work / "edited", out / "mine" / "thesis.tex")
    with Saving(out if mode == "inside" else work / "another"):
        pass  # what a killed process left beside it is cleared away or finished
    places = [place for place in work.iterdir() if place.is_dir()]
    left["names"] = sorted(str(name_of(place, report=False)) for place in places)
    left["in place"] = name_of(out, report=mode != "first") if out.exists() else "nothing"
    kept = contents(out) if out.exists() else {}
    left["mine"] = [kept.get("mine/thesis.tex"), kept.get("figures/drawn by hand.png")] == [
        b"do not touch what was edited since",
        b"nor this",
    ]
    left["hidden"] = hidden(work)
    return left


def main(folder: Path, mode: str) -> None:
    prepare(mode)
    for name in ("old", "new"):
        shutil.rmtree(folder / name, ignore_errors=True)
        a_discovery(folder / name, name)
    step = 1
    while True:
        left = trial(folder, mode, step)
        print(json.dumps(left), flush=True)
        if not left["killed"]:
            return
        step += 1


def faults_of(mode: str, left: dict) -> dict[str, bool]:
    """Which faults one trial shows."""
    first = mode == "first"
    at_once = ("nothing", "new", None) if first else ("old", "new")
    if mode in ("one-by-one", "inside"):
        # Between two moves the files themselves are of two discoveries; whoever loads them, or
        # comes next, finishes the moving.
        at_once = (*at_once, None)
    settled = ("nothing", "new") if first else ("old", "new")
    return {
        "mixed": left["at once"] not in at_once
        or left.get("loaded", "old" if first else None) not in ("old", "new")
        or left["in place"] not in settled,
        "lost": ("new" not in left["names"] and left["waits"])
        or ("new" not in left["names"] and not left["killed"])
        or (not first and "old" not in left["names"] and "new" not in left["names"])
        or (not first and not left["mine"]),
        "left": bool(left["hidden"]),
        "traceback": left["code"] not in (0, -signal.SIGKILL),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
