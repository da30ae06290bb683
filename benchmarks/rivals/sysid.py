"""jax-sysid: its class of systems whose matrices move with the input, and one written for it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax_sysid.models import Model, qLPVModel  # pyright: ignore[reportMissingImports]

from rivals.task import DEGREE, HIDDEN, SEED, Problem, Told, powers

_EXPERIMENTS = 24


def ready_made(problem: Problem, limit: float) -> None:
    """x ← A(V) x + B(V) u, y = C(V) x, all matrices polynomials of V.

    A second input, 1 before the first site, makes the state in which all runs start. Every run is
    an experiment and a loop of its own in one program, which takes 100 s to compile for 160 of
    them. It is given the first ones alone, which suffice, and L-BFGS, which does better without
    Adam before it.
    """

    def schedule(x, u, parameters):
        return jnp.array(powers(u[0])[1:])

    def shown(v: np.ndarray) -> np.ndarray:
        inputs = np.zeros((len(v), v.shape[1] + 1, 2))
        inputs[:, :-1, 0], inputs[:, 0, 1] = v, 1.0
        return inputs

    model = qLPVModel(HIDDEN, 1, 2, DEGREE, schedule, [], sigma=1.0, x0=np.zeros(HIDDEN))
    inputs = shown(problem.heldout_input)

    def error(parameters) -> float:
        a, a_of, b, b_of, c, c_of = parameters
        x, answers = np.zeros((len(inputs), HIDDEN)), []
        for u in inputs.swapaxes(0, 1):
            p = np.stack(powers(u[:, 0])[1:])
            answers.append(np.einsum("ra,ra->r", x, c[0] + np.einsum("pr,pa->ra", p, c_of[:, 0])))
            moved = np.einsum("pab,rb->pra", a_of, x) + np.einsum("pab,rb->pra", b_of, u)
            x = x @ a.T + u @ b.T + np.einsum("pr,pra->ra", p, moved)
        return problem.error(np.stack(answers[1:], axis=1))

    responses = [np.append(0.0, y)[:, None] for y in problem.response[:_EXPERIMENTS]]
    shown_to_it = list(shown(problem.input[:_EXPERIMENTS]))
    fit = lambda: Model.fit(model, responses, shown_to_it)  # noqa: E731
    _fitted(model, fit, error, limit, adam=0)


def written_out(problem: Problem, limit: float) -> None:
    """The network of the paper as one system whose state is that of all runs."""
    rng, runs = np.random.default_rng(SEED), len(problem.input)
    update = 0.1 * rng.normal(size=(DEGREE + 1, HIDDEN, HIDDEN))
    update[0] += np.eye(HIDDEN)
    parameters = [update, rng.normal(size=HIDDEN), rng.normal(size=HIDDEN) / HIDDEN]

    def moved(h, v, update, xp):
        return xp.einsum("kr,kab,rb->ra", xp.stack(powers(v)), update, h, optimize=True)

    def state(x, u, p):  # the last input tells the first site
        h = jnp.where(u[-1] > 0, p[1], x.reshape(runs, HIDDEN))
        return moved(h, u[:-1], p[0], jnp).reshape(-1)

    def response(x, u, p):
        return state(x, u, p).reshape(runs, HIDDEN) @ p[2]

    def error(p) -> float:
        h, answers = np.broadcast_to(p[1], (len(problem.heldout_input), HIDDEN)), []
        for v in problem.heldout_input.T:
            h = moved(h, v, p[0], np)
            answers.append(h @ p[2])
        return problem.error(np.stack(answers, axis=1))

    first = np.eye(problem.input.shape[1])[:, :1]
    model = Model(runs * HIDDEN, runs, runs + 1, state_fcn=state, output_fcn=response)
    model.init(params=parameters, x0=np.zeros(runs * HIDDEN))
    fit = lambda: model.fit(problem.response.T, np.hstack([problem.input.T, first]))  # noqa: E731
    _fitted(model, fit, error, limit, adam=500)


def _fitted(model, fit: Callable[[], None], error: Callable, limit: float, *, adam: int) -> None:
    """Steps of Adam, then L-BFGS for as long as there is time; told from within the loss."""

    def look(parameters, start):
        jax.debug.callback(lambda p: told.now(lambda: error(list(map(np.asarray, p)))), parameters)
        return 0.0

    model.loss(
        output_loss=lambda answer, response: jnp.mean((answer - response) ** 2),
        rho_x0=0.0, rho_th=0.0, train_x0=False, custom_regularization=look, xsat=1e6,
    )  # fmt: skip
    model.optimization(adam_eta=0.01, adam_epochs=adam, lbfgs_epochs=10**6, iprint=-1)
    told = Told(limit)
    with contextlib.redirect_stdout(sys.stderr):
        fit()
    told.now(lambda: error([np.asarray(part) for part in model.params]), at_once=True)
