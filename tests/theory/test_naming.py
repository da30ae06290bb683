"""Terms are called in one way, and a name says which product it is."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hiddenlaw.theory.equations.naming import (
    derivative,
    factors_of,
    latex_name,
    latex_term,
    product,
    rounded,
    term_name,
    without_primes,
)
from hiddenlaw.theory.equations.term import Term, ordered
from hiddenlaw.theory.equations.writing import equation, equations

names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,5}'{0,3}", fullmatch=True)


@pytest.mark.parametrize(
    ("factors", "name"),
    [
        ([], "1"),
        (["psi"], "psi"),
        (["psi", "V"], "V*psi"),
        (["rho", "V'"], "V'*rho"),
        (["V", "psi", "V"], "V**2*psi"),
        (["rho'", "rho'"], "rho'**2"),
    ],
)
def test_factors_in_alphabetical_order_powers_with_two_stars(factors, name):
    assert term_name(factors) == name


@given(st.lists(names, max_size=6))
def test_a_name_tells_its_factors_again(factors):
    told = factors_of(term_name(factors))
    assert sorted(n for n, power in told for _ in range(power)) == sorted(factors)
    assert term_name(n for n, power in told for _ in range(power)) == term_name(factors)


@given(st.lists(names, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_factors_does_not_matter(factors, random):
    shuffled = list(factors)
    random.shuffle(shuffled)
    assert term_name(shuffled) == term_name(factors)


def test_derivatives_are_primes():
    assert [derivative("rho", k) for k in range(4)] == ["rho", "rho'", "rho''", "rho'''"]


def test_a_name_tells_its_primes_again():
    names = [derivative("rho", k) for k in range(4)]
    assert [without_primes(name) for name in names] == [("rho", k) for k in range(4)]


def test_a_term_is_powers_of_the_inputs_times_variables():
    assert product((2, 1), ("V", "u"), ["psi", "psi"]) == "V**2*psi**2*u"
    assert product((0, 0), ("V", "u"), []) == "1"


def test_terms_with_products_come_first_and_a_constant_last():
    terms = dict.fromkeys(["1", "y", "V*y", "y'", "V**2*y", "u*y"], Term(1.0))
    assert list(ordered(terms)) == ["V*y", "u*y", "V**2*y", "y", "y'", "1"]


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("psi''", r"\psi''"),
        ("psi1", r"\psi_{1}"),
        ("rho_2'", r"\rho_{2}'"),
        ("V", "V"),
        ("V12", "V_{12}"),
        ("Temp", r"\mathrm{Temp}"),
        ("lock_in", r"\mathrm{lock\_in}"),
        ("Psi", r"\Psi"),
    ],
)
def test_names_in_latex(name, latex):
    assert latex_name(name) == latex


def test_products_in_latex():
    assert latex_term("V*psi") == r"V\,\psi"
    assert latex_term("V'**2*psi**3") == r"(V')^{2}\,\psi^{3}"
    assert latex_term("1") == ""


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.0, 0.0, "0"),
        (-0.37, 0.0, "-0.37"),
        (1.23456789, 0.01, "1.23"),
        (1.23456789, 1e-12, "1.23457"),
        (1.0000000004, 1e-9, "1"),
        (123456.0, 1e4, "120000"),
        (0.4, 3.0, "0.4"),
        (0.00012345678, 0.0, "0.000123457"),
        (1e-7, 0.0, "1e-07"),
    ],
)
def test_as_many_digits_as_the_error_leaves_certain(value, error, text):
    assert rounded(value, error) == text


@given(value=st.floats(1e-9, 1e9), error=st.floats(1e-12, 1e9), sign=st.sampled_from([1, -1]))
def test_a_number_is_right_to_its_error_or_to_six_digits(value, error, sign):
    assume(error < value)
    written = float(rounded(sign * value, error))
    last_place = 10.0 ** math.floor(math.log10(error))
    assert abs(written - sign * value) <= max(0.51 * last_place, 0.51e-5 * value)


def test_equations_as_they_are_read():
    terms = {"V*psi": Term(1.0, 1e-9), "psi": Term(-0.37, 1e-9)}
    assert equation("psi''", terms) == "psi'' = V*psi - 0.37*psi"
    assert equation("psi''", terms, latex=True) == r"\psi'' = V\,\psi - 0.37\,\psi"


def test_a_first_term_that_is_negative_a_constant_and_nothing_at_all():
    assert equation("y'", {"y": Term(-1.0, 0.0), "1": Term(2.5, 0.0)}) == "y' = -y + 2.5"
    assert equation("y'", {}) == "y' = 0"
    assert equation("y'", {"u": Term(-3.0, 0.0)}, head="y") == "y' = y - 3*u"


def test_small_numbers_have_powers_of_ten_in_latex():
    assert equation("y'", {"y": Term(-2e-7, 0.0)}, latex=True) == r"y' = -2\cdot 10^{-7}\,y"


def test_several_equations_in_one_line():
    rows = {"psi1''": {"V*psi1": Term(1.0)}, "psi2''": {"psi1": Term(-2e-7)}}
    assert equations(rows) == "psi1'' = V*psi1; psi2'' = -2e-07*psi1"
    assert equations(rows, latex=True) == (
        r"\psi_{1}'' = V\,\psi_{1},\quad \psi_{2}'' = -2\cdot 10^{-7}\,\psi_{1}"
    )
