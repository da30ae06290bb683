"""Training a translator: several seeds, of which the one that predicts unseen runs best is kept."""

import numpy as np

from hiddenlaw._precision import float64, to_numpy
from hiddenlaw.cells import AbstractCell, AbstractLinearCell, random_cell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import relative_error
from hiddenlaw.errors import SettingsError, TrainingError
from hiddenlaw.training.progress import Progress, Silent
from hiddenlaw.translator.black_box import train_black_box
from hiddenlaw.translator.linear import train_linear
from hiddenlaw.translator.model import TranslatorFit, answer_to
from hiddenlaw.translator.own_starts import train_own_starts
from hiddenlaw.translator.sequences import joint_span

_HIDDEN = {"linear": 6, "quadratic": 5}  # wider than nature needs
_HIDDEN_BLACK_BOX = 32


def hidden_size(cell: str, readout: str, widest: int) -> int:
    """How many hidden variables a translator has by default: more than the widest bottleneck.

    A quadratic readout of h variables holds what a linear one of h (h + 3)/2 does.
    """
    if cell == "gru":
        return _HIDDEN_BLACK_BOX
    return max(_HIDDEN[readout], widest + 1 if readout == "linear" else 0)


@float64
def train_translator(
    train: Dataset,
    heldout: Heldout,
    *,
    cell: str = "generator",
    readout: str = "linear",
    hidden: int = 6,
    seeds: int = 3,
    seed: int,
    steps: int = 16_000,
    own_starts: bool = False,
    progress: Progress | None = None,
) -> TranslatorFit:
    """Learn response from input; of several seeds keep the one with the lowest held-out error.

    Linear cells by Levenberg–Marquardt with a length curriculum, others by Adam (`steps` of it).
    `readout` is "linear" or, for linear cells, "quadratic": many products of few hidden variables.
    With `own_starts` every run has an initial state of its own; then `heldout` says what of a run
    is given to find it.

    Raises `TrainingError` when every seed diverged, and `SettingsError` for a black box whose runs
    shall start each from its own state.
    """
    progress = progress or Silent()
    span = joint_span(train, heldout.judged)
    scale = np.sqrt(train.variance)
    norm = scale * np.sqrt(train.response.shape[2])
    rng = np.random.default_rng(seed)

    def new_cells(width: int = hidden) -> list[AbstractCell]:
        return [random_cell(cell, width, span, rng=rng) for _ in range(seeds)]

    cells = new_cells()
    if not isinstance(cells[0], AbstractLinearCell):
        if own_starts:
            raise SettingsError(
                f"the {cell} cell takes runs that all start alike; for initial states of their own "
                "take the generator cell"
            )
        candidates = train_black_box(cells, rng, train, heldout.judged, scale, steps, progress)
    elif own_starts:
        candidates = train_own_starts(new_cells, train, heldout, scale, hidden, progress)
    else:
        candidates = train_linear(new_cells, rng, train, heldout.judged, norm, readout, progress)
    whole = Heldout(train, train)
    errors = [
        (
            relative_error(answer_to(t, whole), train),
            relative_error(answer_to(t, heldout), heldout.judged),
        )
        for t in candidates
    ]
    finite = [i for i, (_, e) in enumerate(errors) if np.isfinite(e)]
    if not finite:
        raise TrainingError(
            f"all {seeds} seeds of the {cell} translator diverged; "
            "try another --seed, more runs, or --cell gru"
        )
    best = min(finite, key=lambda i: errors[i][1])
    progress.finish("translator", f"held-out error {errors[best][1]:.1e}")
    return TranslatorFit(to_numpy(candidates[best]), *errors[best], tuple(errors))
