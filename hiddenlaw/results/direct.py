"""What a record says of laws that were fitted to the response itself, width by width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hiddenlaw.theory.selection import DirectFit
from hiddenlaw.theory.theory import Theory


def directly(fits: Sequence[DirectFit], theories: Sequence[Theory]) -> dict[str, Any]:
    """The sweep of the response itself in place of that of hidden states; empty without any."""
    if not fits:
        return {}
    best = theories[0] if theories else None
    reasons = {fit.readout: _why(fits, fit.readout, best) for fit in fits}
    chosen: dict[str, int | None] = {fit.readout: None for fit in fits}
    if best is not None:
        chosen[best.readout] = best.dimension
    return {
        "dimension": chosen,
        "reason": reasons,
        "swept": "response",
        "sweep": [
            {
                "dimension": fit.dimension,
                "readout": fit.readout,
                "seed": 0,
                "train_loss": _finite(fit.fit.loss),
                "heldout_loss": _finite(fit.heldout_error),
            }
            for fit in fits
        ],
        "direct": [
            {
                "dimension": fit.dimension,
                "readout": fit.readout,
                "form": fit.form.said,
                "terms": fit.fit.parameters,
                "validation_error": _finite(fit.validation_error),
                "heldout_error": _finite(fit.heldout_error),
                "notes": list(fit.notes),
            }
            for fit in fits
        ],
    }


def _why(fits: Sequence[DirectFit], readout: str, best: Theory | None) -> str:
    mine = [fit for fit in fits if fit.readout == readout]
    if best is None or best.readout != readout:
        return "no law of it is worth its variables"
    wider = [fit for fit in mine if fit.dimension > best.dimension]
    if wider:
        return f"further variables do not halve what {best.dimension} leave of unseen samples"
    return f"{best.dimension} leave least of unseen samples"


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
