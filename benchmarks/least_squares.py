"""Milliseconds for what one step of Levenberg–Marquardt needs: loss, gradient and JᵀJ.

    python benchmarks/least_squares.py

The translator's generator cell with 3 and with 6 hidden variables, on 100 runs of 64 sites, by two
ways to the same numbers:

- written out: the forward sensitivities of `hiddenlaw.training.sensitivities`;
- automatic: `jax.linearize` of the same residual, `vmap` over all parameters, a matrix product.

That both agree is checked; how long they take is printed and nothing more.
"""

import time

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from rich.console import Console
from rich.table import Table

from hiddenlaw.cells import GeneratorCell, Monomials
from hiddenlaw.readouts import Linear
from hiddenlaw.training.recurrent import Recurrent, Sequences
from hiddenlaw.training.sensitivities import keep
from hiddenlaw.translator import sequences_for

RUNS, SITES, HIDDEN = 100, 64, (3, 6)
REPEATS = 30
AGREEMENT = 1e-9  # relative


def problem(hidden: int, rng: np.random.Generator) -> tuple[Recurrent, Sequences]:
    """A random model, tame enough for 64 sites, and a random target of unit variance."""
    low, high = (-5.6,), (-0.1,)
    matrices = 0.3 / hidden * rng.normal(size=(2, hidden, hidden))
    cell = GeneratorCell.over(matrices, Monomials.spanning(low, high, 1), low, high)
    readout = Linear(rng.normal(size=(hidden, 1)), np.zeros(0))
    model = Recurrent(cell, readout, rng.normal(size=hidden))
    input = rng.uniform(low, high, (RUNS, SITES, 1))
    return model, sequences_for(cell, input, rng.normal(size=(RUNS, SITES, 1)))


@jax.jit
def written_out(model: Recurrent, sequences: Sequences):
    equations = keep(model, sequences, SITES)
    return equations.loss, equations.gradient, equations.matrix


@jax.jit
def automatic(model: Recurrent, sequences: Sequences):
    parts = (model.cell.matrices, model.initial, model.readout.weights)
    flat = jnp.concatenate([jnp.ravel(part) for part in parts])
    ends = np.cumsum([part.size for part in parts])

    def residual(flat):
        pieces = jnp.split(flat, ends[:-1])
        shaped = tuple(new.reshape(old.shape) for new, old in zip(pieces, parts, strict=True))
        where = lambda m: (m.cell.matrices, m.initial, m.readout.weights)  # noqa: E731
        outputs = eqx.tree_at(where, model, shaped).outputs(sequences)
        return (sequences.target - outputs).reshape(-1) / np.sqrt(RUNS * SITES)

    r, push = jax.linearize(residual, flat)
    rows = jax.vmap(push)(jnp.eye(flat.size))  # Jᵀ
    return r @ r, rows @ r, rows @ rows.T


def milliseconds(function, *args) -> float:
    """The least of several repeats, compiled beforehand: other programs only ever add to it."""
    jax.block_until_ready(function(*args))
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        jax.block_until_ready(function(*args))
        taken.append(1e3 * (time.perf_counter() - start))
    return min(taken)


def disagreement(ours, theirs) -> float:
    """Largest difference, relative to the largest number of each part."""
    pairs = [(np.asarray(a), np.asarray(b)) for a, b in zip(ours, theirs, strict=True)]
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in pairs)


def main() -> None:
    title = f"Loss, gradient and JᵀJ, {RUNS} runs × {SITES} sites: ms, least of {REPEATS}"
    table = Table(title=title, title_justify="left")
    for heading in ("hidden", "parameters", "written out", "automatic", "ratio", "disagreement"):
        table.add_column(heading, justify="right")
    with jax.enable_x64(True):
        for hidden in HIDDEN:
            model, sequences = jax.tree.map(jnp.asarray, problem(hidden, np.random.default_rng(0)))
            ours, theirs = written_out(model, sequences), automatic(model, sequences)
            differs = disagreement(ours, theirs)
            assert differs < AGREEMENT, f"the two ways differ by {differs:.1e}"
            fast = milliseconds(written_out, model, sequences)
            slow = milliseconds(automatic, model, sequences)
            table.add_row(
                str(hidden),
                str(ours[1].size),
                f"{fast:.1f}",
                f"{slow:.1f}",
                f"{slow / fast:.0f}",
                f"{differs:.0e}",
            )
    Console(width=90).print(table)


if __name__ == "__main__":
    main()
