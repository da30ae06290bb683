"""A new run's own numbers are found from what is given of it, whatever the law."""

from dataclasses import replace

import numpy as np
import pytest
from laws import problem
from toy_kinds import LeakyCell

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import flat
from hiddenlaw.preparations import Context, Own, RunConstants, Shared, hold_back
from hiddenlaw.readouts import Linear, Quadratic
from hiddenlaw.training.new_runs import answer_to, found, starts_of_windows

HELD = (None, 0.7)


def answered(law, shown):
    """What the law itself answers, as the target."""
    return replace(shown, target=law.outputs(shown), weight=np.ones((shown.sites, shown.runs, 1)))


def but_lost(law, runs):
    """The law with the numbers of other runs."""
    numbers = np.asarray(law.preparation.numbers)
    other = np.random.default_rng(8).normal(size=(runs + 2, numbers.shape[1]))
    return law.but(preparation=law.preparation.with_numbers(other))


@pytest.mark.parametrize("preparation", ["own", "own, one held", "context"])
@pytest.mark.parametrize("cell", ["generator", "magnus", "taylor"])
def test_where_cell_and_readout_are_linear_the_start_is_that_of_least_squares(cell, preparation):
    law, shown = problem(cell, "linear", preparation, gentle=0.5)
    given = answered(law, shown)
    again = found(but_lost(law, shown.runs), given)
    np.testing.assert_allclose(again.numbers, law.preparation.numbers, rtol=1e-7, atol=1e-8)
    assert type(again) is type(law.preparation)
    np.testing.assert_array_equal(again.held, law.preparation.held)


@pytest.mark.parametrize("preparation", ["own", "own, one held"])
@pytest.mark.parametrize("cell", ["generator", "magnus"])
def test_with_squares_the_start_is_found_too(cell, preparation):
    """With linear terms in the readout its sign as well."""
    law, shown = problem(cell, "quadratic", preparation, gentle=0.5)
    given = answered(law, shown)
    again = found(but_lost(law, shown.runs), given)
    np.testing.assert_allclose(again.numbers, law.preparation.numbers, rtol=1e-5, atol=1e-6)


def test_of_a_square_alone_the_start_is_known_up_to_its_sign():
    law, shown = problem("generator", "linear", "own", outputs=1, gentle=0.5)
    weights = np.zeros((6, 1))
    weights[3] = 1.0
    law = law.but(readout=Quadratic(weights, np.zeros(0)))
    again = found(but_lost(law, shown.runs), answered(law, shown)).numbers
    starts = law.preparation.numbers
    sign = np.sign(np.sum(again * starts, axis=1, keepdims=True))
    np.testing.assert_allclose(sign * again, starts, rtol=1e-5, atol=1e-6)


def test_of_a_cell_that_is_not_linear_the_start_is_searched():
    rng = np.random.default_rng(3)
    cell = LeakyCell(np.array([[0.8, -0.3], [0.3, 0.8]]), np.array([0.4, 0.1]))
    readout = Linear(np.array([[1.0], [0.5]]), np.zeros(0))
    law = Law(Own(0.5 * rng.normal(size=(4, 2))), cell, readout, np.ones(1))
    given = answered(law, Shown.of(rng.uniform(-1, 1, (4, 8, 1)), np.zeros((4, 8, 1))))
    again = found(but_lost(law, 4), given)
    np.testing.assert_allclose(again.numbers, law.preparation.numbers, atol=1e-5)


def test_samples_of_weight_zero_are_not_looked_at():
    law, shown = problem("generator", "linear", "own", gentle=0.5)
    given = answered(law, shown)
    silent = np.arange(given.sites) % 2 == 1
    spoiled = replace(
        given,
        target=np.where(silent[:, None, None], 1e6, given.target),
        weight=np.where(silent[:, None, None], 0.0, given.weight),
    )
    again = found(but_lost(law, shown.runs), spoiled)
    np.testing.assert_allclose(again.numbers, law.preparation.numbers, rtol=1e-6, atol=1e-7)


def test_runs_that_all_start_alike_have_nothing_to_be_found():
    law, shown = problem("generator", "linear", "shared")
    assert found(law, shown) is law.preparation


@pytest.mark.parametrize("cell", ["generator", "magnus"])
@pytest.mark.parametrize("readout", ["linear", "quadratic"])
def test_windows_find_their_starts_for_constants_as_they_are(cell, readout):
    law, shown = problem(cell, readout, "a constant as channel", gentle=0.5)
    given = answered(law, shown)
    again = starts_of_windows(but_lost(law, shown.runs), given)
    np.testing.assert_allclose(again.numbers, law.preparation.numbers, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(again.constants, law.preparation.constants)


@pytest.mark.parametrize("kind", [Own, Context])
def test_held_out_samples_follow_from_those_that_are_given(kind):
    law, _ = problem("generator", "linear", "own", gentle=0.5)
    law = law.but(scale=np.array([2.0, 0.5]))
    rng = np.random.default_rng(6)
    v = rng.uniform(-2, 1.5, (6, 24, 1))
    starts = rng.normal(size=(6, 2))
    true = law.but(preparation=kind(starts))
    response = np.swapaxes(true.outputs(Shown.unanswered(v)), 0, 1) * law.scale
    runs = hold_back(Dataset.from_arrays(v, response, dx=0.1), kind)
    answer = answer_to(law.but(preparation=kind(law.preparation.numbers)), runs)
    np.testing.assert_allclose(answer, response, rtol=1e-6, atol=1e-7)


def test_an_answer_of_runs_that_start_alike_looks_at_no_sample():
    law, shown = problem("generator", "linear", "shared")
    answer = np.swapaxes(law.outputs(shown), 0, 1)
    response = np.random.default_rng(0).normal(size=answer.shape)
    data = Dataset.from_arrays(shown.input, response, dx=0.1)
    assert isinstance(law.preparation, Shared)
    np.testing.assert_allclose(answer_to(law, Heldout(data)), answer)


def test_of_several_constants_each_is_found():
    """One beside the input and one taken off it, both by run; the law is not moved."""
    law, shown = problem("generator", "linear", "both, one held", gentle=0.5)
    rng = np.random.default_rng(4)
    sites, runs = 16, 3
    input = rng.uniform(-2, 1.5, (runs, sites, 1))
    values = rng.uniform(-0.8, 0.8, (runs, 2))
    preparation = RunConstants(rng.normal(size=(runs, 1)), values, (0, None), HELD)
    true = law.but(preparation=preparation)
    given = answered(true, Shown.of(input, np.zeros((runs, sites, 2))))
    before = flat(law).copy()
    again = found(law, given)
    rebuilt = law.but(preparation=again).outputs(given)
    np.testing.assert_allclose(rebuilt, given.target, atol=1e-6)
    np.testing.assert_allclose(again.constants, values, atol=1e-4)
    np.testing.assert_array_equal(flat(law), before)
    assert shown.runs == 5
