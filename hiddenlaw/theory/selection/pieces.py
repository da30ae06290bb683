"""Runs in pieces that tile them, each with a start of its own, or from the beginning all of them.

Growing one stretch from the beginning of a record ends where a law that is still wrong runs away.
So each length tiles all of the training stretch, and pieces begin where the law that was fitted to
shorter ones has come to (multiple shooting: Bock, Numerical treatment of inverse problems in
chemical reaction kinetics, Springer 1981).
"""

from __future__ import annotations

import abc
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.windows import windows_of
from hiddenlaw.holds import hold_called
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import AbstractPreparation, Own
from hiddenlaw.training.first_starts import first_starts
from hiddenlaw.training.in_pieces import track_in_pieces
from hiddenlaw.training.new_runs import starts_of_windows
from hiddenlaw.training.windows import windowed

_LONGEST = 128, 512  # sites of a piece, where there are few samples and where there are many
_OF_RUNS = 20  # where runs have constants, which hold all their pieces together
_SIDE_BY_SIDE = 12  # pieces, which cost hardly more than one
_GROWS = 1.7  # times as long
_NEARLY = 0.8  # of the longest: a length that is not worth a fit of its own


@dataclass(frozen=True, eq=False)
class AbstractPieces(abc.ABC):
    """How laws are fitted to `data` over lengths that grow."""

    data: Dataset
    scale: Float[np.ndarray, " response"]

    @property
    def longest(self) -> int:
        return self.data.sites

    def lengths(self, first: int) -> list[int]:
        """From about the `first` on to the longest."""
        found = [min(first, self.longest)]
        while (longer := round(_GROWS * found[-1])) < _NEARLY * self.longest:
            found.append(longer)
        return found if found[-1] == self.longest else [*found, self.longest]

    @abc.abstractmethod
    def firsts(self, dimension: int) -> list[int]:
        """Lengths of the pieces over which a search begins."""

    @abc.abstractmethod
    def begun(self, law: Law, length: int) -> tuple[Law, Shown]:
        """The law, with starts as the samples tell them, and what it is shown of that length."""

    @abc.abstractmethod
    def longer(self, law: Law, before: int, length: int) -> tuple[Law, Shown]:
        """The law that was fitted to the length `before`, along another length."""

    def known(self, law: Law, length: int) -> tuple[Law, Shown]:
        """A law that was found in other runs, along pieces of these."""
        _, shown = self.begun(law, length)
        if not law.preparation.per_run:
            return law, shown
        return law.but(preparation=starts_of_windows(law, shown)), shown


@dataclass(frozen=True, eq=False)
class FromTheBeginning(AbstractPieces):
    """Runs that share a start: their first sites."""

    def firsts(self, dimension: int) -> list[int]:
        return [dimension + 3, 2 * dimension + 4, 3 * dimension + 6]

    def begun(self, law: Law, length: int) -> tuple[Law, Shown]:
        shown = self._shown(length)
        starts = first_starts(law, shown, hold_called(self.data.hold).varies)
        return law.but(preparation=law.preparation.started(np.median(starts, axis=0))), shown

    def longer(self, law: Law, before: int, length: int) -> tuple[Law, Shown]:
        return law, self._shown(length)

    def _shown(self, length: int) -> Shown:
        return Shown.measured(self.data, self.scale).first(length)


@dataclass(frozen=True, eq=False)
class Tiles(AbstractPieces):
    """Pieces of equal length, with starts of their own of that `kind`."""

    kind: type[AbstractPreparation] = Own

    @property
    def longest(self) -> int:
        enough = int(self.data.observed.sum()) // _SIDE_BY_SIDE
        return min(self.data.sites, int(np.clip(enough, *_LONGEST)))

    def firsts(self, dimension: int) -> list[int]:
        return [2 * dimension + 4, 4 * dimension + 4]

    def begun(self, law: Law, length: int) -> tuple[Law, Shown]:
        shown = windowed(self.data, length, self.scale)
        starts = first_starts(law, shown, self._varies)
        return self._started(law, starts), shown

    def longer(self, law: Law, before: int, length: int) -> tuple[Law, Shown]:
        track, windows = self._track(law, before), windows_of(self.data, length)
        starts = track[windows.run, windows.sites[:, 0]]
        return self._started(law, starts), windowed(self.data, length, self.scale)

    @property
    def _varies(self) -> bool:
        return hold_called(self.data.hold).varies

    def _started(self, law: Law, starts: Float[np.ndarray, "window d"]) -> Law:
        numbers = np.where(np.isfinite(starts), starts, 0.0)
        return law.but(preparation=self.kind(numbers))  # type: ignore[call-arg]  # starts alone

    def _track(self, law: Law, length: int) -> Float[np.ndarray, "run site d"]:
        """From which state a piece would start that begins at a site."""
        windows, shown = windows_of(self.data, length), windowed(self.data, length, self.scale)
        states = np.swapaxes(law.states(shown), 0, 1)
        if not self._varies:  # a piece starts before its first site
            starts = law.preparation.starts(shown.runs)
            states = np.concatenate([starts[:, None], states[:, :-1]], axis=1)
        track = np.zeros((self.data.runs, self.data.sites, law.dimension))
        where = windows.inside
        rows = np.broadcast_to(windows.run[:, None], where.shape)
        track[rows[where], windows.sites[where]] = states[where]
        return track


@dataclass(frozen=True, eq=False)
class TilesOfRuns(Tiles):
    """Pieces of equal length with starts of their own; all pieces of a run share its constants."""

    @property
    def longest(self) -> int:
        return min(self.data.sites, _OF_RUNS)

    def known(self, law: Law, length: int) -> tuple[Law, Shown]:
        preparation, track = track_in_pieces(law, Shown.measured(self.data, self.scale))
        windows = windows_of(self.data, length)
        law = law.but(preparation=preparation)
        law = self._started(law, track[windows.run, windows.sites[:, 0]])
        return law, windowed(self.data, length, self.scale)

    def _started(self, law: Law, starts: Float[np.ndarray, "window d"]) -> Law:
        numbers = np.where(np.isfinite(starts), starts, 0.0)
        return law.but(preparation=law.preparation.with_numbers(numbers))


def pieces_of(
    data: Dataset, scale: Float[np.ndarray, " response"], kind: type[AbstractPreparation]
) -> AbstractPieces:
    """As the preparation asks for it."""
    if kind.in_pieces:
        return TilesOfRuns(data, scale, kind)
    return Tiles(data, scale, kind) if kind.per_run else FromTheBeginning(data, scale)
