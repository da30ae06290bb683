"""Rival theories side by side: errors on held-out runs, and who is the most parsimonious."""

from __future__ import annotations

from typing import Any

import numpy as np

from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import relative_error, run_errors, squares_by_run
from hiddenlaw.theory.judgement import Confirmation
from hiddenlaw.theory.theory import Theory
from hiddenlaw.translator.fit import TranslatorFit
from hiddenlaw.translator.luck import chance_that_no_better, luck

_ALIKE = 1.05  # times the least error: as good
_EXACT = 1e-10  # of the variance: exact, whatever another theory leaves
_FAR = 2.0  # times the least error: luck or not, worse
_CLEARLY = 1.5  # times the translator's error: the same


def with_errors(theory: Theory, fit: TranslatorFit, heldout: Heldout) -> Theory:
    """The theory with its held-out errors, and whether it predicts as its translator does."""
    answer, judged = theory.answer_to(heldout), heldout.judged
    own = run_errors(answer, judged)
    error = relative_error(answer, judged)
    chance = chance_that_no_better(
        squares_by_run(fit.answer(heldout), judged), squares_by_run(answer, judged)
    )
    alike = error <= max(_ALIKE * fit.heldout_error, floor_of(theory))
    perhaps = error <= _CLEARLY * fit.heldout_error and chance > luck(heldout.runs)
    as_good = bool(np.isfinite(error) and (alike or perhaps))
    return theory.judged(
        heldout_error=error,
        heldout_error_median=float(np.nanmedian(own)),
        heldout_error_worst=float(np.nanmax(own)),
        confirmed=Confirmation(fit.heldout_error, chance, as_good),
    )


def floor_of(theory: Theory) -> float:
    """An error below which nothing is measured, so that a smaller one is no better."""
    fit = theory.statement.fit
    return max(_EXACT, 0.0 if fit is None else fit.floor)


def error_of(theory: Theory) -> float:
    """The held-out error; infinite where it is not finite, or nobody asked."""
    judgement = theory.statement.judgement
    error = None if judgement is None else judgement.heldout_error
    return error if error is not None and np.isfinite(error) else np.inf


def as_good_as_translator(theory: Theory) -> bool:
    """Whether this theory predicts as its translator does."""
    judgement = theory.statement.judgement
    return bool(judgement and judgement.confirmed and judgement.confirmed.as_good)


def rank(theories: list[Theory], heldout: Heldout) -> list[Theory]:
    """Those that predict as well as the best, fewest variables first; then the others.

    As well: not worse on the held-out runs than the best by more than luck allows (Wilcoxon) or
    by less than a part in twenty; or exact to rounding. Where even the best is clearly worse than
    its translator none is the whole law, and a plainer one comes first unless each further variable
    halves what is left.
    """
    if not theories:
        return []
    best = min(theories, key=error_of)
    least = error_of(best)
    by_run = squares_by_run(best.answer_to(heldout), heldout.judged)

    approximate = not as_good_as_translator(best)

    def as_good(theory: Theory) -> bool:
        error, fewer = error_of(theory), best.dimension - theory.dimension
        if approximate and fewer > 0 and error <= _FAR**fewer * least:
            return True
        if error <= max(_ALIKE * least, floor_of(theory)):
            return True
        own = squares_by_run(theory.answer_to(heldout), heldout.judged)
        return error <= _FAR * least and chance_that_no_better(by_run, own) > luck(heldout.runs)

    def key(theory: Theory) -> tuple[bool, int, int, float]:
        parameters = theory.statement.parameters
        return not as_good(theory), theory.dimension, parameters, error_of(theory)

    ranked = sorted(theories, key=key)
    return [theory.judged(rank=place) for place, theory in enumerate(ranked)]


def noise_floor(theory: Theory, fit: TranslatorFit, heldout: Heldout) -> dict[str, Any]:
    """What nothing explains: the deviation of residuals of the best predictor on unseen runs.

    That is the theory or, where it is clearly worse, its translator. By response in its own unit,
    and relative to the response's standard deviation.
    """
    judged = heldout.judged
    good = as_good_as_translator(theory)
    residual = (theory.answer_to(heldout) if good else fit.answer(heldout)) - judged.response
    deviation = np.sqrt(np.nanmean(residual**2, axis=(0, 1)))
    names = judged.response_names
    return {
        "deviation": dict(zip(names, map(float, deviation), strict=True)),
        "relative": dict(zip(names, map(float, deviation / np.sqrt(judged.variance)), strict=True)),
    }
