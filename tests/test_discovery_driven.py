"""Driven laws: what is found is what SciPy's exact discretisation moved."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.signal import cont2discrete

import hiddenlaw as hl

pytestmark = pytest.mark.slow

DX, PUSH, OFFSET = 0.3, 2.0, 0.3
# Of y^(n) = PUSH u − Σ a_k y^(k) + OFFSET.
LAWS = {1: (1.0,), 2: (1.5, 0.4), 3: (1.0, 2.0, 1.2)}


def measured(order, *, noise, runs=24, sites=40, own=False, seed=0):
    """Input and response of a driven law."""
    rng, a = np.random.default_rng(seed), LAWS[order]
    matrix = np.eye(order, k=1)
    matrix[-1] = -np.array(a)
    push = np.zeros((order, 2))
    push[-1] = PUSH, OFFSET
    system = matrix, push, np.eye(order), np.zeros((order, 2))
    update, pushed, *_ = cont2discrete(system, DX)
    u = rng.normal(size=(runs, sites))
    z = rng.normal(size=(runs if own else 1, order)) + np.zeros((runs, 1))
    y = np.empty_like(u)
    for site in range(sites):
        z = z @ update.T + np.column_stack([u[:, site], np.ones(runs)]) @ pushed.T
        y[:, site] = z[:, 0]
    return u, y + noise * y.std() * rng.normal(size=y.shape)


def terms_of(found):
    (terms,) = found.theory.record["law"]["terms"].values()
    return {name: (entry["value"], entry["stderr"]) for name, entry in terms.items()}


def expected(order):
    names = ["y", "y'", "y''"]
    return {"u": PUSH, "1": OFFSET} | {names[k]: -a for k, a in enumerate(LAWS[order])}


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_driven_law_is_found_with_its_order_and_nothing_else(order, own):
    u, y = measured(order, noise=0.02, own=own)
    found = hl.discover(
        u,
        y,
        dx=DX,
        cell="driven",
        decoders=("linear",),
        initial_state="per-run" if own else "shared",
        seeds=1,
        translator_seeds=1,
    )
    assert found.record["dimension"] == {"linear": order}
    terms = terms_of(found)
    assert terms.keys() == expected(order).keys()
    for name, value in expected(order).items():
        close, error = terms[name]
        assert abs(close - value) < 4 * error
        assert error < 0.02 * max(abs(value), 0.3)


def test_without_noise_it_is_exact_and_read_back(tmp_path):
    u, y = measured(2, noise=0.0)
    found = hl.discover(
        u,
        y,
        dx=DX,
        cell="driven",
        decoders=("linear",),
        initial_state="shared",
        seeds=1,
        max_dimension=3,
    )
    for name, value in expected(2).items():
        assert terms_of(found)[name][0] == pytest.approx(value, abs=1e-9)
    # Without a push the state moves by exp(A dx), in the data's units.
    matrix = np.eye(2, k=1)
    matrix[-1] = -np.array(LAWS[2])
    np.testing.assert_allclose(found.theory.transition([0.0])[0], expm(DX * matrix), atol=1e-9)
    found.save(tmp_path / "run", report=False)
    again = hl.load_discovery(tmp_path / "run")
    np.testing.assert_allclose(again.theory.predict(u), y, atol=1e-8)


@pytest.mark.parametrize("own", [False, True])
def test_far_from_zero_the_law_is_the_same_but_for_its_constant(own):
    """u and y in other units, as of temperatures in kelvin: y″ = 2 u − 1.5 y − 0.4 y′ + c."""
    u, y = measured(2, noise=0.02, own=own)
    found = hl.discover(
        u + 1013.0,
        y + 1e4,
        dx=DX,
        family="driven",
        max_dimension=3,
        initial_state="per-run" if own else "shared",
        seeds=1,
        translator_seeds=1,
    )
    assert found.record["dimension"] == {"linear": 2}
    told, true = terms_of(found), expected(2)
    assert told.keys() == true.keys()
    for name in ("u", "y", "y'"):
        value, error = told[name]
        assert abs(value - true[name]) < 4 * error < 0.1 * abs(true[name])
    value, error = told["1"]
    assert abs(value - (OFFSET - 1013.0 * PUSH + 1.5e4)) < 4 * error < 0.1 * value
    gain = found.theory.readings[0]
    assert abs(gain.value - PUSH / 1.5) < 4 * gain.stderr < 0.02 * gain.value
    answer = found.theory.predict(u[:3] + 1013.0, y[:3, :20] + 1e4 if own else None)
    assert np.mean((answer - y[:3] - 1e4) ** 2) < 2 * 0.02**2 * y.var()
