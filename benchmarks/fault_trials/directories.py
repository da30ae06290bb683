"""Run directories of which something was changed on purpose."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from runs import environment
from tampering import changes

from fault_trials.bench import Bench, Faults

_LIMIT = 5.0  # seconds of processor time in which a changed directory is read or refused


def changed_directories(bench: Bench) -> Faults:
    """Run directories of which an entry, an array or a file was changed, loaded and reported."""
    every = changes(bench.run)
    names = sorted(every)
    always = [name for name in names if name.startswith("file: ") or "exponents" in name]
    rest = [name for name in names if name not in always]
    fewer = bench.random.sample(rest, max(0, bench.changes - len(always)))
    reader = subprocess.Popen(
        [sys.executable, "-W", "ignore", sys.argv[0], "--read"],
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
