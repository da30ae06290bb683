"""Testing a law that somebody believes in: its constants fitted, with errors and chi-square."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp
from jaxtyping import Array, Float

from hiddenlaw._precision import float64
from hiddenlaw.believed.linear_law import LinearLaw, linear_law
from hiddenlaw.cells import Monomials, generator_over
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.errors import LawError, TrainingError
from hiddenlaw.holds._base import Span, applied_to
from hiddenlaw.readouts import Quadratic
from hiddenlaw.theory.equations.naming import number
from hiddenlaw.theory.equations.parse import parse_equation
from hiddenlaw.theory.fits.refit import with_nodes_for
from hiddenlaw.theory.fits.uncertainty import ROUNDING, covariance
from hiddenlaw.training.curriculum import lengths
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt
from hiddenlaw.training.recurrent import Recurrent, Sequences
from hiddenlaw.training.sensitivities import NormalEquations, keep
from hiddenlaw.translator import sequences_for, train_translator

_STARTS = 24

Expansion = Callable[[Any], Recurrent]
"""Constants and initial state, in one vector, to the model that they make."""


@dataclass(frozen=True, repr=False)
class LawTest:
    """How a law fared.

    - `constants`: value and standard error by name, in the data's units.
    - `residuals`: (runs, sites), measured minus predicted; NaN where a sample is missing.
    - `relative_error`: mean square residual over the variance of the response.
    - `noise`: standard deviation that chi-square is counted in; `noise_source` says whence.
    - `chi_square`: per degree of freedom; about 1 for a law that explains all but the noise.
    """

    equation: str
    readout: str
    constants: dict[str, tuple[float, float]]
    residuals: Float[np.ndarray, "run site"]
    relative_error: float
    noise: float
    noise_source: str
    chi_square: float

    def __repr__(self) -> str:
        fitted = ", ".join(
            f"{name} = {number(value, error)} ± {error:.1g}"
            for name, (value, error) in self.constants.items()
        )
        return (
            f"{self.equation}, {self.readout}: {fitted or 'no constants'}; residual "
            f"{self.relative_error:.1e} of the variance; chi-square per degree of freedom "
            f"{self.chi_square:.3g} (noise {self.noise:.2g}, {self.noise_source})"
        )


@float64
def test_law(
    law: str,
    data: Dataset,
    *,
    readout: str | None = None,  # noqa: PT028 (a command of the package, no pytest test)
    response_error: float | None = None,  # noqa: PT028
    seed: int = 0,  # noqa: PT028
) -> LawTest:
    """Fit the constants of `law` to `data` and say how well it does.

    `law`: one equation, linear in its state, such as ``psi'' = (V - E)*psi``; every name that is
    neither state nor input is a constant to be fitted. `readout`: how the response reads the state;
    by default ``rho = psi**2`` for a response rho and a hidden psi, or the state itself where the
    law is about the response. The initial state is fitted too, the same for all runs.
    `response_error`: standard deviation of the response's noise; by default that of the data, or,
    where they bring none, the residual that a translator (a recurrent network with no law in it)
    leaves on runs it has not seen.

    Raises `LawError` where the law cannot be read, or is not linear, and `TrainingError` where no
    start of the fit survives.
    """
    equation = parse_equation(law)
    if equation.name in data.input_names:
        raise LawError(
            f"{equation.name} is the input; a law is about the response or a hidden state"
        )
    response = data.response_names[0]
    default = f"{response} = {equation.name}" + ("" if equation.name == response else "**2")
    reads = parse_equation(readout or default)
    if reads.name not in data.response_names:
        raise LawError(f"the readout is of {reads.name!r}; responses are {data.response_names}")
    system = linear_law(equation, reads, data.input_names)
    column = data.response_names.index(reads.name)
    measured = data.response[:, :, column]
    fit = _fit(system, data, column, seed)
    residuals = fit.residuals
    seen = np.isfinite(measured)
    sigma: Any
    if response_error is not None:
        sigma, source = float(response_error), "as given"
    elif data.response_error is not None:
        sigma, source = data.response_error[..., column][seen], "of the data's errors"
    else:
        sigma, source = _translator_noise(data, column, seed), "left by a translator on unseen runs"
    noise = float(np.sqrt(np.mean(np.square(sigma))))
    freedom = int(seen.sum()) - len(system.constants) - system.dimension
    left = residuals[seen]
    return LawTest(
        law,
        readout or default,
        fit.constants,
        residuals,
        float(np.mean(left**2) / measured[seen].var()),
        noise,
        source,
        float(np.sum((left / np.maximum(sigma, 1e-300)) ** 2) / max(freedom, 1)),
    )


test_law.__test__ = False  # type: ignore[attr-defined]  # pytest: this is no test


def _translator_noise(data: Dataset, column: int, seed: int) -> float:
    train, heldout = data.split(0.2, seed)
    fit = train_translator(train, Heldout(heldout), seed=seed)
    deviation = float(np.nanstd(data.response[:, :, column]))
    return deviation * float(np.sqrt(max(fit.heldout_error, ROUNDING)))


@dataclass(frozen=True)
class _Fitted:
    """The constants with their standard errors, and what the law leaves of the response."""

    constants: dict[str, tuple[float, float]]
    residuals: Float[np.ndarray, "run site"]


def _fit(system: LinearLaw, data: Dataset, column: int, seed: int) -> _Fitted:
    """Constants and initial state of the law, fitted to the measured response."""
    measured = data.response[:, :, column]
    norm = float(np.nanstd(measured))

    def sequences(model: Recurrent) -> Sequences:
        return sequences_for(model.cell, shown_input.values, target, weight)

    shown_input = applied_to(data)
    observed = np.isfinite(measured)
    target = np.where(observed, measured, 0.0)[..., None] / norm
    weight = data.weight[..., column, None]
    template = _template(system, shown_input.span)
    expand = _expansion(system, template, data.dx, norm)
    best = _best_of_many(_equations(expand), system, sequences(template), seed)
    # Once more with nodes taken for the law that was found.
    model = with_nodes_for(jax.tree.map(np.asarray, expand(best)), shown_input.span)
    shown = sequences(model)
    expand = _expansion(system, model, data.dx, norm)
    equations = _equations(expand)
    final, outputs = eqx.filter_jit(
        lambda theta: (equations(theta, (shown, data.sites)), expand(theta).outputs(shown))
    )(best)
    cov = covariance(
        np.asarray(final.matrix), float(final.loss), float(weight.sum()), 1, np.ones(best.size)
    )
    constants = {
        name: (float(best[i]), float(np.sqrt(cov[i, i]))) for i, name in enumerate(system.constants)
    }
    return _Fitted(constants, measured - np.asarray(outputs)[:, 0].T * norm)


def _template(system: LinearLaw, span: Span) -> Recurrent:
    """A model of the system's shape, all zeros, for inputs of `span`."""
    d = system.dimension
    # Raw monomials: an entry of the system is a coefficient of the law.
    monomials = Monomials.plain(system.exponents)
    cell = generator_over(np.zeros((len(system.exponents), d, d)), monomials, span)
    features = 1 + d + d * (d + 1) // 2
    return Recurrent(cell, Quadratic(np.zeros((features, 1)), np.zeros(0)), np.zeros(d))


def _equations(expand: Expansion) -> Callable[[Array, Any], NormalEquations]:
    """Normal equations in the constants and the initial state: the chain rule on the model's."""

    def parameters_of(theta):
        model = expand(theta)
        parts = (model.cell.matrices, model.initial, model.readout.weights)
        return jnp.concatenate([jnp.ravel(part) for part in parts])

    def equations(theta, args):
        sequences, length = args
        e = keep(expand(theta), sequences, length)
        jacobian = jax.jacfwd(parameters_of)(theta)
        return NormalEquations(
            e.loss, jacobian.T @ e.gradient, jacobian.T @ e.matrix @ jacobian, e.weights
        )

    return equations


def _best_of_many(
    equations: Callable[[Array, Any], NormalEquations],
    system: LinearLaw,
    shown: Sequences,
    seed: int,
) -> Float[np.ndarray, " p"]:
    """The best of many random starts, each fitted to the first sites, then to more, then to all."""

    @eqx.filter_jit
    def fit(thetas, sequences, length, steps):
        def one(theta):
            got = levenberg_marquardt(equations, theta, (sequences, length), max_steps=steps)
            return got.parameters, got.loss

        return jax.vmap(one)(thetas)

    rng = np.random.default_rng(seed)
    spread = np.geomspace(0.3, 3.0, _STARTS)[:, None]
    constants = spread * rng.normal(size=(_STARTS, len(system.constants)))
    thetas = np.concatenate([constants, rng.normal(size=(_STARTS, system.dimension))], axis=1)
    losses = np.full(_STARTS, np.inf)
    for length in lengths(len(shown.basis)):
        thetas, losses = map(np.asarray, fit(thetas, shown, length, 40))
        # A start that diverged begins anew where the best one stands.
        losses = np.where(np.isfinite(losses), losses, np.inf)
        if not np.isfinite(losses).any():
            raise TrainingError("no start of the fit survived; is dx small enough for this law?")
        thetas = np.where(np.isfinite(losses)[:, None], thetas, thetas[np.argmin(losses)])
    return thetas[np.argmin(losses)]


def _expansion(system: LinearLaw, template: Recurrent, dx: float, norm: float) -> Expansion:
    """Constants and initial state to the model per site; the state is scaled by powers of dx."""
    d = system.dimension
    amplitude = np.sqrt(norm) if any(i > d for i, _ in system.weights) else norm
    pairs = [(j, k) for j in range(d) for k in range(j, d)]

    def feature_unit(index: int) -> float:
        which = [()] + [(j,) for j in range(d)] + pairs
        return float(np.prod([amplitude / dx**j for j in which[index]]))

    def expand(theta) -> Recurrent:
        values = dict(zip(system.constants, theta[: len(system.constants)], strict=True))
        matrices = jnp.zeros(template.cell.matrices.shape)
        for (term, row, column), expression in system.entries:
            unit = dx ** (row + 1 - column)
            matrices = matrices.at[term, row, column].set(_evaluate(expression, values) * unit)
        weights = jnp.zeros(template.readout.weights.shape)
        for index, expression in system.weights:
            value = _evaluate(expression, values) * feature_unit(index) / norm
            weights = weights.at[index, 0].set(value)
        return eqx.tree_at(
            lambda m: (m.cell.matrices, m.initial, m.readout.weights),
            template,
            (matrices, jnp.asarray(theta[len(system.constants) :]), weights),
        )

    return expand


def _evaluate(expression: sp.Basic, values: dict[str, Any]) -> Any:
    """An expression in the constants, on numbers or JAX tracers: walked, never run."""
    if isinstance(expression, sp.Symbol):
        return values[expression.name]
    if isinstance(expression, sp.Number):
        return float(expression)
    arguments = [_evaluate(argument, values) for argument in expression.args]
    if isinstance(expression, sp.Add):
        return sum(arguments)
    if isinstance(expression, sp.Mul):
        product = 1.0
        for argument in arguments:
            product = product * argument
        return product
    if isinstance(expression, sp.Pow):
        base, power = expression.args
        assert isinstance(power, sp.Integer)
        return _evaluate(base, values) ** int(power)
    raise LawError(f"cannot evaluate {expression}")
