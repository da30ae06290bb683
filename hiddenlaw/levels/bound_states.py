"""Energy levels that a discovered law gives a trap.

The law was found at one energy: ψ'' = (κV + b) ψ with b = -κ times that energy. A particle of
energy E obeys ψ'' = κ (V - E) ψ. Only V - E matters, so b drops out, and the levels are those E at
which a solution vanishes at both ends: λ = κE are the eigenvalues of -ψ'' + κVψ. A law with V²
and higher powers is treated alike: λ takes the place of -b, and E = λ/κ.

V is interpolated by a quintic spline, the eigenvalue problem solved in a basis of sines between the
ends of x, on ever more points until the levels stand (see `eigenvalues`).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from hiddenlaw.data.checks import as_numbers
from hiddenlaw.data.described import Described, Rows
from hiddenlaw.errors import DataError, SettingsError
from hiddenlaw.levels.curvature import CurvatureLaw
from hiddenlaw.levels.eigenvalues import Solved, solve
from hiddenlaw.theory.equations.naming import with_error

_LEAST_SITES = 8
_LISTED = 8  # levels that are told one by one
_TALL = 0.05  # of its height: what of a wave function counts when its sign is told
_SEEN = 1e-3  # of its greatest: the density at which a level counts as being there


@dataclass(frozen=True, repr=False)
class BoundStates(Described):
    """The bound levels of a trap, the lowest first.

    - `x` (sites,), `input` (sites,): the trap as it was given.
    - `energies`: E_n in the unit of the input, where ψ'' = κ (V - E_n) ψ has a bound state.
    - `stderr`: their standard errors, from those of the law's coefficients alone (delta method,
      coefficients taken as independent).
    - `numerical_errors`: how far the grid of the solver, the ends of x and the interpolation of V
      may move E_n; an estimate, in the same unit.
    - `curvatures`: κE_n, in 1/(unit of x)².
    - `wave_functions` (levels, sites): ψ_n on x, normalised so that ∫ψ² dx = 1 over the interval,
      positive where it rises on the left.
    - `edge`: the lower of the trap's two ends, in the unit of the input; above it nothing is bound.
    - `below_edge`: how many levels lie below that edge. More than are given where `count` was
      smaller, or where levels reach the ends of x (`unsettled`).
    - `unsettled`: how many of them depend on where x ends; they are not given.
    - `found_between`, `used_between`: curvatures ψ''/ψ for which the law was found, and for which
      these levels use it.
    - `unit`: that of the input, and of the energies; empty where there is none.
    """

    x: Float[np.ndarray, " site"]
    input: Float[np.ndarray, " site"]
    energies: Float[np.ndarray, " level"]
    stderr: Float[np.ndarray, " level"]
    numerical_errors: Float[np.ndarray, " level"]
    curvatures: Float[np.ndarray, " level"]
    wave_functions: Float[np.ndarray, "level site"]
    edge: float
    below_edge: int
    unsettled: int
    found_between: tuple[float, float]
    used_between: tuple[float, float]
    unit: str = ""

    @property
    def number(self) -> int:
        """How many levels are given."""
        return len(self.energies)

    def _said(self) -> tuple[str, Rows]:
        edge = with_error(self.edge, None, self.unit)
        title = f"BoundStates({self.number} of {self.below_edge} levels below the edge at {edge})"
        rows = [
            (f"E{level}", with_error(energy, error, self.unit))
            for level, (energy, error) in enumerate(zip(self.energies, self.stderr, strict=True))
        ]
        more = [("…", f"{self.number - _LISTED} more")] if self.number > _LISTED else []
        reach = [("", f"{self.unsettled} more depend on where x ends")] if self.unsettled else []
        return title, [*rows[:_LISTED], *more, *reach]


def bound_states(
    law: CurvatureLaw,
    V: ArrayLike,
    x: ArrayLike,
    *,
    count: int | None = None,
    tolerance: float = 1e-6,
) -> BoundStates:
    """The levels below the lower of the trap's two end values, at most `count` of them.

    `V` and `x` have shape (sites,); x need not be uniform. A level whose wave function reaches an
    end of x, so that moving that end away would shift it by more than `tolerance` times its height
    above the bottom of the trap, is not given; the shift is Hadamard's, dλ/db = -ψ'(b)², summed
    over a tail that decays as exp(-x √(κV(b) - λ)).

    Raises `DataError` for a trap that cannot be used, and where no level, or fewer than `count`,
    can be given because they reach the ends; `SettingsError` for a count below 1.
    """
    sites, values = _trap(law, V, x)
    if count is not None and count < 1:
        raise SettingsError(f"count is {count}; ask for at least 1 level")
    solved = solve(law, sites, values, count, tolerance)
    _check_width(law, solved, count)
    settled, below_edge = solved.settled, len(solved.levels)
    kept = settled if count is None else min(settled, count)
    density, curvatures = solved.vectors[:, :kept] ** 2, solved.levels[:kept]
    seen = density > _SEEN * density.max(axis=0, initial=0.0)
    used = (law.varying(solved.input)[:, None] - curvatures)[seen]
    return BoundStates(
        sites,
        values,
        curvatures / law.kappa,
        _stderr(law, solved.input, density, curvatures),
        (solved.change + solved.shift + solved.sampling)[:kept] / abs(law.kappa),
        curvatures,
        _wave_functions(solved, kept, sites),
        float(law.varying(values[[0, -1]]).min()) / law.kappa,
        below_edge,
        below_edge - settled,
        law.found_between,
        (float(used.min()), float(used.max())) if kept else law.found_between,
    )


def _check_width(law: CurvatureLaw, solved: Solved, count: int | None) -> None:
    """Raises `DataError` where levels that are wanted reach the ends of x."""
    settled = solved.settled
    if settled < min(count or 1, len(solved.levels)):
        at_most = f", or ask for at most {settled}" if settled else ""
        raise DataError(
            f"level {settled} (counted from 0) of the trap reaches the ends of x, and moving them "
            f"away would shift it by about {solved.shift[settled] / abs(law.kappa):.1g}; give "
            f"{law.input} on a wider x{at_most}"
        )


def _wave_functions(
    solved: Solved, kept: int, sites: Float[np.ndarray, " site"]
) -> Float[np.ndarray, "level site"]:
    """The lowest `kept` of them, positive where they rise on the left."""
    basis = solved.basis
    waves = basis.evaluate(basis.coefficients(solved.vectors[:, :kept]), sites).T
    tall = np.abs(waves) > _TALL * np.abs(waves).max(axis=1, keepdims=True, initial=0.0)
    first = np.take_along_axis(waves, tall.argmax(axis=1)[:, None], axis=1)
    return waves * np.sign(first)


def _trap(law: CurvatureLaw, V: ArrayLike, x: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """x and V as arrays. Raises `DataError` unless they make a trap."""
    sites, values = as_numbers("x", x), as_numbers(law.input, V)
    if sites.ndim != 1 or values.shape != sites.shape:
        raise DataError(
            f"x has shape {sites.shape} and {law.input} {values.shape}; give both as (sites,)"
        )
    if len(sites) < _LEAST_SITES:
        raise DataError(
            f"the trap has {len(sites)} sites; give {law.input} at {_LEAST_SITES} at least"
        )
    for name, array in (("x", sites), (law.input, values)):
        if not np.isfinite(array).all():
            site = int(np.argmax(~np.isfinite(array)))
            raise DataError(f"{name} of the trap is {array[site]} at site {site}; mend it")
    if (np.diff(sites) <= 0).any():
        site = int(np.argmax(np.diff(sites) <= 0))
        raise DataError(
            f"x of the trap is not increasing: {sites[site]:.9g} at site {site}, then "
            f"{sites[site + 1]:.9g}; sort it, and give each place once"
        )
    return sites, values


def _stderr(
    law: CurvatureLaw,
    input: Float[np.ndarray, " point"],
    density: Float[np.ndarray, "point level"],
    curvatures: Float[np.ndarray, " level"],
) -> Float[np.ndarray, " level"]:
    """Errors of E_n = λ_n/κ by the delta method.

    Hellmann and Feynman: ∂λ/∂c_k = ⟨V^k⟩, so that ∂E/∂κ = (⟨V⟩ - E)/κ and ∂E/∂c_k = ⟨V^k⟩/κ.
    """
    variance = np.zeros(len(curvatures))
    for power, (_, error) in law.coefficients.items():
        if power:
            slope = input**power @ density - (curvatures / law.kappa if power == 1 else 0.0)
            variance += (slope / law.kappa * error) ** 2
    return np.sqrt(variance)
