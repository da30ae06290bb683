"""The sweep over a black box's answers, beside that over its states, and which of them counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hiddenlaw.cells import AbstractCell
from hiddenlaw.distiller.answers import distil_answers, error_of_answers
from hiddenlaw.distiller.bottleneck import Bottleneck
from hiddenlaw.distiller.dimension import choose_dimension
from hiddenlaw.distiller.distillation import Distillation, Width
from hiddenlaw.distiller.hidden_runs import HiddenRuns
from hiddenlaw.distiller.target import ANSWERS, STATES, Target, decided
from hiddenlaw.training.progress import Progress, Silent


def with_answers(
    of_states: Bottleneck,
    train: HiddenRuns,
    heldout: HiddenRuns,
    *,
    cell: type[AbstractCell],
    junk: float = 0.0,
    dimension: int | None = None,
    seeds: int = 8,
    seed: int,
    progress: Progress | None = None,
) -> Bottleneck:
    """The sweep once more, over answers, and for each class of decoder the better of both.

    `train` and `heldout` are what the black box answers; `junk` is the loss that counts as nothing
    lost, and `dimension` the only one that was asked for, if any.
    """
    progress = progress or Silent()
    progress.start("answers", len(of_states.distillations))
    found: dict[tuple[int, str], Distillation] = {}
    for (d, decoder), states in of_states.distillations.items():
        found[d, decoder] = distil_answers(
            train,
            heldout,
            of_states.train,
            states,
            Width(d, decoder, cell),
            seeds=seeds,
            seed=seed,
        )
        loss = found[d, decoder].train_loss.min()
        progress.advance("answers", f"{decoder}, d = {d}: loss {loss:.1e}")
    of_answers = replace(of_states, distillations=found)
    targets: list[Target] = []
    for decoder in of_states.decoders():
        rivals = []
        for name, swept in ((STATES, of_states), (ANSWERS, of_answers)):
            d = dimension or choose_dimension(swept.of(decoder), junk).dimension
            error = float("inf")
            if d is not None:
                chosen = swept.distillations[d, decoder]
                error = _error(name, chosen, train, heldout, seed)
            rivals.append(Target(decoder, name, d, error))
        targets += decided(rivals)
    told = {target.decoder: target.name for target in targets if target.decided}
    progress.finish("answers", ", ".join(f"{decoder}: {name}" for decoder, name in told.items()))
    return _merged(of_states, found, told, tuple(targets))


def _error(
    name: str, chosen: Distillation, train: HiddenRuns, heldout: HiddenRuns, seed: int
) -> float:
    """What is left of held-out answers."""
    if name == ANSWERS:
        return float(chosen.heldout_loss[chosen.best])
    return error_of_answers(chosen, train, heldout, seed)


def _merged(
    of_states: Bottleneck,
    of_answers: Mapping[tuple[int, str], Distillation],
    told: Mapping[str, str],
    targets: tuple[Target, ...],
) -> Bottleneck:
    first, beside = {}, {}
    for width, states in of_states.distillations.items():
        pair = (
            (of_answers[width], states)
            if told[width[1]] == ANSWERS
            else (states, of_answers[width])
        )
        first[width], beside[width] = pair
    return replace(of_states, distillations=first, beside=beside, targets=targets)
