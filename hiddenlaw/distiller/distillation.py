"""What distilling gives: a law of few latent variables, the way to its state, and its losses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractCell
from hiddenlaw.distiller.encoder import Encoder
from hiddenlaw.distiller.hidden_runs import HiddenRuns
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Own
from hiddenlaw.readouts import AbstractReadout

_ALIKE, _FAR = 1.05, 100.0  # times a loss: the same law, and one that is hopeless
_AHEAD = 20  # sites that `encoder_check` looks ahead


@dataclass(frozen=True, eq=False)
class Distiller:
    """Encoder, latent cell, decoder: a law of latent variables, and the way to its state."""

    law: Law
    encoder: Encoder

    @property
    def decoder(self) -> AbstractReadout:
        return self.law.readout

    def __call__(
        self,
        hidden: Float[np.ndarray, "run coordinate"],
        input: Float[np.ndarray, "run site channel"],
    ) -> Float[np.ndarray, "run site coordinate"]:
        """The reconstruction of the sites after hidden states, from these and the inputs."""
        law = self.law.but(preparation=Own(self.encoder(hidden)))
        return np.swapaxes(law.outputs(Shown.unanswered(input)), 0, 1)


@dataclass(frozen=True)
class Width:
    """What is distilled to: latent dimension, decoder class, class of the latent cell."""

    dimension: int
    decoder: str
    cell: type[AbstractCell]


@dataclass(frozen=True)
class Distillation:
    """All seeds of one width and decoder class: losses over windows, and the distillers.

    A diverged seed has an infinite loss. Of `asked` seeds those were run that are here: where three
    agree the others would not add to it. `same_as` numbers the seed whose law each one came to, in
    another basis: mostly itself.
    """

    dimension: int
    decoder: str
    train_loss: Float[np.ndarray, " seed"]
    heldout_loss: Float[np.ndarray, " seed"]
    heldout_by_run: Float[np.ndarray, "seed run"]
    distillers: tuple[Distiller, ...]
    asked: int
    same_as: tuple[int, ...]

    @property
    def best(self) -> int:
        """The seed with the lowest training loss: held-out runs do not choose."""
        return int(np.argmin(self.train_loss))

    @property
    def distiller(self) -> Distiller:
        return self.distillers[self.best]

    @property
    def others(self) -> tuple[Distiller, ...]:
        """The distillers of the other seeds, the best first."""
        order = np.argsort(self.train_loss, kind="stable")
        own = (i for i in order[1:] if self.same_as[i] == i and i != self.same_as[self.best])
        return tuple(self.distillers[i] for i in own if np.isfinite(self.train_loss[i]))

    @property
    def distinct(self) -> tuple[Distiller, ...]:
        """The distillers of those other seeds that came to another law, and not to a hopeless one.

        Seeds with the same loss came to the same law.
        """
        found, losses = [], [float(self.train_loss[self.best])]
        for i in np.argsort(self.train_loss, kind="stable")[1:]:
            loss = float(self.train_loss[i])
            if loss <= _FAR * losses[0] and loss > _ALIKE * losses[-1]:
                found.append(self.distillers[i])
                losses.append(loss)
        return tuple(found)


def encoder_check(distiller: Distiller, runs: HiddenRuns) -> tuple[int, float]:
    """Encode the hidden state in the middle of each run, roll on, compare.

    How many sites it went on, and the loss over these.
    """
    sites = runs.input.shape[1]
    middle = sites // 2
    ahead = min(_AHEAD, sites - middle)
    after = slice(middle, middle + ahead)
    with np.errstate(over="ignore", invalid="ignore"):
        rebuilt = distiller(runs.coordinates[:, middle - 1], runs.input[:, after])
        misfit = np.sum((rebuilt - runs.coordinates[:, after]) ** 2, axis=2)
    return ahead, float(np.mean(misfit))
