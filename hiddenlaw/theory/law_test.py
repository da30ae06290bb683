"""Testing a law that somebody believes in: its constants fitted, with errors and chi-square."""

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp
from jaxtyping import Float

from hiddenlaw._precision import float64
from hiddenlaw.cells import GeneratorCell, Monomials
from hiddenlaw.dataset import Dataset
from hiddenlaw.errors import LawError, TrainingError
from hiddenlaw.readouts import Quadratic
from hiddenlaw.theory.linear_law import LinearLaw, linear_law
from hiddenlaw.theory.naming import number
from hiddenlaw.theory.parse import parse_equation
from hiddenlaw.theory.refit import with_nodes_for
from hiddenlaw.theory.uncertainty import ROUNDING, covariance
from hiddenlaw.training.curriculum import lengths
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt
from hiddenlaw.training.sensitivities import NormalEquations, Recurrent, keep
from hiddenlaw.translator import sequences_for, train_translator

_STARTS = 24


@dataclass(frozen=True, repr=False)
class LawTest:
    """How a law fared.

    - `constants`: value and standard error by name, in the data's units.
    - `residuals`: (runs, sites), measured minus predicted.
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
    readout: str | None = None,
    response_error: float | None = None,
    seed: int = 0,
) -> LawTest:
    """Fit the constants of `law` to `data` and say how well it does.

    `law`: one equation, linear in its state, such as ``psi'' = (V - E)*psi``; every name that is
    neither state nor input is a constant to be fitted. `readout`: how the response reads the state;
    by default ``rho = psi**2`` for a response rho and a hidden psi, or the state itself where the law
    is about the response. The state before the first site is fitted too, the same for all runs.
    `response_error`: standard deviation of the response's noise; by default the residual that a
    translator (a recurrent network with no law in it) leaves on runs it has not seen.

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
    fit = _fit(system, data, measured, seed)
    residuals = fit["residuals"]
    if response_error is None:
        noise, source = _translator_noise(data, column, seed), "left by a translator on unseen runs"
    else:
        noise, source = float(response_error), "as given"
    freedom = measured.size - len(system.constants) - system.dimension
    return LawTest(
        law,
        readout or default,
        fit["constants"],
        residuals,
        float(np.mean(residuals**2) / measured.var()),
        noise,
        source,
        float(np.sum(residuals**2) / max(noise, 1e-300) ** 2 / freedom),
    )


test_law.__test__ = False  # type: ignore[attr-defined]  # pytest: this is no test


def _translator_noise(data: Dataset, column: int, seed: int) -> float:
    train, heldout = data.split(0.2, seed)
    fit = train_translator(train, heldout, seed=seed)
    deviation = float(data.response[:, :, column].std())
    return deviation * float(np.sqrt(max(fit.heldout_error, ROUNDING)))


def _fit(system: LinearLaw, data: Dataset, measured: np.ndarray, seed: int) -> dict:
    d, count = system.dimension, len(system.constants)
    low, high = np.asarray(data.input_range).T
    # Raw monomials: an entry of the system is a coefficient of the law.
    monomials = Monomials((0.0,) * len(low), (1.0,) * len(low), system.exponents)
    ends = tuple(map(float, low)), tuple(map(float, high))
    features = 1 + d + d * (d + 1) // 2
    cell = GeneratorCell.over(np.zeros((len(system.exponents), d, d)), monomials, *ends)
    readout = Quadratic(np.zeros((features, 1)), np.zeros(0))
    template = Recurrent(cell, readout, np.zeros(d))
    norm = float(measured.std())
    shown = sequences_for(cell, data.input, measured[..., None] / norm)
    expand = _expansion(system, template, data.dx, norm)

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

    @eqx.filter_jit
    def fit(thetas, sequences, length, steps):
        def one(theta):
            got = levenberg_marquardt(equations, theta, (sequences, length), max_steps=steps)
            return got.parameters, got.loss

        return jax.vmap(one)(thetas)

    rng = np.random.default_rng(seed)
    spread = np.geomspace(0.3, 3.0, _STARTS)[:, None]
    thetas = np.concatenate(
        [spread * rng.normal(size=(_STARTS, count)), rng.normal(size=(_STARTS, d))], axis=1
    )
    for length in lengths(data.sites):
        thetas, losses = map(np.asarray, fit(thetas, shown, length, 40))
        # A start that diverged begins anew where the best one stands.
        losses = np.where(np.isfinite(losses), losses, np.inf)
        if not np.isfinite(losses).any():
            raise TrainingError("no start of the fit survived; is dx small enough for this law?")
        thetas = np.where(np.isfinite(losses)[:, None], thetas, thetas[np.argmin(losses)])
    best = thetas[np.argmin(losses)]
    # Once more with nodes taken for the law that was found.
    model = with_nodes_for(jax.tree.map(np.asarray, expand(best)), low, high)
    shown = sequences_for(model.cell, data.input, measured[..., None] / norm)
    expand = _expansion(system, model, data.dx, norm)
    at_best = eqx.filter_jit(
        lambda theta: (equations(theta, (shown, data.sites)), expand(theta).outputs(shown))
    )
    final, outputs = at_best(best)
    cov = covariance(
        np.asarray(final.matrix), float(final.loss), float(measured.size), 1, np.ones(count + d)
    )
    answer = np.asarray(outputs)[:, 0].T * norm
    constants = {
        name: (float(best[i]), float(np.sqrt(cov[i, i]))) for i, name in enumerate(system.constants)
    }
    return {"constants": constants, "residuals": measured - answer}


def _expansion(system: LinearLaw, template: Recurrent, dx: float, norm: float):
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


def _evaluate(expression: sp.Expr, values: dict):
    """An expression in the constants, on numbers or JAX tracers: by walking it, not by running it."""
    if expression.is_Symbol:
        return values[expression.name]
    if expression.is_Number:
        return float(expression)
    arguments = [_evaluate(argument, values) for argument in expression.args]
    if expression.is_Add:
        return sum(arguments)
    if expression.is_Mul:
        product = 1.0
        for argument in arguments:
            product = product * argument
        return product
    if expression.is_Pow:
        base, power = expression.args
        return _evaluate(base, values) ** int(power)
    raise LawError(f"cannot evaluate {expression}")
