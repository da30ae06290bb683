"""Everything a theory has to say, from its fit in a gauge: its statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractGeneratorCell, Coefficient
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import hold_called
from hiddenlaw.law import Law
from hiddenlaw.parameters import layout
from hiddenlaw.preparations import AbstractPreparation
from hiddenlaw.theory import invariants
from hiddenlaw.theory.equations.discrete import discrete_law
from hiddenlaw.theory.equations.eliminate import Scalar
from hiddenlaw.theory.equations.entries import coefficients, raw_matrices
from hiddenlaw.theory.equations.offsets import meaning_of, with_powers
from hiddenlaw.theory.equations.readout import readout_law
from hiddenlaw.theory.equations.system import FirstOrderSystem
from hiddenlaw.theory.equations.term import Equations, without_errors
from hiddenlaw.theory.equations.units import units_of
from hiddenlaw.theory.equations.written import WrittenLaw, WrittenSystem
from hiddenlaw.theory.fits.refit import Fitted
from hiddenlaw.theory.gauges.choose import Chosen
from hiddenlaw.theory.invariants import BornRule, Invariant
from hiddenlaw.theory.statement import RunConstant, Statement
from hiddenlaw.theory.theory import Theory

_SAMPLES = 50  # inputs at which invariants are looked at
_NULL = 1e-6  # of the form: what is rounding, where the law is exact


@dataclass(frozen=True)
class Channels:
    """The numbers that take part in a law beside its state: inputs, then constants of runs.

    - `inputs`, `constants`: their names; `offset_of` as in `RunConstants`.
    """

    inputs: tuple[str, ...]
    constants: tuple[str, ...] = ()
    offset_of: tuple[int | None, ...] = ()

    @classmethod
    def of(cls, data: Dataset, preparation: AbstractPreparation) -> Channels:
        """Of a dataset and the runs' constants: E, or E1, E2, … unless that is taken."""
        count = preparation.constants.shape[1]
        taken = {*data.input_names, *data.response_names, data.x_name}
        stems = ("E", "epsilon", "e_run")
        names = next(
            names
            for stem in stems
            if not taken & set(names := [stem] if count == 1 else _numbered(stem, count))
        )
        offset_of = getattr(preparation, "offset_of", ())
        return cls(tuple(data.input_names), tuple(names), offset_of)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.inputs, *self.constants)


def _numbered(stem: str, count: int) -> list[str]:
    return [f"{stem}{k + 1}" for k in range(count)]


@dataclass(frozen=True)
class _Read:
    """The coefficients of a law in the data's units, and their covariance."""

    found: list[Coefficient]
    covariance: Float[np.ndarray, "p p"]

    @property
    def errors(self) -> Float[np.ndarray, " p"]:
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))


def describe(
    theory: Theory,
    chosen: Chosen,
    distilled: Law | None,
    born: BornRule | None,
    decoder: str,
    train: Dataset,
) -> Statement:
    """The statement of a theory, but for the errors on held-out runs and its rank.

    `distilled` is the distiller's own law in the same gauge, before the refit.
    """
    fit, gauge, gauged = chosen.fit, chosen.gauge, chosen.gauged
    channels = Channels.of(train, theory.law.preparation)
    response = train.response_names[0]
    variable = theory.law.readout.variable(response)
    plain = _read(fit, chosen, train.dx)
    told = _Read(*with_powers(plain.found, plain.covariance, channels.offset_of))
    system = gauge.system(gauged, told.found, told.errors, variable, channels.names)
    scalar = None
    if gauge.canonical:
        arguments = told.found, told.covariance, variable, channels.names, len(channels.inputs)
        scalar = gauge.scalar(gauged, *arguments)
    law = gauge.law_of(system, scalar) if gauge.canonical else {}
    raw = _raw(plain.found, chosen)
    return Statement(
        dimension=theory.dimension,
        readout=decoder,
        parameters=fit.parameters,
        state_names=tuple(system.names),
        canonical=gauge.canonical,
        derivatives=gauged.orders if gauge.canonical else None,
        several=gauged.kind,
        unknowable=tuple(gauge.unknowable(gauged, response, variable)),
        law=WrittenLaw.of(law) if law else None,
        distilled=_distilled(chosen, distilled, variable, channels, train.dx, scalar),
        system=WrittenSystem.of(system),
        readout_law=_readout_law(theory, fit, system.names, train),
        discrete=_discrete(scalar, system, raw, chosen, channels, train),
        born=born,
        invariants=tuple(_invariants(theory, chosen, raw, channels, train)),
        units=_units(law or system.equations, system, chosen, channels, train),
        run_constants=_run_constants(fit, scalar, channels, variable, theory.law.preparation),
    )


def _read(fit: Fitted, chosen: Chosen, dx: float, law: Law | None = None) -> _Read:
    """The free numbers of the cell as coefficients, of the fit or of another law in its gauge."""
    cell, gauged = (fit.law if law is None else law).cell, chosen.gauged
    free = fit.free[layout(fit.law).cell]
    if not isinstance(cell, AbstractGeneratorCell):
        return _of_terms(fit, cell, dx, gauged.orders)
    matrices = np.asarray(cell.matrices)
    found, factors, places = coefficients(
        matrices,
        free.reshape(matrices.shape),
        cell.monomials.exponents,
        np.asarray(cell.monomials.scale),
        dx,
        gauged.orders,
        constant=gauged.constant,
    )
    covariance = fit.covariance_of(np.array(places, int))
    return _Read(found, covariance * factors * factors[:, None])


def _of_terms(fit: Fitted, cell, dx: float, orders: Sequence[int]) -> _Read:
    """A law that is no matrix: its own terms, each the trained number of its place."""
    del orders
    found = cell.terms(dx)
    places = np.flatnonzero(fit.free[layout(fit.law).cell])
    numbers = cell.parameters[places]
    found = [term for term in found if term.value]
    covariance = fit.covariance_of(places)
    factors = np.array([term.value for term in found]) / numbers
    return _Read(found, covariance * factors * factors[:, None])


def _raw(found: list[Coefficient], chosen: Chosen) -> Float[np.ndarray, "term d d"] | None:
    """The generators over the input itself; None where the law is not linear in its state."""
    cell, gauged = chosen.fit.law.cell, chosen.gauged
    if not isinstance(cell, AbstractGeneratorCell):
        return None
    return raw_matrices(
        found,
        cell.monomials.exponents,
        gauged.orders,
        waves=gauged.waves,
        constant=gauged.constant,
    )


def _distilled(
    chosen: Chosen,
    distilled: Law | None,
    variable: str,
    channels: Channels,
    dx: float,
    scalar: Scalar | None,
) -> Equations | None:
    """The same law as the distiller had it before the refit, where it can be put so."""
    if distilled is None or not isinstance(distilled.cell, AbstractGeneratorCell):
        return None
    if distilled.preparation.constants.shape[1] and channels.offset_of != (None,) * len(
        channels.offset_of
    ):
        return None
    found = _read(chosen.fit, chosen, dx, distilled).found
    nothing = np.zeros(len(found))
    gauge, gauged = chosen.gauge, chosen.gauged
    system = gauge.system(gauged, found, nothing, variable, channels.names)
    if scalar is None:
        return without_errors(gauge.law_of(system, None) or system.equations)
    arguments = found, np.diag(nothing), variable, channels.names, len(channels.inputs)
    again = gauge.scalar(gauged, *arguments)
    return without_errors({again.left: again.terms}) if again else None


def _readout_law(theory: Theory, fit: Fitted, names: Sequence[str], train: Dataset) -> WrittenLaw:
    readout = theory.law.readout
    weights = np.asarray(readout.weights)
    errors = fit.stderr(layout(fit.law).weights).reshape(weights.shape)
    features = readout.names_of_features(theory.dimension)
    units, scale = theory.state_units, theory.response_scale
    return readout_law(train.response_names, names, features, weights, errors, units, scale)


def _discrete(
    scalar: Scalar | None,
    system: FirstOrderSystem,
    raw: Float[np.ndarray, "term d d"] | None,
    chosen: Chosen,
    channels: Channels,
    train: Dataset,
):
    """The form from site to site, which is short only for an input that is constant over cells."""
    cell = chosen.fit.law.cell
    if raw is None or hold_called(train.hold).varies or channels.constants:
        return None
    assert isinstance(cell, AbstractGeneratorCell)
    return discrete_law(scalar, system, raw, cell.monomials.exponents, channels.inputs)


def _invariants(
    theory: Theory,
    chosen: Chosen,
    raw: Float[np.ndarray, "term d d"] | None,
    channels: Channels,
    train: Dataset,
) -> list[Invariant]:
    if raw is None:
        return []
    special, found = chosen.gauge.invariants(chosen.gauged, raw), []
    if special is not None:
        return list(special)
    d, one_input = theory.dimension, len(channels.inputs) == 1
    if d == 2:
        low, high = np.array(theory.low), np.array(theory.high)
        inputs = low + (high - low) * np.linspace(0, 1, _SAMPLES)[:, None]
        traces = np.trace(raw, axis1=1, axis2=2)
        found += invariants.wronskian(theory.transition(inputs), traces)
        if one_input:
            found += invariants.quantum_numbers(raw)[: 1 if channels.constants else 2]
    plain = theory.law.readout.knows_sign and chosen.gauge.canonical and not channels.constants
    if d == 3 and plain:
        states = theory.states(train.input, train.response).reshape(-1, d)
        form = invariants.conserved_form(raw, states)
        found += invariants.folding(form, max(_NULL, 3 * np.sqrt(chosen.fit.loss)))
    return found


def _units(
    rows: Equations,
    system: FirstOrderSystem,
    chosen: Chosen,
    channels: Channels,
    train: Dataset,
) -> dict[str, dict[str, str]]:
    constants = {
        name: None if channel is None else train.units.get(train.input_names[channel])
        for name, channel in zip(channels.constants, channels.offset_of, strict=True)
    }
    degree = 1 if chosen.fit.law.readout.knows_sign else 2
    return units_of(
        rows,
        dict(zip(system.names, chosen.gauged.orders, strict=True)),
        train.units,
        x=train.x_name,
        inputs=channels.inputs,
        response=train.response_names[0],
        constants=constants,
        degree=degree,
    )


def _run_constants(
    fit: Fitted,
    scalar: Scalar | None,
    channels: Channels,
    variable: str,
    preparation: AbstractPreparation,
) -> tuple[RunConstant, ...]:
    """The constants of every training run, with errors where they were refitted, and meanings."""
    found = []
    for k, (name, channel) in enumerate(zip(channels.constants, channels.offset_of, strict=True)):
        offset = None if channel is None else channels.inputs[channel]
        meaning = meaning_of(offset, scalar, channels.constants, variable)
        errors = None if fit.constants_stderr is None else fit.constants_stderr[:, k]
        values = tuple(map(float, preparation.constants[:, k]))
        stderr = None if errors is None else tuple(map(float, errors))
        found.append(RunConstant(name, meaning, values, stderr))
    return tuple(found)
