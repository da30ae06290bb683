"""The families that were tried, and which of them is believed.

The poorest comes first. A richer one is tried only where something is left that the input still
explains or that remembers itself, and is believed only where it leaves at most half as much of
unseen runs unexplained and is better on so many of them that luck would do it once in a thousand.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from hiddenlaw.families._base import AbstractFamily
from hiddenlaw.families.comparing import replaces, settled, tells_all, tells_more
from hiddenlaw.families.task import Search, Task
from hiddenlaw.families.weak_terms import explained_by_powers
from hiddenlaw.instrument import Friction, Imperfections, imperfections_of
from hiddenlaw.law import Shown
from hiddenlaw.settings import Settings
from hiddenlaw.theory.fits.effective import independence
from hiddenlaw.theory.ranking import error_of
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.training.watching import has_enough, tell_family

_LOG = logging.getLogger(__name__)
_HOPEFUL = 0.6  # of the same: what its translator must come down to, to be asked for a theory


@dataclass(frozen=True)
class Row:
    """One family in the table: what it came to, or why it was not tried.

    `error` is what the translator leaves of held-out runs where there is no theory.
    """

    family: str
    reason: str
    error: float | None = None
    search: Search | None = None

    @property
    def theory(self) -> Theory | None:
        return self.search.theories[0] if self.search and self.search.theories else None

    def record(self, selected: bool, samples: float | None) -> dict[str, Any]:
        """The row in discovery.json, its criterion for so many independent samples."""
        theory, fit = self.theory, None
        if theory is not None:
            fit = theory.statement.fit
        return {
            "family": self.family,
            "dimension": theory and theory.dimension,
            "readout": theory and theory.readout,
            "constants": theory and theory.statement.parameters,
            "heldout_error": _finite(error_of(theory) if theory else self.error),
            "criterion": fit and samples and _finite(fit.criterion_of(samples)),
            "selected": selected,
            "reason": self.reason,
        }


class Tried:
    """The searches so far, for settings that hold for all of them."""

    def __init__(self, chosen: Settings) -> None:
        self.chosen = chosen
        self.rows: list[Row] = []
        self._best: Row | None = None
        self._family: AbstractFamily | None = None
        self._asked: Search | None = None  # the last that was asked for its instrument
        self._sooner: dict[tuple[str, str], Search] = {}  # by family and preparation

    @property
    def best(self) -> Search:
        """The search that is believed."""
        assert self._best is not None and self._best.search is not None  # noqa: PT018
        return self._best.search

    @property
    def believed(self) -> Search | None:
        """The same; None while there is none."""
        return None if self._best is None else self._best.search

    def worth_while(
        self, family: AbstractFamily, task: Task, richer: Sequence[AbstractFamily], *, last: bool
    ) -> bool:
        """Whether to search in this family; if not, the table says why.

        The `last` one is searched in any case where no other was.
        """
        if self._best is not None:
            idle = settled(self.best) or family.idle(self.best)
            if idle is None and self.best.theories and not has_enough(task.progress):
                idle = self._told_by(_quicker(family, richer), task)
            if idle is not None:
                self._enter(Row(family.name, f"not tried: {idle}"))
            return idle is None
        hopeless = None if last else family.hopeless(*task.data.split(*self.chosen.parts))
        if hopeless is not None:
            self._enter(Row(family.name, *hopeless))
        return hopeless is None

    def searched(
        self, family: AbstractFamily, task: Task, richer: Sequence[AbstractFamily]
    ) -> Search:
        """Search in this family, unless that was done already to see what a poorer one misses."""
        seen = self._sooner.get((family.name, self._kind(self.believed)))
        if seen is not None:
            return seen
        here = replace(task, poorer=self.believed, reaching=self.reaching)
        ask = partial(self._overtaken, family, _quicker(family, richer), here)
        tell_family(task.progress, family.name)
        return family.search(replace(here, overtaken=ask))

    def _told_by(self, quicker: Sequence[AbstractFamily], task: Task) -> str | None:
        """Why a search need not even begin: one of these families tells all; None if none does."""
        for family in quicker:
            search = self._quickly(family, replace(task, poorer=self.best))
            if search is not None and (why := tells_all(search)) is not None:
                return why
        return None

    def _overtaken(
        self,
        slow: AbstractFamily,
        quicker: Sequence[AbstractFamily],
        task: Task,
        begun: Search,
    ) -> str | None:
        """Why the `slow` search that has begun need not be finished, by the quick one of a richer
        family; None if it has to be.
        """
        if begun.verdict.verdict != "law":
            return None
        for family in quicker:
            search = self._quickly(family, replace(task, poorer=task.poorer or begun))
            if search is not None and (why := tells_more(search, begun)) is not None:
                return why
        tell_family(task.progress, slow.name)
        return None

    def _quickly(self, family: AbstractFamily, task: Task) -> Search | None:
        """The search in a family whose turn has not come yet; None where it would be idle."""
        assert task.poorer is not None
        known = task.poorer.translation
        if family.hopeless(known.train, known.heldout.judged):
            return None
        if family.idle(task.poorer):
            return None
        asked = family.name, self._kind(task.poorer)
        if asked not in self._sooner:
            tell_family(task.progress, family.name)
            self._sooner[asked] = family.search(task)
        return self._sooner[asked]

    @staticmethod
    def _kind(poorer: Search | None) -> str:
        """From where runs start for a search that comes after this one."""
        return "" if poorer is None else poorer.translation.kind.name

    def add(self, family: AbstractFamily, search: Search) -> None:
        """Take a search into the table, and believe it where it is better than the poorer ones."""
        better, why = True, "the poorest family that explains the response"
        if self._best is not None:
            better, why = replaces(search, self.best)
        elif not search.theories:
            why = "no law was found"
        why = search.overtaken or why
        self._enter(Row(family.name, why, search.translation.fit.heldout_error, search))
        if better:
            self._best, self._family = self.rows[-1], family

    def _enter(self, row: Row) -> None:
        self.rows.append(row)
        _LOG.info("the family %s: %s", row.family, row.reason)

    @property
    def reaching(self) -> float:
        """What the translator of a further family must not exceed for its theories to matter."""
        theory = None if self._best is None else self._best.theory
        return float("inf") if theory is None else _HOPEFUL * error_of(theory)

    @property
    def family(self) -> AbstractFamily | None:
        """The family that is believed; None while there is none."""
        return self._family

    def instrument(self) -> Imperfections | None:
        """What of the misfit of the best theory is the instrument's; None where nothing is.

        It is asked once of a search, only where what is left is more than noise, and of laws in a
        gauge, whose runs are whole.
        """
        believed, family = self.believed, self.family
        if believed is None or believed is self._asked:
            return None
        self._asked = believed
        if family is None or not family.asks_instrument or not believed.theories:
            return None
        theory = self.best.theories[0]
        fit, whole = theory.statement.fit, not theory.law.preparation.in_pieces
        if fit is None or not whole or not theory.statement.canonical or fit.loss < ROUNDING:
            return None
        train = self.best.translation.train
        if independence(theory.law, Shown.measured(train, theory.law.scale)).white:
            return None
        found = imperfections_of(theory.law, train, context=self.chosen.context)
        if found is None or Friction.name not in found.told:
            return found
        return None if self._bends_more(1 - found.share) else found

    def _bends_more(self, share: float) -> bool:
        """Whether powers of the state explain more of what is left than this share of it.

        Whatever is not linear looks a little like friction; friction like nothing but itself.
        """
        powers = explained_by_powers(self.best.theories[0], self.best.translation)
        return powers is not None and powers > share

    def take_instrument(self, search: Search) -> None:
        """Take the search in corrected data for the best one, where it leaves less."""
        assert self._best is not None
        theories, before = search.theories, self.best.theories
        if theories and error_of(theories[0]) < error_of(before[0]):
            at = self.rows.index(self._best)
            self._best = replace(self._best, search=search)
            self.rows[at], self._asked = self._best, search

    def records(self) -> list[dict[str, Any]]:
        """The table for discovery.json."""
        theory = None if self._best is None else self._best.theory
        fit = None if theory is None else theory.statement.fit
        samples = None if fit is None else fit.independent
        return [row.record(row is self._best, samples) for row in self.rows]


def _quicker(family: AbstractFamily, richer: Sequence[AbstractFamily]) -> list[AbstractFamily]:
    """Those of the richer families whose search takes less than that of this one."""
    return [each for each in richer if family.name in each.overtakes]


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None
