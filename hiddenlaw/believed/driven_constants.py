"""Constants from coefficients, where a law's coefficients are no sums of its constants.

Of y″ = (K u − y − 2 D T y′)/T², say, the coefficients are found first, as if each were free, and
then K, D and T are sought that make them. Constants differ by orders of magnitude, and products of
powers are linear in logarithms; so the search begins there, from random constants, and ends at the
constants that explain the records best, by what the fit tells of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int

from hiddenlaw.believed.driven_law import DrivenLaw
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt
from hiddenlaw.training.normal_equations import NormalEquations

_STARTS, _STEPS, _FEW = 24, 40, 4
_DECADES = 3.0  # around 1, and around the step of the grid
_MET = 1e-12  # of the logarithms' squares: constants that make the coefficients
_FAR = 200.0  # of a logarithm: no constant is so large or so small


@runtime_checkable
class Coefficients(Protocol):
    """Coefficients of a law as functions of its constants, those of `places` in these `units`."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def dx(self) -> float: ...

    @property
    def units(self) -> Float[np.ndarray, " k"]: ...

    def coefficients(self, constants: Float[np.ndarray, " p"]) -> Float[np.ndarray, " m"]: ...

    def slopes(self, constants: Float[np.ndarray, " p"]) -> Float[np.ndarray, "m p"]: ...


def freed(system: DrivenLaw) -> tuple[DrivenLaw, Int[np.ndarray, " k"]]:
    """The law with a constant for each coefficient that is none yet, and where these stand."""
    import sympy as sp

    row, places = list(system.row), []
    for place, expression in enumerate(row):
        if expression.free_symbols:
            row[place] = sp.Symbol(f"coefficient{place:03d}")
            places.append(place)
    n = system.dimension
    names = tuple(f"coefficient{place:03d}" for place in places)
    weights = tuple(sp.Integer(k == 0) for k in range(n))
    free = replace(system, state=tuple(row[:n]), pushes=tuple(row[n:-1]), rest=row[-1],
                   weights=weights, constants=names)  # fmt: skip
    return free, np.array(places)


def constants_of(
    problem: Coefficients,
    places: Int[np.ndarray, " k"],
    values: Float[np.ndarray, " k"],
    matrix: Float[np.ndarray, "k k"],
    rng: np.random.Generator,
) -> list[Float[np.ndarray, " p"]]:
    """Constants whose coefficients at these `places` are near these `values`, the nearest first.

    `matrix` is JᵀJ over the coefficients: what a distance from the values costs.
    """
    count, found = len(problem.names), []
    for start in range(_STARTS):
        unit = problem.dx ** rng.integers(-1, 2, count)
        begun = rng.uniform(-_DECADES, _DECADES, count) * np.log(10) + np.log(unit)
        signs = rng.choice([1.0, 1.0, -1.0], count) if start % 2 else np.ones(count)
        wanted = _Match(problem, places, values, matrix, signs)
        near = levenberg_marquardt(wanted, begun, max_steps=_STEPS)
        if not np.isfinite(near.loss):
            continue
        exact = replace(wanted, signs=None)
        fit = levenberg_marquardt(exact, wanted.constants(near.numbers), max_steps=_STEPS,
                                  scaled=True)  # fmt: skip
        found.append((fit.loss, fit.numbers))
        if fit.loss < _MET and near.loss < _MET:
            break
    found = [each for each in found if np.isfinite(each[0])]
    # Of constants that are alike but for signs the most positive ones.
    found.sort(key=lambda each: (float(f"{each[0]:.3g}"), np.sum(each[1] < 0)))
    kept: list[Float[np.ndarray, " p"]] = []
    for _, numbers in found:
        if not any(np.allclose(np.abs(numbers), np.abs(other), rtol=1e-3) for other in kept):
            kept.append(numbers)
    return kept[:_FEW]


@dataclass(frozen=True, eq=False)
class _Match:
    """How far coefficients are from what is wanted, for `levenberg_marquardt`.

    With `signs` in logarithms, and the numbers are those of the constants; else by `matrix`, and
    the numbers are the constants.
    """

    problem: Coefficients
    places: Int[np.ndarray, " k"]
    values: Float[np.ndarray, " k"]
    matrix: Float[np.ndarray, "k k"]
    signs: Float[np.ndarray, " p"] | None = None

    def constants(self, numbers: Float[np.ndarray, " p"]) -> Float[np.ndarray, " p"]:
        return numbers if self.signs is None else self.signs * np.exp(numbers)

    def metric(self) -> Float[np.ndarray, "k k"]:
        """What counts: in logarithms a coefficient as far as it differs from zero."""
        values = np.where(self.values == 0, 1e-300, self.values)
        relative = self.matrix * values * values[:, None]
        if self.signs is None:
            return self.matrix / max(float(np.trace(relative)), 1e-300)
        size = np.maximum(np.diag(relative), 0.0)
        return np.diag(np.maximum(size / max(float(size.max(initial=0.0)), 1e-300), 1e-4))

    def at(self, numbers: Float[np.ndarray, " p"]) -> _Matched:
        there, units = self.constants(numbers), self.problem.units[self.places]
        nothing = np.zeros(len(self.values))
        if self.signs is not None and np.abs(numbers).max(initial=0.0) > _FAR:
            return _Matched(self, numbers, np.inf, nothing, nothing)
        with np.errstate(all="ignore"):
            made = self.problem.coefficients(there)[self.places] / units
            off = made - self.values
            if self.signs is not None:
                off = np.log(np.abs(made)) - np.log(np.maximum(np.abs(self.values), 1e-300))
            loss = float(off @ self.metric() @ off)
        return _Matched(self, numbers, loss if np.isfinite(loss) else np.inf, off, made)


@dataclass(eq=False)
class _Matched:
    """The match at some numbers: how far each coefficient is `off`, and what it is `made`."""

    match: _Match
    numbers: Float[np.ndarray, " p"]
    loss: float
    off: Float[np.ndarray, " k"]
    made: Float[np.ndarray, " k"]

    def equations(self) -> NormalEquations:
        match, every = self.match, np.arange(len(self.numbers))
        there, units = match.constants(self.numbers), match.problem.units[match.places]
        slopes = match.problem.slopes(there)[match.places] / units[:, None]
        if match.signs is not None:
            slopes = slopes * there / self.made[:, None]
        metric = match.metric()
        return NormalEquations(
            len(every), every, slopes.T @ metric @ self.off, slopes.T @ metric @ slopes
        )
