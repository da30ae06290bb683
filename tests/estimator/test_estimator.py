"""The estimator finds, predicts and is searched over; SciPy's exact steps judge it."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.signal import cont2discrete

pytest.importorskip("sklearn", reason="scikit-learn is an extra: pip install 'hiddenlaw[sklearn]'")

from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import hiddenlaw as hl
from hiddenlaw.sklearn import HiddenLaw, NoLawWarning
from hiddenlaw.sklearn.stretches import dataset_of

DT, STIFF, DAMPED = 0.1, 4.0, 1.2  # y'' = u - 4 y - 1.2 y'
QUICK = {"family": "driven", "max_dimension": 2, "decoders": ("linear",), "seeds": 1,
         "translator_seeds": 1, "dx": DT}  # fmt: skip
CUT = {**QUICK, "run_length": 16}
FOUND = "y'' = u - 4*y - 1.2*y'"


def record(samples, seed, state=(0.0, 0.0)):
    """u (samples, 1) in steps of four samples, and y after each cell."""
    rates = np.array([[0, 1], [-STIFF, -DAMPED]]), np.array([[0], [1.0]])
    step, push, *_ = cont2discrete((*rates, np.eye(2), np.zeros((2, 1))), DT)
    u = np.repeat(np.random.default_rng(seed).normal(size=samples // 4), 4)
    states = [np.asarray(state)]
    for value in u:
        states.append(step @ states[-1] + push[:, 0] * value)
    return u[:, None], np.array(states[1:])[:, 0]


@pytest.fixture(scope="module")
def seen():
    return record(160, 0)


@pytest.fixture(scope="module")
def fitted(seen):
    return HiddenLaw(**CUT).fit(*seen)


def test_it_finds_what_discover_finds_in_the_same_record():
    u, y = record(372, 0)
    fitted = HiddenLaw(**QUICK).fit(u, y)
    found = hl.discover(u[None], y[None], **QUICK)
    assert fitted.equation_ == found.theory.equation == FOUND
    pd.testing.assert_frame_equal(fitted.coefficients_, found.theory.coefficients)
    new, answer = record(120, 1, state=(0.7, -0.4))
    known = np.where(np.arange(120) < 16, answer, np.nan)
    expected = found.theory.predict(new[None, :, :], known[None])[0, :, 0]
    np.testing.assert_array_equal(fitted.predict(new, y_context=answer[:16]), expected)
    np.testing.assert_allclose(expected, answer, atol=1e-9)


def test_without_context_a_run_starts_from_the_mean_of_the_starts(fitted):
    """And what the unknown start costs fades like the law's own transient, exp(-0.6 x)."""
    new, answer = record(200, 2, state=(0.7, -0.4))
    preparation = fitted.theory_.law.preparation
    start = preparation.starts(preparation.count).mean(axis=0) * fitted.theory_.state_units
    predicted = fitted.predict(new)
    np.testing.assert_allclose(predicted, record(200, 2, start)[1], atol=1e-9)
    left = np.abs(predicted - answer)
    slowest = np.exp(-DAMPED / 2 * DT * np.arange(1, 201))
    assert np.all(left < 1.5 * slowest)
    assert left[:10].max() > 0.1
    assert fitted.score(new, answer) == r2_score(answer, predicted)


def test_groups_are_runs_of_any_lengths_that_may_start_alike():
    lengths = [20, 32, 24, 20, 28, 20]
    runs = [record(n, seed) for seed, n in enumerate(lengths)]
    u, y = (np.concatenate(parts) for parts in zip(*runs, strict=True))
    groups = np.repeat([f"run {k % 3}" for k in range(len(lengths))], lengths)
    model = HiddenLaw(**QUICK, initial_state="shared").fit(u, y, groups=groups)  # all at rest
    assert model.equation_ == FOUND
    assert not model.theory_.own_starts
    np.testing.assert_allclose(model.predict(u, groups=groups), y, atol=1e-9)
    assert np.abs(model.predict(u) - y).max() > 0.01  # as one run it never comes back to rest


def test_context_of_several_runs_is_read_off_each(seen):
    model = HiddenLaw(**CUT, context=6).fit(*seen)
    assert model.discovery_.record["settings"]["context"] == 6
    runs = [record(40, 5, (0.5, 0.0)), record(40, 6, (-0.3, 0.8))]
    u, y = (np.concatenate(parts) for parts in zip(*runs, strict=True))
    groups, spoilt = np.repeat([0, 1], 40), y.copy()
    spoilt[6:40] = spoilt[46:] = 1e3  # behind the context: nobody looks there
    found = model.predict(u, y_context=spoilt, groups=groups)
    np.testing.assert_allclose(found, y, atol=1e-9)
    with pytest.raises(ValueError, match=r"y_context has shape \(6,\); give \(80, 1\)"):
        model.predict(u, y_context=y[:6], groups=groups)
    with pytest.raises(ValueError, match="groups has shape"):
        model.predict(u, groups=[0, 1])


@pytest.mark.slow
def test_a_grid_search_over_holds_takes_the_one_that_the_steps_have():
    """y' = u - 0.8 y with u constant over cells, which lines between samples are not."""
    u = np.repeat(np.random.default_rng(0).normal(size=48), 4)
    kept, y = np.exp(-0.8 * DT), [0.0]
    for value in u:
        y.append(kept * y[-1] + (1 - kept) / 0.8 * value)
    model = HiddenLaw(**{**CUT, "max_dimension": 1})

    def ahead(model, X, y):
        return r2_score(y[10:], model.predict(X, y_context=y[:10])[10:])

    holds = {"hold": ["first", "zero"]}
    search = GridSearchCV(model, holds, scoring=ahead, cv=TimeSeriesSplit(2))
    search.fit(u[:, None], np.array(y[1:]))
    lines, steps = search.cv_results_["mean_test_score"]
    assert lines < 0.999
    assert steps == pytest.approx(1, abs=1e-9)
    assert search.best_params_ == {"hold": "zero"}
    assert search.best_estimator_.equation_ == "y' = u - 0.8*y"
    assert search.best_estimator_.get_params()["hold"] == "zero"


def test_in_a_pipeline_a_scaler_changes_the_numbers_and_no_prediction(seen):
    u, y = 3 + 5 * seen[0], seen[1]  # the law of 3 + 5 u is that of u but for two numbers
    piped = make_pipeline(StandardScaler(), HiddenLaw(**CUT)).fit(u, y)
    new, answer = record(120, 1)
    found = piped.predict(3 + 5 * new, y_context=answer[:16])
    np.testing.assert_allclose(found, answer, atol=1e-7)
    pushed = piped[-1].coefficients_.set_index("term")["value"]["u"]
    np.testing.assert_allclose(pushed, np.std(seen[0]), rtol=1e-6)


def test_a_clone_has_the_settings_and_none_of_what_was_found(seen, fitted):
    twin = clone(fitted)
    assert twin.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        twin.predict(seen[0])
    twin.fit(*seen)
    np.testing.assert_array_equal(twin.predict(seen[0]), fitted.predict(seen[0]))
    thawed = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(thawed.predict(seen[0]), fitted.predict(seen[0]))


def test_names_of_columns_are_those_of_the_equation(seen):
    frame = pd.DataFrame({"voltage (V)": seen[0][:, 0]})
    model = HiddenLaw(**CUT).fit(frame, pd.Series(seen[1], name="speed (rpm)"))
    assert model.equation_ == "speed'' = -4*speed - 1.2*speed' + voltage"
    assert model.feature_names_in_.tolist() == ["voltage (V)"]
    assert model.n_features_in_ == 1
    assert model.discovery_.record["dataset"]["units"] == {"voltage": "V", "speed": "rpm"}
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame.rename(columns={"voltage (V)": "current (A)"}))


def test_a_step_with_its_unit_gives_the_grid_one():
    pytest.importorskip("pint", reason="pint is an extra: pip install 'hiddenlaw[units]'")
    X, y = np.ones((16, 1)) * np.arange(16)[:, None], np.arange(16.0)[:, None]
    data = dataset_of(X, y, [slice(0, 8), slice(8, 16)], "10 ms", (["force (N)"], ["x"]))
    assert (data.x_name, data.dx, data.units) == ("t", 10.0, {"t": "ms", "force": "N"})


def test_a_response_that_answers_to_nothing_keeps_its_mean():
    u, y = record(320, 0)
    noise = 0.3 + np.random.default_rng(3).normal(size=320)
    model = HiddenLaw(**CUT).fit(u, np.stack([noise, y], axis=1))
    assert model.discovery_.record["dataset"]["response"] == ["y2"]
    new, answer = record(40, 1, (0.2, 0.1))
    given = np.stack([answer, answer], axis=1)[:8]
    found = model.predict(new, y_context=given)
    np.testing.assert_allclose(found[:, 1], answer, atol=1e-9)
    np.testing.assert_allclose(found[:, 0], noise.mean())


def test_without_a_law_the_mean_is_predicted_and_told(seen):
    u = seen[0][:100]
    y = np.random.default_rng(1).normal(size=100)
    with pytest.warns(NoLawWarning, match="too short.*128 samples.*run_length="):
        short = HiddenLaw(**QUICK).fit(u, y)
    assert (short.verdict_, short.discovery_, short.theory_) == ("too short", None, None)
    with pytest.warns(NoLawWarning, match=r"no law \(none\)"):
        cut = HiddenLaw(**QUICK, run_length=10).fit(u, y)
    assert (cut.verdict_, cut.equation_, cut.coefficients_) == ("none", None, None)
    for model in (short, cut):
        with pytest.warns(NoLawWarning, match="mean of the response"):
            np.testing.assert_allclose(model.predict(u[:7]), np.full(7, y.mean()))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"family": "liquid"}, "liquid"),
        ({"run_length": 1}, "run_length is 1; a run has at least 2"),
        ({"run_length": 500}, "longest stretch has 160 samples"),
        ({"seeds": 0}, "seeds must be greater"),
        ({"context": 0}, "context must be greater"),
        ({"dx": 0.0}, "dx"),
    ],
)
def test_settings_are_refused_by_fit_in_one_line(seen, settings, said):
    model = HiddenLaw(**{**QUICK, **settings})
    with pytest.raises(ValueError, match=said):
        model.fit(*seen)


def test_without_scikit_learn_its_extra_is_named():
    program = (
        "import sys; sys.modules['sklearn'] = None\n"
        "import hiddenlaw\n"
        "try: import hiddenlaw.sklearn\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.stdout.strip() == (
        "hiddenlaw.sklearn needs scikit-learn; pip install 'hiddenlaw[sklearn]'"
    ), ended.stderr
