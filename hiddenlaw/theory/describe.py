"""Everything a theory has to say, as plain data: the entry of `theories` in `discovery.json`."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.dataset import Dataset
from hiddenlaw.theory import equation as eq
from hiddenlaw.theory import invariants
from hiddenlaw.theory.discrete import discrete_law
from hiddenlaw.theory.gauge import BornRule
from hiddenlaw.theory.naming import equation, factors_of, latex_name, term_name
from hiddenlaw.theory.refit import CanonicalFit
from hiddenlaw.theory.theory import Theory

WAVE = "psi"


@dataclass(frozen=True)
class Derivation:
    """What was fitted on the way to a theory.

    `distilled` are the distiller's own matrices in the canonical gauge, before the refit; `canonical`
    is False where no such gauge exists, and then the fit is in the basis the optimiser found.
    """

    distilled: Float[np.ndarray, "term d d"] | None
    fit: CanonicalFit
    born: BornRule | None
    canonical: bool


def describe(
    theory: Theory, derivation: Derivation, decoder: str, train: Dataset
) -> dict[str, Any]:
    """The record of a theory, but for the errors on held-out runs and its rank."""
    fit, cell = derivation.fit, derivation.fit.model.cell
    d, inputs = cell.dimension, train.input_names
    response = train.response_names[0]
    variable = response if decoder == "linear" else WAVE
    monomials = cell.monomials
    free = fit.free[: cell.matrices.size].reshape(cell.matrices.shape)

    def read(matrices):
        return eq.coefficients(matrices, free, monomials.exponents, monomials.scale, train.dx)

    found, factors, indices = read(np.asarray(cell.matrices))
    covariance = fit.covariance[np.ix_(indices, indices)] * factors * factors[:, None]
    errors = np.sqrt(np.diag(covariance))
    system = eq.first_order(found, errors, d, variable, inputs)
    scalar = None
    if derivation.canonical:
        scalar = eq.eliminate(found, covariance, d, variable, inputs)
    distilled = None
    if derivation.canonical and derivation.distilled is not None:
        before = read(derivation.distilled)[0]
        nothing = np.zeros_like(covariance)
        if scalar:
            again = eq.eliminate(before, nothing, d, variable, inputs)
            distilled = again and {again.left: _values(again.terms)}
        else:
            rows = eq.first_order(before, np.zeros(len(before)), d, variable, inputs)
            distilled = {left: _values(terms) for left, terms in rows.equations.items()}

    readout_law = _readout_law(theory, decoder, fit, system.names, train)
    raw = _raw_matrices(found, d, monomials.exponents)
    units = _units(scalar, system, train)
    return {
        "dimension": d,
        "readout": decoder,
        "parameters": int(fit.free.sum()),
        "state_names": list(system.names),
        "canonical": derivation.canonical,
        "law": scalar
        and {
            "equation": equation(scalar.left, scalar.terms),
            "latex": equation(scalar.left, scalar.terms, latex=True),
            "terms": {scalar.left: _with_errors(scalar.terms)},
        },
        "distilled": distilled,
        "system": {
            "equations": system.text(),
            "latex": system.text(latex=True),
            "terms": {left: _with_errors(terms) for left, terms in system.equations.items()},
            "definitions": system.definition_text(),
            "definitions_latex": system.definition_text(latex=True),
        },
        "readout_law": readout_law,
        "discrete": discrete_law(scalar, system, raw, monomials.exponents, inputs),
        "born": derivation.born and asdict(derivation.born),
        "invariants": [asdict(i) for i in _invariants(theory, raw, train, d, decoder, fit)],
        "units": units,
    }


def _values(terms: eq.Terms) -> dict[str, dict[str, float]]:
    return {name: {"value": value} for name, (value, _) in terms.items()}


def _with_errors(terms: eq.Terms) -> dict[str, dict[str, float]]:
    return {name: {"value": v, "stderr": e} for name, (v, e) in terms.items()}


def _raw_matrices(found, d, exponents) -> Float[np.ndarray, "term d d"]:
    matrices = np.zeros((len(exponents), d, d))
    for row in range(d - 1):
        matrices[0, row, row + 1] = 1.0
    for c in found:
        matrices[exponents.index(c.exponent), c.row, c.column] = c.value
    return matrices


def _readout_law(theory, decoder, fit, names, train) -> dict[str, Any]:
    """How each response reads the state; the scale of the state is the convention that fixes one."""
    weights = np.asarray(fit.model.readout.weights)
    d, units, norm = len(names), theory.state_units, theory.response_scale
    features = [(k,) for k in range(d)]
    if decoder != "linear":
        pairs = [(int(i), int(j)) for i, j in zip(*np.triu_indices(d), strict=True)]
        features = [(), *features, *pairs]
    start = fit.free.size - weights.size
    error = np.sqrt(np.diag(fit.covariance)[start:]).reshape(weights.shape)
    equations, latex, laws = [], [], {}
    for output, response in enumerate(train.response_names):
        terms = {}
        for feature, value, stderr in zip(
            features, weights[:, output], error[:, output], strict=True
        ):
            if value:
                factor = norm / np.prod([units[k] for k in feature])
                name = term_name(names[k] for k in feature)
                terms[name] = (float(value * factor), float(stderr * factor))
        laws[response] = _with_errors(terms)
        equations.append(equation(response, terms))
        latex.append(equation(response, terms, latex=True))
    return {"equation": "; ".join(equations), "latex": r",\quad ".join(latex), "terms": laws}


def _invariants(theory, raw, train, d, decoder, fit) -> list[invariants.Invariant]:
    found = []
    if d == 2:
        low, high = np.array(theory.low), np.array(theory.high)
        inputs = low + (high - low) * np.linspace(0, 1, 50)[:, None]
        traces = np.trace(raw, axis1=1, axis2=2)
        found += invariants.wronskian(theory.transition(inputs), traces)
        if len(train.input_names) == 1:
            found += invariants.quantum_numbers(raw)
    if d == 3 and decoder == "linear":
        states = theory.states(train.input).reshape(-1, d)
        form = invariants.conserved_form(raw, states)
        found += invariants.folding(form, max(1e-6, 3 * np.sqrt(fit.loss)))
    return found


def _units(scalar, system, train) -> dict[str, dict[str, str]]:
    """The unit of each coefficient, where the data say the units of x and of the input."""
    x = train.units.get(train.x_name)
    if not x or not all(train.units.get(name) for name in train.input_names):
        return {}
    equations = {scalar.left: scalar.terms} if scalar else system.equations
    found: dict[str, dict[str, str]] = {}
    for left, terms in equations.items():
        found[left] = {}
        for term in terms:
            order, powers = left.count("'"), []
            for name, power in factors_of(term):
                base, primes = name.rstrip("'"), name.count("'")
                order -= primes * power
                if base in train.input_names:
                    powers.append((train.units[base], power))
            parts = [_power(unit, -power) for unit, power in powers]
            if order:
                parts.append(_power(x, -order))
            found[left][term] = " ".join(parts)
    return found


def _power(unit: str, power: int) -> str:
    unit = f"({unit})" if any(sign in unit for sign in " */^") else unit
    return unit if power == 1 else f"{unit}^{power}"
