"""The readout that reads the measured response best off the states of a law."""

import equinox as eqx
import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.training.recurrent import Recurrent, Sequences, readout_features


@eqx.filter_jit
def states_and_features(
    model: Recurrent, sequences: Sequences
) -> tuple[Float[AnyArray, "site d run"], Float[AnyArray, "site feature run"]]:
    """The states after every site, and what the readout is linear in."""
    states = model.states(sequences)
    return states, readout_features(model.readout, states)


def with_best_weights(model: Recurrent, sequences: Sequences) -> Recurrent:
    """The model with the readout of its class that fits best, by linear least squares."""
    features = _samples(states_and_features(model, sequences)[1])
    target, root = _samples(sequences.target), np.sqrt(_samples(weight_of(sequences)))
    scale = np.sqrt(np.mean(features**2, axis=0)) + 1e-300
    columns = [
        np.linalg.lstsq(features / scale * w[:, None], y * w, rcond=1e-12)[0] / scale
        for y, w in zip(target.T, root.T, strict=True)
    ]
    return eqx.tree_at(lambda m: m.readout.weights, model, np.stack(columns, axis=1))


def weight_of(sequences: Sequences) -> Float[np.ndarray, "site output run"]:
    """The weight of every sample of every output."""
    return np.broadcast_to(np.asarray(sequences.weight), sequences.target.shape)


def _samples(values) -> np.ndarray:
    """(site, variable, run) as (sample, variable)."""
    return np.asarray(values).transpose(0, 2, 1).reshape(-1, values.shape[1])
