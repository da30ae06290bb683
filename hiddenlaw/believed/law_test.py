"""Testing a law that somebody believes in: its constants fitted, with errors and chi-square."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.all_terms import left_by_all_terms
from hiddenlaw.believed.driven_fit import fit_driven
from hiddenlaw.believed.driven_law import driven_law, is_driven
from hiddenlaw.believed.fit import FittedConstants, fit_constants
from hiddenlaw.believed.linear_law import linear_law
from hiddenlaw.believed.noise import (
    Noise,
    beyond_noise,
    left_by_driven_translator,
    left_by_translator,
    stated_noise,
)
from hiddenlaw.believed.polynomial_fit import fit_polynomial
from hiddenlaw.believed.polynomial_law import is_polynomial, polynomial_law
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.described import Described, Rows
from hiddenlaw.errors import LawError
from hiddenlaw.preparations import Own, Shared
from hiddenlaw.theory.equations.intervals import NORMAL
from hiddenlaw.theory.equations.naming import with_error
from hiddenlaw.theory.equations.parse import ParsedEquation, parse_equation

_STARTS = ("auto", Shared.name, Own.name)


@dataclass(frozen=True, repr=False)
class LawTest(Described):
    """How a law fared.

    - `constants`: value and standard error by name, in the data's units, dead times in that of x.
      The error is infinite where the data fix only some sum or product of constants.
    - `residuals`: (runs, sites), measured minus predicted; NaN where a sample is missing, and where
      a dead time leaves it open what the input was.
    - `relative_error`: mean square residual over the variance of the response.
    - `noise`: standard deviation that chi-square is counted in; `noise_source` says whence.
    - `chi_square`: per degree of freedom; about 1 for a law that explains all but the noise.
    - `rejected`: whether luck would make chi-square so large less than once in a thousand times.
    - `ci95`: the 95 % interval of each constant; a dead time is not negative.
    - `initial_state`: "shared" by all runs, or "per-run".
    - `inflation`: how many residuals count as one, because they remember one another.
    - `units`: of the noise, and of constants that are dead times, by name; empty where the data say
      none.
    """

    equation: str
    readout: str
    constants: dict[str, tuple[float, float]]
    residuals: Float[np.ndarray, "run site"]
    relative_error: float
    noise: float
    noise_source: str
    chi_square: float
    rejected: bool
    ci95: dict[str, tuple[float, float]] = field(default_factory=dict)
    initial_state: str = Shared.name
    inflation: float = 1.0
    units: dict[str, str] = field(default_factory=dict)

    def _said(self) -> tuple[str, Rows]:
        rows = [
            (
                "constant",
                f"{name} = {with_error(value, error, self.units.get(name, ''))}"
                if math.isfinite(error)
                else f"{name} not fixed by the data",
            )
            for name, (value, error) in self.constants.items()
        ]
        noise = f"{self.noise:.2g} {self.units.get('noise', '')}".strip()
        return f"LawTest({self.equation}, {self.readout})", [
            *(rows or [("", "no constants")]),
            ("residual", f"{self.relative_error:.1e} of the variance"),
            ("chi-square per degree of freedom", f"{self.chi_square:.3g}"),
            ("noise", f"{noise}, {self.noise_source}"),
            ("verdict", "the data reject this law" if self.rejected else "not rejected"),
        ]


def test_law(
    law: str,
    data: Dataset,
    *,
    readout: str | None = None,  # noqa: PT028 (a command of the package, no pytest test)
    response_error: float | None = None,  # noqa: PT028
    initial_state: str = "auto",  # noqa: PT028
    seed: int = 0,  # noqa: PT028
) -> LawTest:
    """Fit the constants of `law` to `data` and say how well it does.

    `law`: one equation for a state and its derivatives, which inputs multiply, such as
    ``psi'' = (V - E)*psi``, or drive, such as ``x'' = K*u(t - tau) - d*x' - k*x + c``; powers and
    products of the state may stand in it, such as ``y'' = u - d*y' - a*y - b*y**3``, with inputs
    that drive it and multiply it, but none that acts late. Every name that is neither state nor
    input is a constant to be fitted; ``tau`` is one, too, a dead time, and may be a number.
    `readout`: how the response reads the state; by default the state itself where the law is about
    the response or an input drives it, else ``rho = psi**2`` for a response rho and a hidden psi.
    `initial_state` is fitted too: "shared" by all runs, or "per-run", each its own; by default the
    data tell, but for laws linear in their state that no input drives: there it is shared.
    `response_error`: standard deviation of the response's noise; by default that of the data, or,
    where they bring none, the residual that a translator (a recurrent network with no law in it)
    leaves on runs it has not seen; where the law is not linear in its state, that of the laws with
    all terms. `seed`: of the search's random beginnings.

    Raises `LawError` where the law cannot be read, or is no polynomial of its state,
    `TrainingError` where no start of the fit survives, and `DataError` where there are too few
    data to tell the noise.
    """
    equation = parse_equation(law)
    if equation.name in data.input_names:
        raise LawError(
            f"{equation.name} is the input; a law is about the response or a hidden state"
        )
    if initial_state not in _STARTS:
        raise LawError(
            f"initial_state is {initial_state!r}; it must be one of {', '.join(_STARTS)}"
        )
    polynomial = is_polynomial(equation, data.input_names, own=initial_state == Own.name)
    driven = is_driven(equation) or (initial_state == Own.name and not polynomial)
    said = readout or _usual_readout(equation, data, driven)
    reads = parse_equation(said)
    if reads.name not in data.response_names:
        raise LawError(f"the readout is of {reads.name!r}; responses are {data.response_names}")
    column = data.response_names.index(reads.name)
    noise = stated_noise(data, column, response_error)
    if polynomial:
        terms = polynomial_law(equation, reads, data.input_names)
        fit = fit_polynomial(terms, data, column, seed, initial_state, response_error)
        noise = noise or left_by_all_terms(terms, fit, data, column, seed, initial_state)
    elif driven:
        system = driven_law(equation, reads, data)
        fit = fit_driven(system, data, column, seed, initial_state, response_error)
        noise = noise or left_by_driven_translator(system, fit, data, column, seed)
    else:
        fit = fit_constants(linear_law(equation, reads, data.input_names), data, column, seed)
        noise = noise or left_by_translator(data, column, seed)
    return _judged(law, said, fit, noise, data.response[:, :, column], _units(fit, data, column))


test_law.__test__ = False  # type: ignore[attr-defined]  # pytest: this is no test


def _units(fit: FittedConstants, data: Dataset, column: int) -> dict[str, str]:
    """Of the noise, and of the constants that are dead times."""
    late = [name for name in fit.constants if fit.least(name) == 0]
    units = dict.fromkeys(late, data.units.get(data.x_name, ""))
    units["noise"] = data.units.get(data.response_names[column], "")
    return {name: unit for name, unit in units.items() if unit}


def _judged(
    law: str,
    readout: str,
    fit: FittedConstants,
    noise: Noise,
    measured: Float[np.ndarray, "run site"],
    units: dict[str, str],
) -> LawTest:
    seen = np.isfinite(fit.residuals)
    left, sigma = fit.residuals[seen], noise.deviation[seen]
    freedom = max(int(seen.sum()) - fit.numbers, 1)
    with np.errstate(over="ignore"):  # an error of 0 is possible, if not wise
        chi_square = float(np.sum((left / np.maximum(sigma, 1e-300)) ** 2) / freedom)
    return LawTest(
        law,
        readout,
        fit.constants,
        fit.residuals,
        float(np.mean(left**2) / measured[seen].var()),
        float(np.sqrt(np.mean(sigma**2))),
        noise.source,
        chi_square,
        beyond_noise(chi_square, freedom, noise, fit.inflation),
        {
            name: (max(value - NORMAL * error, fit.least(name)), value + NORMAL * error)
            for name, (value, error) in fit.constants.items()
        },
        Own.name if fit.own else Shared.name,
        fit.inflation,
        units,
    )


def _usual_readout(law: ParsedEquation, data: Dataset, driven: bool) -> str:
    """The first response as the square of the state, or as the state where the law is about it."""
    response = data.response_names[0]
    return f"{response} = {law.name}" + ("" if driven or law.name == response else "**2")
