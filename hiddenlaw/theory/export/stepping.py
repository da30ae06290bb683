"""How a law moves its state over one cell, in SymPy's symbols: what all exports are written from.

The state is in the data's units, z₁, z₂, …; `shown` is what a cell is shown: the input, or, where
it varies inside cells, its values at both Gauss points. Three kinds of law are told apart:

- `matrix`: linear in the state; z ← exp(Ω) z, with Ω a polynomial of what is shown. Constant inputs
  have Ω = dx G(u), others Magnus's fourth-order step.
- `map`: z ← Φ z + Γ (shown, 1), with numbers: a driven law, exact.
- `rates`: dz/dx is a polynomial; Dormand and Prince's fifth-order step, so many of them a cell, the
  arguments kept within limits, and the input linear through the Gauss points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hiddenlaw.cells import AbstractGeneratorCell, AbstractLawCell, DrivenCell
from hiddenlaw.cells.polynomial import PolynomialCell
from hiddenlaw.errors import LawError
from hiddenlaw.holds import varies_in_cells
from hiddenlaw.theory.inputs import check_without_constants

_TURN = 3**0.5 / 12


@dataclass(frozen=True, eq=False)
class Stepping:
    """One law, in symbols.

    - `state`, `shown`, `input`: their symbols; `rate`: dz/dx for a state and an input.
    - `kind`, and `over_cell`: the matrix Ω, or the states behind the cell; None for `rates`.
    - `limits`: of every argument of polynomials, (state…, shown…), or None.
    - `read`: every response.
    - `start`: where all runs start, or None where each has a start of its own.
    """

    kind: str
    state: list[Any]
    input: list[Any]
    shown: list[Any]
    rate: list[Any]
    over_cell: Any
    read: list[Any]
    start: np.ndarray | None
    dx: float
    varies: bool
    substeps: int = 1
    limits: np.ndarray | None = None


def stepping_of(theory: Any) -> Stepping:
    """The law of a theory. Raises `LawError` for one whose runs have constants, and for a cell
    that is no differential law."""
    import sympy

    check_without_constants(theory)
    law = theory.law_for(theory.span)
    cell, units, dx = law.cell, theory.state_units, theory.dx
    if not isinstance(cell, AbstractLawCell):
        raise LawError(f"a law of the cell {cell.name} is no differential equation to write down")
    varies = varies_in_cells(theory.hold, theory.late)
    z = list(sympy.symbols(f"z1:{law.dimension + 1}", real=True))
    u = list(sympy.symbols(f"u1:{len(theory.low) + 1}", real=True))
    v = list(sympy.symbols("v1:3", real=True)) if varies else u
    rate: list[Any] = [sympy.Integer(0)] * len(z)
    for term in cell.terms(dx):
        value = term.value * units[term.row] / np.prod(units[list(term.state)])
        factors = [z[k] for k in term.state]
        factors += [u[c] ** power for c, power in enumerate(term.input)]
        rate[term.row] += float(value) * sympy.Mul(*factors)
    told: dict[str, Any] = {"kind": "rates", "over_cell": None}
    if isinstance(cell, DrivenCell):
        told = {"kind": "map", "over_cell": _driven(cell, units, z, v)}
    elif isinstance(cell, AbstractGeneratorCell):
        told = {"kind": "matrix", "over_cell": _exponent(rate, z, u, v, dx)}
    elif isinstance(cell, PolynomialCell):
        told |= {"substeps": cell.substeps, "limits": _limits(cell, units)}
    else:
        raise LawError(f"a law of the cell {cell.name} cannot be written out")
    start = None if theory.own_starts else theory.starts(1)[0]
    return Stepping(state=z, input=u, shown=v, rate=rate, read=_read(theory, z), start=start, dx=dx,
                    varies=varies, **told)  # fmt: skip


def _exponent(rate: list[Any], z: list[Any], u: list[Any], v: list[Any], dx: float) -> Any:
    """Ω of a law linear in its state."""
    import sympy

    generator = sympy.Matrix(rate).jacobian(z)
    if len(v) == len(u) and v[0] is u[0]:
        return dx * generator
    first, second = (generator.subs(u[0], value) for value in v)
    turned = second * first - first * second
    return ((first + second) * (dx / 2) + turned * (_TURN * dx**2)).expand()


def _driven(cell: DrivenCell, units: np.ndarray, z: list[Any], v: list[Any]) -> Any:
    """Φ z + Γ (…) of a driven law."""
    import sympy

    d, update = len(z), cell.update()
    moved = (update[:, :d] * units[:, None] / units).astype(float)
    pushed = update[:, d:] * units[:, None]
    if cell.varies:
        mean, slope = (v[0] + v[1]) / 2, 3**0.5 * (v[1] - v[0])
        offset, scale = float(cell.offset[0]), float(cell.scale[0])
        pushes = [(mean - offset) / scale, sympy.Integer(1), slope / scale, sympy.Integer(0)]
    else:
        pushes = [
            (w - float(o)) / float(s) for w, o, s in zip(v, cell.offset, cell.scale, strict=True)
        ]
        pushes.append(sympy.Integer(1))
    after = sympy.Matrix(moved) * sympy.Matrix(z) + sympy.Matrix(pushed) * sympy.Matrix(pushes)
    return list(after.expand())


def _limits(cell: PolynomialCell, units: np.ndarray) -> np.ndarray | None:
    """Lowest and highest of the state and of what is shown."""
    if cell.limits is None:
        return None
    limits = np.array(cell.limits)
    limits[: cell.dimension] *= units[:, None]
    if cell.varies:
        limits = np.concatenate([limits, limits[-1:]])
    return limits


def _read(theory: Any, z: list[Any]) -> list[Any]:
    """The responses as polynomials of the state. Raises `LawError` where they are none."""
    import sympy

    law, units = theory.law, theory.state_units
    readout = law.readout
    if readout.inner.size:
        raise LawError(f"a {readout.name} readout is no polynomial, and is not written out")
    scale = np.broadcast_to(np.ravel(law.scale), (readout.weights.shape[1],))
    features = [
        sympy.Mul(*(z[k] / float(units[k]) for k in factors))
        for factors in readout.names_of_features(len(z))
    ]
    return [
        sum(
            (float(w * s) * f for w, f in zip(column, features, strict=True) if w), sympy.Integer(0)
        )
        for column, s in zip(np.asarray(readout.weights).T, scale, strict=True)
    ]
