"""A search in a process of its own, so that it can be ended whatever it is doing."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from hiddenlaw.app.files import Files
from hiddenlaw.app.progress import Phase, Standing
from hiddenlaw.app.reading import Reading
from hiddenlaw.io import write_whole
from hiddenlaw.report.worker import end_process

WIDTHS = "widths.json"
_COMMAND = ("-P", "-m", "hiddenlaw.app.worker")  # -P: nothing in the current folder is a module
_PATIENCE = 5.0  # seconds that its last words have to be read
_OWN_GROUP = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0


class Search:
    """One search: `standing` says how it stands, `place` is its run directory.

    The widths that are finished are kept in `place`/widths.json from the moment they are; what is
    found takes their place, for it holds them as well.
    """

    def __init__(
        self, files: Files, reading: Reading, settings: dict[str, Any], place: Path
    ) -> None:
        self.place, self._settings, self._title = place, settings, files.title
        self._lock, self._standing = Lock(), Standing()
        self._process = subprocess.Popen(
            [sys.executable, *_COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            process_group=None if sys.platform == "win32" else 0,
            creationflags=_OWN_GROUP,
        )
        self._say(
            {
                "paths": [str(path.absolute()) for path in files.paths],
                "names": list(files.names),
                "reading": asdict(reading),
                "settings": settings,
                "out": str(place.absolute()),
            }
        )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def standing(self) -> Standing:
        return self._standing

    def stop(self) -> None:
        """Try no further width, and make what is finished a discovery; at once if nothing is."""
        if not self.standing.widths:
            self.end()
        else:
            with self._lock:
                self._standing = _stopping(self._standing)
            self._say("stop")

    def end(self) -> None:
        """End it now, whatever it is doing; finished widths stay."""
        with self._lock:
            self._standing = self._standing.ended(Phase.STOPPED, _stopped(self._standing))
        self.close()

    def close(self) -> None:
        """End the process, and wait until it is gone."""
        end_process(self._process)
        self._reader.join(_PATIENCE)
        with contextlib.suppress(OSError):
            self._input.close()

    @property
    def _input(self) -> Any:
        assert self._process.stdin is not None
        return self._process.stdin

    def _say(self, what: object) -> None:
        text = what if isinstance(what, str) else json.dumps(what)
        with contextlib.suppress(OSError):  # it is gone, and the reader tells
            self._input.write(text.encode() + b"\n")
            self._input.flush()

    def _read(self) -> None:
        """Take in what it says until it ends."""
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                with contextlib.suppress(ValueError):
                    self._take(json.loads(line))
        code = self._process.wait()
        with self._lock:
            said = f"the search ended without a word (exit code {code})"
            self._standing = self._standing.ended(Phase.FAILED, said)

    def _take(self, event: dict[str, Any]) -> None:
        with self._lock:
            before, self._standing = self._standing, self._standing.after(event)
            standing = self._standing
        if standing.phase is Phase.FOUND:
            with contextlib.suppress(OSError):
                (self.place / WIDTHS).unlink()
        elif standing.widths != before.widths:
            self._keep_widths(standing)

    def _keep_widths(self, standing: Standing) -> None:
        kept = {
            "format": "hiddenlaw.widths",
            "version": 1,
            "data": self._title,
            "settings": self._settings,
            "sweep": list(standing.widths),
        }
        text = json.dumps(kept, indent=1, ensure_ascii=False)
        write_whole(self.place / WIDTHS, lambda path: path.write_text(text, encoding="utf-8"))


def _stopping(standing: Standing) -> Standing:
    if standing.phase is not Phase.SEARCHING:
        return standing
    return replace(standing, phase=Phase.STOPPING)


def _stopped(standing: Standing) -> str:
    count = len(standing.finished)
    if not count:
        return "Stopped before any width was finished: there is nothing to keep."
    widths = "The one width that was finished is" if count == 1 else f"The {count} widths are"
    return f"Stopped. {widths} kept, without a law made of them."
