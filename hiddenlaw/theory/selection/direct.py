"""The direct sweep: laws that are polynomials of their state, fitted to the response itself."""

from __future__ import annotations

import logging
from collections.abc import Container, Sequence
from itertools import product

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.errors import SettingsError
from hiddenlaw.preparations import AbstractPreparation, preparation_class
from hiddenlaw.theory.selection.result import DirectFit
from hiddenlaw.theory.selection.sweep import Sweep
from hiddenlaw.training.progress import Progress, Silent
from hiddenlaw.training.watching import ends_before, keeps, tell_width

_LOG = logging.getLogger(__name__)
_HALF = 0.5  # of what a narrower law leaves


def polynomial_laws(
    train: Dataset,
    heldout: Heldout,
    *,
    dimensions: Sequence[int] = (1, 2, 3),
    readout: str | Sequence[str] = "linear",
    preparation: str | type[AbstractPreparation] = "context",
    degree: int = 3,
    thrifty: bool = False,
    progress: Progress | None = None,
) -> tuple[DirectFit, ...]:
    """One law of each dimension and readout, from the response itself; the narrowest first.

    `train` are runs, or the training stretches of records; `heldout` says what of others is judged,
    and what of it is given where `preparation` lets every run start from its own state. `degree` is
    the highest of the polynomials: 1, 2, 3 and 5 up to it compete. Where `readout` is "quadratic"
    the response is the square of the first variable. Of several readouts each has its turn. With
    the preparation `RunConstants` a term of the law, linear in its state, has a coefficient of each
    run's own, which one the data say; runs are cut to where they can be seen beforehand. With
    `thrifty` nothing more is sought after a law that leaves noise alone, and no wider one of a
    readout after the first that does not halve what narrower ones of it leave of the runs held out.
    Nothing is drawn by chance.

    Raises `SettingsError` for several responses, and for a degree below 1.
    """
    if train.response.shape[2] != 1:
        raise SettingsError(
            f"{train.response.shape[2]} responses; polynomial laws are sought for one: choose it"
        )
    if degree < 1:
        raise SettingsError(f"degree is {degree}; it must be at least 1")
    progress = progress or Silent()
    readouts, kind = _several(readout), preparation_class(preparation)
    sweeps = {name: Sweep(train, heldout, kind, name, degree) for name in readouts}
    least = dict.fromkeys(readouts, np.inf)
    progress.start("direct", len(dimensions) * len(readouts))
    laws: list[DirectFit] = []
    every = list(product(sorted(dimensions), readouts))
    for place, (dimension, name) in enumerate(every):
        if name not in sweeps:
            continue
        left = _named(every[place:], sweeps) if laws else ""
        if ends_before(progress, left):
            break
        try:
            laws.append(sweeps[name].one(dimension))
        except KeyboardInterrupt:
            if not keeps(progress, left):
                raise
            break
        error, before = laws[-1].heldout_error, least[name]
        tell(progress, laws[-1])
        least[name] = min(error, before)
        if thrifty and laws[-1].all_told:
            break
        if thrifty and before < 1.0 and error > _HALF * before:
            del sweeps[name]
    progress.finish("direct")
    return tuple(laws)


def tell(progress: Progress, law: DirectFit) -> None:
    """What came of a width, and what failed on the way there."""
    here = f"{law.readout} {law.dimension}"
    progress.advance("direct", f"{here}: held-out error {law.heldout_error:.1e}")
    tell_width(progress, [law.record()])
    for note in law.notes:
        _LOG.info("direct: %s: %s", here, note)


def _several(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _named(widths: Sequence[tuple[int, str]], among: Container[str]) -> str:
    """Widths in words, for whoever leaves them out."""
    wider = ", ".join(f"{readout} d = {width}" for width, readout in widths if readout in among)
    return f"polynomial laws: {wider}"
