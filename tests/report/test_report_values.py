"""A number in the report says what was measured, to within what was measured."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiddenlaw.report.names import axis_label, mathtext, pretty, prose
from hiddenlaw.report.values import compact, rounded, typeset, with_error

VALUES = st.floats(-1e12, 1e12).filter(lambda value: value == 0 or abs(value) > 1e-250)
ERRORS = st.floats(1e-30, 1e9)


def read(text: str) -> tuple[float, float]:
    """What 0.3700000(12) and 1.23(4)e-7 mean, as any physicist reads them."""
    found = re.fullmatch(r"(-?\d+(?:\.(\d+))?)\((\d+)\)(?:e(-?\d+))?", text)
    assert found, text
    decimals, power = len(found[2] or ""), int(found[4] or 0)
    return float(f"{found[1]}e{power}"), float(f"{found[3]}e{power - decimals}")


@given(VALUES, ERRORS)
def test_a_value_and_its_error_are_read_back_within_the_error(value, stderr):
    shown, error = read(with_error(value, stderr))
    resolution = 4 * max(math.ulp(value), math.ulp(stderr))
    assert abs(shown - value) <= 0.5 * stderr + resolution
    floor = max(stderr, abs(value) * 2.3e-16)
    assert 0.7 * stderr <= error <= 1.4 * floor


@given(VALUES, ERRORS)
def test_an_error_has_one_digit_or_two_from_a_one(value, stderr):
    digits = re.search(r"\((\d+)\)", with_error(value, stderr))
    assert digits is not None
    assert re.fullmatch("[2-9]|1[0-9]", digits[1])


@given(st.floats(-1e300, 1e300).filter(lambda v: abs(v) > 1e-300 or not v))
def test_a_rounded_number_is_right_to_its_digits(value):
    assert float(rounded(value)) == pytest.approx(value, rel=0.0501)
    assert float(compact(value, 8)) == pytest.approx(value, rel=6e-8)


@pytest.mark.parametrize(
    ("value", "stderr", "shown"),
    [
        (1.00000000012, 3.4e-10, "1.0000000001(3)"),
        (-0.37, 1.2e-7, "-0.37000000(12)"),
        (0.37, 0.0, "0.37"),
        (0.37, None, "0.37"),
        (2.5e-9, 2e-11, "2.50(2)e-9"),
        (0.0003, 0.002, "0.000(2)"),
        (-1e-13, 4e-12, "0(4)e-12"),
        (12345.0, 200.0, "1.23(2)e4"),
        (1.0, 1e-30, "1.0000000000000000(2)"),
        (0.5, math.inf, "0.50 (error unknown)"),
        (math.nan, 0.1, "—"),
        (None, None, "—"),
    ],
)
def test_values_with_errors(value, stderr, shown):
    assert with_error(value, stderr) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1.2e-26, "1.2e-26"),
        (0, "0"),
        (0.985, "0.98"),
        (math.inf, "∞"),
        (None, "—"),
        (25844, "2.6e4"),
    ],
)
def test_numbers(value, shown):
    assert rounded(value) == shown


def test_print_has_powers_of_ten_and_minus_signs_but_words_keep_their_hyphens():
    assert typeset("-1.2e-26") == "−1.2×10⁻²⁶"
    assert typeset("1.23(4)e5, held-out at d - 1") == "1.23(4)×10⁵, held-out at d − 1"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("data/gamma/psi.csv", "data/gamma/psi.csv"),
        ("gamma.mat, rho_1.mat: off by rho", "gamma.mat, rho_1.mat: off by ρ"),
        (r"C:\data\mu\run.xlsx; psi'' is told", r"C:\data\mu\run.xlsx; ψ″ is told"),
        ("0.5*psi is rho.", "0.5 ψ is ρ."),
        ("read from gamma.csv.", "read from gamma.csv."),
        ("'gamma.csv' and [mu.parquet] of psi", "'gamma.csv' and [mu.parquet] of ψ"),
        ("rho.", "ρ."),
    ],
)
def test_files_are_called_what_they_are_called(text, shown):
    assert prose(text) == shown


def test_names_are_typeset():
    assert pretty("psi'' = V*psi - 0.37*psi") == "ψ″ = V ψ − 0.37 ψ"
    assert pretty("rho'''") == "ρ‴"
    assert pretty("V1**2*psi2'") == "V₁² ψ₂′"
    assert pretty("Temp*y") == "Temp y"
    assert mathtext("psi1''") == r"$\psi_{1}''$"
    assert mathtext("Temp_in") == r"$\mathrm{Temp\_in}$"
    assert axis_label("V", {"V": "eV nm^-2"}) == "$V$ (eV nm⁻²)"
    assert prose("the translator's psi: rho = psi**2, held-out") == (
        "the translator's ψ: ρ = ψ², held-out"
    )
