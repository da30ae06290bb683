"""Training a translator: several seeds, of which the one that predicts unseen runs best is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractCell, cell_class
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.errors import SettingsError, TrainingError
from hiddenlaw.holds import Span, applied_to
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import AbstractPreparation, Shared, preparation_class
from hiddenlaw.readouts import Linear, readout_class
from hiddenlaw.training.progress import Progress, Silent
from hiddenlaw.translator.black_box import train_black_box
from hiddenlaw.translator.few_weights import MANY, train_few_weights
from hiddenlaw.translator.fit import TranslatorFit, best_fit
from hiddenlaw.translator.own_starts import train_own_starts
from hiddenlaw.translator.shared_starts import train_shared_starts

_HIDDEN_QUADRATIC = 5  # wider than nature needs


def hidden_size(cell: str | type[AbstractCell], readout: str, widest: int) -> int:
    """How many hidden variables a translator has by default: more than the widest bottleneck.

    A quadratic readout of h variables holds what a linear one of h (h + 3)/2 does.
    """
    kind = cell_class(cell)
    if not kind.presumes_linear:
        return max(kind.hidden, widest + 1) if kind.by_adam else kind.hidden
    if readout != Linear.name:
        return _HIDDEN_QUADRATIC
    return max(kind.hidden, widest + 1)


def joint_span(*data: Dataset) -> Span:
    """The inputs that cells are shown in several datasets."""
    return reduce(Span.joined, (applied_to(d).span for d in data))


def scale_of(data: Dataset) -> Float[np.ndarray, " response"]:
    """The unit of each response in which translators answer: all channels count alike."""
    return np.sqrt(data.variance) * np.sqrt(data.response.shape[2])


def train_translator(
    train: Dataset,
    heldout: Heldout,
    *,
    cell: str | type[AbstractCell] = "generator",
    readout: str = "linear",
    preparation: str | type[AbstractPreparation] = Shared,
    hidden: int = 6,
    seeds: int = 3,
    seed: int,
    steps: int = 16_000,
    given_up: Callable[[TranslatorFit], bool] = lambda begun: False,
    progress: Progress | None = None,
) -> TranslatorFit:
    """Learn response from input; of several seeds keep the one with the lowest held-out error.

    By Levenberg–Marquardt with a length curriculum, or by Adam (`steps` of it) for black boxes of
    too many weights. `readout` is "linear" or, for linear cells, "quadratic": many products of few
    hidden variables. Where `preparation` gives every run numbers of its own, `heldout` says what of
    a run is given to find them. Where a seed from a shared start was lost, `given_up` says
    whether others need not be tried.

    Raises `TrainingError` when every seed diverged, and `SettingsError` for a cell that is not
    linear in its state where runs shall start each from its own.
    """
    progress = progress or Silent()
    kind, prepared = cell_class(cell), preparation_class(preparation)
    span, scale = joint_span(train, heldout.judged), scale_of(train)
    rng = np.random.default_rng(seed)

    def new_cell(width: int) -> AbstractCell:
        return kind.random(width, span, rng=rng)

    if prepared.per_run and not kind.presumes_linear:
        raise SettingsError(
            f"the {kind.name} cell takes runs that all start alike; for initial states of their "
            "own take the generator cell"
        )

    def hopeless(laws: list[Law]) -> bool:
        try:
            return given_up(best_fit(laws, train, heldout, seeds))
        except TrainingError:
            return False

    asked = _Asked(kind.by_adam, prepared, readout, kind.narrowest, hidden, seeds, steps, hopeless)
    candidates = _candidates(asked, new_cell, train, heldout, scale, rng, progress)
    fit = best_fit(candidates, train, heldout, seeds)
    progress.finish("translator", f"held-out error {fit.heldout_error:.1e}")
    return fit


@dataclass(frozen=True)
class _Asked:
    """How and what is trained, from how wide on and how wide, how many seeds, steps of Adam."""

    black_box: bool
    preparation: type[AbstractPreparation]
    readout: str
    narrowest: int
    hidden: int
    seeds: int
    steps: int
    given_up: Callable[[list[Law]], bool]


def _candidates(
    asked: _Asked,
    new_cell: Callable[[int], AbstractCell],
    train: Dataset,
    heldout: Heldout,
    scale: Float[np.ndarray, " response"],
    rng: np.random.Generator,
    progress: Progress,
) -> list[Law]:
    """Trained translators, by the way that suits their cell and preparation."""
    shown, hidden, seeds = Shown.measured(train, scale), asked.hidden, asked.seeds
    if asked.black_box:
        return _black_boxes(asked, new_cell, train, heldout, scale, rng, progress)
    if asked.preparation.per_run:
        return train_own_starts(
            new_cell, asked.preparation, shown, scale, heldout, seeds=seeds,
            narrowest=asked.narrowest, widest=hidden, progress=progress,
        )  # fmt: skip
    reads = readout_class(asked.readout)

    def new_law() -> Law:
        begun = asked.preparation.random(hidden, train.runs, rng=rng)
        blank = reads.blank(hidden, len(scale), rng=rng)
        return Law(begun, new_cell(hidden), blank, scale)

    return train_shared_starts(
        new_law,
        shown,
        Shown.measured(heldout.judged, scale),
        seeds=seeds,
        many_starts=reads is not Linear,
        given_up=asked.given_up,
        progress=progress,
    )


def _black_boxes(
    asked: _Asked,
    new_cell: Callable[[int], AbstractCell],
    train: Dataset,
    heldout: Heldout,
    scale: Float[np.ndarray, " response"],
    rng: np.random.Generator,
    progress: Progress,
) -> list[Law]:
    """By Levenberg–Marquardt where that is not too dear, else by Adam."""
    first = new_cell(asked.hidden)
    if first.parameters.size > MANY:
        return train_black_box(
            lambda: new_cell(asked.hidden), train, heldout.judged, scale, seeds=asked.seeds,
            steps=asked.steps, rng=rng, progress=progress,
        )  # fmt: skip

    def new_law() -> Law:
        blank = Linear.blank(asked.hidden, len(scale), rng=rng)
        return Law(Shared(np.zeros(asked.hidden)), new_cell(asked.hidden), blank, scale)

    return train_few_weights(
        new_law,
        Shown.measured(train, scale),
        Shown.measured(heldout.judged, scale),
        seeds=asked.seeds,
        progress=progress,
    )
