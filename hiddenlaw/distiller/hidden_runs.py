"""What the distiller is shown: hidden coordinates along the runs, and windows of them."""

from dataclasses import dataclass
from typing import Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw._precision import float64
from hiddenlaw.cells import AbstractLinearCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.distiller.coordinates import AbstractHiddenCoordinates, usable
from hiddenlaw.holds._base import Span, applied_to
from hiddenlaw.translator import Translator

_WINDOW = 20  # sites
_PIECE = 12  # sites
_RUNS = {True: 100, False: 400}  # for a linear cell, for a black box: more teach nothing new


@dataclass(frozen=True)
class HiddenRuns:
    """What the distiller is shown: inputs and the hidden coordinates they led to.

    Only sites whose future the translator was trained on: input (run, site, channel) and
    coordinates (run, site, coordinate), of which the variance sums to 1. `input` is what cells are
    shown, `span` bounds it. `horizon` is how many sites of the future the coordinates look at,
    `starts` how the first fit takes the beginnings: "shared", all runs start from one state; "own",
    each from its own, and all are fitted; "one", each from its own, and one long run will do.
    """

    input: Float[np.ndarray, "run site channel"]
    coordinates: Float[np.ndarray, "run site coordinate"]
    span: Span
    horizon: int = _WINDOW
    starts: Literal["shared", "own", "one"] = "shared"

    @property
    def window(self) -> int:
        """Sites of a window: no more than the horizon, 20, and half of what there is.

        Coordinates that look few sites ahead let an error grow unseen beyond.
        """
        return min(_WINDOW, self.horizon, self.input.shape[1] // 2)

    def beginnings(
        self,
    ) -> tuple[Float[np.ndarray, "run site channel"], Float[np.ndarray, "run site coordinate"]]:
        """The runs; with starts "one" the one that varies most, over and over."""
        if self.starts != "one":
            return self.input, self.coordinates
        richest = int(np.argmax(self.coordinates.var(axis=1).sum(axis=1)))
        same = np.full(len(self.input), richest)
        return self.input[same], self.coordinates[same]

    def windows(
        self, count: int, rng: np.random.Generator
    ) -> tuple[
        Float[np.ndarray, "window site channel"],
        Float[np.ndarray, "window site coordinate"],
        Float[np.ndarray, "window coordinate"],
    ]:
        """Inputs and coordinates of windows at random sites, and the coordinates they start from.

        The start is the state just before the window. Arrays are as long as the runs, so that
        windows and beginnings share one compilation; only the first `window` sites are meant.
        """
        runs, sites = self.input.shape[:2]
        which = np.arange(count) % runs
        first = rng.integers(1, sites - self.window + 1, count)
        index = np.minimum(first[:, None] + np.arange(sites), sites - 1)
        return (
            self.input[which[:, None], index],
            self.coordinates[which[:, None], index],
            self.coordinates[which, first - 1],
        )


@float64
def hidden_runs(
    translator: Translator,
    coordinates: AbstractHiddenCoordinates,
    data: Dataset,
    span: Span,
    starts: Float[np.ndarray, "run hidden"] | None = None,
) -> HiddenRuns:
    """The translator's hidden coordinates along `data`, where the horizon still fits.

    `span` bounds the inputs of all runs that will be distilled; `starts` are the initial states of
    the runs where they differ.
    """
    most = min(data.runs, _RUNS[isinstance(translator.cell, AbstractLinearCell)])
    sites = data.sites - coordinates.horizon
    input = applied_to(data).values[:most, :sites]
    before = None if starts is None else starts[:most]
    values = np.asarray(_along(translator, coordinates, jnp.asarray(input), before))
    how = "shared" if starts is None else "one"
    if data.constants is not None:
        how = "own"
        inside = usable(data, coordinates.horizon)[:most, :sites]
        input, values = _pieces(input, inside), _pieces(values, inside)
    return HiddenRuns(input, values, span, coordinates.horizon, how)


def _pieces(
    values: Float[np.ndarray, "run site number"], inside: Bool[np.ndarray, "run site"]
) -> Float[np.ndarray, "piece site number"]:
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


@eqx.filter_jit
def _along(translator, coordinates, input, starts):
    return coordinates(translator.hidden_states(input, starts))
