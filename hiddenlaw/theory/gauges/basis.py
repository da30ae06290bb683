"""A model in another basis: the same responses from z = S g."""

import equinox as eqx
import numpy as np
from jaxtyping import Float

from hiddenlaw._precision import to_numpy
from hiddenlaw.readouts.quadratic import quadratic_form
from hiddenlaw.training.recurrent import Recurrent


def in_basis(model: Recurrent, transform: Float[np.ndarray, "d d"], decoder: str) -> Recurrent:
    """`model` with its state multiplied by `transform`, its responses being the same."""
    d, weights = model.cell.dimension, np.asarray(model.readout.weights)
    inverse = np.linalg.inv(transform)
    if decoder == "linear":
        turned = inverse.T @ weights
    else:
        columns = []
        for column in weights.T:
            constant, linear, form = quadratic_form(column, d)
            form = inverse.T @ form @ inverse
            form = form + form.T - np.diag(np.diag(form))
            upper = form[np.triu_indices(d)]
            columns.append(np.concatenate([[constant], inverse.T @ linear, upper]))
        turned = np.stack(columns, axis=1)
    return to_numpy(
        eqx.tree_at(
            lambda m: (m.cell.matrices, m.initial, m.readout.weights),
            model,
            (
                transform @ np.asarray(model.cell.matrices) @ inverse,
                transform @ np.asarray(model.initial),
                turned,
            ),
        )
    )
