"""The polynomial map from site to site."""

from dataclasses import replace

import numpy as np
import pytest
from duffing_law import RUNS, SITES, D, along, starts

from hiddenlaw.cells import CELLS, Coefficient, DiscretePolynomialCell, pairs_up_to
from hiddenlaw.errors import SettingsError
from hiddenlaw.holds import Span

SPAN = Span((-0.5,), (1.0,))
INPUT = np.random.default_rng(0).uniform(-0.5, 1.0, (RUNS, SITES, 1))
# Hénon's map, x ← 1 − a x² + y, y ← b x, with an input that moves x.
HENON = [
    Coefficient(0, (), (0,), 1.0),
    Coefficient(0, (0, 0), (0,), -1.4),
    Coefficient(0, (1,), (0,), 1.0),
    Coefficient(0, (), (1,), 0.1),
    Coefficient(1, (0,), (0,), 0.3),
]


def henon(**changes):
    cell = DiscretePolynomialCell.of(HENON, D, SPAN)
    return replace(cell.reaching(np.full(D, -2.0), np.full(D, 2.0)), **changes)


def test_it_is_henon_s_map():
    assert CELLS["discrete-polynomial"] is DiscretePolynomialCell
    found = along(henon(), INPUT).states(0.3 * starts())
    x, y = 0.3 * starts().T
    for site in range(SITES):
        x, y = 1 - 1.4 * x**2 + y + 0.1 * INPUT[:, site, 0], 0.3 * x
        np.testing.assert_allclose(found[site], np.stack([x, y], axis=1), rtol=1e-12)


@pytest.mark.parametrize("clip", [None, 0.4])
def test_sensitivities_are_finite_differences(clip):
    cell = henon(clip=clip).offering(*pairs_up_to(2, D, 1, input_degree=2))
    begun = 0.3 * starts()
    whole = along(cell, INPUT)
    states = whole.states(begun)
    if clip is not None:
        assert np.abs(states).max() > 0.8  # the limit
    columns, initial = np.arange(1, len(cell.coefficients)), np.tile(np.eye(D), (RUNS, 1, 1))
    found = whole.sensitivities(begun, states, initial, columns, np.ones((SITES, RUNS, 1, 1)))
    step = 1e-6

    def differences(ahead, behind):
        return (ahead - behind) / (2 * step)

    for place, column in enumerate(columns):
        way = step * np.eye(len(cell.coefficients))[column]
        ends = (cell.with_parameters(cell.parameters + s * way) for s in (1, -1))
        ends = (along(moved, INPUT).states(begun) for moved in ends)
        np.testing.assert_allclose(found[..., place], differences(*ends), atol=1e-6)
    for k in range(D):
        ends = (whole.states(begun + s * step * np.eye(D)[k]) for s in (1, -1))
        expected = differences(*ends)
        np.testing.assert_allclose(found[..., len(columns) + k], expected, rtol=1e-6, atol=1e-7)
    ends = (along(cell, INPUT + s * step).states(begun) for s in (1, -1))
    np.testing.assert_allclose(found[..., -1], differences(*ends), rtol=1e-6, atol=1e-7)


def test_for_other_inputs_and_in_another_basis_it_is_the_same_map():
    cell, h, u = henon(clip=None), starts(), INPUT[:, 0]
    expected = cell.advance(h, u)
    np.testing.assert_allclose(cell.with_span(Span((-5.0,), (2.0,))).advance(h, u), expected)
    turn = np.array([[1.0, 0.4], [-0.2, 1.5]])
    turned = cell.in_basis(turn)
    np.testing.assert_allclose(turned.advance(h @ turn.T, u), expected @ turn.T, rtol=1e-12)


def test_where_it_runs_away_it_does_so_silently_and_not_at_all_with_limits():
    shown = np.zeros((RUNS, 30, 1))
    assert not np.isfinite(along(henon(clip=None), shown).states(9 * np.ones((RUNS, D)))).all()
    assert np.isfinite(along(henon(), shown).states(9 * np.ones((RUNS, D)))).all()


def test_it_takes_no_input_that_varies_inside_cells():
    with pytest.raises(SettingsError, match="discrete-polynomial cell needs hold zero"):
        DiscretePolynomialCell.random(2, Span((-1.0,), (2.0,), 0.3), rng=np.random.default_rng(0))
