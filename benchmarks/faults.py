"""What goes wrong when things go wrong: counts of tracebacks, hangs, mixtures and losses.

    python benchmarks/faults.py [NAME ...] [--seed 0] [--kills 40] [--changes 200]

Each line of the table is a condition: how often it was tried, and how often a command then

- `traceback`: ended in a traceback, or died;
- `hang`: did not end within its time;
- `mixed`: left files of two discoveries beside one another;
- `lost`: lost something that was finished, or was somebody else's;
- `left`: left a temporary file that the next command did not clear away;
- `code`: ended with another exit code than is documented.

The exit code is 1 where any count is not zero. What cannot be tried here is said so.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "faults"))

from dying import MODES, faults_of
from outputs import CONDITIONS, is_wrong
from runs import PATIENCE, SMALL, WRITTEN, Ended, command, contents, environment, hidden, is_whole
from tampering import changes

from hiddenlaw.results.saving import Saving

COUNTED = ("traceback", "hang", "mixed", "lost", "left", "code")
_LIMIT = 5.0  # seconds of processor time in which a changed directory is read or refused
_SEARCH, _SHORT = 9.0, 1.2  # about what a small search and a short command take here
Faults = Iterator[dict[str, bool]]


def killed(line: str, folder: Path, after: float, number: int = signal.SIGKILL) -> Ended:
    """Run a command and send it a signal after some seconds."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hiddenlaw", *line.split()],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(after)
    process.send_signal(number)
    try:
        out, err = process.communicate(timeout=PATIENCE)
        code: int | None = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        (out, err), code = process.communicate(), None
    return Ended(code, out.decode(errors="replace"), err.decode(errors="replace"), after)


def is_new(place: Path) -> bool:
    """Whether a directory holds a discovery of ours that is whole, with its page and figures."""
    figures = [path for path in contents(place) if path.endswith(".png")]
    return is_whole(place) and (place / "report.html").is_file() and len(figures) > 3


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


def _kills_of(line: str, name: str) -> Callable[[Bench], Faults]:
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


def _kills_at_steps(mode: str) -> Callable[[Bench], Faults]:
    def trials(bench: Bench) -> Faults:
        script = Path(__file__).parents[1] / "tests" / "faults" / "dying.py"
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


def changed_directories(bench: Bench) -> Faults:
    """Run directories of which an entry, an array or a file was changed, loaded and reported."""
    every = changes(bench.run)
    names = sorted(every)
    always = [name for name in names if name.startswith("file: ") or "exponents" in name]
    rest = [name for name in names if name not in always]
    fewer = bench.random.sample(rest, max(0, bench.changes - len(always)))
    reader = subprocess.Popen(
        [sys.executable, "-W", "ignore", __file__, "--read"],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert reader.stdin is not None
    assert reader.stdout is not None
    with bench.folder() as folder:
        for number, name in enumerate([*always, *fewer][: max(bench.changes, len(always))]):
            place = folder / str(number)
            place.mkdir()
            every[name](place)
            reader.stdin.write(json.dumps(str(place)) + "\n")
            reader.stdin.flush()
            said = json.loads(reader.stdout.readline() or '{"traceback": "died"}')
            if said.get("traceback") or said.get("hang"):
                bench.tell(f"{name}: {said}")
            yield {"traceback": bool(said.get("traceback")), "hang": bool(said.get("hang"))}
            shutil.rmtree(place)
    reader.stdin.close()
    reader.wait()


def read_directories() -> None:
    """A process that reads directories, named on standard input, and says how that ended."""
    import hiddenlaw as hl
    from hiddenlaw.report import write_report

    class Slow(BaseException):
        pass

    def slow(*_: object) -> None:
        raise Slow

    signal.signal(signal.SIGPROF, slow)
    for line in sys.stdin:
        place, said = Path(json.loads(line)), {}
        signal.setitimer(signal.ITIMER_PROF, _LIMIT)
        try:
            found = hl.load_discovery(place)
            for theory in found.theories:
                theory.predict([[-1.0] * 6] * 2)
            signal.setitimer(signal.ITIMER_PROF, 0)
            str(found)
            write_report(found.record, found.arrays, place)
        except hl.HiddenlawError as refusal:
            said = {"traceback": "" if str(refusal).isprintable() else "several lines"}
        except Slow:
            said = {"hang": True}
        except BaseException as bug:
            said = {"traceback": repr(bug)}
        signal.setitimer(signal.ITIMER_PROF, 0)
        print(json.dumps(said), flush=True)


COMMANDS = {
    "help": "--help",
    "systems": "systems",
    "simulate": "simulate schroedinger --runs 4 --sites 16 --out new.nc",
    "check": "check data.npz",
    "predict": "predict run data.npz --out new.npz",
    "levels": "levels run harmonic:omega=1 --out new.json",
    "report": "report run",
    "discover": f"discover {SMALL} --out new",
}


def _outputs(name: str) -> Callable[[Bench], Faults]:
    def trials(bench: Bench) -> Faults:
        line = COMMANDS[name]
        for condition_name, condition in CONDITIONS.items():
            with bench.folder() as folder:
                bench.fill(folder)
                ended = command(line, folder, shell=condition.shell, **condition.env)
                if is_wrong(condition, ended):
                    bench.tell(f"{name}, {condition_name}: {ended}")
                new = line.rpartition("--out ")[2] if "--out " in line else ""
                lost = bool(new) and not (folder / new).exists()
                if name in ("discover", "report"):
                    lost = not is_new(folder / (new or "run"))
                yield {
                    "traceback": ended.traceback,
                    "hang": ended.code is None,
                    "lost": lost,
                    "mixed": not is_whole(folder / "run"),
                    "left": bool(hidden(folder)),
                    "code": is_wrong(condition, ended),
                }

    trials.__doc__ = f"`{name}` with output that is closed, full, unread, or of few letters."
    return trials


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path | None]:
    """A file system of that size; None where none can be made."""
    disk = folder / "disk"
    disk.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
    try:
        done = subprocess.run(made, capture_output=True, check=False).returncode == 0
    except OSError:
        done = False
    try:
        yield disk if done else None
    finally:
        if done:
            subprocess.run(["umount", "-l", str(disk)], check=False)


def full_disks(bench: Bench) -> Faults:
    """Every command that writes, on disks that are full before, in the midst, or just not."""
    lines = {
        **{s: f"simulate schroedinger --runs 40 --out disk/new.{s}" for s in ("nc", "npz", "csv")},
        **{f"p{s}": f"predict run data.npz --out disk/new.{s}" for s in ("nc", "npz", "csv")},
        "levels": "levels run harmonic:omega=1 --out disk/new.json --figure disk/new.png",
        "discover": f"discover {SMALL} --out disk/new",
        "report": "report disk/run",
    }
    for size in ("8k", "64k", "256k"):
        for name, line in lines.items():
            with bench.folder() as folder, small_disk(folder, size) as disk:
                if disk is None:
                    bench.skip("no small disk can be mounted here")
                    return
                bench.fill(folder)
                if name == "report":
                    try:
                        shutil.copytree(WRITTEN, disk / "run")
                    except (OSError, shutil.Error):
                        continue
                temporary = folder / "temporary"
                temporary.mkdir()
                ended = command(line, folder, TMPDIR=str(temporary))
                found = [path.parent for path in folder.rglob("discovery.json")]
                kept = any(is_whole(path) for path in found if path.name.startswith("new"))
                if ended.traceback or ended.code not in (0, 2, 3) or ended.err.count("\n") > 1:
                    bench.tell(f"{size}, {line}: {ended}")
                yield {
                    "traceback": ended.traceback or "HDF5" in ended.err,
                    "hang": ended.code is None,
                    "lost": name == "discover" and not kept and "A law" in ended.out,
                    "mixed": name == "report" and not is_whole(disk / "run"),
                    "left": bool(hidden(folder)),
                    "code": ended.code not in (0, 2, 3),
                }


def wrong_places(bench: Bench) -> Faults:
    """`--out` that can be no run directory: refused in one line before the search."""
    for place in ("file", "file/run", "link", "link/run", "loop", "other", "n" * 300, "/proc/run"):
        with bench.folder() as folder:
            (folder / "file").write_text("")
            (folder / "link").symlink_to("nowhere")
            (folder / "loop").symlink_to("loop")
            (folder / "other").mkdir()
            (folder / "other" / "thesis.tex").write_text("do not touch")
            before = sorted(folder.rglob("*"))
            ended = command(f"discover {SMALL} --out {place}", folder)
            yield {
                "traceback": ended.traceback,
                "code": ended.code != 2 or ended.out != "" or ended.err.count("\n") != 1,
                "left": sorted(folder.rglob("*")) != before,
            }


def two_at_once(bench: Bench) -> Faults:
    """Two searches into one directory, a moment apart."""
    for delay in (0.0, 0.5, 2.0):
        with bench.folder() as folder:
            pair = []
            for seed in (0, 3):
                line = f"discover {SMALL} --seed {seed} --out out".split()
                pair.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "hiddenlaw", *line],
                        cwd=folder,
                        env=environment(),
                        stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE,
                        text=True,
                    )
                )
                time.sleep(delay)
            said = [process.communicate() for process in pair]
            codes = sorted(process.returncode for process in pair)
            finished = sum("A law was found" in out for out, _ in said)
            whole = [path for path in folder.iterdir() if path.is_dir() and is_new(path)]
            yield {
                "traceback": any("Traceback" in err for _, err in said),
                "mixed": not is_new(folder / "out"),
                "lost": len(whole) != finished,
                "left": bool(hidden(folder)),
                "code": codes != [0, 2] or not any("another discovery" in err for _, err in said),
            }


class Bench:
    """Where trials are made, and what they share: a sound run directory, random moments."""

    def __init__(self, folder: Path, seed: int, kills: int, changes: int) -> None:
        self.random = random.Random(seed)
        self.kills, self.changes = kills, changes
        self._folder = folder
        self.skipped = ""
        self.run = folder / "run"
        made = command(f"discover {SMALL} --seed 1 --out run", folder)
        assert made.code == 0, made
        made = command("simulate schroedinger --runs 4 --sites 16 --out data.npz", folder)
        assert made.code == 0, made

    def moment(self, longest: float) -> float:
        return self.random.uniform(0.02, longest)

    def fill(self, folder: Path) -> None:
        """A run directory of an earlier version, and data like those it was found from."""
        shutil.copytree(WRITTEN, folder / "run")
        shutil.copy(self._folder / "data.npz", folder / "data.npz")

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as place:
            yield Path(place)

    def tell(self, what: str) -> None:
        print("   ", what, file=sys.stderr)

    def skip(self, why: str) -> None:
        self.skipped = why


TRIALS: dict[str, Callable[[Bench], Faults]] = {
    "kill: search": kills_of_a_search,
    "kill: save": kills_of_a_save,
    "kill: simulate": _kills_of("simulate schroedinger --runs 400", "new"),
    "kill: predict": _kills_of("predict run data.npz", "new"),
    **{f"kill at each step: {mode}": _kills_at_steps(mode) for mode in MODES},
    "Ctrl-C: search": interruptions,
    "changed directories": changed_directories,
    **{f"output: {name}": _outputs(name) for name in COMMANDS},
    "full disk": full_disks,
    "wrong --out": wrong_places,
    "two at once": two_at_once,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="only conditions that begin with these")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.read:
        read_directories()
        return 0
    width = max(map(len, TRIALS))
    print(f"{'condition':<{width}}  tried" + "".join(f"{name:>11}" for name in COUNTED))
    total = Counter()
    with tempfile.TemporaryDirectory() as place:
        bench = Bench(Path(place), chosen.seed, chosen.kills, chosen.changes)
        for name, trials in TRIALS.items():
            if chosen.names and not name.startswith(tuple(chosen.names)):
                continue
            tried, counts, bench.skipped = 0, Counter(), ""
            for faults in trials(bench):
                tried += 1
                counts.update(fault for fault, there in faults.items() if there)
            row = "".join(f"{counts[fault]:>11}" for fault in COUNTED)
            print(f"{name:<{width}}  {tried:>5}{row}", bench.skipped, flush=True)
            total += counts
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
