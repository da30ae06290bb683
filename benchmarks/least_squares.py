"""Milliseconds for a step of Levenberg–Marquardt, written out in NumPy and compiled by JAX.

    python benchmarks/least_squares.py

A step is what training does over and over: the loss with the readout's weights at their best, its
gradient and JᵀJ in cell and start, and the solution of the damped system. The sizes are those of a
default discovery: distillers of 1 to 4 variables with linear and with quadratic decoders, and the
translator. Two ways lead to the same numbers:

- written out: `hiddenlaw.training.least_squares`, as it is used;
- automatic: the same residual in JAX, `jax.linearize` and `vmap` over all numbers, all in one
  program. What its compilation takes comes on top, once for every size.

That both agree is checked; how long they take is printed and nothing more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from rich.console import Console
from rich.table import Table

from hiddenlaw.cells import GeneratorCell
from hiddenlaw.cells.chebyshev import grid_on
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import readout_class
from hiddenlaw.training.least_squares import LeastSquares

SPAN = Span((-5.6,), (-0.1,))
REPEATS = 20
DAMPING = 1e-3
AGREEMENT = 1e-8  # relative


class Size(NamedTuple):
    """How much is fitted to what."""

    name: str
    hidden: int
    readout: str
    outputs: int
    runs: int
    sites: int


SIZES = [
    *(
        Size("distiller", hidden, readout, outputs=6, runs=100, sites=40)
        for readout in ("linear", "quadratic")
        for hidden in (1, 2, 3, 4)
    ),
    Size("translator", 6, "linear", outputs=1, runs=160, sites=64),
]


class Step(NamedTuple):
    """What both ways must agree on."""

    loss: Any
    gradient: Any
    matrix: Any
    step: Any


def problem(size: Size) -> LeastSquares:
    """A random law, tame enough for so many sites, and a random target of unit variance."""
    rng, d = np.random.default_rng(0), size.hidden
    cell = GeneratorCell.random(d, SPAN, rng=rng)
    cell = cell.with_parameters(cell.parameters / d)
    readout = readout_class(size.readout).blank(d, size.outputs, rng=rng)
    law = Law(Shared(rng.normal(size=d)), cell, readout, np.ones(size.outputs))
    input = rng.uniform(SPAN.low[0], SPAN.high[0], (size.runs, size.sites, 1))
    shown = Shown.of(input, rng.normal(size=(size.runs, size.sites, size.outputs)))
    free = layout(law).mask(cell=True, starts=True, inner=True)
    return LeastSquares(law, shown, free, eliminate_weights=True)


def written_out(asked: LeastSquares) -> Step:
    evaluated = asked.at(asked.start())
    equations = evaluated.equations()
    found = equations.step(DAMPING, scaled=False)
    assert found is not None
    step = found[0][equations.dense]
    return Step(evaluated.loss, equations.gradient, equations.matrix, step)


def automatic(asked: LeastSquares) -> tuple[Callable[[Any], Step], np.ndarray]:
    """The same step in JAX, to be compiled, and the numbers it is taken from."""
    law, shown = asked.law, asked.shown
    cell = law.cell
    assert isinstance(cell, GeneratorCell)
    monomials = cell.monomials(grid_on(cell.low, cell.high, cell.counts))
    basis = cell.basis(np.swapaxes(shown.input, 0, 1))
    target, outputs = shown.target.reshape(-1, shown.target.shape[2]), shown.target.shape[2]
    first, second = np.triu_indices(law.dimension)
    squares = len(law.readout.weights) > law.dimension

    def features(numbers):
        matrices, start = jnp.split(numbers, [cell.matrices.size])
        generators = jnp.einsum("nt,tab->nab", monomials, matrices.reshape(cell.matrices.shape))
        updates = jnp.einsum("srn,nab->srab", basis, jax.scipy.linalg.expm(generators))

        def move(h, update):
            h = (update @ h[..., None])[..., 0]
            return h, h

        begun = jnp.broadcast_to(start, (shown.runs, law.dimension))
        h = jax.lax.scan(move, begun, updates)[1].reshape(-1, law.dimension)
        if not squares:
            return h
        return jnp.concatenate([jnp.ones((len(h), 1)), h, h[:, first] * h[:, second]], axis=1)

    def step(numbers):
        basis, triangle = jnp.linalg.qr(features(numbers))
        weights = jax.scipy.linalg.solve_triangular(triangle, basis.T @ target)
        residual, push = jax.linearize(lambda y: features(y) @ weights - target, numbers)
        slopes = jax.vmap(push)(jnp.eye(numbers.size))  # number, sample, output
        slopes = slopes - jnp.einsum("sf,pfo->pso", basis, jnp.einsum("sf,pso->pfo", basis, slopes))
        rows, total = slopes.reshape(numbers.size, -1), shown.total
        gradient, matrix = rows @ residual.reshape(-1) / total, rows @ rows.T / total
        factor = jax.scipy.linalg.cho_factor(matrix + DAMPING * jnp.eye(numbers.size))
        moved = -jax.scipy.linalg.cho_solve(factor, gradient)
        return Step(jnp.sum(residual**2) / total, gradient, matrix, moved)

    assert outputs == law.readout.weights.shape[1]
    return step, np.concatenate([cell.parameters, law.preparation.numbers])


def milliseconds(function: Callable[[], Any]) -> float:
    """The least of several repeats: other programs only ever add to it."""
    taken = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        function()
        taken.append(1e3 * (time.perf_counter() - begun))
    return min(taken)


def disagreement(ours: Step, theirs: Step) -> float:
    """Largest difference, relative to the largest number of each part."""
    pairs = [(np.asarray(a), np.asarray(b)) for a, b in zip(ours, theirs, strict=True)]
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in pairs)


def compared(size: Size) -> list[str]:
    """One row of the table. Raises `AssertionError` where the two ways differ."""
    asked = problem(size)
    step, numbers = automatic(asked)
    begun = time.perf_counter()
    compiled = jax.jit(step).lower(numbers).compile()
    compiling = time.perf_counter() - begun
    differs = disagreement(written_out(asked), compiled(numbers))
    assert differs < AGREEMENT, f"the two ways differ by {differs:.1e} for {size}"
    ours = milliseconds(lambda: written_out(asked))
    theirs = milliseconds(lambda: jax.block_until_ready(compiled(numbers)))
    return [
        size.name,
        size.readout,
        str(size.hidden),
        f"{size.runs} × {size.sites}",
        f"{ours:.1f}",
        f"{theirs:.1f}",
        f"{compiling:.2f}",
        f"{differs:.0e}",
    ]


def main() -> None:
    table = Table(title=f"A step of least squares, least of {REPEATS}", title_justify="left")
    for heading in ("of the", "decoder"):
        table.add_column(heading)
    for heading in ("d", "runs × sites", "NumPy, ms", "JAX, ms", "compiling, s", "disagreement"):
        table.add_column(heading, justify="right")
    with jax.enable_x64(True):
        for size in SIZES:
            table.add_row(*compared(size))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
