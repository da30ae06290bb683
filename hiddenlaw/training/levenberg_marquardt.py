"""Levenberg–Marquardt on normal equations, with the descent and trust region of Optimistix.

Optimistix's own least-squares solver asks for a residual vector and its Jacobian. Ours would have
ten thousand rows, while JᵀJ and Jᵀr are at hand (`hiddenlaw.training.sensitivities`). To the damped
Newton descent and the search, which Optimistix keeps apart, a loss with gradient and Gauss–Newton
matrix is as good.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import lineax as lx
import optimistix as optx
from jaxtyping import Array, Bool, Float, Int, PyTree

from hiddenlaw._typing import AnyArray
from hiddenlaw.training.sensitivities import NormalEquations

# Optimistix starts with a damping of 1. Losses come relative to the variance of the target, so
# multiplied by this it is 1e-3 of a curvature of order 1.
_SCALE = 1e3
_RTOL, _ATOL = 1e-7, 1e-12
# Of the mean curvature: what is added to every parameter's own where it sets the scale.
_LEAST = 1e-3
# Losses below this share of the variance are rounding.
_EXACT = 1e-25


class Fit(NamedTuple):
    """Where Levenberg–Marquardt stopped. A diverged problem has a loss that is not finite."""

    parameters: Float[Array, " p"]
    loss: Float[Array, ""]
    weights: PyTree
    steps: Int[Array, ""]


class _State(NamedTuple):
    y: Float[Array, " p"]
    unit: Float[Array, " p"]
    weights: PyTree
    trial: Float[Array, " p"]
    info: PyTree  # an optx.FunctionInfo.EvalGradHessian, which type checkers cannot name
    search: PyTree
    first: Bool[Array, ""]
    done: Bool[Array, ""]
    steps: Int[Array, ""]


def levenberg_marquardt(
    equations: Callable[[Float[Array, " p"], Any], NormalEquations],
    parameters: Float[Array, " p"],
    args: PyTree,
    *,
    max_steps: Int[AnyArray, ""] | int,
    scaled: bool = False,
) -> Fit:
    """Minimise the loss whose normal equations `equations(parameters, args)` gives.

    Runs under `jit` and `vmap`. The trust region is bolder than Optimistix's default: near-flat
    directions (the gauge) are the rule here. `scaled` damps each parameter in units of its own
    curvature (Marquardt, SIAM J. Appl. Math. 11, 431 (1963)): for parameters of different kinds.
    """
    descent = optx.DampedNewtonDescent(linear_solver=lx.Cholesky())
    search = optx.ClassicalTrustRegion(
        high_cutoff=0.4 if scaled else 0.75, low_cutoff=1e-3, high_constant=8.0, low_constant=0.15
    )

    def unit_of(e: NormalEquations) -> Float[Array, " p"]:
        if not scaled:
            return jnp.ones_like(e.gradient)
        curvature = jnp.diag(e.matrix)
        return 1 / jnp.sqrt(curvature + _LEAST * jnp.mean(curvature) + 1e-300)

    def info_of(e: NormalEquations, unit: Float[Array, " p"]):
        matrix = (e.matrix + e.matrix.T) * unit * unit[:, None] * (_SCALE / 2)
        hessian = lx.MatrixLinearOperator(matrix, lx.positive_semidefinite_tag)
        gradient = e.gradient * unit * _SCALE
        return optx.FunctionInfo.EvalGradHessian(e.loss * _SCALE / 2, gradient, hessian)

    def step(s: _State) -> _State:
        e = equations(s.trial, args)
        unit = unit_of(e)
        trial_info = info_of(e, unit)
        step_size, accept, _, search_state = search.step(
            s.first, s.y / s.unit, s.trial / s.unit, s.info, trial_info, s.search
        )
        moved = jnp.max(jnp.abs(s.trial - s.y) / (1e-3 + jnp.abs(s.y)))
        gained = 2 * (s.info.f - trial_info.f) / _SCALE
        settled = (gained < _RTOL * e.loss + _ATOL**2) & (moved < 1e3 * _RTOL)
        done = accept & ~s.first & settled | (e.loss < _EXACT)

        def pick(new, old):
            return jax.tree.map(lambda a, b: jnp.where(accept, a, b), new, old)

        y, weights, unit = pick((s.trial, e.weights, unit), (s.y, s.weights, s.unit))
        info = pick(trial_info, s.info)
        query = descent.query(y / unit, info, descent.init(y / unit, info))
        trial = y + unit * descent.step(step_size, query)[0]
        no = jnp.asarray(False)
        return _State(y, unit, weights, trial, info, search_state, no, done, s.steps + 1)

    empty = jax.eval_shape(equations, parameters, args)
    zeros = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), empty)
    ones = jnp.ones_like(parameters)
    info = info_of(zeros, ones)
    start = _State(
        parameters,
        ones,
        zeros.weights,
        parameters,
        info,
        search.init(parameters, info),
        jnp.asarray(True),
        jnp.asarray(False),
        jnp.asarray(0),
    )
    end = jax.lax.while_loop(lambda s: (s.steps < max_steps) & ~s.done, step, start)
    return Fit(end.y, 2 * end.info.f / _SCALE, end.weights, end.steps)
