"""When a richer family is needed, and when it replaces a poorer one."""

from __future__ import annotations

from collections.abc import Iterable

from hiddenlaw.cells import AbstractLawCell
from hiddenlaw.data.misfit import squares_by_run
from hiddenlaw.families.bent_scale import as_bent_scale, bends
from hiddenlaw.families.task import Search
from hiddenlaw.theory.ranking import as_good_as_translator, error_of, floor_of
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.translator.fit import answer_to_own
from hiddenlaw.translator.left_over import left_over
from hiddenlaw.translator.luck import chance_that_no_better, luck

_ENOUGH = 0.5  # of what the poorer family leaves: what a richer one must come down to
_LITTLE = 0.02  # of the variance: what an instrument may have done to a law that leaves no more
_FAR_LESS = 0.05  # of what a translator leaves: no search would bring that one so far down


def settled(search: Search) -> str | None:
    """Why no richer family is needed after this search; None where one is."""
    if not search.theories:
        return None
    theory = search.theories[0]
    if not as_good_as_translator(theory):
        return None
    if error_of(theory) < ROUNDING:
        return "the response is explained to rounding"
    if leaves_something(search):
        return None
    return "neither the input nor itself says anything of what the poorer family leaves"


def nothing_to_find(search: Search) -> str | None:
    """Why no family could find a law after a search that found none; None where one might."""
    if search.verdict.verdict == "memoryless":
        return "the response remembers nothing of its input"
    fit, train = search.translation.fit, search.translation.train
    heldout = search.translation.heldout
    answer = fit.answer(heldout)
    if left_over(train, heldout.judged, answer_to_own(fit.law, train), answer).something:
        return None
    return "neither the input nor itself says anything of the response"


def leaves_something(search: Search) -> bool:
    """Whether the input or itself says anything of what the best theory leaves."""
    theory, train, heldout = (
        search.theories[0], search.translation.train, search.translation.heldout,
    )  # fmt: skip
    if error_of(theory) < ROUNDING:
        return False
    own = answer_to_own(theory.law, train)
    return left_over(train, heldout.judged, own, theory.answer_to(heldout)).something


def replaces(richer: Search, poorer: Search) -> tuple[bool, str]:
    """Whether the richer family is believed in place of the poorer one, and why."""
    if not poorer.theories:
        return True, "the poorer family found no law"
    if not richer.theories and richer.verdict.verdict == "law" and richer.distilled is None:
        left = richer.translation.fit.heldout_error / error_of(poorer.theories[0])
        return False, f"its translator leaves {left:.2g} of what the poorer family leaves"
    if not richer.theories:
        return False, "it found no law"
    ours, theirs = richer.theories[0], poorer.theories[0]
    if _hears_input(theirs) and not _hears_input(ours):
        return False, "its law does without the input"
    ratio = error_of(ours) / max(error_of(theirs), 1e-300)
    if error_of(theirs) <= _LITTLE and as_bent_scale(ours.law, richer.translation.train):
        return False, (
            f"it leaves {ratio:.2g} of what the poorer family leaves, but by squares of a "
            "derivative, as a response seen on a bent scale would: a detector that saturates, say"
        )
    if ratio <= _ENOUGH and _beyond_luck(richer, poorer):
        return True, f"it leaves {ratio:.2g} of what the poorer family leaves"
    return False, f"it leaves {ratio:.2g} of what the poorer family leaves: not worth its constants"


def knows_more(searches: Iterable[Search | None], best: Search) -> Search | None:
    """Of those that are not believed, say for their many constants, the one that leaves least, and
    less than half of what the best leaves; None where none does.

    What it predicts and the best does not is no noise.
    """
    if not best.theories:
        return None
    least = _ENOUGH * max(error_of(best.theories[0]), floor_of(best.theories[0]))
    others = [each for each in searches if each is not None and each.theories]
    others = [
        each
        for each in others
        if error_of(each.theories[0]) < least
        and _hears_input(each.theories[0])
        and _beyond_luck(each, best)
    ]
    return min(others, key=lambda each: error_of(each.theories[0]), default=None)


def _beyond_luck(one: Search, other: Search) -> bool:
    """Whether the first theory of one search is better than that of another on so many held-out
    runs that luck would hardly do it.
    """
    chance = chance_that_no_better(
        *(
            squares_by_run(each.theories[0].answer_to(runs), runs.judged)
            for each, runs in ((one, one.translation.heldout), (other, other.translation.heldout))
        )
    )
    return chance <= luck(one.translation.heldout.runs)


def _hears_input(theory: Theory) -> bool:
    """Whether any term of the law has the input in it."""
    cell = theory.law.cell
    if not isinstance(cell, AbstractLawCell):
        return True
    return any(any(term.input) for term in cell.terms(theory.dx))


def tells_all(richer: Search) -> str | None:
    """Why no poorer family could hold this law: it is not linear in its state, and leaves noise.

    None where that is not so.
    """
    if not _is_other(richer) or leaves_something(richer):
        return None
    left = error_of(richer.theories[0])
    return f"a law that is not linear in its state leaves {left:.2g} of the variance, and is all"


def tells_more(richer: Search, begun: Search) -> str | None:
    """Why a poorer search that has come to its translator need not be finished; None if it has to.

    The richer law is not linear in its state, and leaves noise and at most half of what the
    translator leaves, or far less: no theory of the poorer family could be that.
    """
    left = begun.translation.fit.heldout_error
    if not _is_other(richer):
        return None
    ours = error_of(richer.theories[0])
    if ours > _ENOUGH * left or (ours > _FAR_LESS * left and leaves_something(richer)):
        return None
    return (
        f"its translator leaves {left:.2g} of the variance, a law that is not linear in its state "
        f"{ours:.2g}"
    )


def _is_other(richer: Search) -> bool:
    """Whether there is a law, and one that is no law linear in its state on a bent scale."""
    if not richer.theories:
        return False
    theory = richer.theories[0]
    return bends(theory) and not as_bent_scale(theory.law, richer.translation.train)
