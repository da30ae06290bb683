"""Where a law that is a polynomial of its state rests, and how it moves near there."""

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.cells import Coefficient, PolynomialCell
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.holds import Span
from hiddenlaw.law import Law
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.results.phase import phase
from hiddenlaw.theory.statement import Statement
from hiddenlaw.theory.theory import Theory

DX, SCALE = 0.1, 2.5


def two_wells(damping=0.3, scale=SCALE):
    """y″ = u + y − y³ − damping y′, in units of the response that are not its own."""
    span = Span((-2.0,), (2.0,))
    terms = [
        Coefficient(0, (1,), (0,), 1.0 / DX),
        Coefficient(1, (), (1,), DX / scale),
        Coefficient(1, (0,), (0,), DX),
        Coefficient(1, (0, 0, 0), (0,), -DX * scale**2),
        Coefficient(1, (1,), (0,), -damping),
    ]
    cell = PolynomialCell.of(terms, 2, span, DX)
    law = Law(Shared(np.zeros(2)), cell, Linear(np.eye(2)[:, :1], np.zeros(0)), np.array([scale]))
    return Theory(law, DX, span, "zero", Statement(2, "linear", derivatives=(0, 1)))


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    u = np.repeat(rng.uniform(-2, 2, (8, 12)), 10, axis=1)
    u -= u.mean()
    theory = two_wells()
    data = hl.Dataset.from_arrays(u, theory.predict(u), dx=DX)
    return phase([theory], Heldout(data))


def test_two_wells_have_two_places_of_rest_and_a_hill_between(found):
    _, rests = found
    assert [e["stable"] for e in rests] == [True, False, True]
    np.testing.assert_allclose([e["state"] for e in rests], [[-1, 0], [0, 0], [1, 0]], atol=1e-6)
    # s² + 0.3 s + 2 = 0 in the wells, s² + 0.3 s − 1 = 0 on the hill
    for entry, curvature in zip(rests, (2.0, -1.0, 2.0), strict=True):
        poles = np.sort_complex(np.array([complex(*pole) for pole in entry["poles"]]))
        np.testing.assert_allclose(poles, np.sort_complex(np.roots([1, 0.3, curvature])), atol=1e-6)


def test_the_field_is_that_of_the_law(found):
    arrays, _ = found
    y, speed = np.meshgrid(arrays["phase/first"], arrays["phase/second"])
    np.testing.assert_allclose(arrays["phase/field"][..., 0], speed, atol=1e-9)
    np.testing.assert_allclose(
        arrays["phase/field"][..., 1], y - y**3 - 0.3 * speed, rtol=1e-6, atol=1e-6
    )
