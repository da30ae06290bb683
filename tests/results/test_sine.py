"""Powers of the response that are a sine's: said where they are, and not where they are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.cells import Coefficient, PolynomialCell
from hiddenlaw.holds import applied_to
from hiddenlaw.law import Law
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.results.sine import as_sine
from hiddenlaw.theory.statement import Statement
from hiddenlaw.theory.theory import Theory

PLACES = np.linspace(-1.8, 1.8, 400)


def odd_fit(force, orders=(1, 3, 5)):
    """Its odd powers by least squares, as data would give them."""
    rows = np.stack([PLACES**k for k in orders], axis=1)
    return dict(zip(orders, np.linalg.lstsq(rows, force, rcond=None)[0], strict=True))


@pytest.fixture(scope="module")
def data():
    u = np.random.default_rng(0).normal(size=(4, 100, 1))
    return hl.Dataset.from_arrays(u, PLACES.reshape(4, 100), dx=0.1, response_names=["theta"])


def theory(data, powers, scale=1.7):
    """θ″ = Σ a_k θ^k − 0.2 θ′ + u, in a law whose response has a unit of its own."""
    span, dx, still = applied_to(data).span, data.dx, (0,)
    terms = [
        Coefficient(0, (1,), still, 1.0),
        Coefficient(1, (1,), still, -0.2 * dx),
        Coefficient(1, (), (1,), dx**2 / scale),
        *(Coefficient(1, (0,) * k, still, dx**2 * a * scale ** (k - 1)) for k, a in powers.items()),
    ]
    cell = PolynomialCell.of(terms, 2, span)
    law = Law(Shared(np.zeros(2)), cell, Linear(np.eye(2)[:, :1], np.zeros(0)), np.array([scale]))
    return Theory(law, dx, span, data.hold, Statement(2, "linear"))


def test_a_pendulum_s_powers_are_said_to_be_a_sine_s(data):
    said = as_sine(theory(data, odd_fit(-2.25 * np.sin(PLACES))), data)
    assert "-2.25 sin(theta)" in said or "−2.25 sin(theta)" in said
    assert "radians" in said


def test_an_angle_in_other_units_is_said_with_its_wave_number(data):
    said = as_sine(theory(data, odd_fit(-2.25 * np.sin(1.3 * PLACES))), data)
    assert "sin(1.3 theta)" in said
    assert "radians" not in said


@pytest.mark.parametrize(
    "powers",
    [
        {1: -1.0, 3: -1.0},  # a spring that stiffens
        {1: -1.0},  # one that does not
        {1: -1.0, 2: 0.1, 3: 0.16},  # not odd
        {1: -1.0, 3: 0.5, 5: -0.3},  # odd, and no sine
        {1: -1.0, 3: 0.005},  # so little of a sine that it may be anything
    ],
)
def test_what_is_no_sine_is_not_called_one(data, powers):
    assert as_sine(theory(data, powers), data) is None


def test_a_wave_function_s_square_is_no_angle(data):
    pendulum = theory(data, odd_fit(-2.25 * np.sin(PLACES)))
    squared = replace(pendulum, statement=Statement(2, "quadratic"))
    assert as_sine(squared, data) is None
