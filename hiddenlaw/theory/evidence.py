"""How much better the winner is than each rival: as a number, with its meaning in words.

The number is log10 of the Bayes factor, from the difference of the information criteria of the fits
(Kass and Raftery, J. Am. Stat. Assoc. 90, 773 (1995), whose words are used). Beside it, held-out
runs: the ratio of the errors, and the chance that luck alone makes the winner look no worse.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import relative_error, squares_by_run
from hiddenlaw.theory.fits.uncertainty import information
from hiddenlaw.theory.ranking import error_of
from hiddenlaw.theory.statement import Quality
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.translator.luck import chance_that_no_better
from hiddenlaw.translator.static_map import static_answer

_MOST = 1e6


def evidence(
    winner: Theory, rivals: Sequence[Theory], train: Dataset, heldout: Heldout
) -> list[dict[str, Any]]:
    """One entry for every other theory, and one for the best map without memory."""
    own, judged = winner.answer_to(heldout), heldout.judged
    fit, parameters = _fit(winner), winner.statement.parameters
    criterion, samples = fit.criterion, fit.independent
    found = []
    for rival in rivals:
        name = f"{rival.dimension} variables, {rival.readout} readout"
        difference = _fit(rival).criterion_of(samples) - criterion
        fewer = rival.statement.parameters - parameters
        because = _because(winner, rival, fewer)
        found.append(_entry(name, difference, because, own, rival.answer_to(heldout), judged))
    answer, error, constants = static_answer(train, judged)
    # Both by their errors on held-out runs: that of the map was chosen by these.
    static = criterion + information(error, samples, constants)
    static -= information(error_of(winner), samples, parameters)
    because = "it remembers what the map forgets"
    found.append(
        _entry("no memory: a static map", static - criterion, because, own, answer, judged)
    )
    return found


def _fit(theory: Theory) -> Quality:
    assert theory.statement.fit is not None, "evidence is of theories that were fitted"
    return theory.statement.fit


def _because(winner: Theory, rival: Theory, fewer: int) -> str:
    left, own = (max(_fit(t).loss, ROUNDING) for t in (rival, winner))
    ratio = left / own
    if ratio > 1.01:
        return "it leaves less of the response unexplained"
    if fewer > 0:
        constants = "constant" if fewer == 1 else "constants"
        return f"both fit alike and it needs {fewer} {constants} fewer"
    fewer = rival.dimension - winner.dimension
    return "both fit alike" + (f" and it needs {fewer} variables fewer" if fewer > 0 else "")


def _entry(
    name: str,
    difference: float,
    because: str,
    own: Float[np.ndarray, "run site response"],
    other: Float[np.ndarray, "run site response"],
    heldout: Dataset,
) -> dict[str, Any]:
    log10 = float(np.clip(difference / (2 * np.log(10)), -_MOST, _MOST))
    chance = chance_that_no_better(squares_by_run(own, heldout), squares_by_run(other, heldout))
    ratio = relative_error(other, heldout) / max(relative_error(own, heldout), 1e-300)
    return {
        "rival": name,
        "log10_bayes_factor": log10,
        "heldout_error_ratio": float(ratio),
        "heldout_chance": chance,
        "meaning": f"{words(log10)}: {because}" if log10 > 0 else words(log10),
    }


def words(log10: float) -> str:
    """Kass and Raftery's scale."""
    side = "for the winner" if log10 >= 0 else "for the rival"
    for least, word in ((2.0, "decisive"), (1.0, "strong"), (0.5, "substantial")):
        if abs(log10) > least:
            return f"{word} evidence {side}"
    return "not worth more than a mention"
