"""What the app knows: one file at a time, how it is read, and one search. All pages show the same.

Its methods may take seconds, and may be called from any thread; one waits for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import Any

from hiddenlaw.app import pictures
from hiddenlaw.app.examples import EXAMPLES
from hiddenlaw.app.files import Files, Shelf
from hiddenlaw.app.outcome import Outcome, outcome_of
from hiddenlaw.app.progress import Phase, Standing
from hiddenlaw.app.reading import Examined, Reading, examined
from hiddenlaw.app.search import Search
from hiddenlaw.errors import FormatError, HiddenlawError, SettingsError
from hiddenlaw.io import told_plainly
from hiddenlaw.kinds import choose

MOST_RUNS = 10_000  # run directories in one folder


class Desk:
    """The state of the app.

    - `files`, `examined`: what is looked at, and what it holds; None before there is anything.
    - `refused`: why the last file was not taken; empty if it was.
    - `settings`: of the search, those that are not their defaults; `hold` None is the advised one.
    - `look`, `check`: count what changed: other files, another way to read them.
    """

    def __init__(self, out: Path) -> None:
        self.out, self.shelf = out, Shelf()
        self.files: Files | None = None
        self.examined: Examined | None = None
        self.refused, self.settings = "", dict[str, Any]()
        self.search: Search | None = None
        self.look = self.check = 0
        self._outcome: tuple[Path, Outcome] | None = None
        self._lock = RLock()

    @property
    def standing(self) -> Standing | None:
        return None if self.search is None else self.search.standing

    @property
    def busy(self) -> bool:
        """Whether a search is going on."""
        return self.standing is not None and not self.standing.phase.over

    @property
    def hold(self) -> str:
        """The hold that is asked for, or else the advised one; empty where there are no data."""
        advised = "" if self.examined is None else self.examined.hold
        return self.settings.get("hold") or advised

    def take(self, paths: Sequence[Path], names: Sequence[str]) -> None:
        """Look at these files of the shelf, and let the former ones go."""
        with self._lock:
            if self._refuses_while_busy():
                return
            self._let_go()
            self.files = Files(tuple(paths), tuple(names))
            self.shelf.keep_only(self.files.paths)
            self.settings, self.refused = {}, ""
            self._examine(None)
            assert self.examined is not None
            if self.examined.proposal is None and self.examined.problems:
                self.refuse(self.examined.problems[0])

    def example(self, key: str) -> None:
        """Look at one of the examples."""
        with self._lock:
            if self._refuses_while_busy():
                return
            example = EXAMPLES[key]
            path = self.shelf.free("example.nc")
            example.write(path)
            self.take([path], [f"example: {example.title}"])

    def refuse(self, why: str) -> None:
        """Take no file, and say why."""
        with self._lock:
            if not self.busy:
                self._let_go()
            self.refused = told_plainly(why)
            self.look += 1

    def reread(self, reading: Reading) -> None:
        """Read the same files in another way."""
        with self._lock:
            if self.files is not None and not self.busy:
                self._examine(reading)

    def start(self) -> None:
        """Search. Raises `SettingsError` where that cannot be done as it is asked for."""
        with self._lock:
            if self.busy:
                raise SettingsError("a search is going on; stop it first")
            if self.files is None or self.examined is None or not self.examined.ready:
                raise SettingsError("there are no data yet in which a law can be sought")
            settings = {**self.settings, "hold": self.hold}
            choose(**settings)
            self._forget_search()
            self.search = Search(self.files, self.examined.reading, settings, self._free_place())

    def stop(self) -> None:
        """Try no further width, and make a discovery of those that are finished."""
        if self.search is not None:
            self.search.stop()

    def end(self) -> None:
        """End the search at once; finished widths stay."""
        if self.search is not None:
            self.search.end()

    def close(self) -> None:
        """End what goes on, and remove what is temporary."""
        with self._lock:
            self._forget_search()
            self.shelf.close()

    @property
    def place(self) -> Path | None:
        """The run directory of a search that has found something, or was stopped."""
        if self.search is None or self.standing is None:
            return None
        return self.search.place if self.standing.phase.over else None

    def outcome(self) -> Outcome | None:
        """What was found; None where there is none yet."""
        with self._lock:
            place, standing = self.place, self.standing
            if place is None or standing is None or standing.phase is not Phase.FOUND:
                return None
            if self._outcome is None or self._outcome[0] != place:
                self._outcome = (place, outcome_of(place))
            return self._outcome[1]

    def picture_of_data(self) -> bytes | None:
        """The first run, as SVG."""
        dataset = None if self.examined is None else self.examined.dataset
        return None if dataset is None else pictures.of_data(dataset)

    def picture_of_sweep(self) -> bytes | None:
        """The widths that are finished, as SVG."""
        standing = self.standing
        if standing is None or not standing.latest:
            return None
        return pictures.of_sweep(standing.latest, response=standing.swept == "response")

    def _examine(self, reading: Reading | None) -> None:
        assert self.files is not None
        self._forget_search()
        before = self.examined
        self.examined = examined(self.files, reading)
        if self.examined.proposal is None and reading is not None and before is not None:
            self.examined = replace(self.examined, proposal=before.proposal)
        self.check += 1
        self.look += reading is None

    def _refuses_while_busy(self) -> bool:
        if self.busy:
            self.refuse("A search is going on: stop it before you take other data")
        return self.busy

    def _let_go(self) -> None:
        self._forget_search()
        self.files = self.examined = None
        self.check += 1

    def _forget_search(self) -> None:
        search, self.search = self.search, None
        if search is not None:
            search.close()
            _remove_if_empty(search.place)

    def _free_place(self) -> Path:
        """A new directory in the folder of runs. Raises `FormatError`."""
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            for number in range(1, MOST_RUNS):
                with suppress(FileExistsError):
                    place = self.out / f"app-{number}"
                    place.mkdir()
                    return place
        except OSError as problem:
            raise FormatError(f"cannot write into {self.out}: {problem.strerror}") from None
        raise FormatError(f"{self.out} is full of runs; name another folder with --out")


def _remove_if_empty(place: Path) -> None:
    with suppress(OSError):
        place.rmdir()


def told(problem: HiddenlawError) -> str:
    """A problem in one line."""
    return told_plainly(str(problem))
