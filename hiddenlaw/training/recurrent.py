"""The model that is fitted (initial state, linear cell, readout) and the sequences it is shown.

Runs are the last, vectorised axis everywhere.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import AbstractGeneratorCell, AbstractLinearCell
from hiddenlaw.readouts import AbstractReadout


class Sequences(eqx.Module):
    """What a fit is shown: runs last. Samples with weight 0 do not count.

    The outputs share one weight a sample, or each has its own. Where a constant of every run is
    sought the basis follows from it, and from the `input` without it; `change` is the basis's
    derivative by that constant, and `owner` says which run's constant is meant where runs are cut
    into windows.
    """

    basis: Float[AnyArray, "site n run"]
    target: Float[AnyArray, "site output run"]
    weight: Float[AnyArray, "site one_or_output run"]
    start: Float[AnyArray, "d run"]
    input: Float[AnyArray, "run site channel"] | None = None
    owner: Int[AnyArray, " run"] | None = None
    change: Float[AnyArray, "site n run"] | None = None


class Recurrent(eqx.Module):
    """Initial state, cell linear in its state, readout: the model that is fitted.

    The state before the first site is `sequences.start` + `initial`, which is one for all runs (d,)
    or one for each (d, run). `constants` are numbers that stay the same along a run and are fitted
    beside the law, one a run: a channel of the input beyond those that are given or, where the cell
    has no such channel, an offset that is taken off the first one.
    """

    cell: AbstractLinearCell
    readout: AbstractReadout
    initial: Float[AnyArray, " d"] | Float[AnyArray, "d run"]
    constants: Float[AnyArray, " run"] | None = None

    @property
    def own_starts(self) -> bool:
        """Whether every run has an initial state of its own."""
        return self.initial.ndim == 2

    def states(self, sequences: Sequences) -> Float[Array, "site d run"]:
        """The state after every site."""
        start, sequences = starts(self, sequences), with_constants(self, sequences)
        return states(self.cell.coefficients(), start, sequences.basis, len(sequences.basis))

    def outputs(self, sequences: Sequences) -> Float[Array, "site output run"]:
        """The readout of the state after every site."""
        features = readout_features(self.readout, self.states(sequences))
        return jnp.einsum("fo,sfr->sor", self.readout.weights, features)

    @property
    def searched(self) -> tuple[AnyArray, AnyArray, AnyArray]:
        """Parameters that enter nonlinearly: the cell's matrices, the initial state, the inner."""
        return self.cell.matrices, self.initial, self.readout.inner

    def with_searched(self, searched: tuple[AnyArray, AnyArray, AnyArray]) -> "Recurrent":
        return eqx.tree_at(lambda m: m.searched, self, searched)


def starts(model: Recurrent, sequences: Sequences) -> Float[AnyArray, "d run"]:
    """The state of every run before its first site."""
    initial = jnp.asarray(model.initial)
    return sequences.start + (initial if model.own_starts else initial[:, None])


def with_constants(model: Recurrent, sequences: Sequences) -> Sequences:
    """The sequences with basis and change at the model's constants."""
    if model.constants is None:
        return sequences
    constants, input, cell = jnp.asarray(model.constants), sequences.input, model.cell
    assert isinstance(cell, AbstractGeneratorCell)
    assert input is not None
    if sequences.owner is not None:
        constants = constants[sequences.owner]

    def basis(constants):
        return cell.basis(with_constant(cell, input, constants))

    value, change = jax.jvp(basis, (constants,), (jnp.ones_like(constants),))
    return eqx.tree_at(
        lambda s: (s.basis, s.change),
        sequences,
        (value.transpose(1, 2, 0), change.transpose(1, 2, 0)),
        is_leaf=lambda leaf: leaf is None,
    )


def with_constant(
    cell: AbstractGeneratorCell,
    input: Float[AnyArray, "run site channel"],
    constants: Float[AnyArray, " run"],
) -> Float[Array, "run site channels"]:
    """The input with each run's constant: one more channel, or taken off the first input."""
    everywhere = jnp.broadcast_to(constants[:, None, None], (*input.shape[:2], 1))
    if cell.shown > input.shape[2]:
        return jnp.concatenate([jnp.asarray(input), everywhere], axis=-1)
    return jnp.asarray(input) - everywhere * jnp.asarray(cell.level)


def states(
    coefficients: Float[AnyArray, "n d d"],
    start: Float[AnyArray, "d run"],
    basis: Float[AnyArray, "site n run"],
    length: Int[AnyArray, ""] | int,
) -> Float[Array, "site d run"]:
    """States after sites 1…length; zero beyond (the loop itself ends there)."""
    n, d, _ = coefficients.shape
    sites, _, runs = basis.shape
    stacked = coefficients.transpose(1, 0, 2).reshape(d, n * d)

    def step(i, carry):
        h, out = carry
        h = stacked @ basis_times(basis[i], h)
        return h, out.at[i].set(h)

    return jax.lax.fori_loop(0, length, step, (start, jnp.zeros((sites, d, runs))))[1]


def readout_features(
    readout: AbstractReadout, h: Float[AnyArray, "site d run"]
) -> Float[AnyArray, "site feature run"]:
    """φ(h) for every site and run, runs last."""
    one = lambda g: readout.features(g, readout.inner)  # noqa: E731
    return jax.vmap(jax.vmap(one, in_axes=-1, out_axes=-1))(h)


def basis_times(
    basis: Float[AnyArray, "n run"], h: Float[AnyArray, "d run"]
) -> Float[AnyArray, "nd run"]:
    """c_n h for every n, one below the other."""
    return (basis[:, None] * h[None]).reshape(-1, h.shape[-1])
