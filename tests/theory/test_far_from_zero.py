"""Inputs and responses far from zero: the law, its numbers and its errors are as they should be."""

from dataclasses import replace

import numpy as np
import pytest
from driven_fit import DT, recorded
from hypothesis import given, settings
from hypothesis import strategies as st

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.middle import Middle, middle_of
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import flat
from hiddenlaw.preparations import Own, Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.fits.refit import Data, fitted
from hiddenlaw.theory.gauges.moved import fit_from_zero
from hiddenlaw.theory.gauges.observability import Observability, constants_of
from hiddenlaw.theory.readings import readings
from hiddenlaw.translator.middles import counted_from_zero
from hiddenlaw.translator.search import joint_span

RATES = np.array([[0.0, 1.0], [-4.0, -1.2]]), np.array([[0.0], [6.0]])


def apart(data, input=0.0, response=0.0):
    """The same runs with so much added: what rests of y″ = 6 u − 4 y − 1.2 y′ + c."""
    return replace(data, input=data.input + input, response=data.response + response)


def fit_of(data, *, shared=True):
    """The law fitted in its basis with all of its numbers free, the constant too."""
    a, b = RATES
    size = DT ** np.arange(2)
    scale = np.sqrt(data.variance)
    rates = np.hstack([a * DT * size[:, None] / size, b * DT * size[:, None] / scale, [[0.0]] * 2])
    starts = Shared(np.zeros(2)) if shared else Own(np.zeros((data.runs, 2)))
    law = Law(
        starts,
        DrivenCell(rates, np.zeros(1), np.ones(1)),
        Linear(np.eye(2)[:, :1], np.zeros(0)),
        scale,
    )
    law = law.but(cell=law.cell.with_span(joint_span(data)))
    shown = Shown.measured(data, scale)
    (gauged,) = Observability().fix(law, shown)
    known = Data(shown, basis=gauged.basis)
    on_offer = int(gauged.prunable.sum())
    return fitted(gauged.law, gauged.free, gauged.prunable, on_offer, known), known


@settings(max_examples=25, deadline=None)
@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.integers(1, 4), st.integers(0, 99))
def test_a_law_answers_the_same_wherever_one_counts_from(input, response, d, seed):
    rng = np.random.default_rng(seed)
    cell = DrivenCell(0.2 * rng.normal(size=(d, d + 2)), rng.normal(size=1), np.array([0.7]))
    law = Law(
        Own(rng.normal(size=(3, d))),
        cell,
        Linear(rng.normal(size=(d, 1)), np.zeros(0)),
        np.array([2.0]),
    )
    u = rng.normal(size=(3, 20, 1))
    middle = Middle(np.array([input]), np.array([response]))
    before = law.outputs(Shown.unanswered(u)) * law.scale + response
    moved = counted_from_zero(law, middle)
    after = moved.outputs(Shown.unanswered(u + input)) * law.scale
    size = 1 + np.abs(before).max() + np.abs(input) + np.linalg.cond(law.readout.weights)
    np.testing.assert_allclose(after, before, atol=1e-8 * size)


@pytest.mark.parametrize("shared", [True, False])
def test_a_fit_moved_from_the_middle_is_the_fit_from_zero(shared):
    """So far from zero that both can be done: the same numbers, and the same errors."""
    data = apart(recorded(*RATES, seed=1), input=2.0, response=5.0)
    there, known = fit_of(data, shared=shared)
    middle = Middle(data.input.mean((0, 1)), data.response.mean((0, 1)))
    near, _ = fit_of(middle.taken_off(data), shared=shared)
    moved = fit_from_zero(near, middle, joint_span(data), known, known.shown)
    assert moved.free.tolist() == there.free.tolist()  # 5 · 4 − 2 · 6 ≠ 0: a constant is needed
    error = np.maximum(there.stderr(slice(None)), 1e-12)
    assert (
        np.abs(flat(moved.law) - flat(there.law))[error > 1e-12] < 0.01 * error[error > 1e-12]
    ).all()
    np.testing.assert_allclose(moved.stderr(slice(None)), there.stderr(slice(None)), rtol=0.02)


def test_a_constant_that_only_counting_from_zero_makes_is_dropped():
    """u = 1000 + …, y where that rests: the law has no constant, and its gain is known well."""
    a, b = RATES
    gain = -(np.linalg.solve(a, b))[0, 0]
    pulls = []
    for seed in range(6):
        data = apart(recorded(a, b, seed=seed), input=1e3, response=1e3 * gain)
        middle = middle_of(data)
        near, known = fit_of(middle.taken_off(data), shared=False)
        shown = Shown.measured(data, near.law.scale)
        fit = fit_from_zero(near, middle, joint_span(data), known, shown)
        assert not fit.free[constants_of(fit.law)].any()
        assert fit.loss < 1.01 * near.loss
        found = readings(fit, data)[0]
        assert found.name == "gain of y for u"
        assert found.stderr < 1e-4 * gain  # the deviations alone say a hundredth
        pulls.append((found.value - gain) / found.stderr)
    assert np.sum(np.square(pulls)) < 22.5  # chi-square of six, once in a thousand


def test_only_what_is_far_from_zero_is_counted_from_elsewhere():
    data = recorded(*RATES, seed=0)
    assert middle_of(data) is None
    middle = middle_of(apart(data, response=100.0))
    assert middle.input[0] == 0
    assert abs(middle.response[0] - 100 - data.response.mean()) < 1e-9
    back = middle.put_back(middle.taken_off(data))
    np.testing.assert_allclose(back.response, data.response, atol=1e-12)
