"""A translator with a nonlinear cell of many weights: Adam in single precision, several seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import applied_to
from hiddenlaw.law import Law
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.training.progress import Progress

_CHUNKS = 20
_SMALL = 0.1  # of the first weights of the readout


def train_black_box(
    new_cell: Callable[[], AbstractCell],
    train: Dataset,
    heldout: Dataset,
    scale: Float[np.ndarray, " response"],
    *,
    seeds: int,
    steps: int,
    rng: np.random.Generator,
    progress: Progress,
) -> list[Law]:
    """Several seeds, each where its held-out error was lowest."""
    import jax

    from hiddenlaw.training.adam import adam

    shown, kept_back = (_in_single_precision(data, scale) for data in (train, heldout))
    progress.start("translator", _CHUNKS * seeds)
    found = []
    for _ in range(seeds):
        cell = new_cell()
        begun: dict[str, Any] = {field: getattr(cell, field) for field in cell.trained}
        begun["weights"] = _SMALL * rng.normal(size=(cell.dimension, len(scale)))
        begun["start"] = np.zeros(cell.dimension)
        with jax.enable_x64(False):
            loss = _loss_of(cell)
            check = jax.jit(loss)
            trained = adam(
                {name: np.asarray(part, np.float32) for name, part in begun.items()},
                loss,
                shown,
                seed=int(rng.integers(2**31)),
                steps=steps,
                progress=progress,
                chunks=_CHUNKS,
                validate=lambda numbers, check=check: float(check(numbers, *kept_back)),
            )
        numbers = {name: np.asarray(part, float) for name, part in trained.items()}
        fields = {field: numbers[field] for field in cell.trained}
        cell = replace(cell, **fields)  # type: ignore[type-var]  # a dataclass
        readout = Linear(numbers["weights"], np.zeros(0))
        found.append(Law(Shared(numbers["start"]), cell, readout, scale))
    return found


def _loss_of(cell: AbstractCell) -> Callable[..., Any]:
    """Mean square of what is not answered, of (numbers, input, response, weight)."""
    import jax
    import jax.numpy as jnp

    def loss(numbers: Mapping[str, Any], input, response, weight):
        there = replace(cell, **{field: numbers[field] for field in cell.trained})  # type: ignore[type-var]
        start = jnp.broadcast_to(numbers["start"], (len(input), cell.dimension))

        def step(h, shown):
            h = there.advance(h, shown)
            return h, h @ numbers["weights"]

        answer = jax.lax.scan(step, start, jnp.swapaxes(input, 0, 1))[1]
        misfit = (jnp.swapaxes(answer, 0, 1) - response) ** 2 * weight
        return jnp.mean(jnp.sum(misfit, axis=-1))

    return loss


def _in_single_precision(data: Dataset, scale: np.ndarray) -> tuple[np.ndarray, ...]:
    """Input, response and weight."""
    response = np.where(data.observed, data.response, 0.0) / scale
    parts = (applied_to(data).values, response, data.weight)
    return tuple(np.asarray(part, np.float32) for part in parts)
