"""Smooth inputs that act late are those of the same curve."""

import numpy as np
import pytest

from hiddenlaw.holds import applied, hold_called


@pytest.mark.parametrize("hold", ["first", "cubic"])
@pytest.mark.parametrize("late", [1.0, 2.3, 0.9])
def test_cells_are_shown_the_curve_so_many_sites_before(hold, late):
    values = np.random.default_rng(0).normal(size=(2, 14))
    shown = applied(values[..., None], hold, (late,)).values
    fine = np.linspace(0.0, 1.0, 1001)
    curve = hold_called(hold).within(values, list(fine))  # (run, cell, fraction)
    for site in range(5, 14):
        for column, point in enumerate((0.5 - np.sqrt(3) / 6, 0.5 + np.sqrt(3) / 6)):
            cell, fraction = divmod(site - 1 + point - late, 1.0)
            for run in range(2):
                there = np.interp(fraction, fine, curve[run, int(cell)])
                assert shown[run, site, column] == pytest.approx(there, abs=1e-5)
    assert not shown[:, 0, 2].any()
