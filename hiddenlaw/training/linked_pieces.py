"""Runs in short pieces, each with a start of its own, and where one ends the next has to begin."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float, Int

from hiddenlaw.law import Law, Shown

_LENGTH = 8  # sites of a piece, about


@dataclass(frozen=True, eq=False)
class LinkedPieces:
    """Runs in pieces, run by run and in their order.

    - `shown`: as sequences; behind the end of a piece nothing counts.
    - `first`: the site of the run at which a piece begins.
    - `begins`: which piece is the first of each run; `last`: the site of a piece at which the next
      begins; `goes_on`: whether there is a next one.
    """

    shown: Shown
    first: Int[np.ndarray, " piece"]
    begins: Int[np.ndarray, " run"]
    last: Int[np.ndarray, " piece"]
    goes_on: Bool[np.ndarray, " piece"]

    @property
    def place(self) -> Int[np.ndarray, " piece"]:
        """The how many-th of its run a piece is, from 0 on."""
        return np.arange(len(self.last)) - self.begins[self.shown.owner]

    @classmethod
    def of(cls, given: Shown, varies: bool) -> LinkedPieces:
        """A smooth input moves a piece from its first sample on, where the one before ends."""
        pieces = []
        for run in range(given.runs):
            seen = np.flatnonzero((given.weight[:, run] > 0).any(axis=1))
            end = int(seen[-1]) + 1 if len(seen) else 1
            edges = np.round(np.linspace(0, end, max(1, round(end / _LENGTH)) + 1)).astype(int)
            pieces += [(run, a, b - a) for a, b in pairwise(edges)]
        run, first, size = np.array(pieces).T
        goes_on = np.append(run[1:] == run[:-1], False)
        sites = first[:, None] + np.arange(size.max() + varies)
        inside = np.arange(sites.shape[1]) < size[:, None]
        sites = np.minimum(sites, given.sites - 1)
        input = given.input[run[:, None], sites]
        if varies:
            input[:, 0, 2] = 0.0  # nothing moves before the first sample
        weight = given.weight[sites.T, run] * inside.T[..., None]
        shown = Shown(input, given.target[sites.T, run], weight, run)
        return cls(
            shown, first, np.flatnonzero(np.diff(run, prepend=-1)), size - 1 + varies, goes_on
        )

    def near(self, given: Shown, reach: int) -> Shown:
        """What is given as many sites before and behind the beginning of every piece."""
        sites = self.first[:, None] + np.arange(-reach, reach + 1)
        inside, run = (sites >= 0) & (sites < given.sites), self.shown.owner
        assert run is not None
        sites = np.clip(sites, 0, given.sites - 1)
        weight = given.weight[sites.T, run] * inside.T[..., None]
        return Shown(given.input[run[:, None], sites], given.target[sites.T, run], weight, run)

    def track(self, law: Law, sites: int, varies: bool) -> Float[np.ndarray, "run site d"]:
        """From which state a piece would start that begins at a site."""
        states = np.swapaxes(law.states(self.shown), 0, 1)
        if not varies:  # a piece starts before its first site
            starts = law.preparation.starts(self.shown.runs)
            states = np.concatenate([starts[:, None], states[:, :-1]], axis=1)
        found = np.zeros((len(self.begins), sites, law.dimension))
        sizes = self.last + 1 - varies
        for run, first, size, mine in zip(
            np.asarray(self.shown.owner), self.first, sizes, states, strict=True
        ):
            found[run, first : first + size] = mine[:size]
        return found

    def jumps(self, law: Law, states: Float[np.ndarray, "site piece d"]) -> np.ndarray:
        """How far from the end of each piece the next begins; 0 at the end of a run."""
        starts = law.preparation.starts(self.shown.runs)
        ends = states[self.last, np.arange(len(self.last))]
        return np.where(self.goes_on[:, None], ends - np.roll(starts, -1, axis=0), 0.0)
