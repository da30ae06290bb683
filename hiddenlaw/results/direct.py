"""What a record says of laws that were fitted to the response itself, width by width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hiddenlaw.data.describe import counted
from hiddenlaw.results.beside import beside, finite
from hiddenlaw.theory.selection import DirectFit, OfAnswers
from hiddenlaw.theory.theory import Theory


def directly(
    fits: Sequence[DirectFit], theories: Sequence[Theory], answers: OfAnswers | None = None
) -> dict[str, Any]:
    """The sweep of the response itself in place of that of hidden states, and beside it that of
    what a translator answers; empty without any.
    """
    if not fits:
        return {}
    best = theories[0] if theories else None
    names = dict.fromkeys(fit.readout for fit in fits)
    reasons = {name: _why([fit for fit in fits if fit.readout == name], best) for name in names}
    chosen: dict[str, int | None] = dict.fromkeys(names)
    if best is not None:
        chosen[best.readout] = best.dimension
    return {
        "dimension": chosen,
        "reason": reasons,
        "swept": "response",
        "sweep": [fit.record() for fit in fits],
        "direct": [
            {
                "dimension": fit.dimension,
                "readout": fit.readout,
                "form": fit.form.said,
                "terms": fit.fit.parameters,
                "validation_error": finite(fit.validation_error),
                "heldout_error": finite(fit.heldout_error),
                "notes": list(fit.notes),
            }
            for fit in fits
        ],
    } | beside(answers, fits, chosen)


def _why(fits: Sequence[DirectFit], best: Theory | None) -> str:
    """Why so many variables, of the laws of one readout."""
    if best is None or best.readout != fits[0].readout:
        return "no law of it is worth its variables"
    own = next(fit for fit in fits if fit.dimension == best.dimension)
    if own.all_told:
        return "what is left knows nothing of itself, and no wider law was sought"
    if own is fits[-1]:
        return f"no law wider than of {counted(own.dimension, 'variable')} was sought"
    return f"beyond {counted(own.dimension, 'variable')} a further one does not halve what is left"
