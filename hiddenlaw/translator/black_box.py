"""A translator that is no sum of anything: Adam in single precision, several seeds."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from hiddenlaw._precision import to_float64, to_numpy
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds._base import applied_to
from hiddenlaw.readouts import Linear
from hiddenlaw.training.adam import adam
from hiddenlaw.translator.model import Translator


def train_black_box(cells, rng, train, heldout, scale, steps, progress) -> list[Translator]:
    outputs = train.response.shape[2]
    norm = scale * np.sqrt(outputs)
    shown, kept_back = (_black_box_data(data, norm) for data in (train, heldout))
    chunks = 20
    progress.start("translator", chunks * len(cells))

    def loss(translator, input, response, weight):
        answer = jax.vmap(jax.vmap(translator.readout))(translator.hidden_states(input))
        return jnp.mean(jnp.sum((answer - response) ** 2 * weight, axis=-1))

    trained = []
    for cell in cells:
        weights = rng.normal(size=(cell.dimension, outputs)) / 10
        readout, initial = Linear(weights, np.zeros(0)), np.zeros(cell.dimension)
        with jax.enable_x64(False):
            model = Translator(cell, readout, initial, np.ones(outputs))
            model = jax.tree.map(
                lambda leaf: jnp.asarray(leaf, jnp.float32) if eqx.is_inexact_array(leaf) else leaf,
                model,
            )
            check = eqx.filter_jit(loss)
            model = adam(
                model,
                loss,
                shown,
                key=jax.random.key(int(rng.integers(2**31))),
                steps=steps,
                progress=progress,
                chunks=chunks,
                validate=lambda m, check=check: float(check(m, *kept_back)),
            )
        model = to_float64(to_numpy(model))
        trained.append(eqx.tree_at(lambda m: m.response_scale, model, jnp.asarray(norm)))
    return trained


def _black_box_data(data: Dataset, norm: np.ndarray) -> tuple[np.ndarray, ...]:
    """Input, response and weight in single precision."""
    response = np.where(data.observed, data.response, 0.0) / norm
    parts = (applied_to(data).values, response, data.weight)
    return tuple(np.asarray(part, np.float32) for part in parts)
