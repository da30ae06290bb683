"""Places that cannot be written: full disks, wrong ones, and one that two want at once."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from runs import SMALL, WRITTEN, command, environment, hidden, is_whole

from fault_trials.bench import Bench, Faults, is_new

_SEARCH, _SHORT = 9.0, 1.2  # about what a small search and a short command take here


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
