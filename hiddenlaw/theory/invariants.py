"""What does not depend on the basis, and what the law conserves.

For d = 2 the Wronskian of two solutions moves with det W(V), which is 1 where the generators are
traceless. For d = 3 a quadratic form may be conserved whatever the input does; where its value on
the data is zero it is null, and a null vector of a form of signature (2, 1) is the square of a
spinor: the wave function. That is why three variables fold into two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.described import Described, Rows
from hiddenlaw.theory.equations import plain
from hiddenlaw.theory.equations.naming import rounded

_CONSERVED = 1e-3  # relative change that still counts as conserved, in figures of noisy data


@dataclass(frozen=True)
class Invariant(Described):
    """A number that says something about the theory, and what it says."""

    name: str
    latex: str | None
    value: float
    meaning: str

    def _said(self) -> tuple[str, Rows]:
        return f"Invariant({self.name} = {self.value:.6g}: {self.meaning})", []

    @classmethod
    def from_json(cls, entry: Any) -> Invariant:
        """From plain data. Raises `KeyError`, `TypeError` or `ValueError` for others."""
        entry = plain.mapping(entry)
        return cls(
            plain.text(entry["name"]),
            plain.maybe(plain.text, entry.get("latex")),
            plain.number(entry["value"]),
            plain.text(entry["meaning"]),
        )


@dataclass(frozen=True)
class BornRule(Described):
    """The readout's quadratic form as found, before any gauge is fixed.

    - `eigenvalue_ratio`: second over first eigenvalue, in the basis in which the latent variables
      have unit mean square; 0 when the density is the square of one real variable.
    - `constant`, `linear`: what the other terms contribute (root mean square), over the standard
      deviation of the response.
    """

    eigenvalue_ratio: float
    constant: float
    linear: float

    @classmethod
    def from_json(cls, entry: Any) -> BornRule:
        """From plain data. Raises `KeyError`, `TypeError` or `ValueError` for others."""
        entry = plain.mapping(entry)
        ratio, constant = plain.number(entry["eigenvalue_ratio"]), plain.number(entry["constant"])
        return cls(ratio, constant, plain.number(entry["linear"]))


def constant_variable(dimension: int) -> Invariant:
    """That one of the variables is 1 and does not move."""
    moving = dimension - 1
    return Invariant(
        "variables that move",
        None,
        float(moving),
        f"one of the {dimension} is constant: it carries the terms that are free of the state",
    )


def wronskian(
    transitions: Float[np.ndarray, "sample d d"], traces: Float[np.ndarray, " term"]
) -> list[Invariant]:
    """Largest departure of det W(V) from 1 over the inputs, and tr A in the data's units."""
    departure = float(np.max(np.abs(np.linalg.det(transitions) - 1)))
    kept = "the Wronskian is conserved" if departure < _CONSERVED else "it is not conserved"
    return [
        Invariant(
            "max |det W(V) - 1|", r"\max|\det W(V)-1|", departure, f"area in phase space: {kept}"
        ),
        Invariant(
            "tr A",
            r"\mathrm{tr}\,A",
            float(traces[0]),
            "damping: zero where two solutions keep their Wronskian",
        ),
    ]


def quantum_numbers(matrices: Float[np.ndarray, "term d d"]) -> list[Invariant]:
    """tr(AB) = κ and det A = E for ψ″ = (κV − E) ψ, in any basis."""
    a, b = matrices[0], matrices[1]
    return [
        Invariant(
            "tr(A B)",
            r"\mathrm{tr}(AB)",
            float(np.trace(a @ b)),
            "kappa in psi'' = (kappa*V - E)*psi, whatever the basis",
        ),
        Invariant(
            "det A",
            r"\det A",
            float(np.linalg.det(a)),
            "E in the same equation, whatever the basis",
        ),
    ]


@dataclass(frozen=True)
class ConservedForm:
    """zᵀ S z, conserved by every generator, and its value along the data."""

    form: Float[np.ndarray, "d d"]
    defect: float  # of conservation, relative: second of the two is the next best candidate
    next_defect: float
    value: float  # mean over the data
    relative: float  # root mean square of the value over the mean of |rho xi|


def conserved_form(
    matrices: Float[np.ndarray, "term d d"], states: Float[np.ndarray, "sample d"]
) -> ConservedForm | None:
    """The symmetric S with GᵀS + SG = 0 for every generator G, from the smallest singular vector.

    Variables are scaled to unit mean square first. None where no form is conserved: where the
    smallest singular value does not stand apart from the next.
    """
    d = states.shape[1]
    scale = np.sqrt(np.mean(states**2, axis=0))
    scaled = [g * scale / scale[:, None] for g in matrices if np.any(g)]
    pairs = [(i, j) for i in range(d) for j in range(i, d)]
    columns = []
    for i, j in pairs:
        s = np.zeros((d, d))
        s[i, j] = s[j, i] = 1.0
        columns.append(np.concatenate([(g.T @ s + s @ g).ravel() for g in scaled]))
    _, singular, right = np.linalg.svd(np.stack(columns, axis=1))
    if singular[-1] > 0.02 * singular[-2]:
        return None
    form = np.zeros((d, d))
    for (i, j), value in zip(pairs, right[-1], strict=True):
        form[i, j] = form[j, i] = value
    form = form / scale / scale[:, None]
    if form[1, 1] != 0:
        # As ρξ − η² with η = ρ′/2: the coefficient of ρ′² is −1/4.
        form = form * (-0.25 / form[1, 1])
    value = np.einsum("ni,ij,nj->n", states, form, states)
    squares = form[1, 1] * states[:, 1] ** 2
    size = float(np.mean(np.abs(value - squares))) + 1e-300
    return ConservedForm(
        form,
        float(singular[-1] / singular[0]),
        float(singular[-2] / singular[0]),
        float(np.mean(value)),
        float(np.sqrt(np.mean(value**2))) / size,
    )


def folding(form: ConservedForm | None, current_scale: float) -> list[Invariant]:
    """The conserved form as invariants, with what it means for the number of variables."""
    if form is None:
        return []
    signs = np.sort(np.sign(np.linalg.eigvalsh(form.form)))
    lorentzian = signs.tolist() in ([-1, -1, 1], [-1, 1, 1])
    if form.relative >= current_scale:
        meaning = f"not null (J^2 = {rounded(form.value)}): there is a current, and nothing folds"
    elif lorentzian:
        meaning = (
            "null on the data: J = 0, so three variables are the square of two, the wave function"
        )
    else:
        meaning = "null on the data, but its signature is not (2, 1): no two variables square to it"
    return [
        Invariant(
            "rho*xi - eta**2 over mean |rho*xi|",
            r"(\rho\,\xi-\eta^2)\,/\,\langle|\rho\,\xi|\rangle",
            form.relative,
            meaning,
        ),
        Invariant(
            "defect of its conservation",
            None,
            form.defect,
            f"relative; the next best quadratic form has {rounded(form.next_defect)}",
        ),
    ]
