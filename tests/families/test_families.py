"""Which family of law is believed: the poorest that explains the response."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.signal import lfilter

import hiddenlaw as hl
from hiddenlaw.errors import SettingsError
from hiddenlaw.families import FAMILIES, Driven, families_for
from hiddenlaw.kinds import choose
from hiddenlaw.systems import Schroedinger
from hiddenlaw.translator.left_over import left_over
from hiddenlaw.translator.linear_answer import linear_answer

pytestmark = pytest.mark.slow

DX, RUNS, SITES = 0.3, 24, 40
A, B, DRIVE = np.array([[0.0, 1.0], [-1.5, -0.4]]), np.array([[0.0, 0.0], [1.0, 0.0]]), 2.0


def moved(product: float, *, own: bool = False, seed: int = 0):
    """y″ = DRIVE u − 1.5 y − 0.4 y′ + product u y, by SciPy's exponential, cell by cell."""
    rng = np.random.default_rng(seed)
    u = rng.uniform(-1.0, 1.0, (RUNS, SITES))
    y = np.empty_like(u)
    for run in range(RUNS):
        z = np.append(rng.normal(size=2) if own else (0.3, 0.1), 1.0)
        for site in range(SITES):
            whole = np.zeros((3, 3))
            whole[:2, :2] = A + product * u[run, site] * B
            whole[1, 2] = DRIVE * u[run, site]
            z = expm(DX * whole) @ z
            y[run, site] = z[0]
    return u, y


def noisy(y, share, seed=1):
    return y + share * y.std() * np.random.default_rng(seed).normal(size=y.shape)


def coloured(y, share, seed=1):
    """Noise of which each sample keeps 0.8 of the one before."""
    rng = np.random.default_rng(seed)
    noise = np.zeros_like(y)
    for site in range(SITES):
        before = noise[:, site - 1] if site else 0.0
        noise[:, site] = 0.8 * before + 0.6 * rng.normal(size=len(y))
    return y + share * y.std() * noise


def families(found):
    return {row["family"]: row for row in found.record["families"]}


def parts(u, y):
    return hl.Dataset.from_arrays(u, y, dx=DX).split(0.2, 0)


@pytest.mark.parametrize("own", [False, True])
def test_the_best_linear_answer_bounds_driven_laws_and_no_others(own):
    u, y = moved(0.0, own=own)
    known, unseen = parts(u, noisy(y, 0.05))
    assert linear_answer(known, unseen) < 2 * 0.05**2
    known, unseen = Schroedinger().simulate(runs=60, sites=32, dx=0.2, seed=0).split(0.2, 0)
    assert linear_answer(known, unseen) > 0.3
    assert Driven().hopeless(known, unseen) is not None


def test_nobody_knows_of_a_linear_answer_where_samples_are_too_few():
    """Of a law with four inputs and three responses, in five short runs."""
    rng = np.random.default_rng(0)
    known, unseen = parts(rng.normal(size=(5, 6, 4)), rng.normal(size=(5, 6, 3)))
    assert linear_answer(known, unseen) == np.inf
    assert Driven().hopeless(known, unseen) is None


def test_the_linear_answer_of_few_runs_of_unequal_length_is_no_worse():
    """Too few for all of the past, and an integral forgets nothing: its own past says it."""
    rng = np.random.default_rng(0)
    u = [rng.normal(size=sites) for sites in (30, 40, 50, 45)]
    y = [np.cumsum(each) * DX for each in u]
    known, unseen = parts(u, y)
    assert np.isnan(known.response).any()
    assert linear_answer(known, unseen) < 1e-20
    assert Driven().hopeless(known, unseen) is None


def test_the_linear_answer_is_one_for_quiet_runs_and_loud_ones():
    """What was learnt of quiet runs is applied to a loud one in the same unit."""
    rng = np.random.default_rng(0)
    u = rng.normal(size=(12, 40)) * np.where(np.arange(12) == 11, 5.0, 1.0)[:, None]
    y = lfilter([0.3], [1.0, -0.7], u, axis=1)
    every = hl.Dataset.from_arrays(u, y, dx=DX)
    known, unseen = every.select_runs(range(11)), every.select_runs([11])
    assert linear_answer(known, unseen) < 1e-20


@pytest.mark.parametrize("noise", [noisy, coloured])
def test_noise_of_any_colour_is_nothing_that_the_input_explains(noise):
    """But noise that remembers itself might be a law's, so that a richer one is to be tried."""
    u, y = moved(0.0)
    known, unseen = parts(u, noise(y, 0.1))
    exact = [data.response for data in parts(u, y)]
    found = left_over(known, unseen, *exact)
    assert found.share < 0.02 or found.chance > 0.05
    assert found.something == (noise is coloured)
    assert found.memory == pytest.approx(0.8 if noise is coloured else 0.0, abs=0.06)


def test_a_product_that_an_answer_misses_is_found_in_what_it_leaves():
    u, y = moved(0.6)
    known, unseen = parts(u, noisy(y, 0.02))
    poorer = [data.response for data in parts(u, moved(0.0)[1])]
    found = left_over(known, unseen, *poorer)
    assert found.something
    assert found.share > 0.1


def test_a_driven_response_is_explained_by_the_poorer_family():
    u, y = moved(0.0)
    found = hl.discover(u, noisy(y, 0.05), dx=DX, initial_state="shared", seeds=1, max_dimension=3)
    rows = families(found)
    assert rows["driven"]["selected"]
    assert rows["driven"]["dimension"] == 2
    assert rows["multiplied"]["reason"].startswith("not tried")
    assert "u*y" not in found.theory.equation
    assert "Families of law" in str(found)


def test_a_product_of_input_and_state_asks_for_the_richer_one():
    u, y = moved(0.9)
    found = hl.discover(
        u,
        y,
        dx=DX,
        initial_state="shared",
        decoders=("linear",),
        max_dimension=3,
        seeds=1,
        translator_seeds=1,
    )
    rows = families(found)
    assert rows["multiplied"]["selected"]
    assert rows["multiplied"]["heldout_error"] < 0.5 * rows["driven"]["heldout_error"]
    (terms,) = found.theory.record["law"]["terms"].values()
    assert terms["u*y"]["value"] == pytest.approx(0.9, abs=1e-6)
    assert terms["u"]["value"] == pytest.approx(DRIVE, abs=1e-6)


def test_a_family_can_be_asked_for():
    u, y = moved(0.0)
    found = hl.discover(
        u, y, dx=DX, family="driven", initial_state="shared", seeds=1, max_dimension=2
    )
    assert [row["family"] for row in found.record["families"]] == ["driven"]
    assert found.record["families"][0]["selected"]


def test_a_family_that_was_asked_for_is_searched_hopeless_or_not():
    data = Schroedinger().simulate(runs=30, sites=20, dx=0.2, seed=0)
    found = hl.discover(
        data, family="driven", initial_state="shared", seeds=2, max_dimension=2, translator_seeds=1
    )
    (row,) = found.record["families"]
    assert row["family"] == "driven"
    assert row["heldout_error"] > 0.1


def test_families_go_with_what_else_is_asked_for():
    every = [family.name for family in FAMILIES]
    assert every == ["driven", "multiplied", "polynomial"]
    assert [family.name for family in families_for(choose())] == every
    linear, squares = ["multiplied"], ["multiplied", "polynomial"]
    others = (
        ({"cell": "taylor"}, linear),
        ({"run_constants": 1}, squares),
        ({"run_constants": 2}, linear),
        ({"dimension": 2, "readout": "quadratic"}, squares),
    )
    for options, served in others:
        assert [family.name for family in families_for(choose(**options))] == served
        with pytest.raises(SettingsError, match="does not go with"):
            families_for(choose(family="driven", **options))
    with pytest.raises(SettingsError, match="'driven', 'multiplied', 'polynomial'"):
        families_for(choose(family="magic"))
