"""The bottleneck sweep: reconstruction loss against latent dimension, for each class of decoder.

Where it jumps is the number of variables that nature needs, for readouts of that class.
"""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from hiddenlaw.distiller.distiller import Distillation, Width, compile_ahead, distil
from hiddenlaw.distiller.hidden_runs import HiddenRuns
from hiddenlaw.training.progress import Progress, Silent

_JUMP = 0.1  # of the variance: a guess at the dimension, good enough to compile for


@dataclass(frozen=True)
class Bottleneck:
    """Distillations by (dimension, decoder class), and the hidden runs they were fitted to."""

    distillations: dict[tuple[int, str], Distillation]
    train: HiddenRuns
    heldout: HiddenRuns

    def decoders(self) -> list[str]:
        return list(dict.fromkeys(decoder for _, decoder in self.distillations))

    def of(self, decoder: str) -> list[Distillation]:
        """The distillations of one decoder class, narrowest first."""
        return [d for (_, name), d in sorted(self.distillations.items()) if name == decoder]

    def records(self) -> list[dict]:
        """One record a seed, as in `discovery.json`; null where a seed diverged."""
        finite = lambda v: float(v) if np.isfinite(v) else None  # noqa: E731
        return [
            {
                "dimension": d.dimension,
                "readout": d.decoder,
                "seed": seed,
                "train_loss": finite(d.train_loss[seed]),
                "heldout_loss": finite(d.heldout_loss[seed]),
            }
            for d in self.distillations.values()
            for seed in range(len(d.train_loss))
        ]


def sweep(
    train: HiddenRuns,
    heldout: HiddenRuns,
    *,
    dimensions: Sequence[int],
    decoders: Sequence[str],
    cell: str = "generator",
    seeds: int = 8,
    seed: int,
    progress: Progress | None = None,
    on_jump: Callable[[Distillation], Callable[[], None]] | None = None,
) -> Bottleneck:
    """Distil at every dimension with every class of decoder; one compilation for each pair.

    Compilations run ahead in a thread of their own. Where the loss of a class first jumps, what
    `on_jump` returns is compiled there as well.
    """
    progress = progress or Silent()
    widths = [Width(dimension, decoder, cell) for decoder in decoders for dimension in dimensions]
    progress.start("distiller", len(widths))
    found: dict[tuple[int, str], Distillation] = {}
    jumped: set[str] = set()
    compiler = ThreadPoolExecutor(1)
    try:
        ready = [compiler.submit(compile_ahead, train, w, seeds) for w in widths]
        for width, compiled in zip(widths, ready, strict=True):
            compiled.result()
            distillation = distil(train, heldout, width, seeds=seeds, seed=seed)
            found[width.dimension, width.decoder] = distillation
            loss = distillation.train_loss[distillation.best]
            if on_jump and loss < _JUMP and width.decoder not in jumped:
                jumped.add(width.decoder)
                compiler.submit(on_jump(distillation))
            progress.advance(
                "distiller", f"{width.decoder}, d = {width.dimension}: loss {loss:.1e}"
            )
    finally:
        compiler.shutdown(cancel_futures=sys.exc_info()[0] is not None)
    progress.finish("distiller", f"{len(found)} widths and classes, {seeds} seeds each")
    return Bottleneck(found, train, heldout)
