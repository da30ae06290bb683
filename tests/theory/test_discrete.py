"""What is said of the law between neighbouring sites, and of how responses read the state."""

import numpy as np
import pytest
from scipy.linalg import expm

from hiddenlaw.cells.terms import Coefficient
from hiddenlaw.theory.equations.discrete import discrete_law
from hiddenlaw.theory.equations.eliminate import eliminate
from hiddenlaw.theory.equations.entries import raw_matrices
from hiddenlaw.theory.equations.intervals import NORMAL, equation_with_errors
from hiddenlaw.theory.equations.parse import parse_equation, symbol
from hiddenlaw.theory.equations.readout import readout_law
from hiddenlaw.theory.equations.system import first_order
from hiddenlaw.theory.equations.term import Term

EXPONENTS = ((0,), (1,), (2,))


def discrete(*entries):
    found = [Coefficient(row, (column,), (power,), v) for row, column, power, v in entries]
    nothing = np.zeros(len(found))
    scalar = eliminate(found, np.diag(nothing), 2, "psi", ("V",))
    system = first_order(found, nothing, 2, "psi", ("V",))
    return discrete_law(scalar, system, raw_matrices(found, EXPONENTS, (0, 1)), EXPONENTS, ("V",))


def test_schroedingers_equation_has_three_terms():
    law = discrete((1, 0, 1, 1.3), (1, 0, 0, -0.37))
    assert law.definitions[0] == "k**2 = 0.37 - 1.3*V in each cell"
    assert law.leading_order.endswith("f = 1.3*V - 0.37")
    assert law.equation.startswith("psi[i+1]/s[i+1] + psi[i-1]/s[i] = ")


@pytest.mark.parametrize("inputs", [(0.9, -0.4), (-2.0, -1.0), (0.1, 0.1)])
def test_the_three_terms_hold_along_exact_solutions(inputs):
    """k as the definitions say; ψ and ψ′ from cell to cell by the exponential of the generator."""
    dx = 0.2
    said = discrete((1, 0, 1, 1.3), (1, 0, 0, -0.37)).definitions[0].removesuffix(" in each cell")
    square = parse_equation(said.replace("k**2", "k", 1)).right
    (c0, s0), (c1, s1) = (
        (np.cos(k * dx), np.sin(k * dx) / k)
        for k in (np.sqrt(complex(square.subs(symbol("V"), v))) for v in inputs)
    )
    states = [np.array([0.7, -0.4])]
    for v in inputs:
        states.append(expm(dx * np.array([[0, 1], [1.3 * v - 0.37, 0]])) @ states[-1])
    before, here, after = (state[0] for state in states)
    assert after / s1 + before / s0 == pytest.approx((c1 / s1 + c0 / s0) * here)


def test_a_damped_law_is_told_by_its_update_matrix():
    law = discrete((1, 0, 1, 2.0), (1, 1, 0, -0.3))
    assert law.leading_order is None
    assert law.equation == "z[i] = exp(dx*(A + B*V[i])) z[i-1]"
    assert law.definitions == ("A = [[0, 1], [0, -0.3]]", "B = [[0, 0], [2, 0]]")


def test_every_matrix_has_a_letter_of_its_own():
    exponents = tuple((k,) for k in range(12))
    system = first_order([], np.zeros(0), 1, "y", ("u",))
    law = discrete_law(None, system, np.ones((12, 1, 1)), exponents, ("u",))
    letters = [line.split(" = ")[0] for line in law.definitions]
    assert len(set(letters)) == 12
    assert letters[-1] == "B1"
    assert law.equation.endswith("L*u**9[i] + A1*u**10[i] + B1*u**11[i])) z[i-1]")


def test_a_response_reads_the_state_in_the_data_s_units():
    """Weights are of the response over its scale, for variables over their units."""
    features = [(), (0,), (0, 0), (0, 1)]
    weights, errors = np.zeros((4, 2)), np.zeros((4, 2))
    weights[2, 0], weights[3, 1], weights[0, 1] = 1.0, 0.5, 2.0
    errors[3, 1] = 0.1
    units = np.array([2.0, 10.0])
    law = readout_law(("rho", "flow"), ("psi", "psi'"), features, weights, errors, units, 4.0)
    assert law.equation == "rho = psi**2; flow = 8 + 0.1*psi*psi'"
    term = law.terms["flow"]["psi*psi'"]
    assert (term.value, term.stderr) == pytest.approx((0.1, 0.02))
    assert law.latex.startswith(r"\rho = \psi^{2},\quad ")


def test_small_errors_and_numbers_are_typeset_with_powers_of_ten():
    term = Term(3e-6, 1e-6, (1e-6, 5e-6))
    text = equation_with_errors("y'", {"y": term, "1": Term(1.0, 0.0, (1.0, 1.0))}, latex=True)
    assert text == r"y' = (3\cdot 10^{-6} \pm 2\cdot 10^{-6})\,y + 1"


def test_the_interval_is_that_of_a_normal_distribution():
    from scipy.stats import norm

    assert norm.ppf(0.975) == NORMAL
