"""Driven laws fitted to records that SciPy made, for what is read off them."""

import numpy as np
from scipy.signal import cont2discrete

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.fits.refit import Data, fitted
from hiddenlaw.theory.readings import covariance_of_law
from hiddenlaw.theory.statement import Statement
from hiddenlaw.theory.theory import Theory

DT, RUNS, SITES = 0.1, 12, 80


def recorded(matrix, push, seed, noise=0.02, read=None):
    """Held inputs, and what they make of dz/dt = A z + B u: z₁, or what `read` reads of z."""
    rng = np.random.default_rng(seed)
    d, inputs = push.shape
    u = np.repeat(rng.uniform(-1, 3, (RUNS, SITES // 5, inputs)), 5, axis=1)
    update, pushed, *_ = cont2discrete((matrix, push, np.eye(d), np.zeros((d, inputs))), DT)
    z, states = np.zeros((RUNS, d)), np.empty((RUNS, SITES, d))
    for site in range(SITES):
        z = z @ update.T + u[:, site] @ pushed.T
        states[:, site] = z
    y = states @ (np.eye(d)[:1] if read is None else read).T
    y += noise * y.std(axis=(0, 1)) * rng.normal(size=y.shape)
    names = {
        "input_names": ["u"] if inputs == 1 else [f"u{k + 1}" for k in range(inputs)],
        "response_names": ["y"] if y.shape[2] == 1 else [f"y{k + 1}" for k in range(y.shape[2])],
    }
    units = {"t": "s"} | dict.fromkeys(names["input_names"], "V")
    units |= dict.fromkeys(names["response_names"], "rpm")
    return Dataset.from_arrays(u, y, dx=DT, units=units, x_name="t", **names)


def fit_of(matrix, push, data, read=None):
    """The law refitted from the truth: in observability form, or with all of A, B and C free."""
    d, inputs = push.shape
    scale = np.full(data.response.shape[2], np.sqrt(np.sum(data.variance)))
    # Per site, in variables y, y′ dx, …
    size = DT ** np.arange(d)
    inner = matrix * DT * size[:, None] / size
    driven = push * DT * size[:, None] / scale[0]
    rates = np.hstack([inner, driven, np.zeros((d, 1))])
    cell = DrivenCell(rates, np.zeros(inputs), np.ones(inputs))
    read = np.eye(d)[:1] if read is None else read
    law = Law(Shared(np.zeros(d)), cell, Linear((read / size).T, np.zeros(0)), scale)
    free_cell = np.ones((d, d + inputs + 1), bool)
    if len(read) == 1:
        free_cell[: d - 1, :d] = False
    # Of several responses the first d rows of C are the basis.
    free_weights = np.zeros((d, len(read)), bool)
    free_weights[:, d:] = True
    free = layout(law).mask(cell=free_cell, starts=True, weights=free_weights)
    on_offer = layout(law).mask(cell=free_cell, weights=free_weights)
    return fitted(law, free, on_offer, int(on_offer.sum()), Data(Shown.measured(data, scale)))


def theory_of(fit, dead_time=(), dead_time_stderr=()):
    """A theory as a discovery makes it, with nothing said of it yet."""
    inputs = fit.law.cell.channels
    span = Span((-1.0,) * inputs, (3.0,) * inputs)
    said = Statement(fit.law.dimension, "linear")
    known = {"covariance": covariance_of_law(fit), "dead_time_stderr": dead_time_stderr}
    return Theory(fit.law, DT, span, "zero", said, dead_time, **known)


def draws(fit, count, seed=0):
    """Laws whose numbers are drawn from the covariance of the fit."""
    from hiddenlaw.parameters import filled, flat

    rng = np.random.default_rng(seed)
    numbers = flat(fit.law)
    for shift in rng.multivariate_normal(np.zeros(len(fit.dense)), fit.covariance, size=count):
        moved = numbers.copy()
        moved[fit.dense] += shift
        yield filled(fit.law, moved)


def continuous(law):
    """A, B, C, D of a law as SciPy takes them, per unit of time."""
    d, rates, scale = law.dimension, np.asarray(law.cell.rates), np.asarray(law.cell.scale)
    read = (np.asarray(law.readout.weights) * law.scale).T
    push = rates[:, d:-1] / scale / DT
    return rates[:, :d] / DT, push, read, np.zeros((len(read), push.shape[1]))
