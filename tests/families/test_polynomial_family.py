"""Laws nonlinear in their state, found from input and response alone, told, kept and read back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import hiddenlaw as hl
from hiddenlaw.data.late import acting_late
from hiddenlaw.families.bent_scale import bends
from hiddenlaw.families.driven import Driven
from hiddenlaw.families.polynomial import Polynomial
from hiddenlaw.families.task import Clock, Task
from hiddenlaw.families.weak_terms import explained_by_powers, explained_by_products
from hiddenlaw.preparations import Own, Shared, hold_back
from hiddenlaw.settings import Settings
from hiddenlaw.systems import SYSTEMS
from hiddenlaw.training.progress import Silent
from hiddenlaw.translator.dead_time import DeadTime

pytestmark = pytest.mark.slow

WEAK = 1e-3  # noise beside a spring that stiffens a little
DX, SPRING = 0.25, {"u": 1.0, "y": -1.0, "y'": -0.2, "y**3": -0.8}


def swung(cubic=SPRING["y**3"], runs=16, sites=40, noise=0.01, seed=0):
    """y″ = u − y − 0.2 y′ − 0.8 y³ by SciPy, u constant over cells; all runs from rest."""
    rng = np.random.default_rng(seed)
    u = np.repeat(rng.uniform(-1.5, 1.5, (runs, sites // 4)), 4, axis=1)
    z, y = np.zeros((2, runs)), np.empty((runs, sites))

    def rates(_, state, push):
        place, speed = state.reshape(2, -1)
        pull = SPRING["y"] * place + SPRING["y'"] * speed + cubic * place**3
        return np.concatenate([speed, push + pull])

    for site in range(sites):
        step = solve_ivp(rates, (0, DX), z.ravel(), rtol=1e-9, atol=1e-11, args=(u[:, site],))
        z = step.y[:, -1].reshape(2, -1)
        y[:, site] = z[0]
    return u, y + noise * y.std() * rng.normal(size=y.shape)


@pytest.fixture(scope="module")
def found():
    return hl.discover(
        *swung(), dx=DX, family="polynomial", initial_state="shared", max_dimension=3
    )


def test_a_spring_that_stiffens_is_found_with_its_terms_and_no_others(found):
    assert found.record["verdict"] == "law"
    assert found.record["families"][0]["family"] == "polynomial"
    theory = found.theory
    assert theory.dimension == 2
    (terms,) = theory.record["law"]["terms"].values()
    assert terms.keys() == SPRING.keys()
    pulls = [(terms[k]["value"] - SPRING[k]) / terms[k]["stderr"] for k in SPRING]
    assert np.sum(np.square(pulls)) < 18.5  # chi-square of four, once in a thousand
    assert all(terms[k]["stderr"] < 0.02 for k in SPRING)
    assert theory.statement.judgement.heldout_error < 2 * 0.01**2


def test_it_predicts_runs_that_nobody_measured(found):
    u, y = swung(noise=0.0, runs=5, seed=7)
    assert np.mean((found.theory.predict(u) - y) ** 2) < 1e-4 * y.var()


def test_the_sweep_is_that_of_the_response_and_everything_is_kept(found, tmp_path):
    record = found.record
    assert record["swept"] == "response"
    assert {entry["dimension"] for entry in record["sweep"]} >= {1, 2}
    assert record["dimension"]["linear"] == 2
    assert all(entry["form"] for entry in record["direct"])
    found.save(tmp_path / "run")
    again = hl.load_discovery(tmp_path / "run")
    u, _ = swung(runs=3, seed=3)
    np.testing.assert_array_equal(again.theory.predict(u), found.theory.predict(u))
    assert (tmp_path / "run" / "report.html").exists()
    assert "y″" in str(again)


@pytest.fixture(scope="module")
def straightened():
    """A spring that stiffens a little, and the search for a law linear in its state."""
    data = hl.Dataset.from_arrays(*swung(cubic=-0.03, noise=WEAK, runs=40, sites=48), dx=DX)
    task = Task(
        data,
        Settings(initial_state="shared", seeds=1, translator_seeds=1, max_dimension=2),
        Silent(),
        Clock(),
    )
    return task, Driven().search(task)


def test_weak_powers_are_told_from_weak_products_without_a_search(straightened):
    _, search = straightened
    theory = search.theories[0]
    assert explained_by_powers(theory, search.translation) > 0.8
    assert explained_by_products(theory, search.translation) < 0.5
    assert Polynomial().idle(search) is None


def test_a_dead_time_that_a_worse_law_found_is_not_taken_over(straightened):
    """As if the law linear in the state were said to hear its force two sites late."""
    task, known = straightened
    heard = replace(known.translation, train=acting_late(known.translation.train, (2 * DX,)))
    misled = replace(known, translation=heard, dead_times=(DeadTime("u", 2 * DX, 0.01),))
    asked = task.asked.model_copy(update={"dimension": 2})
    search = Polynomial().search(replace(task, asked=asked, poorer=misled))
    assert not any(each.value for each in search.dead_times)
    assert search.theories[0].statement.judgement.heldout_error < 2 * WEAK**2


def test_starts_of_the_runs_own_that_a_worse_translator_asked_for_are_not_taken_over(straightened):
    """As if the law linear in the state were said to need one for each run."""
    task, known = straightened
    seen = known.translation
    heard = replace(seen, kind=Own, heldout=hold_back(seen.heldout.judged, Own))
    asked = task.asked.model_copy(update={"dimension": 2, "initial_state": "auto"})
    misled = replace(known, translation=heard)
    search = Polynomial().search(replace(task, asked=asked, poorer=misled))
    assert search.translation.kind is Shared
    assert search.theories[0].statement.judgement.heldout_error < 2 * WEAK**2


def test_an_interacting_condensate_keeps_its_wave_function():
    """ψ″ = (V − 0.37 − 0.5 ψ²) ψ, seen as ψ² with 1 % of noise; nothing said but how runs start."""
    data = SYSTEMS["gross_pitaevskii"]().simulate(runs=24, sites=32, dx=0.2, seed=0)
    rho = data.response[..., 0]
    rho = rho + 0.01 * rho.std() * np.random.default_rng(1).normal(size=rho.shape)
    data = hl.Dataset.from_arrays(data.input[..., 0], rho, dx=0.2, input_names=["V"])
    found = hl.discover(data, initial_state="shared", translator_seeds=1, seeds=2)
    (terms,) = found.theory.record["law"]["terms"].values()
    assert terms.keys() == {"V*psi", "psi", "psi**3"}
    assert abs(terms["psi**3"]["value"] + 0.5) < 4 * terms["psi**3"]["stderr"] < 0.02
    assert abs(terms["V*psi"]["value"] - 1) < 4 * terms["V*psi"]["stderr"] < 0.02
    driven, multiplied, polynomial = found.record["families"]
    assert polynomial["selected"]
    assert driven["dimension"] is None
    assert "not linear in its state" in multiplied["reason"]  # so its search was not finished


def test_only_laws_that_bend_cut_the_search_of_multiplied_ones_short(found):
    """A polynomial law that is linear in its state may be a multiplied one, as told or narrower."""
    assert bends(found.theory)
    cell, law = found.theory.law.cell, found.theory.law
    straight = law.but(cell=cell.keeping(cell.powers[:, : cell.dimension].sum(axis=1) < 2))
    assert not bends(replace(found.theory, law=straight))


def test_where_the_translator_leaves_noise_no_polynomial_is_sought(monkeypatch):
    """Of a wave that does not interact, with 1 % of noise."""
    data = SYSTEMS["schroedinger"]().simulate(runs=40, sites=24, dx=0.2, seed=0)
    rho = data.response[..., 0]
    rho = rho + 0.01 * rho.std() * np.random.default_rng(1).normal(size=rho.shape)
    sought = []
    monkeypatch.setattr(Polynomial, "search", lambda self, task: sought.append(task))
    asked = {"dimension": 2, "readout": "quadratic", "initial_state": "shared", "seeds": 1}
    found = hl.discover(data.input[..., 0], rho, dx=0.2, **asked)
    assert found.record["verdict"] == "law"
    assert not sought


def test_a_sine_is_told_by_its_series_and_not_by_a_dozen_products(monkeypatch):
    """θ″ = u − 0.2 θ′ − 2.25 sin θ up to 1.8 rad: a cubic law makes up for what it lacks."""
    monkeypatch.setattr("hiddenlaw.families.polynomial.of_answers", lambda *_: None)
    data = SYSTEMS["pendulum"]().simulate(runs=125, sites=64, seed=0)
    theta = data.response[..., 0]
    theta = theta + 0.02 * theta.std() * np.random.default_rng((0, 6)).normal(size=theta.shape)
    data = hl.Dataset.from_arrays(data.input[..., 0], theta, dx=data.dx)
    asked = {"family": "polynomial", "initial_state": "shared"}
    found = hl.discover(data, dimension=2, readout="linear", **asked)
    (terms,) = found.theory.record["law"]["terms"].values()
    assert terms.keys() == {"u", "y", "y'", "y**3", "y**5"}
    assert terms["y**3"]["value"] == pytest.approx(2.25 / 6, rel=0.02)
    assert -2.25 / 120 <= terms["y**5"]["value"] <= -0.7 * 2.25 / 120
