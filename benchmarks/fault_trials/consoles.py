"""Output that is closed, full, unread, or of few letters."""

from __future__ import annotations

from collections.abc import Callable

from outputs import CONDITIONS, is_wrong
from runs import SMALL, command, hidden, is_whole

from fault_trials.bench import Bench, Faults, is_new

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


def outputs_of(name: str) -> Callable[[Bench], Faults]:
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
