"""Elimination, against oracles that do not eliminate: differentiation along the law, by SymPy."""

import subprocess
import sys
from collections.abc import Iterable
from itertools import pairwise, product

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hiddenlaw.cells.terms import Coefficient
from hiddenlaw.theory.equations.eliminate import eliminate
from hiddenlaw.theory.equations.naming import ONE, derivative, factors_of

INPUTS = ("u", "v")


@st.composite
def systems(draw, dimensions=(1, 2, 3), degree=2, varying=2):
    """Terms of rows that hold known variables only, varying inputs leaving the first row alone.

    Coefficients are halves, so that floating point makes no difference.
    """
    d = draw(st.sampled_from(dimensions))
    found = {}
    for _ in range(draw(st.integers(1, 4))):
        row = draw(st.integers(0, d - 1))
        state = tuple(sorted(draw(st.lists(st.integers(0, row), max_size=degree))))
        still = row == 0 and d > 1
        offered = [p for p in product(range(2), repeat=2) if not (still and any(p[:varying]))]
        powers = draw(st.sampled_from(offered))
        value = draw(st.integers(-6, 6).filter(bool)) / 2
        found[row, state, powers] = Coefficient(row, state, powers, value)
    return d, list(found.values())


def along_the_law(found: Iterable[Coefficient], d: int, varying: int) -> dict[str, sp.Expr]:
    """y, y′, …, y^{(d)} and the inputs' derivatives, in terms of z and of the inputs' symbols."""
    z = sp.symbols(f"z0:{d}")
    levels = [[sp.Symbol(derivative(name, k)) for name in INPUTS] for k in range(d + 2)]
    moves = [z[r + 1] if r + 1 < d else sp.Integer(0) for r in range(d)]
    for c in found:
        factors = [z[k] for k in c.state]
        factors += [symbol**power for symbol, power in zip(levels[0], c.input, strict=True)]
        moves[c.row] += sp.Rational(c.value) * sp.Mul(*factors)

    def rate(expression):
        total = sum(sp.diff(expression, a) * b for a, b in zip(z, moves, strict=True))
        for now, later in pairwise(levels):
            for a, b in list(zip(now, later, strict=True))[:varying]:
                total += sp.diff(expression, a) * b
        return sp.expand(total)

    known = {symbol.name: symbol for level in levels for symbol in level}
    expression = z[0]
    for k in range(d + 1):
        known[derivative("y", k)] = expression
        expression = rate(expression)
    return known


def value_of(terms, known) -> sp.Expr:
    return sp.expand(
        sum(
            sp.Rational(term.value) * sp.Mul(*(known[n] ** power for n, power in factors_of(name)))
            for name, term in terms.items()
        )
    )


@settings(max_examples=60)
@given(system=systems(), varying=st.sampled_from([0, 1, 2]))
def test_the_scalar_equation_is_true_of_every_motion_of_the_system(system, varying):
    """Identically in the state and in the inputs with all their derivatives."""
    d, found = system
    law = eliminate(found, np.zeros((len(found),) * 2), d, "y", INPUTS, varying)
    assert law is not None
    assert law.left == derivative("y", d)
    known = along_the_law(found, d, varying)
    assert value_of(law.terms, known) == known[law.left]
    still = {derivative(name, k) for name in INPUTS[varying:] for k in range(1, d + 1)}
    assert not still & {factor for term in law.terms for factor, _ in factors_of(term)}


@settings(max_examples=40)
@given(system=systems(dimensions=(2, 3), varying=1))
def test_what_stays_the_same_along_a_run_may_move_the_response_itself(system):
    """As y′ = z + e y and z′ = −y: then y″ = e y′ − y, for e is a number there."""
    d, found = system
    law = eliminate(found, np.zeros((len(found),) * 2), d, "y", INPUTS, 1)
    assert law is not None
    known = along_the_law(found, d, 1)
    assert value_of(law.terms, known) == known[law.left]


@settings(max_examples=25)
@given(system=systems(dimensions=(2, 3)), seed=st.integers(0, 2**16))
def test_errors_are_those_of_small_changes_of_the_coefficients(system, seed):
    """The gradient of each coefficient by central differences, and the delta method."""
    d, found = system
    size = 1e-4
    root = np.random.default_rng(seed).normal(size=(len(found),) * 2)
    covariance = root @ root.T

    def values(change, index):
        moved = [c._replace(value=c.value + change * (k == index)) for k, c in enumerate(found)]
        terms = eliminate(moved, 0 * covariance, d, "y", INPUTS).terms
        return np.array([term.value for term in terms.values()])

    slopes = np.stack(
        [(values(size, k) - values(-size, k)) / (2 * size) for k in range(len(found))], axis=1
    )
    errors = [term.stderr for term in eliminate(found, covariance, d, "y", INPUTS).terms.values()]
    expected = np.sqrt(np.einsum("tp,pq,tq->t", slopes, covariance, slopes))
    np.testing.assert_allclose(errors, expected, rtol=1e-5, atol=1e-5)


@given(system=systems(dimensions=(2, 3)), row=st.integers(0, 1), data=st.data())
def test_a_row_that_asks_for_what_is_not_known_leaves_no_scalar_equation(system, row, data):
    d, found = system
    assume(row < d - 1)
    unknown = data.draw(st.integers(row + 1, d - 1))
    more = [*found, Coefficient(row, (0, unknown), (0, 0), 0.5)]
    assert eliminate(more, np.zeros((len(more),) * 2), d, "y", INPUTS) is None


def test_an_input_that_drives_the_response_directly_leaves_no_scalar_equation():
    found = [Coefficient(0, (), (1, 0), 0.5), Coefficient(1, (0,), (0, 0), -1.0)]
    assert eliminate(found, np.zeros((2, 2)), 2, "y", INPUTS) is None


def test_two_blocks_one_of_them_heated():
    """z₀′ = z₁ − a z₀, z₁′ = b u − c z₁ is y″ = b u − ac y − (a + c) y′."""
    a, b, c = 0.3, 2.0, 0.7
    found = [
        Coefficient(0, (0,), (0, 0), -a),
        Coefficient(1, (), (1, 0), b),
        Coefficient(1, (1,), (0, 0), -c),
    ]
    terms = eliminate(found, np.zeros((3, 3)), 2, "y", INPUTS).terms
    assert {n: t.value for n, t in terms.items()} == pytest.approx(
        {"u": b, "y": -a * c, "y'": -a - c}
    )


def test_a_middle_row_that_is_driven_brings_the_slope_of_the_input():
    """z₀′ = z₁, z₁′ = z₂ + b u, z₂′ = −y³: y‴ = b u′ − y³."""
    found = [Coefficient(1, (), (1, 0), 2.0), Coefficient(2, (0, 0, 0), (0, 0), -1.0)]
    terms = eliminate(found, np.zeros((2, 2)), 3, "y", INPUTS).terms
    assert {n: t.value for n, t in terms.items()} == {"u'": 2.0, "y**3": -1.0}


def test_a_law_without_any_term_says_so():
    law = eliminate([], np.zeros((0, 0)), 3, "y", INPUTS)
    assert (law.left, list(law.terms)) == ("y'''", [ONE])
    assert law.terms[ONE].value == 0


def test_elimination_needs_no_computer_algebra():
    program = (
        "import sys, numpy as np; from hiddenlaw.cells.terms import Coefficient; "
        "from hiddenlaw.theory import statement; "
        "from hiddenlaw.theory.equations.eliminate import eliminate; "
        "eliminate([Coefficient(1, (0,), (1,), 2.0)], np.eye(1), 3, 'rho', ('V',)); "
        "sys.exit('sympy' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
