"""What a driven law's pictures are made of, and what its record says of residuals."""

import numpy as np
import pytest
from driven_fit import DT, SITES, fit_of, recorded, theory_of

import hiddenlaw as hl
from hiddenlaw.cells import GeneratorCell
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.holds import Span
from hiddenlaw.results.engineering import engineering
from hiddenlaw.results.entries import DISCOVERY
from hiddenlaw.results.shapes import wrong_shapes
from hiddenlaw.results.simulation import FreeRun

SECOND = np.array([[0, 1], [-6.25, -1.5]]), np.array([[0], [8.0]])


@pytest.fixture(scope="module")
def data():
    return recorded(*SECOND, seed=0)


@pytest.fixture(scope="module")
def theory(data):
    return theory_of(fit_of(*SECOND, data))


def complaints(arrays, told):
    dataset = {"runs": 1, "sites": 2, "input": ["u"], "response": ["y"]}
    record = {"dataset": dataset, "verdict": "law", "verdict_reason": "", "theories": []}
    yield from wrong_shapes(arrays, record)
    yield from DISCOVERY(record | {"residuals": told}, "")


def test_runs_give_responses_and_the_correlations_of_what_is_left_of_them(data, theory):
    arrays, told = engineering([theory], Heldout(data), ())
    step = hl.step_response(theory, arrays["step/x"])
    np.testing.assert_allclose(arrays["step/values"], step.values)
    bode = hl.frequency_response(theory)
    np.testing.assert_allclose(arrays["frequency/phase"], bode.phase)
    np.testing.assert_allclose(arrays["frequency/magnitude"], bode.magnitude)
    # The noise of the recording is white and knows nothing of the input.
    assert told["of"] == "held-out runs"
    (white,), (cross,) = told["whiteness"], told["cross_correlation"]
    assert white["response"] == cross["response"] == "y"
    assert cross["input"] == "u"
    assert white["chance"] > 1e-3
    assert cross["chance"] > 1e-3
    assert white["samples"] == data.response.size
    assert list(complaints(arrays, told)) == []


def test_a_step_lasts_no_longer_than_a_run(data):
    slow = np.array([[-0.02]]), np.array([[0.02]])
    theory = theory_of(fit_of(*slow, recorded(*slow, seed=0)))
    arrays, _ = engineering([theory], Heldout(data), ())
    assert arrays["step/x"][-1] == pytest.approx(SITES * DT)
    assert hl.step_response(theory).x[-1] > 200


def free_run(theory, data, record, samples):
    answer = theory.predict(data.input)[record]
    part = slice(0, samples)
    x, u, y = data.x[part], data.input[record, part], data.response[record, part]
    return FreeRun(record, 5, x, u, y, answer[part])


def test_free_runs_of_records_are_what_is_correlated_then(data, theory):
    runs = [free_run(theory, data, 0, 80), free_run(theory, data, 1, 60)]
    arrays, told = engineering([theory], Heldout(data), runs)
    assert told["of"] == "free run"
    assert told["whiteness"][0]["samples"] == 75 + 55
    np.testing.assert_array_equal(arrays["free_run/1/x"], data.x[:60])
    np.testing.assert_array_equal(arrays["free_run/1/measured"], data.response[1, :60])
    assert list(complaints(arrays, told)) == []


def test_a_free_run_that_runs_away_leaves_no_correlations(data, theory):
    run = free_run(theory, data, 0, 80)
    lost = FreeRun(0, 5, run.x, run.input, run.measured, np.full_like(run.predicted, np.inf))
    arrays, told = engineering([theory], Heldout(data), [lost])
    assert told == {}
    assert "step/values" in arrays
    assert not any(name.startswith("correlation") for name in arrays)


def test_other_laws_have_none_of_this(data, theory):
    from dataclasses import replace

    cell = GeneratorCell.random(2, Span((-1.0,), (1.0,)), rng=np.random.default_rng(0))
    multiplied = replace(theory, law=theory.law.but(cell=cell))
    assert engineering([multiplied], Heldout(data), ()) == ({}, {})
    assert engineering([], Heldout(data), ()) == ({}, {})
