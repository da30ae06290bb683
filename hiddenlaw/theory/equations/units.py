"""The unit of every coefficient, where the data say the units of the grid and of the inputs."""

from collections.abc import Mapping

from hiddenlaw.theory.equations.naming import factors_of, without_primes
from hiddenlaw.theory.equations.term import Equations

PURE = "1"
"""The unit of a pure number; the empty text is no unit, or one that nobody knows."""


def units_of(
    equations: Equations,
    orders: Mapping[str, int],
    units: Mapping[str, str],
    *,
    x: str,
    inputs: tuple[str, ...],
    response: str,
    constants: Mapping[str, str | None] | None = None,
    degree: int = 1,
) -> dict[str, dict[str, str]]:
    """Units by left side and term; empty unless `units` has those of `x` and of all `inputs`.

    - `orders`: how often each state variable is differentiated, primes in its name aside.
    - `constants`: the unit of each constant of the runs; None where it counts as a pure number.
    - `degree`: of the `response` in the state: 2 where it is a square, so that a variable has the
      root of its unit. A term of as many factors of the state as its left side, one, does not ask
      for it; of others no unit is told where that of the response is unknown, or would be a root.
    """
    constants = constants or {}
    if not units.get(x) or not all(units.get(name) for name in inputs):
        return {}
    known = {name: units[name] for name in inputs}
    known |= {name: unit for name, unit in constants.items() if unit}
    found: dict[str, dict[str, str]] = {}
    for left, terms in equations.items():
        found[left] = {}
        for term in terms:
            powers, order, factors = [], _order(left, orders), 0
            for name, power in factors_of(term):
                order -= _order(name, orders) * power
                base = without_primes(name)[0]
                if base in known:
                    powers.append((known[base], -power))
                elif base not in constants:
                    factors += power
            of_response = _of_response(1 - factors, degree, units.get(response))
            if of_response is not None:
                every = [*of_response, *powers, (units[x], -order)]
                found[left][term] = " ".join(
                    _power(unit, n) for unit, n in every if n and unit != PURE
                )
    return found


def _of_response(state: int, degree: int, unit: str | None) -> list[tuple[str, int]] | None:
    """The response's unit to the power of so many state variables; None where it is not known."""
    if not state:
        return []
    return [(unit, state // degree)] if unit and state % degree == 0 else None


def _order(name: str, orders: Mapping[str, int]) -> int:
    base, primes = without_primes(name)
    return orders.get(base, 0) + primes


def _power(unit: str, power: int) -> str:
    unit = f"({unit})" if any(sign in unit for sign in " */^") else unit
    return unit if power == 1 else f"{unit}^{power}"
