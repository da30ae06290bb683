"""The families that were tried, and which of them is believed.

The poorest comes first. A richer one is tried only where something is left that the input still
explains or that remembers itself, and is believed only where it leaves at most half as much of
unseen runs unexplained and is better on so many of them that luck would do it once in a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hiddenlaw.cells import AbstractLawCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.misfit import squares_by_run
from hiddenlaw.families._base import AbstractFamily
from hiddenlaw.families.task import Search
from hiddenlaw.instrument import Imperfections, imperfections_of
from hiddenlaw.law import Shown
from hiddenlaw.settings import Settings
from hiddenlaw.theory.fits.effective import independence
from hiddenlaw.theory.ranking import as_good_as_translator, error_of
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.translator.fit import answer_to_own
from hiddenlaw.translator.left_over import left_over
from hiddenlaw.translator.luck import chance_that_no_better, luck

_HOPEFUL = 0.6  # of the same: what its translator must come down to, to be asked for a theory
_ENOUGH = 0.5  # of what the poorer family leaves: what a richer one must come down to


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

    @property
    def best(self) -> Search:
        """The search that is believed."""
        assert self._best is not None and self._best.search is not None  # noqa: PT018
        return self._best.search

    @property
    def believed(self) -> Search | None:
        """The same; None while there is none."""
        return None if self._best is None else self._best.search

    def worth_while(self, family: AbstractFamily, data: Dataset, *, last: bool) -> bool:
        """Whether to search in this family; if not, the table says why.

        The `last` one is searched in any case where no other was.
        """
        if self._best is not None:
            settled = _settled(self.best) or _idle(family, self.best)
            if settled is not None:
                self.rows.append(Row(family.name, f"not tried: {settled}"))
            return settled is None
        hopeless = None if last else family.hopeless(*data.split(*self.chosen.parts))
        if hopeless is not None:
            self.rows.append(Row(family.name, *hopeless))
        return hopeless is None

    def add(self, family: AbstractFamily, search: Search) -> None:
        """Take a search into the table, and believe it where it is better than the poorer ones."""
        better, why = True, "the poorest family that explains the response"
        if self._best is not None:
            better, why = _replaces(search, self.best)
        elif not search.theories:
            why = "no law was found"
        self.rows.append(Row(family.name, why, search.translation.fit.heldout_error, search))
        if better:
            self._best = self.rows[-1]

    @property
    def reaching(self) -> float:
        """What the translator of a further family must not exceed for its theories to matter."""
        theory = None if self._best is None else self._best.theory
        return float("inf") if theory is None else _HOPEFUL * error_of(theory)

    @property
    def family(self) -> str:
        """The family that is believed."""
        assert self._best is not None
        return self._best.family

    def instrument(self) -> Imperfections | None:
        """What of the misfit of the best theory is the instrument's; None where nothing is.

        It is asked only where what is left is more than noise, and of laws in a gauge, whose runs
        are whole.
        """
        if not self.best.theories:
            return None
        theory = self.best.theories[0]
        fit, whole = theory.statement.fit, not theory.law.preparation.in_pieces
        if fit is None or not whole or not theory.statement.canonical or fit.loss < ROUNDING:
            return None
        train = self.best.translation.train
        if independence(theory.law, Shown.measured(train, theory.law.scale)).white:
            return None
        return imperfections_of(theory.law, train)

    def take_instrument(self, search: Search) -> None:
        """Take the search in corrected data for the best one, where it leaves less."""
        assert self._best is not None
        theories, before = search.theories, self.best.theories
        if theories and error_of(theories[0]) < error_of(before[0]):
            at = self.rows.index(self._best)
            self._best = replace(self._best, search=search)
            self.rows[at] = self._best

    def records(self) -> list[dict[str, Any]]:
        """The table for discovery.json."""
        theory = None if self._best is None else self._best.theory
        fit = None if theory is None else theory.statement.fit
        samples = None if fit is None else fit.independent
        return [row.record(row is self._best, samples) for row in self.rows]


def _settled(search: Search) -> str | None:
    """Why no richer family is needed after this search; None where one is."""
    if not search.theories:
        return None
    theory, translation = search.theories[0], search.translation
    if not as_good_as_translator(theory):
        return None
    if error_of(theory) < ROUNDING:
        return "the response is explained to rounding"
    train, heldout = translation.train, translation.heldout
    own = answer_to_own(theory.law, train)
    if left_over(train, heldout.judged, own, theory.answer_to(heldout)).something:
        return None
    return "neither the input nor itself says anything of what the poorer family leaves"


def _idle(family: AbstractFamily, search: Search) -> str | None:
    """Why this richer family has nothing to add to the law that was found; None if it might."""
    return family.idle(search) if search.theories else None


def _replaces(richer: Search, poorer: Search) -> tuple[bool, str]:
    """Whether the richer family is believed in place of the poorer one, and why."""
    if not poorer.theories:
        return True, "the poorer family found no law"
    if not richer.theories and richer.verdict.verdict == "law" and richer.distilled is None:
        left = richer.translation.fit.heldout_error / error_of(poorer.theories[0])
        return False, f"its translator leaves {left:.2g} of what the poorer family leaves"
    if not richer.theories:
        return False, "it found no law"
    ours, theirs = richer.theories[0], poorer.theories[0]
    if _hears_input(theirs) and not _hears_input(ours):
        return False, "its law does without the input"
    ratio = error_of(ours) / max(error_of(theirs), 1e-300)
    heldout, before = richer.translation.heldout, poorer.translation.heldout
    chance = chance_that_no_better(
        squares_by_run(ours.answer_to(heldout), heldout.judged),
        squares_by_run(theirs.answer_to(before), before.judged),
    )
    if ratio <= _ENOUGH and chance <= luck(heldout.runs):
        return True, f"it leaves {ratio:.2g} of what the poorer family leaves"
    return False, f"it leaves {ratio:.2g} of what the poorer family leaves: not worth its constants"


def _hears_input(theory: Theory) -> bool:
    """Whether any term of the law has the input in it."""
    cell = theory.law.cell
    if not isinstance(cell, AbstractLawCell):
        return True
    return any(any(term.input) for term in cell.terms(theory.dx))


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None
