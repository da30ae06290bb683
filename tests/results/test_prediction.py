"""What a law predicts of whole runs, and by which samples it is judged. The law here is y = 2 u."""

from types import SimpleNamespace

import numpy as np
import pytest

from hiddenlaw.data.dataset import Dataset, Truth
from hiddenlaw.data.visible import visible
from hiddenlaw.errors import DataError
from hiddenlaw.results.prediction import listed, predict_runs
from hiddenlaw.systems import Trap, measure

SITES = 24
# Of mean 0 and variance 1 along every run, and 0.5 beside it from the response: error 0.25 / 4.
U = np.tile(np.where(np.arange(SITES) // 2 % 2, 1.0, -1.0), (5, 1))[..., None]


def law(*, own_starts=False, hold="zero", dx=0.25):
    """Twice the input; it notes what is given to it."""
    given = []
    return SimpleNamespace(
        dx=dx,
        hold=hold,
        own_starts=own_starts,
        given=given,
        predict=lambda input, shown: (given.append(shown), 2 * input)[1],
        out_of_range=lambda input: np.abs(input).max(axis=(1, 2)) > 1.5,
    )


def record(choice="shared", context=None, run_constants=0):
    return {
        "dataset": {"response": ["y"]},
        "initial_state": {"choice": choice},
        "settings": {"context": context, "run_constants": run_constants},
    }


def data(response=None, **kwargs):
    kwargs = {"dx": 0.25, "source": "new.csv", **kwargs}
    return Dataset.from_arrays(U, 2 * U + 0.5 if response is None else response, **kwargs)


def test_errors_are_over_each_run_s_own_variance_and_flags_are_of_the_input():
    input = U.copy()
    input[3] *= 2
    truth = Truth("toy", {"psi": U[..., 0]})
    error = np.ones_like(U)
    runs = Dataset.from_arrays(input, 2 * input + 0.5, dx=0.25, truth=truth, response_error=error)
    found = predict_runs(law(), runs, record())
    np.testing.assert_array_equal(found.data.response, 2 * input)
    assert found.data.truth is None
    assert found.data.response_error is None
    np.testing.assert_allclose(found.errors, np.where(np.arange(5) == 3, 0.25 / 16, 0.25 / 4))
    np.testing.assert_array_equal(found.outside, np.arange(5) == 3)
    np.testing.assert_array_equal(found.runs, np.arange(5))
    assert (found.left_out, found.used_up.size, found.notes) == (0, 0, ())


@pytest.mark.parametrize(
    ("choice", "context", "given"),
    [("per-run", None, range(SITES // 2)), ("context", 6, range(6)), ("context", None, range(8))],
)
def test_the_samples_that_find_a_start_do_not_judge(choice, context, given):
    response = 2 * U + 0.5
    shown = np.isin(np.arange(SITES), given)
    response[:, shown] += 0.3
    one = law(own_starts=True)
    found = predict_runs(one, data(response), record(choice, context))
    np.testing.assert_array_equal(one.given[0], np.where(shown[:, None], response, np.nan))
    own = np.var(response[:, ~shown, 0], axis=1)
    np.testing.assert_allclose(found.errors, 0.25 / own)


def test_a_run_that_is_measured_behind_its_context_alone_is_named_with_the_remedy():
    response = 2 * U + 0.5
    response[3, :8] = np.nan
    runs = data(response, allow_missing=True)
    with pytest.raises(DataError, match=r"run 3 has no measured .*context="):
        predict_runs(law(own_starts=True), runs, record(), context=4)
    predict_runs(law(own_starts=True), runs, record(), context=10)
    predict_runs(law(), runs, record(), context=4)


def test_a_context_that_is_asked_for_is_all_that_is_looked_at():
    one, response = law(own_starts=True), 2 * U + 0.5
    predict_runs(one, data(response), record("per-run"), context=4)
    assert np.isfinite(one.given[0]).any(axis=(0, 2)).sum() == 4
    with pytest.raises(DataError, match="leaves nothing to predict"):
        predict_runs(one, data(response), record("per-run"), context=SITES)
    alike = law()
    predict_runs(alike, data(response), record(), context=4)
    assert alike.given == [None]


def test_a_law_of_runs_that_start_alike_is_given_nothing():
    one = law()
    predict_runs(one, data(), record("per-run"))
    assert one.given == [None]


def test_a_run_whose_samples_were_all_given_is_told_and_has_no_error():
    response = 2 * U + 0.5
    response[2, 1:] = np.nan
    found = predict_runs(
        law(own_starts=True), data(response, allow_missing=True), record("per-run")
    )
    assert np.isnan(found.errors[2])
    assert np.isfinite(np.delete(found.errors, 2)).all()
    assert found.used_up.tolist() == [2]
    assert "none is left to judge: runs 2, counted from 0" in found.notes[0]


def test_the_law_s_hold_is_taken_and_told():
    found = predict_runs(law(hold="first"), data(), record())
    assert found.data.hold == "first"
    assert found.notes == ("the input is taken with the law's hold, first, not zero",)


def test_data_that_are_not_like_those_of_the_discovery_are_refused():
    with pytest.raises(DataError, match=r"new\.csv has dx = 0\.25 and the law was found at 0\.2"):
        predict_runs(law(dx=0.2), data(), record())
    two = Dataset.from_arrays(U, np.concatenate([U, -U], axis=2), dx=0.25)
    with pytest.raises(DataError, match="the law predicts y and these data have the response y1"):
        predict_runs(law(), two, record())


def test_runs_are_cut_to_where_they_are_seen_and_put_back_with_their_numbers():
    clean = Trap().simulate(runs=12, sites=64, seed=0)
    response = clean.response.copy()
    response[4] *= 1e-4  # never above the noise
    faint = Dataset.from_arrays(clean.input, response, x=clean.x, hold="cubic")
    traps = measure(faint, noise="gaussian:0.01", seed=1)
    one = law(own_starts=True, hold="cubic", dx=traps.dx)
    one.out_of_range = lambda input: np.arange(len(input)) == 4
    found = predict_runs(one, traps, {**record("per-run", run_constants=1)})
    others = np.delete(np.arange(12), 4)
    np.testing.assert_array_equal(found.runs, others)
    assert found.runs[found.outside].tolist() == [5]
    assert found.left_out == 1
    assert found.notes == ("1 run stands above its noise at too few sites and was left out",)
    seen = visible(traps)[others]
    np.testing.assert_array_equal(np.isfinite(found.data.response[..., 0]), seen)
    np.testing.assert_array_equal(found.data.x, traps.x)
    expected = np.where(seen[..., None], 2 * traps.input[others], np.nan)
    np.testing.assert_array_equal(found.data.response, expected)


def test_long_lists_of_runs_are_cut_short():
    assert listed(np.array([3, 7])) == "runs 3, 7, counted from 0"
    assert listed(np.array([1]), ("a.csv", "b.csv")) == "b.csv"
    assert listed(np.arange(40)).endswith("18, 19 …, counted from 0")
