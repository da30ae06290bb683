"""Rival theories side by side: errors on held-out runs, and who is the most parsimonious."""

from typing import Any

import numpy as np

from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import relative_error, run_errors, squares_by_run
from hiddenlaw.theory.theory import Theory
from hiddenlaw.translator import TranslatorFit, answer_to
from hiddenlaw.translator.verdict import chance_that_no_better, luck

_ALIKE, _EXACT = 1.05, 1e-10


def attach_errors(theory: Theory, heldout: Heldout) -> None:
    """Put the held-out errors into the theory's record."""
    answer = theory.answer_to(heldout)
    own = run_errors(answer, heldout.judged)
    theory.record["heldout_error"] = relative_error(answer, heldout.judged)
    theory.record["heldout_error_median"] = float(np.nanmedian(own))
    theory.record["heldout_error_worst"] = float(np.nanmax(own))


def rank(theories: list[Theory], heldout: Heldout) -> list[Theory]:
    """Those that predict as well as the best, fewest variables first; then the others.

    As well: not worse on the held-out runs than the best by more than luck allows (Wilcoxon) or
    by less than a part in twenty; or exact to rounding.
    """
    if not theories:
        return []
    best = min(theories, key=lambda theory: _or_infinite(theory.record["heldout_error"]))
    least = best.record["heldout_error"]
    by_run = squares_by_run(best.answer_to(heldout), heldout.judged)

    def as_good(theory: Theory) -> bool:
        error = theory.record["heldout_error"]
        if error <= max(_ALIKE * least, _EXACT):
            return True
        own = squares_by_run(theory.answer_to(heldout), heldout.judged)
        return error <= 2 * least and chance_that_no_better(by_run, own) > luck(heldout.runs)

    def key(theory: Theory) -> tuple[bool, int, int, float]:
        error = theory.record["heldout_error"]
        adequate = as_good(theory)
        return (not adequate, theory.dimension, theory.record["parameters"], _or_infinite(error))

    ranked = sorted(theories, key=key)
    for place, theory in enumerate(ranked):
        theory.record["rank"] = place
    return ranked


def _or_infinite(error: float) -> float:
    return error if np.isfinite(error) else np.inf


def confirmed(theory: Theory, fit: TranslatorFit, heldout: Heldout) -> dict[str, float | bool]:
    """Whether a theory predicts the measured response of unseen runs as well as its translator."""
    own = squares_by_run(theory.answer_to(heldout), heldout.judged)
    other = squares_by_run(answer_to(fit.translator, heldout), heldout.judged)
    chance = chance_that_no_better(other, own)
    error, needed = theory.record["heldout_error"], fit.heldout_error
    alike = error <= max(_ALIKE * needed, _EXACT)
    as_good = np.isfinite(error) and (alike or chance > luck(heldout.runs))
    return {"translator_error": needed, "chance": chance, "as_good": bool(as_good)}


def noise_floor(theory: Theory, heldout: Heldout) -> dict[str, Any]:
    """What no theory explains: the standard deviation of the best one's residuals on unseen runs.

    By response in its own unit, and relative to the response's standard deviation.
    """
    judged = heldout.judged
    residual = theory.answer_to(heldout) - judged.response
    deviation = np.sqrt(np.nanmean(residual**2, axis=(0, 1)))
    names = judged.response_names
    return {
        "deviation": dict(zip(names, map(float, deviation), strict=True)),
        "relative": dict(zip(names, map(float, deviation / np.sqrt(judged.variance)), strict=True)),
    }
