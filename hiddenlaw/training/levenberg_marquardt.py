"""Levenberg–Marquardt on normal equations, by Optimistix.

Optimistix asks a residual vector for its Jacobian. Ours has ten thousand rows and its product JᵀJ
is at hand (`hiddenlaw.training.sensitivities`), so the solver is given an equivalent residual with
as few rows as parameters and one more: r̃ = (G^{-1/2} g, √(|r|² − |G^{-1/2} g|²)) with the Jacobian
(G^{1/2}, 0), where G = JᵀJ and g = Jᵀr. It has the same |r|², Jᵀr and JᵀJ, hence the same path.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import lineax as lx
import optimistix as optx
from jaxtyping import Array, Bool, Float, Int, PyTree

from hiddenlaw.training.sensitivities import NormalEquations

# Residuals come relative to the standard deviation of the target. Optimistix starts with a damping
# of 1; multiplied by this, that is a damping of 1e-3 relative to a curvature of order 1.
_SCALE = 30.0


class Fit(NamedTuple):
    """Where Levenberg–Marquardt stopped: parameters, normal equations there, steps taken."""

    parameters: Float[Array, " p"]
    loss: Float[Array, ""]
    weights: PyTree
    steps: Int[Array, ""]
    converged: Bool[Array, ""]


class _LevenbergMarquardt(optx.AbstractGaussNewton):
    """Optimistix's Levenberg–Marquardt with a bolder trust region."""

    rtol: float
    atol: float
    norm: Callable[[PyTree], Array]
    descent: optx.AbstractDescent
    search: optx.AbstractSearch
    verbose: Callable[..., None]


def _solver() -> _LevenbergMarquardt:
    return _LevenbergMarquardt(
        rtol=1e-7,
        atol=1e-11,
        norm=optx.max_norm,
        descent=optx.DampedNewtonDescent(linear_solver=lx.QR()),
        search=optx.ClassicalTrustRegion(
            high_cutoff=0.75, low_cutoff=1e-3, high_constant=8.0, low_constant=0.15
        ),
        verbose=lambda **_: None,
    )


def levenberg_marquardt(
    equations: Callable[[Float[Array, " p"], Any], NormalEquations],
    parameters: Float[Array, " p"],
    args: PyTree,
    *,
    max_steps: int,
) -> Fit:
    """Minimise the loss whose normal equations `equations(parameters, args)` gives.

    Runs under `jit` and `vmap`. A diverged problem comes back with a loss that is not finite.
    """

    def compressed(y, args):
        e = equations(y, args)
        values, vectors = jnp.linalg.eigh(e.matrix)
        good = values > 1e-15 * values[-1]
        root = jnp.sqrt(jnp.where(good, values, 0.0))
        inverse = jnp.where(good, 1 / jnp.where(good, root, 1.0), 0.0)
        top = (vectors * inverse) @ (vectors.T @ e.gradient)
        rest = jnp.sqrt(jnp.maximum(e.loss - top @ top, 0.0))
        jacobian = jnp.concatenate([(vectors * root) @ vectors.T, jnp.zeros((1, y.size))])
        residual = jnp.concatenate([top, rest[None]])
        return _SCALE * residual, _SCALE * jacobian, (e.loss, e.weights)

    @eqx.filter_custom_jvp
    def residual(y, args):
        value, _, aux = compressed(y, args)
        return value, aux

    @residual.def_jvp
    def _(primals, tangents):
        y, args = primals
        value, jacobian, aux = compressed(y, args)
        dy, _ = tangents
        tangent = jnp.zeros_like(value) if dy is None else jacobian @ dy
        return (value, aux), (tangent, jax.tree.map(jnp.zeros_like, aux))

    solution = optx.least_squares(
        residual, _solver(), parameters, args, has_aux=True, max_steps=max_steps, throw=False
    )
    loss, weights = solution.aux
    return Fit(
        solution.value,
        loss,
        weights,
        solution.stats["num_steps"],
        solution.result == optx.RESULTS.successful,
    )
