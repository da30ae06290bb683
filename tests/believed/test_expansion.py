"""A believed law is a law: its constants expand to numbers, and derivatives follow them."""

import subprocess
import sys

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm

from hiddenlaw.believed.expansion import Expansion, evaluate
from hiddenlaw.believed.fit import ConstantsProblem
from hiddenlaw.believed.linear_law import linear_law
from hiddenlaw.errors import LawError
from hiddenlaw.holds import Span
from hiddenlaw.law import Shown
from hiddenlaw.theory.equations.parse import parse_equation

DX, SCALE = 0.2, 3.0
SPAN = Span((-3.0,), (1.0,))
INPUT = np.random.default_rng(0).uniform(-3.0, 1.0, (4, 6, 1))
LAWS = [
    ("psi'' = (kappa*V - E)*psi", "r = psi**2"),
    ("r''' = 4*(kappa*V - E)*r' + 2*kappa*V'*r", "r = r"),
    ("q'' = (a/b*V**2 + V/b - b**3)*q - (a + b)**2*q'", "r = b*q**2 + a*q + a*b"),
]


def expansion(law, readout):
    system = linear_law(parse_equation(law), parse_equation(readout), ("V",))
    return Expansion.over(system, SPAN, DX, SCALE)


def fitted_numbers(made, seed=0):
    return np.random.default_rng(seed).uniform(0.4, 0.9, made.size)


def test_the_expanded_law_is_the_equation_by_scipy_s_exponential():
    """Ψ″ = (κV − E) ψ with ψ over the root of the scale, and ψ′ over the same and dx."""
    made = expansion(*LAWS[0])
    assert made.constants == ("E", "kappa")
    energy, kappa, *start = fitted_numbers(made)
    state = np.array(start) * np.sqrt(SCALE) / DX ** np.arange(2)
    density = []
    for v in INPUT[0, :, 0]:
        state = expm(DX * np.array([[0, 1], [kappa * v - energy, 0]])) @ state
        density.append(state[0] ** 2)
    law = made.law(fitted_numbers(made))
    found = law.outputs(Shown.unanswered(INPUT))[:, 0, 0] * SCALE
    np.testing.assert_allclose(found, density, rtol=1e-9)


@pytest.mark.parametrize(("law", "readout"), LAWS)
def test_numbers_move_with_the_constants_as_differences_say(law, readout):
    made = expansion(law, readout)
    fitted, step = fitted_numbers(made), 1e-6
    differences = [
        (made.flat(fitted + step * e) - made.flat(fitted - step * e)) / (2 * step)
        for e in np.eye(made.size)
    ]
    np.testing.assert_allclose(made.slopes(fitted), np.transpose(differences), atol=1e-7)
    still = ~made.free
    assert not made.slopes(fitted)[still].any()


@pytest.mark.parametrize(("law", "readout"), LAWS)
def test_the_gradient_over_constants_is_that_of_the_loss(law, readout):
    made = expansion(law, readout)
    target = np.random.default_rng(1).normal(size=(4, 6, 1))
    weight = np.random.default_rng(2).uniform(0.5, 2.0, target.shape)
    problem = ConstantsProblem(made, Shown.of(INPUT, target, weight))
    fitted, step = fitted_numbers(made), 1e-6
    differences = [
        (problem.at(fitted + step * e).loss - problem.at(fitted - step * e).loss) / (2 * step)
        for e in np.eye(made.size)
    ]
    found = problem.at(fitted).equations()
    size = np.abs(differences).max()
    np.testing.assert_allclose(2 * found.gradient, differences, atol=1e-6 * size)
    # JᵀJ is the second derivative of half the loss where nothing is left.
    outputs = made.law(fitted).outputs(Shown.unanswered(INPUT)).swapaxes(0, 1)
    exact = ConstantsProblem(made, Shown.of(INPUT, outputs, weight))
    gradients = [
        (exact.at(fitted + step * e).equations().gradient
         - exact.at(fitted - step * e).equations().gradient) / (2 * step)
        for e in np.eye(made.size)
    ]  # fmt: skip
    matrix = exact.at(fitted).equations().matrix
    np.testing.assert_allclose(matrix, gradients, atol=1e-6 * np.abs(matrix).max())


def test_constants_that_allow_of_no_law_have_an_infinite_loss():
    made = expansion(*LAWS[2])
    problem = ConstantsProblem(made, Shown.of(INPUT, np.zeros((4, 6, 1))))
    assert problem.at(np.zeros(made.size)).loss == np.inf  # it divides by b
    assert problem.at(np.full(made.size, 1e3)).loss == np.inf  # it overflows


@given(a=st.floats(-3, 3), b=st.floats(0.1, 3))
def test_expressions_are_walked_as_sympy_evaluates_them(a, b):
    x, y = sp.symbols("a b")
    expression = (x - y) ** 3 / (2 * y) + sp.Rational(1, 3) * x * y**-2 - sp.Float(0.25)
    found = evaluate(expression, {"a": np.float64(a), "b": np.float64(b)})
    assert found == pytest.approx(float(expression.subs({x: a, y: b})), rel=1e-12, abs=1e-12)


def test_what_is_no_rational_expression_is_refused():
    with pytest.raises(LawError, match="cannot evaluate sin"):
        evaluate(sp.sin(sp.Symbol("a")), {"a": np.float64(1.0)})


def test_a_believed_law_is_tested_without_jax():
    program = """
import sys
import numpy as np
import hiddenlaw as hl
t = np.linspace(0.1, 1.2, 12)
data = hl.Dataset.from_arrays(np.zeros((2, 12)), np.tile(np.exp(-t), (2, 1)), dx=0.1)
name = data.response_names[0]
test = hl.test_law(f"{name}' = -a*{name}", data, response_error=0.1)
assert abs(test.constants["a"][0] - 1) < 1e-9, test
sys.exit(', '.join({'jax', 'equinox', 'optimistix'} & set(sys.modules)) or 0)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
