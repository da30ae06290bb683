"""The picture of levels shows the trap, a line at every level and a wave at every line."""

import numpy as np
from levels_example import theory_of

from hiddenlaw.report.figures.levels import levels_figure

X = np.linspace(-8, 8, 201)


def drawn(found):
    picture = levels_figure(found, units={"V": "eV", "x": "nm"}, trap="harmonic")
    assert picture.png()[:4] == b"\x89PNG"
    (axes,) = picture.figure.axes
    return picture, axes


def test_every_level_is_drawn_at_its_energy_and_seen():
    found = theory_of().bound_states(X**2 / 2, X, count=4)
    _, axes = drawn(found)
    curves = [line.get_ydata() for line in axes.lines if len(line.get_ydata()) == len(X)]
    np.testing.assert_array_equal(curves[0], found.input)
    assert len(curves) == 5
    low, high = axes.get_ylim()
    for energy, curve in zip(found.energies, curves[1:], strict=True):
        assert abs(curve[0] - energy) < 1e-6  # the wave's zero lies at its level
        assert low < curve.min() <= energy < curve.max() < high
    assert axes.get_xlabel() == "$x$ (nm)"
    assert axes.get_ylabel() == "$V$ and $E_n$ (eV)"


def test_a_trap_that_binds_nothing_or_one_level_is_drawn_all_the_same():
    drawn(theory_of().bound_states(-(X**2), X))
    picture, _ = drawn(theory_of().bound_states(X**2 / 2, X, count=1))
    assert "The lowest level of" in picture.caption
