"""A translator for laws nonlinear in their state, and what laws of its answers say."""

import pytest

from hiddenlaw.data.heldout import Heldout
from hiddenlaw.preparations import Shared
from hiddenlaw.report.words import answers as answers_in_words
from hiddenlaw.results.beside import beside
from hiddenlaw.systems import Duffing, GrossPitaevskii, VanDerPol, measure
from hiddenlaw.theory.selection import free_translator, laws_of_answers, polynomial_laws

NOISE = 0.02


def measured(system):
    data = system.simulate(runs=40, sites=32, seed=1)
    data = measure(data, noise=f"gaussian:{NOISE:g}", blur=0.0, missing=0.0, seed=1)
    train, rest = data.split(0.2, 0)
    return train, Heldout(rest)


@pytest.fixture(scope="module")
def duffing():
    """Runs, those held out, and laws of one and two variables fitted to them."""
    train, heldout = measured(Duffing())
    return train, heldout, polynomial_laws(train, heldout, dimensions=(1, 2), preparation=Shared)


@pytest.mark.parametrize("system", [VanDerPol(), GrossPitaevskii()], ids=lambda one: one.name)
def test_it_leaves_the_noise_alone(system):
    train, heldout = measured(system)
    found = free_translator(train, heldout, Shared, enough=1.5 * NOISE**2)
    assert found.error < 2 * NOISE**2
    assert all(error >= found.error for error in found.tried.values())


def test_laws_of_its_answers_show_the_number_of_variables(duffing):
    train, heldout, fits = duffing
    least = min(fit.heldout_error for fit in fits)
    translator = free_translator(train, heldout, Shared, enough=1.05 * least)
    found = laws_of_answers(translator, train, heldout, Shared, fits)
    one, two = found.fits
    assert one.heldout_error > 0.3
    assert two.heldout_error < 1e-4
    chosen = found.chosen("linear")
    assert chosen is not None
    assert chosen.dimension == 2
    terms = {each.powers: each.value for each in two.stated(train.dx)}
    assert terms[3, 0, 0] == pytest.approx(-1.0, abs=0.05)


def test_one_that_is_too_narrow_is_told_and_nothing_is_distilled_from_it(duffing):
    """One variable cannot swing."""
    train, heldout, fits = duffing
    translator = free_translator(train, heldout, Shared, widest=1)
    found = laws_of_answers(translator, train, heldout, Shared, fits)
    assert found.failed
    assert found.fits == ()
    record = beside(found, fits, {"linear": 2})
    assert record.keys() == {"free_translator"}
    (said,) = answers_in_words(record)
    assert "stand alone" in said


def test_where_answers_and_response_disagree_both_are_told():
    rows = [
        {"readout": "linear", "target": "response", "dimension": 2, "heldout_error": 1e-4},
        {"readout": "linear", "target": "answers", "dimension": 3, "heldout_error": 1e-6},
    ]
    record = {
        "free_translator": {"hidden": 3, "degree": 2, "heldout_error": 1e-4, "failed": False},
        "targets": rows,
        "sweep_beside": [{"readout": "linear", "dimension": 3, "heldout_loss": 1e-6}],
    }
    (said,) = answers_in_words(record)
    assert "1.0e-6 with 3 variables" in said
    assert "the response itself, which decides, says 2 variables" in said


def test_where_all_are_lost_that_is_told():
    record = {"free_translator": {"hidden": 0, "degree": 0, "heldout_error": None, "failed": True}}
    (said,) = answers_in_words(record)
    assert said.startswith("No translator")
