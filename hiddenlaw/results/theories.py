"""Theories in a run directory: what their arrays do not say of them, and theories read back.

The law of theory t is the arrays `theory/t/...` and the entry `model` of its record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from hiddenlaw.cells import (
    AbstractCell,
    AbstractGeneratorCell,
    GeneratorCell,
    Monomials,
    cell_class,
    generator_over,
)
from hiddenlaw.data.instrument import PERFECT, Instrument
from hiddenlaw.holds import Span, varies_in_cells
from hiddenlaw.law import Law
from hiddenlaw.preparations import (
    AbstractPreparation,
    Own,
    RunConstants,
    Shared,
    preparation_class,
)
from hiddenlaw.readouts import readout_class
from hiddenlaw.theory.equations import plain
from hiddenlaw.theory.statement import Statement
from hiddenlaw.theory.theory import Theory

Arrays = Mapping[str, np.ndarray]


def theories_of(record: Mapping[str, Any], arrays: Arrays) -> tuple[Theory, ...]:
    """The theories of a record whose entries `with_model` made.

    Raises `KeyError`, `TypeError`, `ValueError` or `IndexError` where something is missing or
    damaged.
    """
    return tuple(_theory(entry, arrays, t) for t, entry in enumerate(record["theories"]))


def with_model(theory: Theory) -> dict[str, Any]:
    """The theory's record with what its arrays do not say."""
    preparation = theory.law.preparation
    model = {
        **_of_cell(theory.law.cell),
        "low": list(theory.low),
        "high": list(theory.high),
        "step": theory.span.step,
        "hold": theory.hold,
        "dead_time": list(theory.dead_time),
        "dead_time_stderr": [
            error if np.isfinite(error) else None for error in theory.dead_time_stderr
        ],
        "instrument": theory.instrument.to_json(),
        "response_scale": theory.response_scale,
        "dx": theory.dx,
        "preparation": preparation.name,
    }
    taken = model.keys() & preparation.kept.keys()
    if taken:
        raise ValueError(f"preparation {preparation.name} keeps {taken}, names that are taken")
    return {**theory.record, "model": model | preparation.kept}


def _of_cell(cell: AbstractCell) -> dict[str, Any]:
    """The kind of a cell and what of it is not trained."""
    if isinstance(cell, AbstractGeneratorCell):
        return {
            "cell": GeneratorCell.name,
            "offset": np.asarray(cell.monomials.offset).tolist(),
            "scale": np.asarray(cell.monomials.scale).tolist(),
            "exponents": [list(e) for e in cell.monomials.exponents],
        }
    names = [field.name for field in fields(cell) if field.name not in cell.trained]  # type: ignore[arg-type]
    return {"cell": cell.name, "fields": {k: np.asarray(getattr(cell, k)).tolist() for k in names}}


def _theory(entry: dict[str, Any], arrays: Arrays, t: int) -> Theory:
    model, statement = entry["model"], Statement.from_json(entry)
    step, hold = model.get("step"), str(model.get("hold", "zero"))
    dx, dead_time = float(model["dx"]), tuple(map(float, model.get("dead_time", ())))
    if (step is None) == varies_in_cells(hold, tuple(time / dx for time in dead_time)):
        raise ValueError(f"hold {hold!r} with step {step!r}")
    low, high = (tuple(map(float, model[key])) for key in ("low", "high"))
    span = Span(low, high, None if step is None else float(step))
    own = {name.split("/", 2)[2]: part for name, part in arrays.items() if _is_of(name, t)}
    preparation = _preparation(own, model, len(low))
    cell = _cell(own, model, preparation.span(span))
    readout = readout_class(statement.readout).of_theory()
    scale = np.full(own["weights"].shape[1], float(model["response_scale"]))
    law = Law(preparation, cell, readout(own["weights"], np.zeros(0)), scale)  # type: ignore[call-arg]
    seen = Instrument.from_json(model["instrument"]) if "instrument" in model else PERFECT
    errors = tuple(map(plain.number, model.get("dead_time_stderr", ())))
    known = _covariance(own, law)
    return Theory(law, dx, span, hold, statement, dead_time, seen, known, errors)


def _covariance(own: Arrays, law: Law) -> np.ndarray | None:
    """That of the law's numbers, where it was kept. Raises `ValueError` for one of another law."""
    if "covariance" not in own:
        return None
    numbers = law.cell.parameters.size + np.asarray(law.readout.weights).size
    if own["covariance"].shape != (numbers, numbers):
        raise ValueError(f"a covariance of {own['covariance'].shape} for {numbers} numbers")
    return np.asarray(own["covariance"], float)


def _is_of(name: str, t: int) -> bool:
    return name.startswith(f"theory/{t}/")


def _preparation(own: Arrays, model: Mapping[str, Any], inputs: int) -> AbstractPreparation:
    """Where runs start, and their constants; what is missing is what earlier programs left out."""
    kind = model.get("preparation")
    if kind is None and "constants" in own:
        kind = RunConstants.name
        constants = own["constants"]
        own = {**own, "constants": constants[:, None] if constants.ndim == 1 else constants}
        # At first a constant was a channel of its own where the law has one to spare.
        spare = len(model["exponents"][0]) - inputs if "exponents" in model else 0
        model = {"offset_of": [None if spare else 0], **model}
    if kind is None:
        kind = Own.name if own["initial"].ndim == 2 else Shared.name
    return preparation_class(kind).read(own, model)


def _cell(own: Arrays, model: Mapping[str, Any], span: Span) -> AbstractCell:
    """The cell, made for inputs of `span`."""
    kind = cell_class(str(model.get("cell", GeneratorCell.name)))
    if issubclass(kind, AbstractGeneratorCell):
        exponents = tuple(tuple(map(int, e)) for e in model["exponents"])
        offset, scale = (np.asarray(model[key], float) for key in ("offset", "scale"))
        cell = generator_over(own["matrices"], Monomials(offset, scale, exponents), span)
        return cell.with_span(span)
    trained = {name: own[name] for name in kind.trained}
    other = {k: np.asarray(v) if isinstance(v, list) else v for k, v in model["fields"].items()}
    return kind(**trained, **other)
