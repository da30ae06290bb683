"""Laws that give a wave function's curvature from the input at the same place: ψ'' = f(V) ψ.

f is a polynomial, f(V) = b + κV + cV² + …. These are the laws that have energy levels: a particle
of another energy obeys the same law with another constant b.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hiddenlaw.errors import LawError
from hiddenlaw.theory.equations.naming import factors_of, without_primes
from hiddenlaw.theory.statement import Statement


@dataclass(frozen=True)
class CurvatureLaw:
    """ψ'' = f(V) ψ with f(V) = Σ_k c_k V^k.

    - `variable`, `input`: the names of ψ and of V.
    - `coefficients`: c_k and its standard error by the power k, in 1/(unit of V)^k/(unit of x)².
    - `low`, `high`: the range of V on which the law was found.
    - `energies`: least and greatest constant of the runs from which it was found, in V's units;
      both 0 where runs have none.
    """

    variable: str
    input: str
    coefficients: Mapping[int, tuple[float, float]]
    low: float
    high: float
    energies: tuple[float, float] = (0.0, 0.0)

    @property
    def kappa(self) -> float:
        """κ, the coefficient of V: 2m/ħ² for a particle. It turns energies into curvatures."""
        return self.coefficients[1][0]

    @property
    def is_linear(self) -> bool:
        """Whether V enters to first order only: then only V - E matters."""
        return max(self.coefficients) == 1

    @property
    def found_at(self) -> tuple[float, float]:
        """Least and greatest energy at which the law was found: -b/κ, or those of the runs."""
        shared = -self.coefficients.get(0, (0.0, 0.0))[0] / self.kappa
        return shared + self.energies[0], shared + self.energies[1]

    def varying(self, input: Float[np.ndarray, "*any"]) -> Float[np.ndarray, "*any"]:
        """f(V) - b: what varies with the input, in 1/(unit of x)²."""
        total = np.zeros_like(input)
        for power, (value, _) in self.coefficients.items():
            if power:
                total = total + value * input**power
        return total

    @property
    def found_between(self) -> tuple[float, float]:
        """Least and greatest curvature ψ''/ψ for which the law was found."""
        f = self.varying(np.linspace(self.low, self.high, 201))
        ends = sorted(self.kappa * energy for energy in self.found_at)
        return float(f.min() - ends[1]), float(f.max() - ends[0])


def curvature_law(
    statement: Statement, low: tuple[float, ...], high: tuple[float, ...]
) -> CurvatureLaw:
    """The law of a `statement` as ψ'' = f(V) ψ, found for inputs between `low` and `high`.

    Raises `LawError` where it has no such form.
    """
    law = statement.law
    said = law.equation if law else f"a first-order system: {statement.equation}"
    refusal = LawError(
        f"no energy levels follow from {said}; they need a law such as psi'' = V*psi - 2*psi"
    )
    if not law or len(law.terms) != 1 or len(low) != 1:
        raise refusal
    ((left, terms),) = law.terms.items()
    variable, order = without_primes(left)
    if order != 2:
        raise refusal
    slopes, coefficients, names = {}, {}, set()
    constants = {constant.name: constant.values for constant in statement.run_constants}
    for name, term in terms.items():
        factors = dict(factors_of(name))
        if factors.pop(variable, 0) != 1 or len(factors) > 1 or any("'" in f for f in factors):
            raise refusal
        factor, power = next(iter(factors.items()), (None, 0))
        if factor in constants:
            if power != 1:
                raise refusal
            slopes[factor] = term.value  # of energies at which the law was found
            continue
        names |= factors.keys()
        coefficients[power] = term.value, term.stderr or 0.0
    if coefficients.get(1, (0.0, 0.0))[0] == 0:
        raise LawError(
            f"{said} has no term with the input itself, so that energies cannot be counted in its "
            "unit"
        )
    energies = _energies(slopes, constants, coefficients[1][0])
    return CurvatureLaw(variable, names.pop(), coefficients, low[0], high[0], energies)


def _energies(
    slopes: Mapping[str, float], constants: Mapping[str, tuple[float, ...]], kappa: float
) -> tuple[float, float]:
    """Least and greatest energy of the runs in the unit of V; 0 and 0 where these are alike."""
    runs = [-slope * np.asarray(constants[name]) / kappa for name, slope in slopes.items()]
    if not runs:
        return 0.0, 0.0
    total = np.sum(runs, axis=0)
    return float(total.min()), float(total.max())
