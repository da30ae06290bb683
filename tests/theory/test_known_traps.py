"""Traps with levels in closed form, and the basis of sines in which levels are computed."""

import numpy as np
import pytest
from levels_example import theory_of

from hiddenlaw.errors import SettingsError
from hiddenlaw.levels.known_traps import TRAPS, parse_trap
from hiddenlaw.levels.sine_dvr import SineBasis


@pytest.mark.parametrize("intervals", [5, 40])
def test_the_kinetic_matrix_is_that_of_sines(intervals):
    """-d²/dx² has the eigenvalues (kπ/L)², and the sines on the points as eigenvectors."""
    basis = SineBasis(-1.0, 2.0, intervals)
    k = np.arange(1, intervals)
    sines = np.sqrt(2 / intervals) * np.sin(np.pi * np.outer(k, k) / intervals)
    expected = sines @ np.diag((k * np.pi / 3) ** 2) @ sines
    np.testing.assert_allclose(basis.minus_second_derivative(), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", TRAPS)
@pytest.mark.parametrize("kappa", [0.4, 1.0, 2.6])
def test_built_in_traps_hold_the_levels_they_claim(name, kappa):
    """Closed form and a solver that knows nothing of it agree, on the trap's own grid."""
    trap = parse_trap(
        f"{name}:{'depth=25' if name == 'morse' else 'a=1.5'}".replace(
            "harmonic:a", "harmonic:omega"
        )
    )
    x = trap.grid(kappa, 6)
    expected = trap.levels(kappa, 6)
    found = theory_of(kappa).bound_states(trap.potential(x), x, count=len(expected))
    assert len(expected) >= 2
    np.testing.assert_allclose(found.energies, expected, rtol=0, atol=1e-8)


def test_traps_are_named_with_their_constants():
    assert parse_trap("morse") == TRAPS["morse"]()
    assert parse_trap("poschl_teller:lambda=2.5,a=3") == TRAPS["poschl_teller"](2.5, 3.0)
    assert parse_trap("trap.csv") is None
    for text in ("harmonic:width=1", "harmonic:omega", "harmonic:omega=0", "morse:depth=deep,a=1"):
        with pytest.raises(SettingsError, match=text.split(":")[0]):
            parse_trap(text)
