"""Several wave functions at once: bases in which m = d/2 variables obey laws of second order.

Where the input moves only the second derivatives, ψ″ = (κV + C − E) ψ for a vector ψ of m waves,
the rows r with r B = 0 for every generator B that the input multiplies are those that read ψ and
not ψ′: they are known up to an invertible matrix of m × m, ψ → R ψ. What the response says of R
fixes the gauge:

- *components*: each of m responses is the square of one variable; these are the ψ_k.
- *modes*: otherwise R is chosen so that the waves are not coupled, ψ_k″ = (κV − E_k) ψ_k, and the
  response holds every ψ_k² with the factor one. What it holds of their products is then measured:
  none for a sum of squares whose C is symmetric, all for the square of a sum.

That there are modes is all that one density can say of C: C → R C R⁻¹ leaves nothing else alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractGeneratorCell, Coefficient
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.readouts import Quadratic
from hiddenlaw.theory.equations.eliminate import Scalar
from hiddenlaw.theory.equations.system import FirstOrderSystem
from hiddenlaw.theory.equations.term import Equations
from hiddenlaw.theory.equations.waves import energies, law_of, said_of, second_order
from hiddenlaw.theory.gauges._base import AbstractGauge, Gauged, basis_of
from hiddenlaw.theory.invariants import Invariant

_SINGULAR = 1e-6


class Waves(AbstractGauge):
    """Components where there are as many responses as waves, and modes."""

    name: ClassVar[str] = "waves"

    def fix(self, law: Law, shown: Shown) -> Iterator[Gauged]:
        """None for an odd number of variables, or two."""
        readout, cell, d = law.readout, law.cell, law.dimension
        if not (isinstance(readout, Quadratic) and isinstance(cell, AbstractGeneratorCell)):
            return
        if d < 4 or d % 2:
            return
        m, matrices = d // 2, np.asarray(cell.matrices)
        if readout.weights.shape[1] >= m:
            rows = np.stack([readout.covector(k)[0] for k in range(m)])
            rows = _coupled_positively(rows, matrices[0])
            yield from _in_gauge("components", law, rows)
        rows = _modes(matrices, readout.form(0)[2])
        if rows is not None:
            yield from _in_gauge("modes", law, rows)

    def system(
        self,
        gauged: Gauged,
        found: list[Coefficient],
        errors: Float[np.ndarray, " p"],
        variable: str,
        channels: tuple[str, ...],
    ) -> FirstOrderSystem:
        return second_order(found, errors, gauged.waves, variable, channels)

    def scalar(
        self,
        gauged: Gauged,
        found: list[Coefficient],
        covariance: Float[np.ndarray, "p p"],
        variable: str,
        channels: tuple[str, ...],
        varying: int,
    ) -> Scalar | None:
        return None

    def law_of(self, system: FirstOrderSystem, scalar: Scalar | None) -> Equations:
        return law_of(system)

    def unknowable(self, gauged: Gauged, response: str, variable: str) -> list[str]:
        assert gauged.kind is not None
        return said_of(gauged.kind, gauged.waves, response, variable)

    def invariants(self, gauged: Gauged, raw: Float[np.ndarray, "term d d"]) -> Sequence[Invariant]:
        assert gauged.kind is not None
        return energies(raw, gauged.kind)


def _coupled_positively(
    rows: Float[np.ndarray, "m d"], matrix: Float[np.ndarray, "d d"]
) -> Float[np.ndarray, "m d"]:
    """The same rows with signs such that no ψ_k enters ψ_1″ with a negative factor."""
    m = len(rows)
    both = np.concatenate([rows, rows @ matrix])
    if not np.isfinite(both).all():
        return rows
    coupling = (rows[0] @ matrix @ matrix @ np.linalg.pinv(both))[1:m]
    return rows * np.concatenate([[1.0], np.where(coupling < 0, -1.0, 1.0)])[:, None]


def _modes(
    matrices: Float[np.ndarray, "term d d"], form: Float[np.ndarray, "d d"]
) -> Float[np.ndarray, "m d"] | None:
    """Rows that read the uncoupled waves; None where there are none, or the response misses one.

    Those of the lowest energy come first. Signs are such that ψ_1 ψ_k has no negative factor.
    """
    d = matrices.shape[1]
    m = d // 2
    moved = np.concatenate(list(matrices[1:]), axis=1)
    if not (np.isfinite(matrices).all() and np.isfinite(form).all()):
        return None
    rows = np.linalg.svd(moved)[0][:, m:].T
    both = np.concatenate([rows, rows @ matrices[0]])
    if np.linalg.cond(both) > 1 / _SINGULAR:
        return None
    curvature = (rows @ matrices[0] @ matrices[0] @ np.linalg.inv(both))[:, :m]
    values, vectors = np.linalg.eig(curvature)
    if np.iscomplexobj(values) or np.linalg.cond(vectors) > 1 / _SINGULAR:
        return None
    rows = np.linalg.solve(vectors[:, np.argsort(-values)], rows)
    inverse = np.linalg.inv(np.concatenate([rows, rows @ matrices[0]]))
    read = (inverse.T @ form @ inverse)[:m, :m]
    size = np.sqrt(np.abs(np.diag(read)))
    if size.min() < _SINGULAR * size.max():
        return None
    signs = np.where(read[0] < 0, -1.0, 1.0)
    signs[0] = 1.0
    return rows * (size * signs)[:, None]


def _in_gauge(kind: str, law: Law, rows: Float[np.ndarray, "m d"]) -> Iterator[Gauged]:
    """The gauge in which `rows` read the waves, if these and their derivatives make a basis."""
    m, d = rows.shape
    assert isinstance(law.cell, AbstractGeneratorCell)
    transform = basis_of(np.concatenate([rows, rows @ np.asarray(law.cell.matrices)[0]]))
    if transform is None:
        return
    turned = law.in_basis(transform)
    assert isinstance(turned.cell, AbstractGeneratorCell)
    matrices, weights = np.array(turned.cell.matrices), np.array(turned.readout.weights)
    free_matrices, free_weights = np.ones(matrices.shape, bool), np.ones(weights.shape, bool)
    matrices[:, :m], free_matrices[:, :m] = 0.0, False
    matrices[0, :m, m:] = np.eye(m)
    places = {pair: i for i, pair in enumerate(Quadratic.names_of_features(d))}
    if kind == "modes":
        coupled = ~np.eye(m, dtype=bool)
        matrices[0, m:, :m][coupled], free_matrices[0, m:, :m][coupled] = 0.0, False
        fixed = [(0, places[k, k], True) for k in range(m)]
    else:
        fixed = [(k, places[min(j, k), max(j, k)], j == k) for k in range(m) for j in range(m)]
    for output, row, unit in fixed:
        weights[row, output] = np.sign(weights[row, output]) if unit else 0.0
        free_weights[row, output] = False
    exact = turned.but(
        cell=law.cell.with_matrices(matrices), readout=turned.readout.with_weights(weights)
    )
    place = layout(exact)
    prunable = place.mask(cell=free_matrices, weights=free_weights)
    orders = tuple(k // m for k in range(d))
    yield Gauged(exact, prunable | place.mask(starts=True), prunable, orders, waves=m, kind=kind)
