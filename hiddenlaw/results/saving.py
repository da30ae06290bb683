"""A discovery on its way into a run directory: the directory appears whole, and nothing is lost."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from hiddenlaw.errors import FormatError, SavedElsewhere
from hiddenlaw.io import Claim, claim, clear_abandoned, reason_of
from hiddenlaw.results import recovery
from hiddenlaw.results.placing import TO_MOVE, put_in_place
from hiddenlaw.results.rundir import ARRAYS, RECORD
from hiddenlaw.results.target import check_target, make_parents, reason, uninterrupted

Save = Callable[[Path], object]
_PAUSE = 0.1  # seconds between two looks at a directory that another process writes


class Saving:
    """Keeps a run directory for one process, from before a search until its result is there.

        with Saving("runs/discovery") as saving:
            found = discover(data)
            saving.keep(found.write)
            saving.add(write_report_of)
            saving.finish()

    What is kept and not finished when the context ends, for whatever reason, is put in its place
    all the same. `stage` is where the directory is made; `recovered` are the places of discoveries
    that an earlier process had found and could not put in their place before it was killed.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        *,
        only_discoveries: bool = False,
        patience: float = 0.0,
    ) -> None:
        """Take the directory. Raises `FormatError` where it cannot be written, in one line.

        - `only_discoveries`: refuse one that holds other things than a discovery.
        - `patience`: seconds to wait for another process; then what is kept goes beside it. With
          none it is refused.
        """
        self.directory = self._asked = Path(directory)
        self._target = check_target(self.directory, only_discoveries=only_discoveries)
        self._problem: str | None = None
        self._kept: Path | None = None
        self._left = False
        self._made = make_parents(self._target)
        self.recovered: list[Path] = []
        try:
            self.recovered = recovery.recover_all(self._target.parent)
            self._claim = self._taken(patience)
        except BaseException:
            self._remove_parents()
            raise
        with contextlib.suppress(OSError):
            self.recovered += recovery.settle(self._claim.path, self._target)
        # A room of our own: children of a killed process may go on writing into theirs.
        self.stage = self._claim.path / secrets.token_hex(4) / self._target.name

    def keep(self, save: Save) -> None:
        """Let `save` write record and arrays into a directory; where they do not fit, another one.

        Does not raise where the system refuses: `finish` will.
        """
        with uninterrupted():
            try:
                save(self.stage)
                recovery.note_stage(self.stage, found=True)
                self._kept = self.stage
            except (FormatError, OSError) as problem:
                self._problem = reason(problem)
                self._kept = self._elsewhere(save)
                shutil.rmtree(self.stage, ignore_errors=True)

    def add(self, write: Save) -> None:
        """Let `write` add a report to what is kept; where it cannot, `finish` tells."""
        if self._kept is not None:
            try:
                write(self._kept)
            except (FormatError, OSError) as problem:
                said = self._named(problem, self._kept)
                self._problem = self._problem or f"without its report: {said}"

    def finish(self) -> Path:
        """Put what is kept in its place, and return that.

        Raises `SavedElsewhere` where it is not, or not all, where it was to be, and `FormatError`
        where it could be kept nowhere.
        """
        with uninterrupted():
            place, self._kept = self._kept, None
            if place is not None and place == self.stage:
                place = self._put_in_place()
        if place is None:
            raise FormatError(f"cannot write {self._asked}, nor anywhere else: {self._problem}")
        if self._problem is not None:
            raise SavedElsewhere(self._asked, place, self._problem)
        return place

    def _put_in_place(self) -> Path:
        clear_abandoned(self.stage)
        clear_abandoned(self.stage / "figures")
        room = self.stage.parent
        try:
            put_in_place(self.stage, self._target, room)
            return self.directory
        except OSError as problem:
            self._problem = reason(problem)
        moved = (room / TO_MOVE).exists()  # in part
        place = None if moved else self._elsewhere(lambda free: shutil.copytree(self.stage, free))
        self._left = place is None  # for whoever comes next to finish
        return place or self.stage

    def replace_report(self, write: Save) -> None:
        """Let `write` make the report of the discovery that is there anew.

        The directory stays as it is until all of it is drawn. Raises `FormatError`.
        """
        try:
            self.stage.mkdir(parents=True)
            for name in (RECORD, ARRAYS):
                shutil.copy2(self._target / name, self.stage / name)
            write(self.stage)
            recovery.note_stage(self.stage, found=False)
            put_in_place(self.stage, self._target, self.stage.parent)
        except OSError as problem:
            raise FormatError(f"cannot write {self.directory}: {reason(problem)}") from problem
        except FormatError as problem:
            raise FormatError(self._named(problem, self.stage)) from problem

    def _named(self, problem: BaseException, place: Path) -> str:
        """What went wrong, by the name of the directory in place of the hidden one."""
        return reason(problem).replace(os.fspath(place), os.fspath(self.directory))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._kept is not None:
                self._finish_all_the_same(problem)
        finally:
            self._claim.leave() if self._left else self._claim.release()
            self._remove_parents()

    def _finish_all_the_same(self, stopped_by: BaseException | None) -> None:
        try:
            said = f"what was found is in {self.finish()}"
        except SavedElsewhere as elsewhere:
            said = str(elsewhere)
        if stopped_by is not None:
            stopped_by.add_note(said)

    def _taken(self, patience: float) -> Claim:
        """The hidden folder, claimed. Raises `FormatError`."""
        until = time.monotonic() + patience
        while (taken := _claimed(self.directory, self._target)) is None:
            if time.monotonic() < until:
                time.sleep(_PAUSE)
            elif patience:
                self._problem = "another process is writing it"
                self.directory = self._asked.with_name(recovery.next_free(self._target).name)
                self._target = self._target.with_name(self.directory.name)
            else:
                raise FormatError(
                    f"{self.directory} is being written by another discovery; name another one, "
                    "or wait until it has ended"
                )
        return taken

    def _elsewhere(self, save: Save) -> Path | None:
        """Save beside the directory, else in a folder for what is temporary, else here or at home.

        None where none of them takes it.
        """
        beside = recovery.next_free(self._target)
        for folder in (beside.parent, Path(tempfile.gettempdir()), Path.cwd(), Path.home()):
            made = None
            try:
                if folder != beside.parent:
                    made = Path(tempfile.mkdtemp(prefix="hiddenlaw-", dir=folder))
                place = (made or folder) / beside.name
                save(place)
                return place
            except (FormatError, OSError):
                shutil.rmtree(made or beside, ignore_errors=True)
        return None

    def _remove_parents(self) -> None:
        """Remove the folders that were made for nothing."""
        for folder in self._made:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _claimed(directory: Path, target: Path) -> Claim | None:
    """The first hidden folder that the system lets us make; None while somebody else has it."""
    refusal: OSError | None = None
    for folder in recovery.folders_for(target):
        try:
            return claim(folder)
        except OSError as problem:
            refusal = refusal or problem
    assert refusal is not None
    raise FormatError(
        f"cannot write {directory}: {reason_of(refusal)} in {target.parent}; name another directory"
    ) from refusal
