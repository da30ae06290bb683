"""What a record says of a translator beside laws that were fitted to the response itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hiddenlaw.distiller.target import ANSWERS, RESPONSE
from hiddenlaw.theory.selection import DirectFit, OfAnswers


def beside(
    answers: OfAnswers | None, fits: Sequence[DirectFit], chosen: Mapping[str, int | None]
) -> dict[str, Any]:
    """A translator beside the laws, and what laws of its answers say of the variables."""
    if answers is None:
        return {}
    translator = answers.translator
    hidden, degree = translator.size
    told = {
        "free_translator": {
            "hidden": hidden,
            "degree": degree,
            "heldout_error": finite(translator.error),
            "failed": answers.failed,
            "tried": [
                {"hidden": width, "degree": powers, "heldout_error": finite(error)}
                for (width, powers), error in translator.tried.items()
            ],
        }
    }
    if answers.failed:
        return told
    rows = []
    for name, dimension in chosen.items():
        if not any(fit.readout == name for fit in answers.fits):
            continue
        left = [f.heldout_error for f in fits if (f.readout, f.dimension) == (name, dimension)]
        rows.append(_row(name, RESPONSE, dimension, left[0] if left else np.inf))
        law = answers.chosen(name)
        told_by = (None, np.inf) if law is None else (law.dimension, law.heldout_error)
        rows.append(_row(name, ANSWERS, *told_by))
    return told | {"targets": rows, "sweep_beside": [fit.record() for fit in answers.fits]}


def _row(readout: str, target: str, dimension: int | None, error: float) -> dict[str, Any]:
    return {
        "readout": readout,
        "target": target,
        "dimension": dimension,
        "heldout_error": finite(error),
        "decided": target == RESPONSE,
    }


def finite(value: float) -> float | None:
    """None where it is not."""
    return float(value) if np.isfinite(value) else None
