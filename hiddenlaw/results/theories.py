"""Theories in a run directory: what their arrays do not say of them, and theories read back.

The model of theory t is the arrays `theory/t/...` and the entry `model` of its record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.cells import AbstractGeneratorCell, Monomials, generator_over
from hiddenlaw.holds import Span, hold_called
from hiddenlaw.theory.fits.refit import with_nodes_for
from hiddenlaw.theory.gauges.offsets import span_with
from hiddenlaw.theory.theory import Theory, readout_from
from hiddenlaw.training.recurrent import Recurrent


def theories_of(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> tuple[Theory, ...]:
    """The theories of a record whose entries `with_model` made.

    Raises `KeyError`, `TypeError`, `ValueError` or `IndexError` where something is missing or
    damaged.
    """
    return tuple(_theory(entry, arrays, t) for t, entry in enumerate(record["theories"]))


def with_model(theory: Theory) -> dict[str, Any]:
    """The theory's record with what its arrays do not say."""
    cell = theory.model.cell
    assert isinstance(cell, AbstractGeneratorCell)
    return {
        **theory.record,
        "model": {
            "offset": np.asarray(cell.monomials.offset).tolist(),
            "scale": np.asarray(cell.monomials.scale).tolist(),
            "exponents": [list(e) for e in cell.monomials.exponents],
            "low": list(theory.low),
            "high": list(theory.high),
            "step": theory.span.step,
            "hold": theory.hold,
            "response_scale": theory.response_scale,
            "dx": theory.dx,
        },
    }


def _theory(entry: dict[str, Any], arrays: Mapping[str, np.ndarray], t: int) -> Theory:
    model = entry["model"]
    monomials = Monomials(
        np.asarray(model["offset"], float),
        np.asarray(model["scale"], float),
        tuple(tuple(map(int, e)) for e in model["exponents"]),
    )
    step, hold = model.get("step"), str(model.get("hold", "zero"))
    if (step is None) == hold_called(hold).varies:
        raise ValueError(f"hold {hold!r} with step {step!r}")
    span = Span(
        tuple(map(float, model["low"])),
        tuple(map(float, model["high"])),
        None if step is None else float(step),
    )
    # A channel beyond those of the input is a constant of the runs.
    spare = (0.0,) * (monomials.channels - len(span.low))
    bounds = Span((*span.low, *spare), (*span.high, *spare), span.step)
    cell = generator_over(arrays[f"theory/{t}/matrices"], monomials, bounds)
    readout = readout_from(entry["readout"], arrays[f"theory/{t}/weights"])
    constants = arrays.get(f"theory/{t}/constants")
    recurrent = Recurrent(cell, readout, arrays[f"theory/{t}/initial"], constants)
    return Theory(
        with_nodes_for(recurrent, span_with(recurrent, span)),
        float(model["response_scale"]),
        float(model["dx"]),
        span,
        hold,
        entry,
    )
