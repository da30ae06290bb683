"""What a term would gain, as foretold, is what a refit with it gains."""

from dataclasses import replace

import numpy as np
import pytest

from hiddenlaw.cells import Coefficient, PolynomialCell
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import flat, layout
from hiddenlaw.preparations import Own, Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.selection.forms import Form, is_chain
from hiddenlaw.theory.selection.forward import forward, free_numbers, refitted
from hiddenlaw.theory.selection.score_test import offered
from hiddenlaw.training.least_squares import LeastSquares
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt

SPAN = Span((-1.0,), (1.0,))
STILL = (0,)
LINEAR = [
    Coefficient(0, (1,), STILL, 1.0),
    Coefficient(1, (0,), STILL, -0.05),
    Coefficient(1, (1,), STILL, -0.04),
    Coefficient(1, (), (1,), 0.1),
]
CUBIC = Coefficient(1, (0, 0, 0), STILL, -0.002)
RUNS, SITES = 20, 40


def law_of(terms, starts):
    cell = replace(PolynomialCell.of(terms, 2, SPAN), clip=None)
    return Law(starts, cell, Linear(np.eye(2)[:, :1], np.zeros(0)), np.ones(1))


def data(kind, *, cubic=True, noise=1e-4):
    """A spring that stiffens a little, and the law without that, at its best."""
    rng = np.random.default_rng(3)
    starts = Own(rng.normal(size=(RUNS, 2)) * 0.3) if kind is Own else Shared(np.zeros(2))
    input = rng.uniform(-1, 1, (RUNS, SITES, 1))
    truth = law_of([*LINEAR, CUBIC] if cubic else LINEAR, starts)
    answer = truth.outputs(Shown.unanswered(input))
    target = np.swapaxes(answer + noise * rng.normal(size=answer.shape), 0, 1)
    shown = Shown.of(input, target)
    here = refitted(law_of(LINEAR, starts), shown)
    free = free_numbers(here.law)
    problem = LeastSquares(here.law, shown, free)
    best = levenberg_marquardt(problem, flat(here.law), max_steps=60, scaled=True)
    return here.law, best, free, shown


@pytest.mark.parametrize("kind", [Own, Shared])
def test_gains_are_those_of_refits(kind):
    law, best, free, shown = data(kind)
    law = best.last.law
    offer = offered(law, free, shown, *Form(3).offered(2, 1))
    order = np.argsort(-offer.gains)
    for k in (*order[:2], order[-1]):
        asked = offer.free.copy()
        asked[offer.places[k]] = True
        problem = LeastSquares(offer.law, shown, asked)
        fit = levenberg_marquardt(problem, flat(offer.law), max_steps=60, scaled=True)
        assert best.loss - fit.loss == pytest.approx(offer.gains[k], rel=0.1, abs=1e-9)


@pytest.mark.parametrize("kind", [Own, Shared])
def test_the_term_that_is_missing_gains_most_and_is_added_alone(kind):
    _, best, free, shown = data(kind)
    law = best.last.law
    offer = offered(law, free, shown, *Form(3).offered(2, 1))
    cell = offer.law.cell
    first = offer.places[np.argmax(offer.gains)]
    assert (cell.row[first], *cell.powers[first]) == (1, 3, 0, 0)
    found = forward(refitted(law, shown), shown, Form(3)).law.cell
    new = ~is_chain(found.row, found.powers, 2)
    assert {(r, *p) for r, p in zip(found.row[new], found.powers[new], strict=True)} == {
        (1, 1, 0, 0),
        (1, 0, 1, 0),
        (1, 0, 0, 1),
        (1, 3, 0, 0),
    }


def test_nothing_is_added_to_a_law_that_is_complete():
    _, best, _, shown = data(Own, cubic=False)
    begun = refitted(best.last.law, shown)
    assert forward(begun, shown, Form(3)).law.cell.row.size == len(LINEAR)


def test_a_term_that_the_law_can_do_without_gains_nothing():
    """Where the input never acts, no product with it does anything."""
    law, best, free, shown = data(Own)
    silent = replace(shown, input=np.zeros_like(shown.input))
    law = refitted(best.last.law, silent).law
    offer = offered(law, free, silent, *Form(3).offered(2, 1))
    pushed = offer.law.cell.powers[offer.places][:, 2] > 0
    assert pushed.any()
    assert not offer.gains[pushed].any()


def test_all_numbers_but_the_readout_and_derivatives_are_free():
    law = law_of(LINEAR, Own(np.zeros((3, 2))))
    place, free = layout(law), free_numbers(law)
    assert free[place.cell].tolist() == [False, True, True, True]
    assert free[place.starts].all()
    assert not free[place.weights].any()
