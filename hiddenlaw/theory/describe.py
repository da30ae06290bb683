"""Everything a theory has to say, as plain data: the entry of `theories` in `discovery.json`."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractGeneratorCell, Monomials
from hiddenlaw.cells.monomials import Exponents
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.theory import invariants
from hiddenlaw.theory.equations import eliminate as eq
from hiddenlaw.theory.equations import waves as several_law
from hiddenlaw.theory.equations.discrete import discrete_law
from hiddenlaw.theory.equations.naming import equation, factors_of, term_name
from hiddenlaw.theory.fits.refit import CanonicalFit, places
from hiddenlaw.theory.gauges.companion import BornRule
from hiddenlaw.theory.gauges.offsets import constant_name, with_offset
from hiddenlaw.theory.theory import Theory

WAVE = "psi"


@dataclass(frozen=True)
class Derivation:
    """What was fitted on the way to a theory.

    `distilled` are the distiller's own matrices in the canonical gauge, before the refit;
    `canonical` is False where no such gauge exists, and then the fit is in the basis the optimiser
    found. `several` names the gauge of several wave functions (`gauges.waves`); in a
    `driven` law the last variable is the constant 1 (`hiddenlaw.theory.gauges.driven`).
    """

    distilled: Float[np.ndarray, "term d d"] | None
    fit: CanonicalFit
    born: BornRule | None
    canonical: bool
    several: str | None = None
    driven: bool = False

    @property
    def orders(self) -> list[int]:
        """How often each state variable is differentiated."""
        orders = [k // self.waves for k in range(self.fit.model.cell.dimension)]
        return [*orders[:-1], 0] if self.driven else orders

    @property
    def waves(self) -> int:
        """How many wave functions the state holds beside their derivatives."""
        return self.fit.model.cell.dimension // 2 if self.several else 1


def describe(
    theory: Theory, derivation: Derivation, decoder: str, train: Dataset
) -> dict[str, Any]:
    """The record of a theory, but for the errors on held-out runs and its rank."""
    fit, cell = derivation.fit, derivation.fit.model.cell
    d, inputs = cell.dimension, train.input_names
    channels = inputs if train.constants is None else (*inputs, constant_name(train))
    variable = train.response_names[0] if decoder == "linear" else WAVE
    exponents = _monomials(fit).exponents
    waves, driven = derivation.waves, derivation.driven
    found, factors, indices = _read(np.asarray(cell.matrices), derivation, train.dx)
    covariance = fit.covariance[np.ix_(indices, indices)] * factors * factors[:, None]
    raw = _raw_matrices(found, derivation, exponents)
    if fit.model.constants is not None:
        found, covariance = with_offset(found, covariance)
    errors = np.sqrt(np.diag(covariance))
    system = eq.first_order(found, errors, d, variable, channels, driven=driven)
    scalar, law = None, {}
    if derivation.several:
        system = several_law.second_order(found, errors, waves, variable, channels)
        law = several_law.law_of(system)
    elif derivation.canonical:
        scalar = eq.eliminate(
            found, covariance, d, variable, channels, varying=len(inputs), driven=driven
        )
        law = {scalar.left: scalar.terms} if scalar else {}
    response = train.response_names[0]
    return {
        "dimension": d,
        "readout": decoder,
        "parameters": _parameters(fit),
        "state_names": list(system.names),
        "canonical": derivation.canonical,
        "derivatives": derivation.orders if derivation.canonical else None,
        "several": derivation.several,
        "unknowable": several_law.said_of(derivation.several, waves, response, variable)
        if derivation.several
        else [],
        "law": {
            "equation": several_law.equations(law),
            "latex": several_law.equations(law, latex=True),
            "terms": {left: _with_errors(terms) for left, terms in law.items()},
        }
        if law
        else None,
        "distilled": _distilled(
            derivation, train, variable, channels, as_scalar=scalar is not None
        ),
        "system": {
            "equations": system.text(),
            "latex": system.text(latex=True),
            "terms": {left: _with_errors(terms) for left, terms in system.equations.items()},
            "definitions": system.definition_text(),
            "definitions_latex": system.definition_text(latex=True),
        },
        "readout_law": _readout_law(theory, decoder, fit, system.names, train),
        # Of an input that is constant over cells; nothing so short is true of another.
        "discrete": discrete_law(scalar, system, raw, exponents, inputs)
        if train.hold == "zero" and train.constants is None
        else {},
        "born": derivation.born and asdict(derivation.born),
        "invariants": [asdict(i) for i in _invariants(theory, raw, train, derivation, decoder)],
        "units": _units(
            law or system.equations,
            dict(zip(system.names, derivation.orders, strict=True)),
            train,
            offsets=fit.model.constants is not None,
        ),
        "run_constants": _run_constants(fit, scalar, train),
    }


def _parameters(fit: CanonicalFit) -> int:
    """Constants of the law: what is free but for the runs' own numbers."""
    _, starts, _, constants = places(fit.model)
    return int(fit.free.sum() - fit.free[starts].sum() - fit.free[constants].sum())


def _run_constants(
    fit: CanonicalFit, scalar: eq.Scalar | None, train: Dataset
) -> dict[str, Any] | None:
    """The constant of every training run, with errors where it was refitted, and what it is."""
    if train.constants is None:
        return None
    name, values = constant_name(train), np.asarray(train.constants)[:, 0]
    errors, meaning = None, "known up to scale and offset"
    if fit.model.constants is not None:
        values = np.asarray(fit.model.constants)
        errors = np.sqrt(np.maximum(np.diag(fit.covariance)[places(fit.model)[3]], 0.0))
        meaning = f"an offset of {train.input_names[0]}, in its unit"
        energies = {term_name((v, WAVE)) for v in (train.input_names[0], name)}
        if scalar and scalar.left == f"{WAVE}''" and set(scalar.terms) == energies:
            meaning = f"an energy in the unit of {train.input_names[0]}"
    return {
        "name": name,
        "meaning": meaning,
        "values": [float(value) for value in values],
        "stderr": None if errors is None else [float(error) for error in errors],
    }


def _monomials(fit: CanonicalFit) -> Monomials:
    assert isinstance(fit.model.cell, AbstractGeneratorCell)
    return fit.model.cell.monomials


def _read(
    matrices: Float[np.ndarray, "term d d"], derivation: Derivation, dx: float
) -> tuple[list[eq.Coefficient], Float[np.ndarray, " p"], list[int]]:
    """The entries of `matrices` that are free in the fit, in the data's units."""
    free = derivation.fit.free[: matrices.size].reshape(matrices.shape)
    monomials = _monomials(derivation.fit)
    scale, orders = monomials.scale, derivation.orders
    return eq.coefficients(matrices, free, monomials.exponents, scale, dx, orders)


def _distilled(
    derivation: Derivation,
    train: Dataset,
    variable: str,
    inputs: tuple[str, ...],
    *,
    as_scalar: bool,
) -> dict[str, Any] | None:
    """The same law as the distiller had it before the refit, where it can be put so."""
    if not derivation.canonical or derivation.distilled is None:
        return None
    before = _read(derivation.distilled, derivation, train.dx)[0]
    driven = derivation.driven
    d, nothing = derivation.distilled.shape[-1], np.zeros(len(before))
    if derivation.several:
        rows = several_law.second_order(before, nothing, derivation.waves, variable, inputs)
        return {left: _values(terms) for left, terms in several_law.law_of(rows).items()}
    if as_scalar:
        varying = len(train.input_names)
        again = eq.eliminate(
            before, np.diag(nothing), d, variable, inputs, varying=varying, driven=driven
        )
        return again and {again.left: _values(again.terms)}
    rows = eq.first_order(before, nothing, d, variable, inputs, driven=driven)
    return {left: _values(terms) for left, terms in rows.equations.items()}


def _values(terms: eq.Terms) -> dict[str, dict[str, float]]:
    return {name: {"value": value} for name, (value, _) in terms.items()}


def _with_errors(terms: eq.Terms) -> dict[str, dict[str, float]]:
    return {name: {"value": v, "stderr": e} for name, (v, e) in terms.items()}


def _raw_matrices(
    found: list[eq.Coefficient], derivation: Derivation, exponents: Exponents
) -> Float[np.ndarray, "term d d"]:
    orders, waves = derivation.orders, derivation.waves
    matrices = np.zeros((len(exponents), len(orders), len(orders)))
    for row in range(len(orders) - waves):
        # A variable and its derivative, as the gauge has them.
        matrices[0, row, row + waves] = float(orders[row + waves] == orders[row] + 1)
    for c in found:
        matrices[exponents.index(c.exponent), c.row, c.column] = c.value
    return matrices


def _readout_law(
    theory: Theory, decoder: str, fit: CanonicalFit, names: tuple[str, ...], train: Dataset
) -> dict[str, Any]:
    """How each response reads the state; the scale of the state is convention and fixes one."""
    weights = np.asarray(fit.model.readout.weights)
    d, units, norm = len(names), theory.state_units, theory.response_scale
    features = [(k,) for k in range(d)]
    if decoder != "linear":
        pairs = [(int(i), int(j)) for i, j in zip(*np.triu_indices(d), strict=True)]
        features = [(), *features, *pairs]
    error = np.sqrt(np.diag(fit.covariance)[places(fit.model)[2]]).reshape(weights.shape)
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


def _invariants(
    theory: Theory,
    raw: Float[np.ndarray, "term d d"],
    train: Dataset,
    derivation: Derivation,
    decoder: str,
) -> list[invariants.Invariant]:
    found, fit = [], derivation.fit
    d = fit.model.cell.dimension
    if derivation.driven:
        return [invariants.constant_variable(d)]
    if derivation.several:
        found += several_law.energies(raw, derivation.several)
    if d == 2:
        low, high = np.array(theory.low), np.array(theory.high)
        inputs = low + (high - low) * np.linspace(0, 1, 50)[:, None]
        traces = np.trace(raw, axis1=1, axis2=2)
        found += invariants.wronskian(theory.transition(inputs), traces)
        if len(train.input_names) == 1:
            found += invariants.quantum_numbers(raw)[: 1 if train.constants is not None else 2]
    if d == 3 and decoder == "linear" and derivation.canonical and train.constants is None:
        states = theory.states(train.input, train.response).reshape(-1, d)
        form = invariants.conserved_form(raw, states)
        found += invariants.folding(form, max(1e-6, 3 * np.sqrt(fit.loss)))
    return found


def _units(
    equations: dict[str, eq.Terms], orders: dict[str, int], train: Dataset, *, offsets: bool
) -> dict[str, dict[str, str]]:
    """The unit of each coefficient, where the data say the units of x and of the input.

    A variable without primes is as often differentiated as `orders` say. Terms free of the state
    have the unit of the response besides, and none is told where it is unknown. Constants of the
    runs have that of the input where they are `offsets` of it, and none else.
    """
    response = train.units.get(train.response_names[0])
    x = train.units.get(train.x_name)
    if not x or not all(train.units.get(name) for name in train.input_names):
        return {}
    units = {name: train.units[name] for name in train.input_names}
    if train.constants is not None and offsets:
        units[constant_name(train)] = units[train.input_names[0]]
    found: dict[str, dict[str, str]] = {}
    for left, terms in equations.items():
        found[left] = {}
        for term in terms:
            order, powers = _order(left, orders), []
            factors = factors_of(term)
            for name, power in factors:
                order -= _order(name, orders) * power
                if (base := name.rstrip("'")) in units:
                    powers.append((units[base], power))
            parts = [_power(unit, -power) for unit, power in powers]
            if all(name.rstrip("'") in units for name, _ in factors):
                if not response:
                    continue
                parts.insert(0, response)
            if order:
                parts.append(_power(x, -order))
            found[left][term] = " ".join(parts)
    return found


def _order(name: str, orders: dict[str, int]) -> int:
    base = name.rstrip("'")
    return orders.get(base, 0) + len(name) - len(base)


def _power(unit: str, power: int) -> str:
    unit = f"({unit})" if any(sign in unit for sign in " */^") else unit
    return unit if power == 1 else f"{unit}^{power}"
