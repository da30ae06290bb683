"""The bottleneck sweep of a record, asked the questions that figures and tables have."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hiddenlaw.report.values import as_float

_ORDER = ("linear", "quadratic", "neural")


@dataclass(frozen=True)
class Seed:
    """One training: its two losses, None where it diverged."""

    train: float | None
    heldout: float | None


@dataclass(frozen=True)
class Sweep:
    """All seeds by decoder class and dimension, and the dimension chosen for each class."""

    classes: list[str]
    dimensions: list[int]
    seeds: Mapping[tuple[str, int], list[Seed]]
    chosen: Mapping[str, int | None]

    def heldout(self, readout: str, dimension: int) -> list[float | None]:
        """Held-out losses of all seeds, None for one that diverged."""
        return [seed.heldout for seed in self.seeds.get((readout, dimension), ())]

    def best(self, readout: str, dimension: int) -> float | None:
        """The held-out loss of the seed with the lowest training loss."""
        known = [
            (seed.train if seed.train is not None else math.inf, seed.heldout)
            for seed in self.seeds.get((readout, dimension), ())
            if seed.heldout is not None
        ]
        return min(known)[1] if known else None

    def before(self, readout: str) -> float | None:
        """The loss one dimension below the chosen one; 1, that of the mean, below d = 1."""
        chosen = self.chosen.get(readout)
        if chosen is None:
            return None
        return 1.0 if chosen == 1 else self.best(readout, chosen - 1)

    def jump(self, readout: str) -> float | None:
        """Loss at d - 1 over loss at the chosen d; infinite where that is 0."""
        chosen, before = self.chosen.get(readout), self.before(readout)
        after = self.best(readout, chosen) if chosen is not None else None
        if before is None or after is None:
            return None
        return before / after if after > 0 else math.inf


def sweep_of(record: Mapping[str, Any]) -> Sweep:
    """The sweep in a record; empty where there was none."""
    seeds: dict[tuple[str, int], list[Seed]] = {}
    for entry in record.get("sweep") or ():
        seed = Seed(_loss(entry.get("train_loss")), _loss(entry.get("heldout_loss")))
        seeds.setdefault((str(entry["readout"]), int(entry["dimension"])), []).append(seed)
    found = {readout for readout, _ in seeds}
    classes = [name for name in _ORDER if name in found] + sorted(found - set(_ORDER))
    dimensions = sorted({dimension for _, dimension in seeds})
    return Sweep(classes, dimensions, seeds, dict(record.get("dimension") or {}))


@dataclass(frozen=True)
class Stopped:
    """A width whose first seeds agreed, so that `run` of the `asked` ones were trained."""

    readout: str
    dimension: int
    run: int
    asked: int


def stopped_in(record: Mapping[str, Any]) -> list[Stopped]:
    """Where seeds of the sweep were not run because others had already agreed."""
    return [
        Stopped(
            str(entry["readout"]), int(entry["dimension"]), int(entry["run"]), int(entry["asked"])
        )
        for entry in record.get("stopped") or ()
    ]


def seeds_alike_in(record: Mapping[str, Any]) -> list[tuple[int, int, int, str]]:
    """How many seeds came to the law of an earlier one, of how many, for each width of the sweep.

    As (seeds, of all that were run, dimension, class of decoder), where there are any.
    """
    every: Counter[tuple[int, str]] = Counter()
    alike: Counter[tuple[int, str]] = Counter()
    for entry in record.get("sweep") or ():
        width = int(entry["dimension"]), str(entry["readout"])
        every[width] += 1
        alike[width] += entry.get("same_as") is not None
    return [(count, every[width], *width) for width, count in alike.items() if count]


def _loss(value: Any) -> float | None:
    loss = as_float(value)
    return loss if math.isfinite(loss) else None
