"""Laws of few variables with an input so many sites late: what dead times are sought with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import Span, applied
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import filled, layout
from hiddenlaw.preparations import Own
from hiddenlaw.readouts import Linear
from hiddenlaw.training.curriculum import ROUNDING, gentle_lengths
from hiddenlaw.training.least_squares import LeastSquares
from hiddenlaw.training.levenberg_marquardt import Stop, levenberg_marquardt
from hiddenlaw.translator.realization import realization

ROUGH = Stop(rounding=ROUNDING, settled=0.01)
"""For whole sites, of which one is looked at closely."""

_MOST = 24  # sites late, and a quarter of what is seen
_SEEDS, _STEPS = 3, 30
_SINGULAR = 1e8
_STOP = Stop(rounding=ROUNDING, settled=1e-5)


class LateFit(NamedTuple):
    """A law of some order, how late its input acts, and what it leaves."""

    order: int
    late: float
    loss: float
    law: Law


@dataclass(frozen=True)
class LateLaws:
    """Fits laws of one order with one channel so many sites late."""

    data: Dataset
    channel: int
    known: tuple[float, ...]
    order: int

    @property
    def most(self) -> int:
        """Sites late that are tried."""
        return min(_MOST, self.data.sites // 4)

    @property
    def scale(self) -> np.ndarray:
        return np.sqrt(self.data.variance) * np.sqrt(len(self.data.response_names))

    @property
    def dimension(self) -> int:
        """As many variables as there are responses, at least."""
        return max(self.order, len(self.data.response_names))

    def anew(self, rng: np.random.Generator) -> LateFit:
        """The best law without a delay: from where linear algebra says, or several random ones."""
        shown, span = self._shown(0.0)
        d, outputs = self.dimension, len(self.scale)
        readout = Linear(np.eye(d)[:, :outputs], np.zeros(0))
        blank = Law(
            Own(np.zeros((shown.runs, d))), DrivenCell.random(d, span, rng=rng), readout, self.scale
        )
        begun = realization(blank.cell, shown)
        if begun is not None:
            fit = self._fitted(blank.but(cell=begun), shown, 0.0, scaled=False)
            if np.isfinite(fit.loss):
                return fit
        fits = []
        for _ in range(_SEEDS):
            law = blank.but(cell=DrivenCell.random(d, span, rng=rng))
            for length in gentle_lengths(shown.sites, self.most + 8, self.most + 8):
                part = shown.first(length - self.most - 1)  # of what counts
                law = self._fitted(law, part, 0.0, scaled=False).law
            fits.append(self._fitted(law, shown, 0.0, scaled=False))
        return min(fits, key=lambda fit: fit.loss)

    def at(self, late: float, near: Law, stop: Stop = _STOP) -> LateFit:
        """The law near this one that is best with the channel so many sites late."""
        shown, span = self._shown(late)
        assert isinstance(near.cell, DrivenCell)
        cell = replace(near.cell, varies=span.step is not None)
        return self._fitted(near.but(cell=cell), shown, late, scaled=True, stop=stop)

    def with_poles_alone(self, law: Law) -> Law:
        """In companion form, pushed at the last derivative alone; of several responses as it is."""
        d, cell = self.dimension, law.cell
        assert isinstance(cell, DrivenCell)
        if len(self.scale) > 1:
            return law
        rows = [np.eye(d)[0]]
        for _ in range(d - 1):
            rows.append(rows[-1] @ np.asarray(cell.rates)[:, :d])
        if np.linalg.cond(np.stack(rows)) > _SINGULAR:
            return law
        turned = law.in_basis(np.stack(rows))
        assert isinstance(turned.cell, DrivenCell)
        rates = np.array(turned.cell.rates)
        rates[: d - 1] = np.eye(d, rates.shape[1])[1:]
        return turned.but(cell=replace(turned.cell, rates=rates))

    def _fitted(
        self, law: Law, shown: Shown, late: float, *, scaled: bool, stop: Stop = _STOP
    ) -> LateFit:
        free = layout(law).mask(cell=self._free(law) if scaled else True)
        problem = LeastSquares(law, shown, free, eliminate_starts=True)
        found = levenberg_marquardt(
            problem, problem.start(), max_steps=_STEPS, scaled=scaled, stop=stop
        )
        return LateFit(self.order, late, found.loss, filled(law, found.numbers))

    def _free(self, law: Law) -> np.ndarray:
        """Of poles alone the last row; all of a law that has no such form."""
        assert isinstance(law.cell, DrivenCell)
        d, rates = self.dimension, np.asarray(law.cell.rates)
        free, companion = np.ones(rates.shape, bool), np.eye(d, rates.shape[1])[1:]
        if np.array_equal(rates[: d - 1], companion):
            free[: d - 1] = False
        return free

    def _shown(self, late: float) -> tuple[Shown, Span]:
        every = tuple(late if k == self.channel else other for k, other in enumerate(self.known))
        there = applied(self.data.input, self.data.hold, every)
        plain = Shown.measured(self.data, self.scale)
        target, weight = (np.swapaxes(part, 0, 1) for part in (plain.target, plain.weight))
        # The first sites, for all alike: what is late there was given before the runs began.
        weight = weight * (np.arange(self.data.sites)[:, None] > self.most)
        return Shown.of(there.values, target, weight), there.span
