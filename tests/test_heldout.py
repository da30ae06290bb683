"""Held-out runs: no sample is given and judged at once, and a law finds their beginnings."""

import numpy as np
import pytest

from hiddenlaw.cells import Monomials, generator_over
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError, SettingsError
from hiddenlaw.holds import applied
from hiddenlaw.law import Law
from hiddenlaw.preparations import PREPARATIONS, Own, hold_back
from hiddenlaw.readouts import Linear, Quadratic
from hiddenlaw.systems import Schroedinger
from hiddenlaw.theory.statement import Statement
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.new_runs import answer_to

RNG = np.random.default_rng(0)
DX, ENERGY = 0.2, 0.37


@pytest.fixture(scope="module")
def prepared():
    """Runs that start each from a state of its own."""
    return Schroedinger(energy=ENERGY).simulate(
        runs=6, sites=32, dx=DX, seed=4, preparation="random", with_truth=True
    )


@pytest.mark.parametrize(("kind", "given"), [("per-run", range(10)), ("context", range(8))])
def test_what_is_given_is_not_judged(kind, given):
    data = Dataset.from_arrays(RNG.normal(size=(5, 20)), RNG.normal(size=(5, 20)))
    runs = hold_back(data, PREPARATIONS[kind])
    seen = np.isin(np.arange(20), given)
    np.testing.assert_array_equal(runs.given.observed, np.broadcast_to(seen[:, None], (5, 20, 1)))
    np.testing.assert_array_equal(runs.judged.observed, ~runs.given.observed)
    whole = np.where(runs.given.observed, runs.given.response, runs.judged.response)
    np.testing.assert_array_equal(whole, data.response)


def test_of_runs_with_gaps_every_other_measured_sample_is_given():
    response = RNG.normal(size=(3, 20, 1))
    response[:, 1::2] = np.nan
    response[1, :11] = np.nan
    data = Dataset.from_arrays(RNG.normal(size=(3, 20)), response, allow_missing=True)
    runs = hold_back(data, PREPARATIONS["per-run"])
    given, judged = (part.observed.sum(axis=(1, 2)) for part in (runs.given, runs.judged))
    np.testing.assert_array_equal(given + judged, data.observed.sum(axis=(1, 2)))
    assert (np.abs(given - judged) <= 1).all()
    with pytest.raises(DataError, match="run 1 has no sample to find where it starts; drop it"):
        hold_back(data, PREPARATIONS["context"], 8)
    first = np.where(np.arange(20)[:, None] < 8, data.response, np.nan)
    few = Dataset.from_arrays(data.input[:1], first[:1], allow_missing=True)
    with pytest.raises(DataError, match="run 0 has no sample left to judge by"):
        hold_back(few, PREPARATIONS["context"])


def test_of_runs_that_start_alike_all_is_judged_and_a_context_leaves_something():
    data = Dataset.from_arrays(RNG.normal(size=(5, 20)), RNG.normal(size=(5, 20)))
    runs = hold_back(data, PREPARATIONS["shared"])
    assert runs.judged is data
    assert runs.context is None
    with pytest.raises(SettingsError, match="leaves nothing to predict"):
        hold_back(data, PREPARATIONS["context"], 20)


def schroedinger_theory(data, starts):
    span = applied(data.input, data.hold).span
    matrices = np.zeros((2, 2, 2))
    matrices[0] = [[0, 1], [-ENERGY * DX**2, 0]]
    matrices[1, 1, 0] = DX**2
    cell = generator_over(matrices, Monomials.plain(((0,), (1,))), span)
    readout = Quadratic(np.eye(6)[:, 3:4], np.zeros(0))
    law = Law(Own(starts), cell.with_span(span), readout, np.ones(1))
    return Theory(law, DX, span, data.hold, Statement(2, "quadratic"))


@pytest.mark.parametrize("kind", ["per-run", "context"])
def test_a_law_finds_where_new_runs_start(prepared, kind):
    theory = schroedinger_theory(prepared, RNG.normal(size=(40, 2)))
    runs = hold_back(prepared, PREPARATIONS[kind])
    answer = theory.answer_to(runs)
    np.testing.assert_allclose(answer, prepared.response, atol=1e-7)
    psi = theory.states(prepared.input, runs.context)[..., 0]
    truth = np.asarray(prepared.truth.states["psi"])
    sign = np.sign(np.sum(psi * truth, axis=1, keepdims=True))
    np.testing.assert_allclose(sign * psi, truth, atol=1e-7)


def test_a_law_of_runs_with_starts_of_their_own_asks_for_samples(prepared):
    theory = schroedinger_theory(prepared, RNG.normal(size=(40, 2)))
    with pytest.raises(DataError, match="give samples of its response"):
        theory.predict(prepared.input)
    empty = np.array(prepared.response)
    empty[3] = np.nan
    with pytest.raises(DataError, match="nothing is given of run 3"):
        theory.predict(prepared.input, empty)
    with pytest.raises(DataError, match="given has shape"):
        theory.predict(prepared.input, prepared.response[:2])


def test_a_translator_reads_the_starts_off_by_linear_least_squares(prepared):
    """ρ, ρ′ and ψ′² obey a linear law of three variables, so any state of them is found."""
    span = applied(prepared.input, prepared.hold).span
    matrices = np.zeros((2, 3, 3))
    matrices[0] = [[0, 2, 0], [-ENERGY, 0, 1], [0, -2 * ENERGY, 0]]
    matrices[1] = [[0, 0, 0], [1, 0, 0], [0, 2, 0]]
    cell = generator_over(DX * matrices, Monomials.plain(((0,), (1,))), span).with_span(span)
    readout = Linear(np.eye(3)[:, :1], np.zeros(0))
    translator = Law(Own(np.zeros((40, 3))), cell, readout, np.ones(1))
    answer = answer_to(translator, hold_back(prepared, PREPARATIONS["per-run"]))
    np.testing.assert_allclose(answer, prepared.response, atol=1e-8)
