"""What driven laws, and those that are not linear in their state, are fitted to: scaled records.

The unit of the response is its standard deviation, that of x a site, that of a channel its largest
value. A search goes over pieces of the records, each from a start of its own, so that no law
diverges along them; pieces keep what their input was before they began.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.driven_law import DrivenLaw
from hiddenlaw.believed.polynomial_law import PolynomialLaw
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import applied, hold_called, varies_in_cells
from hiddenlaw.law import Shown

_PIECE = 128  # sites
_RUNS, _PIECES = 400, 120  # at most, of a search
_MOST = 100  # sites late, and a quarter of a record
_WHOLE = 1e-6


@dataclass(frozen=True, eq=False)
class DrivenRuns:
    """Channels that drive a law, and the response over its `scale`.

    - `size`: the units of the channels.
    - `blind`: the first sites, which do not count: what was late there, nobody knows.
    - `piece`: how many sites of a record are one sequence; 0 where records stay whole.
    """

    channels: Float[np.ndarray, "run site channel"]
    target: Float[np.ndarray, "run site"]
    weight: Float[np.ndarray, "run site"]
    hold: str
    scale: float
    size: Float[np.ndarray, " channel"]
    dx: float
    blind: int = 0
    piece: int = 0

    @classmethod
    def of(cls, system: DrivenLaw | PolynomialLaw, data: Dataset, column: int) -> DrivenRuns:
        measured, weight = data.response[:, :, column], data.weight[:, :, column]
        scale = float(np.nanstd(measured)) or 1.0
        channels = system.input(data)
        size = np.abs(channels).max(axis=(0, 1))
        target = np.where(np.isfinite(measured), measured, 0.0) / scale
        size = np.where(size > 0, size, 1.0)
        return cls(channels, target, weight, data.hold, scale, size, data.dx)

    @property
    def most(self) -> int:
        """How many sites late an input is sought, at most."""
        return max(min(_MOST, self.target.shape[1] // 4), 1)

    def unseen(self, late: tuple[float, ...]) -> int:
        """How many sites of a record do not count where channels are so late."""
        ends = hold_called(self.hold).cells_before
        return max(math.ceil(max(late, default=0.0) - _WHOLE) - ends, 0)

    def in_pieces(self) -> DrivenRuns:
        """Short pieces of them, as many as a search needs."""
        return replace(self, channels=self.channels[:_RUNS], target=self.target[:_RUNS],
                       weight=self.weight[:_RUNS], piece=_PIECE)  # fmt: skip

    def shown(self, late: tuple[float, ...]) -> Shown:
        """What a law is shown of them where the channels are so many sites late."""
        if not any(late):
            late = ()
        values = applied(self.channels, self.hold, late).values
        sites = np.arange(self.target.shape[1])
        weight = np.where(sites < self.blind, 0.0, self.weight)
        whole = values, self.target[..., None], weight[..., None]
        if not self.piece or len(sites) < 1.5 * self.piece:
            return Shown.of(*whole)
        values, target, weight = (cut(part, self.piece, _PIECES) for part in whole)
        values = hold_called(self.hold).windowed(values)
        return Shown.of(values, target, weight)

    def varies(self, late: tuple[float, ...]) -> bool:
        """Whether what is shown varies inside cells."""
        return varies_in_cells(self.hold, late)


def cut(
    values: Float[np.ndarray, "run site shown"], sites: int, most: int
) -> Float[np.ndarray, "piece short shown"]:
    """Pieces of so many sites, evenly from all; what is left at an end is left out.

    So many `most` are taken.
    """
    runs, count = len(values), values.shape[1] // sites
    pieces = values[:, : count * sites].reshape(runs * count, sites, values.shape[2])
    return pieces[np.unique(np.linspace(0, len(pieces) - 1, most).astype(int))]
