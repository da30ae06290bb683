"""Processes that are killed or interrupted at random moments, and at every step of a save."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dying import MODES as MODES
from dying import faults_of
from runs import SMALL, WRITTEN, command, contents, environment, hidden, is_whole

from fault_trials.bench import Bench, Faults, is_new, killed
from hiddenlaw.results.saving import Saving

_SEARCH, _SHORT = 9.0, 1.2  # about what a small search and a short command take here


def kills_of_a_search(bench: Bench) -> Faults:
    """A search that is killed: over an old discovery, and where there is none."""
    for number in range(bench.kills * 4 // 10):
        with bench.folder() as folder:
            out, over = folder / "out", number % 2 == 0
            if over:
                shutil.copytree(bench.run, out)
                (out / "thesis.tex").write_text("do not touch")
            before = contents(out)
            end = killed(f"discover {SMALL} --seed 3 --out out", folder, bench.moment(_SEARCH))
            time.sleep(1.0)  # children that draw see that nobody waits for them
            after, printed = contents(out), "A law was found" in end.out
            same = after == before
            ours = {k: v for k, v in after.items() if k != "thesis.tex"}
            fresh = bool(after) and ours.keys() >= {"report.html"} and is_new(out) and not same
            with Saving(folder / "another"):
                pass
            places = [path for path in folder.iterdir() if is_whole(path)]
            yield {
                "traceback": "Traceback" in end.err,
                "mixed": not (same or fresh),
                "lost": (printed and len(places) < 1 + over and not fresh)
                or (over and after.get("thesis.tex") != b"do not touch"),
                "left": bool(hidden(folder)),
            }


def kills_of_a_save(bench: Bench) -> Faults:
    """`Discovery.save` over another discovery, with its report, killed."""
    program = "import hiddenlaw as hl, sys; hl.load_discovery(sys.argv[1]).save(sys.argv[2])"
    with bench.folder() as folder:
        for number in range(bench.kills * 2 // 10):
            out = folder / f"out{number}"
            shutil.copytree(bench.run, out)
            before = contents(out)
            process = subprocess.Popen(
                [sys.executable, "-c", program, str(WRITTEN), str(out)],
                env=environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(bench.moment(4.0))
            process.kill()
            _, err = process.communicate()
            after = contents(out)
            new = is_whole(out) and after != before and "report.html" in after
            with Saving(folder / "another"):
                pass
            yield {
                "traceback": b"Traceback" in err,
                "mixed": not (after == before or new),
                "lost": not is_whole(out),
                "left": bool(hidden(folder)),
            }


def kills_of(line: str, name: str) -> Callable[[Bench], Faults]:
    def trials(bench: Bench) -> Faults:
        for number in range(bench.kills * 2 // 10):
            suffix = ("nc", "npz", "csv")[number % 3]
            with bench.folder() as folder:
                bench.fill(folder)
                path = folder / f"{name}.{suffix}"
                path.write_bytes(b"old")
                end = killed(f"{line} --out {path.name}", folder, bench.moment(_SHORT))
                content = path.read_bytes()
                again = command(f"{line} --out {path.name}", folder)
                yield {
                    "traceback": "Traceback" in end.err or again.traceback,
                    "mixed": content != b"old" and content != path.read_bytes() and suffix != "nc",
                    "lost": not content or path.read_bytes() == b"old",
                    "left": bool(hidden(folder)),
                    "code": again.code != 0,
                }

    trials.__doc__ = f"`{line.split()[0]}` killed while it writes over an older file."
    return trials


def kills_at_steps(mode: str) -> Callable[[Bench], Faults]:
    def trials(bench: Bench) -> Faults:
        script = Path(__file__).parents[2] / "tests" / "faults" / "dying.py"
        with bench.folder() as folder:
            ended = subprocess.run(
                [sys.executable, str(script), str(folder), mode],
                env=environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            for line in ended.stdout.splitlines():
                yield faults_of(mode, json.loads(line))
            if ended.returncode:
                yield {"traceback": True}

    trials.__doc__ = f"A save killed at each of its steps ({mode})."
    return trials


def interruptions(bench: Bench) -> Faults:
    """Ctrl-C at random moments of a search over an old discovery, once Python has started."""
    for _ in range(max(1, bench.kills // 5)):
        with bench.folder() as folder:
            out = folder / "out"
            shutil.copytree(bench.run, out)
            before = contents(out)
            end = killed(
                f"discover {SMALL} --seed 3 --out out",
                folder,
                0.5 + bench.moment(_SEARCH),
                signal.SIGINT,
            )
            same = contents(out) == before
            if "Traceback" in end.err:
                bench.tell(f"Ctrl-C: {end}")
            yield {
                "traceback": "Traceback" in end.err,
                "hang": end.code is None,
                "mixed": not is_whole(out),
                "lost": same and ("A law was found" in end.out or "what was found" in end.err),
                "left": bool(hidden(folder)),
                "code": end.code not in (0, 130),
            }
