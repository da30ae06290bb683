"""The translator as a model, and what it answers."""

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import AbstractCell, AbstractLinearCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.holds._base import applied_to
from hiddenlaw.readouts import AbstractReadout
from hiddenlaw.training.own_starts import best_starts
from hiddenlaw.training.recurrent import Recurrent
from hiddenlaw.translator.sequences import measured_sequences


class Translator(eqx.Module):
    """Initial state, cell, readout: input sequences to response sequences.

    h_0 = initial, h_i = cell(h_{i−1}, V_i), response_i = response_scale · readout(h_i). The initial
    state sits one site before the first, or at it where the input varies inside cells
    (`hiddenlaw.holds`). Where every run has one of its own `initial` is None, and it is given, or
    read off a response (`starts_of`).
    """

    cell: AbstractCell
    readout: AbstractReadout
    initial: Float[AnyArray, " hidden"] | None
    response_scale: Float[AnyArray, " channel"]

    def hidden_states(
        self,
        input: Float[AnyArray, "run site channel"],
        starts: Float[AnyArray, "run hidden"] | None = None,
    ) -> Float[Array, "run site hidden"]:
        """The hidden state after every site, from the `starts` or the shared initial state."""
        if starts is None:
            assert self.initial is not None
            starts = jnp.broadcast_to(self.initial, (len(input), len(self.initial)))

        def one_run(start, sequence):
            def step(h, v):
                h = self.cell(h, v)
                return h, h

            return jax.lax.scan(step, start, sequence)[1]

        return jax.vmap(one_run)(jnp.asarray(starts), jnp.asarray(input))

    def respond(
        self, hidden: Float[AnyArray, "run site hidden"]
    ) -> Float[AnyArray, "run site response"]:
        """The response that hidden states show, in the data's units."""
        return jax.vmap(jax.vmap(self.readout))(hidden) * self.response_scale

    def __call__(
        self,
        input: Float[AnyArray, "run site channel"],
        starts: Float[AnyArray, "run hidden"] | None = None,
    ) -> Float[AnyArray, "run site response"]:
        return self.respond(self.hidden_states(input, starts))


@dataclass(frozen=True)
class TranslatorFit:
    """The chosen translator (NumPy arrays) and how every seed did.

    Errors are mean squares relative to the pooled variance of the response; a diverged seed has
    an error that is not finite and is never chosen.
    """

    translator: Translator
    train_error: float
    heldout_error: float
    seed_errors: tuple[tuple[float, float], ...]  # (train, held-out) of each seed

    def junk(self, train: Dataset) -> float:
        """What noise leaves in the hidden states, over their variance: its share times p / N.

        A fit of p constants to N samples takes p / N of the noise's variance for the response.
        """
        parts = self.translator.cell, self.translator.readout.weights, self.translator.initial
        if isinstance(self.translator.cell, AbstractLinearCell):
            parts = self.translator.cell.matrices, *parts[1:]
        arrays = jax.tree.leaves(eqx.filter(parts, eqx.is_inexact_array))
        constants = sum(leaf.size for leaf in arrays)
        return self.heldout_error * constants / float(train.observed.sum())


def answer_to(translator: Translator, runs: Heldout) -> Float[np.ndarray, "run site response"]:
    """What the translator answers to the inputs of runs, knowing of them what is given."""
    input = applied_to(runs.judged).values
    starts = None if translator.initial is not None else starts_of(translator, runs.given)
    return np.asarray(_respond(translator, input, starts))


def starts_of(translator: Translator, given: Dataset | None) -> Float[np.ndarray, "run hidden"]:
    """The initial state of every run from which the given samples are explained best.

    Cell and readout are linear, and so is this problem.
    """
    assert given is not None
    cell, hidden = translator.cell, translator.cell.dimension
    assert isinstance(cell, AbstractLinearCell)
    model = Recurrent(cell, translator.readout, np.zeros((hidden, given.runs)))
    shown = measured_sequences(cell, given, np.asarray(translator.response_scale))
    return np.asarray(_best_starts(model, shown)).T


@eqx.filter_jit
def _best_starts(model, shown):
    return best_starts(model, shown, len(shown.basis))


@eqx.filter_jit
def _respond(translator, input, starts):
    return translator(input, starts)
