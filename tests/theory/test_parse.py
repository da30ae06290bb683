"""An equation is read, never run; what is no equation ends in one clear sentence."""

from contextlib import suppress

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from hiddenlaw.believed.linear_law import linear_law
from hiddenlaw.errors import LawError
from hiddenlaw.theory.equations.parse import parse_equation


def test_the_schroedinger_equation_is_read():
    law = parse_equation("psi'' = (V - E)*psi")
    v, e, psi = sp.symbols("V E psi")
    assert (law.name, law.order, law.left) == ("psi", 2, "psi''")
    assert sp.expand(law.right - (v - e) * psi) == 0


def test_primes_are_derivatives():
    law = parse_equation("rho''' = 4*(kappa*V - E)*rho' + 2*kappa*V'*rho")
    assert {s.name for s in law.right.free_symbols} == {"kappa", "V", "E", "rho'", "V'", "rho"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("y = 1/4 + 1/4", 0.5),
        ("y = -2**2", -4),
        ("y = 2**-1", 0.5),
        ("y = +3 - -1", 4),
        ("y = 1.5e1", 15),
    ],
)
def test_arithmetic_is_that_of_python(text, value):
    assert float(parse_equation(text).right) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no equation"),
        ("psi''", "is no equation"),
        ("a = b = c", "is no equation"),
        ("psi'' == V*psi", "is no equation"),
        ("2*psi'' = V*psi", "is no name with primes"),
        ("= psi", "is no name with primes"),
        ("psi'' = ", "cannot read"),
        ("psi'' = V psi", "cannot read"),
        ("psi'' = (V*psi", "cannot read"),
        ("psi'' = V*psi; x", "cannot read"),
        ("psi'' = V^2*psi", r"write \*\* for powers, not \^"),
        ("psi'' = sin(V)*psi", "functions cannot be read"),
        ("psi'' = psi**0.5", "powers"),
        ("psi'' = psi**n", "powers"),
        ("psi'' = psi**17", "whole numbers up to 16"),
        ("psi'' = psi/0", "divides by zero"),
        ("psi'' = 0**-1*psi", "divides by zero"),
        ("psi'' = V if V else psi", "only"),
        ("psi'' = [psi]", "only"),
        ("psi'' = 'psi'", "."),
        ("psi'' = True*psi", "only"),
        ("psi'' = 1j*psi", "only"),
        ("psi'' = V.real", "only"),
        ("psi'' = V//psi", "only"),
        ("psi'' = " + "(" * 300 + "psi" + ")" * 300, "cannot read"),
        ("psi'' = " + "-" * 1900 + "psi", "."),
        ("psi'' = " + "psi+" * 1000 + "psi", "4011 characters"),
    ],
)
def test_what_is_no_equation_is_refused_with_a_reason(text, reason):
    if set(text) <= set("psi'= -") and "--" in text:
        # So many signs may be read, or refused as too deep; nothing else.
        try:
            parse_equation(text)
        except LawError:
            return
        return
    with pytest.raises(LawError, match=reason):
        parse_equation(text)


@pytest.mark.parametrize(
    "text",
    [
        "psi'' = open(FILE, 'w').close()",
        "psi'' = __import__('pathlib').Path(FILE).touch()",
        "psi'' = (lambda: open(FILE, 'w'))()",
        "psi'' = [open(f, 'w') for f in (FILE,)][0]",
        "psi'' = (x := open(FILE, 'w'))",
        "psi'' = f'{open(FILE, chr(119))}'",
        "psi'' = eval('open(FILE)')",
        "psi'' = psi.__class__.__mro__",
        "psi'' = psi['V']",
    ],
)
def test_nothing_is_executed(text, tmp_path):
    made = tmp_path / "made"
    with pytest.raises(LawError):
        parse_equation(text.replace("FILE", repr(str(made))))
    assert not made.exists()


def read(law: str, readout: str = "rho = psi**2") -> None:
    linear_law(parse_equation(law), parse_equation(readout), ("V",))


@settings(max_examples=300)
@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text):
    for candidate in (text, "psi'' = " + text):
        with suppress(LawError):
            parse_equation(candidate)


pieces = st.sampled_from(
    [
        "psi",
        "psi'",
        "V",
        "V'",
        "E",
        "2",
        "0",
        "1.5",
        "1e999",
        "+",
        "-",
        "*",
        "/",
        "**",
        "(",
        ")",
        " ",
    ]
)


@settings(max_examples=300)
@given(st.lists(pieces, max_size=9).map("".join))
def test_no_mixture_of_symbols_breaks_the_reading_of_a_law(right):
    for law, readout in (
        (f"psi'' = {right}", "rho = psi**2"),
        ("psi'' = V*psi", f"rho = {right}"),
    ):
        with suppress(LawError):
            read(law, readout)


@pytest.mark.parametrize(
    ("law", "readout", "reason"),
    [
        ("psi = V*psi", "rho = psi", "needs a prime"),
        ("psi'' = psi**2", "rho = psi", "must be linear"),
        ("psi'' = V*psi + 1", "rho = psi", "degree 0"),
        ("psi'' = psi/V", "rho = psi", "polynomial in V"),
        ("psi'' = V/psi", "rho = psi", "polynomial in psi"),
        ("psi'' = psi'''", "rho = psi", "cannot stand on the right"),
        ("psi'' = V''*psi", "rho = psi", "cannot stand on the right"),
        ("psi'' = V'*psi'", "rho = psi", "cannot be taken"),
        ("psi'' = V*V'*psi", "rho = psi", "only be multiplied by constants"),
        ("psi'' = V*psi", "rho' = psi", "no prime on its left"),
        ("psi'' = V*psi", "rho = psi**3", "quadratic at most"),
        ("psi'' = V*psi", "rho = V*psi", "polynomial in psi alone"),
    ],
)
def test_laws_that_are_out_of_reach_say_why(law, readout, reason):
    with pytest.raises(LawError, match=reason):
        read(law, readout)


def test_the_density_form_needs_no_derivative_of_the_input():
    """With ζ = ρ″ − 2κVρ: ζ′ = (2κV − 4E) ρ′, whatever V jumps."""
    law = linear_law(
        parse_equation("rho''' = 4*(kappa*V - E)*rho' + 2*kappa*V'*rho"),
        parse_equation("rho = rho"),
        ("V",),
    )
    kappa, energy = sp.symbols("kappa E")
    entries = {place: sp.expand(expression) for place, expression in law.entries}
    assert entries == {
        (0, 0, 1): 1,
        (0, 1, 2): 1,
        (1, 1, 0): 2 * kappa,
        (0, 2, 1): -4 * energy,
        (1, 2, 1): 2 * kappa,
    }
    assert law.constants == ("E", "kappa")
    assert law.weights == ((1, 1),)


@pytest.mark.parametrize(
    "text",
    [
        "y' = ((a+b+c+d)**16)**16",
        "y' = ((9**16)**16)**16",
        "y' = (a+b)**16*(c+d)**16*(e+f)**16*(g+h)**16",
    ],
)
def test_powers_that_would_explode_are_refused_before_they_do(text):
    with pytest.raises(LawError, match="too"):
        parse_equation(text)
