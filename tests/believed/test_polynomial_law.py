"""How laws with powers and products of their state are read, and the misfit that is minimised."""

import numpy as np
import pytest
import sympy as sp
from polynomial_records import INTERACTING
from scipy.integrate import solve_ivp

from hiddenlaw.believed.expansion import Expansion
from hiddenlaw.believed.fit import ConstantsProblem
from hiddenlaw.believed.polynomial_law import is_polynomial, polynomial_law
from hiddenlaw.errors import LawError
from hiddenlaw.holds import Span
from hiddenlaw.law import Shown
from hiddenlaw.preparations import Own
from hiddenlaw.theory.equations.parse import parse_equation

SPAN, DX, SCALE = Span((-3.0,), (1.0,)), 0.2, 3.0
INPUT = np.random.default_rng(0).uniform(-3.0, 1.0, (4, 6, 1))
HIDDEN = "z'' = a*(1 - b*z**2)*z' + V*z**2 - a*b + V**2", "r = b*z**2 + z'"


def read(law, readout, inputs=("V",)):
    return polynomial_law(parse_equation(law), parse_equation(readout), inputs)


def expansion(law, readout):
    return Expansion.over_polynomial(read(law, readout), SPAN, DX, SCALE)


def test_the_terms_of_a_law():
    system = read(INTERACTING, "rho = psi**2")
    g, mu = sp.symbols("g mu")
    assert dict(system.terms) == {(1, 0, 1): 1, (1, 0, 0): -mu, (3, 0, 0): g}
    assert (system.dimension, system.constants) == (2, ("g", "mu"))
    assert (system.affine, system.squared) == (True, True)
    assert not read("y' = r*y*(1 - y/C)", "y = y").affine


@pytest.mark.parametrize(
    ("law", "own", "polynomial"),
    [
        (INTERACTING, False, True),
        ("psi'' = (V - mu)*psi", False, False),
        ("psi'' = (V - mu)*psi", True, True),
        ("psi'' = -mu*psi + V*psi + c", False, True),
        ("psi'' = -mu*psi + V", True, False),
        ("psi' = psi*V(x - 1) + V", False, False),
        ("psi''' = V'*psi + V*psi'", True, False),
        ("psi' = a/psi", False, True),
        ("psi = V", False, False),
    ],
)
def test_which_laws_are_of_this_kind(law, own, polynomial):
    assert is_polynomial(parse_equation(law), ("V",), own=own) is polynomial


@pytest.mark.parametrize(
    ("law", "reason"),
    [
        ("y' = a/y", "must be a polynomial in y, V: sums of products"),
        ("y' = y**2/(1 + V)", "nothing may be divided by them"),
        ("y' = y**2 + V(t - tau)", "shift the input in the data"),
        ("y' = y**2 + V'", "V' cannot stand"),
        ("y' = y**2 + y''", "y'' cannot stand"),
    ],
)
def test_laws_that_are_out_of_reach_say_why(law, reason):
    with pytest.raises(LawError, match=reason) as error:
        read(law, "y = y")
    assert "\n" not in str(error.value)


def test_the_expanded_law_is_the_equation_by_scipy():
    made = expansion(*HIDDEN)
    assert made.constants == ("a", "b")
    a, b, *start = fitted = np.array([0.4, 0.3, 0.5, -0.1])
    law = made.law(fitted)
    law = law.but(cell=law.cell.in_steps(8))
    z = np.array(start) * np.sqrt(SCALE) / DX ** np.arange(2)
    answer = []
    for v in INPUT[0, :, 0]:
        z = solve_ivp(
            lambda _, z, v=v: [z[1], a * (1 - b * z[0] ** 2) * z[1] + v * z[0] ** 2 - a * b + v**2],
            (0, DX), z, rtol=1e-11, atol=1e-12,
        ).y[:, -1]  # fmt: skip
        answer.append(b * z[0] ** 2 + z[1])
    found = law.outputs(Shown.unanswered(INPUT))[:, 0, 0] * SCALE
    np.testing.assert_allclose(found, answer, rtol=1e-7)


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("law", [HIDDEN, (INTERACTING, "rho = psi**2")])
def test_the_gradient_is_that_of_the_loss(law, own):
    made = expansion(*law)
    if own:
        made = made.along(made.template.but(preparation=Own(np.zeros((4, 2)))))
    target = np.random.default_rng(1).normal(size=(4, 6, 1))
    problem = ConstantsProblem(made, Shown.of(INPUT, target))
    there, step = np.random.default_rng(2).uniform(0.1, 0.5, made.size), 1e-6
    differences = [
        (problem.at(there + step * e).loss - problem.at(there - step * e).loss) / (2 * step)
        for e in np.eye(made.size)
    ]
    found = problem.at(there).equations()
    gradient = np.zeros(made.size)
    gradient[found.dense] = found.gradient
    if found.own is not None:
        gradient[found.own.starts] = found.own.gradient
    assert (found.own is not None) is own
    np.testing.assert_allclose(2 * gradient, differences, atol=1e-6 * np.abs(differences).max())
