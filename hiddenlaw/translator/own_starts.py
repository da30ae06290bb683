"""A translator linear in its state whose runs start each from a state of its own.

Every run's start is eliminated (`hiddenlaw.training.own_starts`), so the search is for the cell
alone; the basis is fixed by the readout, response = first hidden variables. Spare variables that
are free in every run explain a few sites of anything and lead the search astray, so the network
grows: from few hidden variables on, each width anew from random seeds, as long as unseen samples
are predicted better.
"""

from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractCell, AbstractLinearCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import relative_error
from hiddenlaw.readouts import Linear
from hiddenlaw.training.curriculum import gentle_lengths, stack, unstack
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt
from hiddenlaw.training.own_starts import eliminate_starts
from hiddenlaw.training.progress import Progress
from hiddenlaw.training.recurrent import Recurrent, Sequences
from hiddenlaw.translator.linear import EXACT, STEPS
from hiddenlaw.translator.model import Translator, answer_to
from hiddenlaw.translator.sequences import measured_sequences

_GENTLE = 0.5  # of a random cell: products of many matrices come before the first step
_SPARE = 2  # sites of the first stage beyond twice the width
_BETTER = 0.9  # of the best held-out error so far: what a wider network has to reach
_PATIENCE = 2  # widths in a row that are no better


def train_own_starts(
    new_cells: Callable[[int], list[AbstractCell]],
    train: Dataset,
    heldout: Heldout,
    scale: Float[np.ndarray, " response"],
    widest: int,
    progress: Progress,
) -> list[Translator]:
    """The seeds of the best width up to `widest`."""
    outputs = train.response.shape[2]
    norm = scale * np.sqrt(outputs)
    best, least, worse = [], np.inf, 0
    widths = range(max(outputs, 2), max(widest, outputs, 2) + 1)
    progress.start("translator", len(widths))
    for width in widths:
        translators = _train_width(new_cells(width), train, norm)
        errors = [relative_error(answer_to(t, heldout), heldout.judged) for t in translators]
        error = np.nanmin(np.where(np.isfinite(errors), errors, np.inf))
        progress.advance("translator", f"{width} hidden variables: held-out error {error:.1e}")
        worse = 0 if error < _BETTER * least else worse + 1
        if not best or error < _BETTER * least:
            best, least = translators, error
        if least < EXACT or (worse >= _PATIENCE and least < _BETTER):
            break
    return best


def _train_width(
    cells: list[AbstractCell], train: Dataset, norm: Float[np.ndarray, " response"]
) -> list[Translator]:
    models, outputs = [], len(norm)
    for cell in cells:
        assert isinstance(cell, AbstractLinearCell)
        gentle = eqx.tree_at(lambda c: c.matrices, cell, _GENTLE * np.asarray(cell.matrices))
        readout = Linear(np.eye(cell.dimension)[:, :outputs], np.zeros(0))
        models.append(Recurrent(gentle, readout, np.zeros((cell.dimension, train.runs))))
    stacked = stack(models)
    shown = measured_sequences(models[0].cell, train, norm)
    first = min(2 * models[0].cell.dimension + _SPARE, train.sites)
    for length in gentle_lengths(train.sites, first, first):
        stacked = _fit(stacked, shown, np.asarray(length), np.asarray(STEPS))
    stacked = _fit(stacked, shown, np.asarray(train.sites), np.asarray(STEPS))
    fitted = [unstack(stacked, index) for index in range(len(cells))]
    return [Translator(m.cell, m.readout, None, jnp.asarray(norm)) for m in fitted]


@eqx.filter_jit
def _fit(models: Recurrent, shown: Sequences, length, max_steps) -> Recurrent:
    def one(model: Recurrent) -> Recurrent:
        shape = model.cell.matrices.shape

        def filled(flat):
            return eqx.tree_at(lambda m: m.cell.matrices, model, flat.reshape(shape))

        def equations(flat, args):
            return eliminate_starts(filled(flat), *args)

        flat = jnp.ravel(model.cell.matrices)
        found = levenberg_marquardt(equations, flat, (shown, length), max_steps=max_steps)
        return filled(found.parameters)

    return eqx.filter_vmap(one)(models)
