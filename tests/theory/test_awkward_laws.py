"""Laws at the edge of what can be read are read rightly, or refused with a sentence."""

import pytest

from hiddenlaw.believed.linear_law import linear_law
from hiddenlaw.errors import LawError
from hiddenlaw.theory.equations.parse import parse_equation


def read(law, readout="r = psi**2"):
    return linear_law(parse_equation(law), parse_equation(readout), ("V",))


@pytest.mark.parametrize("readout", ["rho = 1/psi", "rho = psi/(psi + 1)", "rho = 2/psi**2"])
def test_a_readout_that_is_no_polynomial_is_refused(readout):
    with pytest.raises(LawError, match="polynomial in psi"):
        read("psi'' = V*psi", readout)


@pytest.mark.parametrize("name", ["z0", "z1", "v0", "y0", "p0", "psi1"])
def test_a_constant_may_have_any_name(name):
    """Also one that the program uses for itself: the law is the same, the constant another."""
    plain, odd = read("psi'' = (V - E)*psi"), read(f"psi'' = (V - {name})*psi")
    assert odd.constants == (name,)
    assert [place for place, _ in odd.entries] == [place for place, _ in plain.entries]
