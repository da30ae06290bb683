"""Several wave functions in words: their names, their law of second order, what stays unknown."""

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells.terms import Coefficient
from hiddenlaw.theory.equations.naming import derivative
from hiddenlaw.theory.equations.system import FirstOrderSystem, term_of
from hiddenlaw.theory.equations.term import Equations, Term, Terms, ordered
from hiddenlaw.theory.equations.writing import equations as equations
from hiddenlaw.theory.invariants import Invariant


def second_order(
    found: list[Coefficient],
    errors: Float[np.ndarray, " p"],
    waves: int,
    variable: str,
    inputs: tuple[str, ...],
) -> FirstOrderSystem:
    """ψ_k′ and ψ_k″ for k = 1, …, `waves`, the state being (ψ_1, …, ψ_m, ψ_1′, …, ψ_m′)."""
    numbered = [f"{variable}{k + 1}" for k in range(waves)]
    names = (*numbered, *(derivative(name, 1) for name in numbered))
    rows: list[Terms] = [{} for _ in names]
    for k in range(waves):
        rows[k][names[waves + k]] = Term(1.0, 0.0)
    for c, error in zip(found, errors, strict=True):
        rows[c.row][term_of(c, inputs, names)] = Term(c.value, float(error))
    left = [derivative(name, 1) for name in names]
    return FirstOrderSystem(names, dict(zip(left, map(ordered, rows), strict=True)), {})


def law_of(system: FirstOrderSystem) -> Equations:
    """The equations that say something: those of the second derivatives."""
    return {left: terms for left, terms in system.equations.items() if left.endswith("''")}


def said_of(kind: str, waves: int, response: str, variable: str) -> list[str]:
    """What of these waves is convention, and which constants cannot be told apart."""
    names = (
        " and ".join([variable + "1", f"{variable}{waves}"]) if waves == 2 else f"all {variable}"
    )
    if kind == "components":
        return [
            f"Each of the first {waves} responses is the square of one wave and fixes its scale; "
            f"the signs of {names} are convention, and with them those of their couplings."
        ]
    return [
        f"{names} are normal modes. From {response} alone nothing but their energies can be known: "
        "in psi'' = (kappa*V + C - E)*psi any C with the same eigenvalues answers alike, so that "
        "a detuning delta and a coupling Omega, C = ((delta, Omega), (Omega, -delta))/2, cannot "
        "be told apart: only delta**2 + Omega**2 can.",
        f"The scale of each wave is convention: its square has the factor one in {response}. Their "
        "signs are convention too; the factor of a product tells whether amplitudes add "
        "(2: the square of a sum) or densities (0).",
    ]


def energies(raw: Float[np.ndarray, "term d d"], kind: str) -> list[Invariant]:
    """What the eigenvalues of E - C say of two waves, in any basis."""
    d = raw.shape[1]
    values = np.linalg.eigvals(-raw[0, d // 2 :, : d // 2])
    if d != 4 or np.iscomplexobj(values):
        return []
    low, high = np.sort(values)
    meaning = "sqrt(delta**2 + Omega**2) for two components with detuning delta and coupling Omega"
    if kind == "modes":
        meaning += "; delta and Omega apart cannot be known"
    return [
        Invariant(
            "(E1 + E2)/2",
            r"(E_1+E_2)/2",
            float(low + high) / 2,
            "E in psi'' = (kappa*V + C - E)*psi, C without trace",
        ),
        Invariant("E2 - E1", r"E_2-E_1", float(high - low), meaning),
    ]
