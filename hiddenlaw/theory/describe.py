"""Everything a theory has to say, from its fit in a gauge: its statement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractGeneratorCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import hold_called
from hiddenlaw.law import Law
from hiddenlaw.parameters import layout
from hiddenlaw.preparations import AbstractPreparation
from hiddenlaw.theory import invariants
from hiddenlaw.theory.channels import Channels
from hiddenlaw.theory.equations import offsets
from hiddenlaw.theory.equations.discrete import discrete_law
from hiddenlaw.theory.equations.eliminate import Scalar
from hiddenlaw.theory.equations.readout import readout_law
from hiddenlaw.theory.equations.system import FirstOrderSystem
from hiddenlaw.theory.equations.term import Equations, without_errors
from hiddenlaw.theory.equations.units import units_of
from hiddenlaw.theory.equations.written import WrittenLaw, WrittenSystem
from hiddenlaw.theory.fits.refit import Fitted
from hiddenlaw.theory.gauges.choose import Chosen
from hiddenlaw.theory.invariants import BornRule, Invariant
from hiddenlaw.theory.reading import (
    ReadCoefficients,
    generators_over_input,
    read_coefficients,
)
from hiddenlaw.theory.readings import readings
from hiddenlaw.theory.statement import RunConstant, Statement
from hiddenlaw.theory.theory import Theory

_SAMPLES = 50  # inputs at which invariants are looked at
_NULL = 1e-6  # of the form: what is rounding, where the law is exact


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
    plain = read_coefficients(fit, chosen, train.dx)
    told = ReadCoefficients(*offsets.with_powers(plain.found, plain.covariance, channels.offset_of))
    system = gauge.system(gauged, told.found, told.errors, variable, channels.names)
    scalar = None
    if gauge.canonical:
        arguments = told.found, told.covariance, variable, channels.names, len(channels.inputs)
        scalar = gauge.scalar(gauged, *arguments)
    law = gauge.law_of(system, scalar) if gauge.canonical else {}
    raw = generators_over_input(plain.found, chosen)
    return Statement(
        dimension=theory.dimension,
        readout=decoder,
        parameters=fit.parameters,
        state_names=tuple(system.names),
        canonical=gauge.canonical,
        derivatives=gauged.orders if gauge.canonical else None,
        several=gauged.kind,
        unknowable=(
            *gauge.unknowable(gauged, response, variable),
            *offsets.unknowable(channels.constants, channels.offset_of),
        ),
        law=WrittenLaw.of(law) if law else None,
        distilled=_distilled(chosen, distilled, variable, channels, train.dx, scalar),
        system=WrittenSystem.of(system),
        readout_law=_readout_law(theory, fit, system.names, train),
        discrete=_discrete(scalar, system, raw, chosen, channels, train),
        born=born,
        invariants=tuple(_invariants(theory, chosen, raw, channels, train)),
        readings=readings(fit, train),
        units=_units(law or system.equations, system, chosen, channels, train),
        run_constants=_run_constants(fit, scalar, channels, variable, theory.law.preparation),
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
    if any(channel is not None for channel in channels.offset_of):
        return None
    found = read_coefficients(chosen.fit, chosen, dx, distilled).found
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
        meaning = offsets.meaning_of(name, offset, scalar, channels.constants, variable)
        errors = None if fit.constants_stderr is None else fit.constants_stderr[:, k]
        values = tuple(map(float, preparation.constants[:, k]))
        stderr = None if errors is None else tuple(map(float, errors))
        found.append(RunConstant(name, meaning, values, stderr))
    return tuple(found)
