"""What the distiller is shown: hidden coordinates along the runs, and windows of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.distiller.coordinates import AbstractHiddenCoordinates, usable
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Own, Shared

_WINDOW = 20  # sites
_PIECE = 12  # sites
_RUNS = {True: 100, False: 400}  # for a linear cell, for others: more teach nothing new
_BEGINNING = 256  # sites: as many runs' beginnings say all; windows start anywhere


@dataclass(frozen=True)
class HiddenRuns:
    """What the distiller is shown: inputs and the hidden coordinates they led to.

    Only sites whose future the translator was trained on: input (run, site, channel), constants of
    the runs among the channels, and coordinates (run, site, coordinate), of which the variance sums
    to 1. `span` bounds the inputs. `horizon` is how many sites of the future the coordinates look
    at. Where `alike` is False runs start each from a state of its own, all of which are fitted.
    `beginning` is how many sites their beginnings have at most.
    """

    input: Float[np.ndarray, "run site channel"]
    coordinates: Float[np.ndarray, "run site coordinate"]
    span: Span
    horizon: int = _WINDOW
    alike: bool = True
    beginning: int | None = None

    @property
    def window(self) -> int:
        """Sites of a window: no more than the horizon, 20, and half of what there is.

        Coordinates that look few sites ahead let an error grow unseen beyond.
        """
        return min(_WINDOW, self.horizon, self.input.shape[1] // 2)

    @property
    def preparation(self) -> type[Shared] | type[Own]:
        """How the first fit takes the beginnings."""
        return Shared if self.alike else Own

    def few(self, runs: int) -> HiddenRuns:
        """The first runs alone."""
        return replace(self, input=self.input[:runs], coordinates=self.coordinates[:runs])

    def beginnings(self) -> Shown:
        """The runs' first sites."""
        some = slice(self.beginning)
        return Shown.of(self.input[:, some], self.coordinates[:, some])

    def windows(
        self, count: int, rng: np.random.Generator
    ) -> tuple[Shown, Float[np.ndarray, "window coordinate"]]:
        """Windows at random sites, and the coordinates just before each."""
        runs, sites = self.input.shape[:2]
        which = (np.arange(count) % runs)[:, None]
        first = rng.integers(1, sites - self.window + 1, count)[:, None]
        index = first + np.arange(self.window)
        shown = Shown.of(self.input[which, index], self.coordinates[which, index])
        return shown, self.coordinates[which[:, 0], first[:, 0] - 1]


def hidden_runs(
    law: Law, coordinates: AbstractHiddenCoordinates, data: Dataset, span: Span
) -> HiddenRuns:
    """The translator's hidden coordinates along `data`, where the horizon still fits.

    `law` has the numbers of these runs; `span` bounds the inputs of all runs that will be
    distilled.
    """
    preparation = law.preparation
    most = min(data.runs, _RUNS[law.cell.presumes_linear])
    sites = data.sites - coordinates.horizon
    shown = Shown.measured(data, law.scale)
    states = np.swapaxes(law.states(shown), 0, 1)[:most, :sites]
    input = preparation.show(law.cell, shown.input, shown.owner)[:most, :sites]
    values = coordinates(states)
    if preparation.in_pieces:
        inside = usable(data, coordinates.horizon)[:most, :sites]
        input, values = _pieces(input, inside), _pieces(values, inside)
    return HiddenRuns(
        input,
        values,
        span,
        coordinates.horizon,
        alike=not preparation.per_run,
        beginning=_BEGINNING,
    )


def _pieces(
    values: Float[np.ndarray, "run site number"], inside: Bool[np.ndarray, "run site"]
) -> Float[np.ndarray, "piece length number"]:
    """The stretches inside, in pieces of equal length; what is left over at their ends is lost."""
    length = min(_PIECE, int(inside.sum(axis=1).max()))
    pieces = []
    for run, row in enumerate(inside):
        first, count = int(row.argmax()), int(row.sum())
        pieces += [
            values[run, first + k * length : first + (k + 1) * length]
            for k in range(count // length)
        ]
    return np.stack(pieces)
