"""A law: preparation, cell and readout. Translator, latent law, theory and believed law are laws.

What it is shown has runs first; what it answers has sites first, so that a step over all runs is
one contiguous block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from jaxtyping import Float, Int

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import AbstractCell, AbstractSteps
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.described import Described
from hiddenlaw.holds import applied_to
from hiddenlaw.preparations import AbstractPreparation
from hiddenlaw.readouts import AbstractReadout


@dataclass(frozen=True, eq=False)
class Shown(Described):
    """What a law is shown: inputs as cells take them, and what it should answer.

    - `input` (run, site, channel), without the constants of runs.
    - `target` (site, run, output), over the law's scale, and `weight` (site, run, 1 or output);
      samples with weight 0 do not count. The outputs share one weight a sample, or each has its
      own.
    - `owner`: which run of the data each sequence is a window of; None where each is a run.
    """

    input: Float[np.ndarray, "run site channel"]
    target: Float[np.ndarray, "site run output"]
    weight: Float[np.ndarray, "site run one_or_output"]
    owner: Int[np.ndarray, " run"] | None = None

    @classmethod
    def of(
        cls,
        input: Float[np.ndarray, "run site channel"],
        target: Float[np.ndarray, "run site output"],
        weight: Float[np.ndarray, "run site one_or_output"] | None = None,
        owner: Int[np.ndarray, " run"] | None = None,
    ) -> Shown:
        """From arrays with runs first; without `weight` all samples count alike."""
        weight = np.ones((*target.shape[:2], 1)) if weight is None else weight
        if np.allclose(weight, weight[..., :1], rtol=1e-12, atol=0.0):
            weight = weight[..., :1]
        target, weight = (np.ascontiguousarray(np.swapaxes(p, 0, 1)) for p in (target, weight))
        return cls(np.asarray(input, float), target, weight, owner)

    @classmethod
    def measured(cls, data: Dataset, scale: Float[AnyArray, " response"] | float) -> Shown:
        """A dataset: the response over `scale`, weighted by its errors, gaps left out.

        Whatever the scale, channels count by their variance, or by their errors; one that does not
        vary in these data counts by the scale.
        """
        target = np.where(data.observed, data.response, 0.0) / scale
        square = np.square(scale)
        weight = data.weight * (square / np.where(data.variance > 0, data.variance, square))
        weight = weight * (data.observed.sum() / weight.sum())
        return cls.of(applied_to(data).values, target, weight)

    @classmethod
    def unanswered(cls, input: Float[np.ndarray, "run site channel"]) -> Shown:
        """Inputs alone."""
        runs, sites = input.shape[:2]
        return cls.of(input, np.zeros((runs, sites, 0)))

    @property
    def runs(self) -> int:
        return self.input.shape[0]

    @property
    def sites(self) -> int:
        return self.input.shape[1]

    @property
    def samples(self) -> float:
        """How many numbers were measured."""
        shared = self.target.shape[2] / self.weight.shape[2]
        return float(np.sum(self.weight > 0)) * shared

    @property
    def total(self) -> float:
        """The weight of all samples, outputs averaged: what losses are relative to."""
        return float(np.sum(self.weight)) / self.weight.shape[2]

    def first(self, sites: int) -> Shown:
        """The first sites alone, counted from where something was measured: a length curriculum."""
        blind = int(np.argmax(np.any(self.weight > 0, axis=(1, 2))))
        end = blind + sites
        return replace(
            self,
            input=self.input[:, :end],
            target=self.target[:end],
            weight=self.weight[:end],
        )

    def few(self, runs: int) -> Shown:
        """The first runs alone: for a beginning."""
        return self.of_runs(np.arange(min(runs, self.runs)))

    def of_runs(self, runs: Int[np.ndarray, " some"]) -> Shown:
        """These runs alone."""
        return replace(
            self,
            input=self.input[runs],
            target=self.target[:, runs],
            weight=self.weight[:, runs],
            owner=None if self.owner is None else self.owner[runs],
        )

    def parts(self, runs: int) -> Iterator[slice]:
        """Runs in chunks of at most that many."""
        for first in range(0, self.runs, runs):
            yield slice(first, min(first + runs, self.runs))


@dataclass(frozen=True, eq=False)
class Law(Described):
    """Where runs start, how the state moves, and how the response reads it.

    `scale` is the unit of every response: it answers `scale` times its readout.
    """

    preparation: AbstractPreparation
    cell: AbstractCell
    readout: AbstractReadout
    scale: Float[AnyArray, " response"]

    @property
    def dimension(self) -> int:
        return self.cell.dimension

    def but(self, **parts: Any) -> Self:
        """The same law with other parts."""
        return replace(self, **parts)

    def steps(self, shown: Shown) -> AbstractSteps:
        """The cell along what is shown."""
        input = self.preparation.show(self.cell, shown.input, shown.owner)
        return self.cell.steps(self.cell.prepared(input, self.preparation.behind))

    def states(self, shown: Shown) -> Float[np.ndarray, "site run d"]:
        """The state after every site."""
        return self.steps(shown).states(self.preparation.starts(shown.runs))

    def outputs(self, shown: Shown) -> Float[np.ndarray, "site run output"]:
        """What is read after every site, over the scale."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self.readout(self.states(shown))

    def loss(self, shown: Shown) -> float:
        """Mean square of what is not answered, summed over outputs; infinite where it overflows."""
        with np.errstate(over="ignore", invalid="ignore"):
            square = np.sum((self.outputs(shown) - shown.target) ** 2 * shown.weight)
        return float(square / shown.total) if np.isfinite(square) else np.inf

    def in_basis(self, transform: Float[np.ndarray, "d d"]) -> Self:
        """The same responses from the state z = `transform` h."""
        return self.but(
            preparation=self.preparation.in_basis(transform),
            cell=self.cell.in_basis(transform),  # type: ignore[attr-defined]  # of a law's cell
            readout=self.readout.turned(transform),
        )
