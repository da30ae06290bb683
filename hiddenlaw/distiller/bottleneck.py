"""The bottleneck sweep: reconstruction loss against latent dimension, for each class of decoder.

Where it jumps is the number of variables that nature needs, for readouts of that class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from hiddenlaw.cells import AbstractCell
from hiddenlaw.distiller.distillation import Distillation, Width
from hiddenlaw.distiller.distiller import distil
from hiddenlaw.distiller.hidden_runs import HiddenRuns
from hiddenlaw.distiller.target import Target
from hiddenlaw.training.progress import Progress, Silent
from hiddenlaw.training.watching import ends_before, keeps, tell_width


@dataclass(frozen=True)
class Bottleneck:
    """Distillations by (dimension, decoder class), and the hidden runs they were fitted to.

    Of a black box both states and answers are distilled: `targets` says which of them decided for
    each class, and those that did not are kept `beside`.
    """

    distillations: dict[tuple[int, str], Distillation]
    train: HiddenRuns
    heldout: HiddenRuns
    beside: dict[tuple[int, str], Distillation] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()

    def decoders(self) -> list[str]:
        return list(dict.fromkeys(decoder for _, decoder in self.distillations))

    def of(self, decoder: str) -> list[Distillation]:
        """The distillations of one decoder class, narrowest first."""
        return [d for (_, name), d in sorted(self.distillations.items()) if name == decoder]

    def records(self) -> list[dict]:
        """One record a seed, as in `discovery.json`; null where a seed diverged."""
        return _records(self.distillations)

    def records_beside(self) -> list[dict]:
        """The same of the targets that did not decide."""
        return _records(self.beside)

    def targets_records(self) -> list[dict]:
        """One record a class and target, as in `discovery.json`."""
        return [
            {
                "readout": target.decoder,
                "target": target.name,
                "dimension": target.dimension,
                "heldout_error": _finite(target.error),
                "decided": target.decided,
            }
            for target in self.targets
        ]

    def stopped(self) -> list[dict]:
        """Where seeds agreed, so that the others were not run; as in `discovery.json`."""
        return [
            {
                "dimension": d.dimension,
                "readout": d.decoder,
                "run": len(d.train_loss),
                "asked": d.asked,
            }
            for d in self.distillations.values()
            if len(d.train_loss) < d.asked
        ]


def _records(distillations: dict[tuple[int, str], Distillation]) -> list[dict]:
    return [
        {
            "dimension": d.dimension,
            "readout": d.decoder,
            "seed": seed,
            "train_loss": _finite(d.train_loss[seed]),
            "heldout_loss": _finite(d.heldout_loss[seed]),
        }
        | ({"same_as": d.same_as[seed]} if d.same_as[seed] < seed else {})
        for d in distillations.values()
        for seed in range(len(d.train_loss))
    ]


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def sweep(
    train: HiddenRuns,
    heldout: HiddenRuns,
    *,
    dimensions: Sequence[int],
    decoders: Sequence[str],
    cell: type[AbstractCell],
    seeds: int = 8,
    seed: int,
    progress: Progress | None = None,
) -> Bottleneck:
    """Distil at every dimension with every class of decoder, or until `progress` has enough.

    Where it is interrupted, and `progress` says so, the widths that are finished are kept.
    """
    progress = progress or Silent()
    widths = [Width(dimension, decoder, cell) for decoder in decoders for dimension in dimensions]
    progress.start("distiller", len(widths))
    found: dict[tuple[int, str], Distillation] = {}
    for place, width in enumerate(widths):
        if found and ends_before(progress, _named(widths[place:])):
            break
        try:
            distillation = distil(train, heldout, width, seeds=seeds, seed=seed)
        except KeyboardInterrupt:
            if found and keeps(progress, _named(widths[place:])):
                break
            raise
        found[width.dimension, width.decoder] = distillation
        loss = distillation.train_loss[distillation.best]
        progress.advance("distiller", f"{width.decoder}, d = {width.dimension}: loss {loss:.1e}")
        tell_width(progress, _records({(width.dimension, width.decoder): distillation}))
    progress.finish("distiller", f"{len(found)} widths and classes, up to {seeds} seeds each")
    return Bottleneck(found, train, heldout)


def _named(widths: Sequence[Width]) -> str:
    """Widths in words, for whoever leaves them out."""
    names = dict.fromkeys(width.decoder for width in widths)
    return "; ".join(
        f"{name} decoders of d = {', '.join(str(w.dimension) for w in widths if w.decoder == name)}"
        for name in names
    )
