"""Testing a law that somebody believes in: its constants fitted, with errors and chi-square."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.fit import fit_constants
from hiddenlaw.believed.linear_law import linear_law
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.errors import LawError
from hiddenlaw.theory.equations.naming import rounded
from hiddenlaw.theory.equations.parse import ParsedEquation, parse_equation
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.translator.search import train_translator


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
            f"{name} = {rounded(value, error)} ± {error:.1g}"
            for name, (value, error) in self.constants.items()
        )
        return (
            f"{self.equation}, {self.readout}: {fitted or 'no constants'}; residual "
            f"{self.relative_error:.1e} of the variance; chi-square per degree of freedom "
            f"{self.chi_square:.3g} (noise {self.noise:.2g}, {self.noise_source})"
        )


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
    said = readout or _usual_readout(equation, data)
    reads = parse_equation(said)
    if reads.name not in data.response_names:
        raise LawError(f"the readout is of {reads.name!r}; responses are {data.response_names}")
    system = linear_law(equation, reads, data.input_names)
    column = data.response_names.index(reads.name)
    measured = data.response[:, :, column]
    fit = fit_constants(system, data, column, seed)
    seen = np.isfinite(measured)
    sigma, source = _noise(data, column, seed, response_error)
    left, sigma = fit.residuals[seen], sigma[seen]
    freedom = int(seen.sum()) - len(system.constants) - system.dimension
    with np.errstate(over="ignore"):  # an error of 0 is possible, if not wise
        chi_square = float(np.sum((left / np.maximum(sigma, 1e-300)) ** 2) / max(freedom, 1))
    return LawTest(
        law,
        said,
        fit.constants,
        fit.residuals,
        float(np.mean(left**2) / measured[seen].var()),
        float(np.sqrt(np.mean(sigma**2))),
        source,
        chi_square,
    )


test_law.__test__ = False  # type: ignore[attr-defined]  # pytest: this is no test


def _usual_readout(law: ParsedEquation, data: Dataset) -> str:
    """The first response as the square of the state, or as the state where the law is about it."""
    response = data.response_names[0]
    return f"{response} = {law.name}" + ("" if law.name == response else "**2")


def _noise(
    data: Dataset, column: int, seed: int, given: float | None
) -> tuple[Float[np.ndarray, "run site"], str]:
    """The standard deviation of every sample's noise, and who says so."""
    shape = data.response.shape[:2]
    if given is not None:
        return np.full(shape, float(given)), "as given"
    if data.response_error is not None:
        return data.response_error[..., column], "of the data's errors"
    left = _translator_noise(data, column, seed)
    return np.full(shape, left), "left by a translator on unseen runs"


def _translator_noise(data: Dataset, column: int, seed: int) -> float:
    train, heldout = data.split(0.2, seed)
    fit = train_translator(train, Heldout(heldout), seed=seed)
    deviation = float(np.nanstd(data.response[:, :, column]))
    return deviation * float(np.sqrt(max(fit.heldout_error, ROUNDING)))
