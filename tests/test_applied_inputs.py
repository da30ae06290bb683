"""What a cell is shown of an input, what half cells are, and how a new hold joins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError
from hiddenlaw.holds import (
    HOLDS,
    SmoothHold,
    Span,
    applied,
    applied_to,
    constant,
    halved,
    hold_called,
    holds_for,
    register,
)
from hiddenlaw.io import load, save

X = np.arange(30.0)


@pytest.mark.parametrize("hold", ["first", "cubic"])
@given(a=st.floats(-3, 3), b=st.floats(-1, 1))
def test_a_straight_line_is_met_at_its_gauss_points(hold, a, b):
    v = (a + b * X)[None, :, None]
    shown = applied(v, hold).values[0]
    points = X[1:, None] - 0.5 + np.array([-1, 1]) * np.sqrt(3) / 6
    np.testing.assert_allclose(shown[1:, :2], a + b * points, atol=1e-12)
    np.testing.assert_array_equal(shown[:, 2], X > 0)
    halves = halved(v, hold)[0]
    assert halves.shape == (60, 3)
    middles = (halves[2:, 0] + halves[2:, 1]) / 2
    np.testing.assert_allclose(middles, a + b * (0.25 + 0.5 * np.arange(58)), atol=1e-12)


def test_the_spline_is_of_fourth_order():
    errors = []
    for points in (30, 60):
        x = np.linspace(0, 6, points)
        dx = x[1]
        shown = applied(np.sin(x)[None, :, None], "cubic").values[0, 1:, 0]
        exact = np.sin(x[1:] - dx * (0.5 + np.sqrt(3) / 6))
        errors.append(np.abs(shown - exact)[5:-5].max())
    assert errors[1] < errors[0] / 12


def test_the_zero_hold_shows_the_samples_themselves():
    v = np.random.default_rng(0).normal(size=(3, 8, 2))
    shown = applied(v, "zero")
    assert shown.values is v
    assert shown.span.step is None
    np.testing.assert_allclose(shown.span.low, v.min(axis=(0, 1)))
    np.testing.assert_array_equal(constant(v[0], "zero"), v[0])


def test_spans_join_to_the_least_that_holds_both():
    one, two = Span((0.0,), (1.0,), 0.2), Span((-1.0,), (0.5,), 0.3)
    assert one.joined(two) == two.joined(one) == Span((-1.0,), (1.0,), 0.3)
    assert one.joined(Span((0.0,), (2.0,))).step == 0.2


def test_a_smooth_hold_that_cannot_be_is_one_clear_line():
    with pytest.raises(DataError, match="takes one input channel and these data have 2"):
        applied(np.zeros((3, 8, 2)), "cubic")
    with pytest.raises(DataError, match="needs 4 sites a run"):
        applied(np.zeros((3, 3, 1)), "cubic")
    assert applied(np.zeros((3, 3, 1)), "first").values.shape == (3, 3, 3)


def test_halves_of_a_constant_cell_are_that_cell():
    v = np.random.default_rng(0).normal(size=(3, 8, 2))
    halves = halved(v, "zero")
    np.testing.assert_array_equal(halves[:, ::2], v)
    np.testing.assert_array_equal(halves[:, 1::2], v)


@pytest.mark.parametrize("hold", ["zero", "first", "cubic"])
def test_a_window_begins_where_nothing_has_moved_yet(hold):
    """The state of its first site is its own start, unless the cell of that site comes first."""
    kind, v = hold_called(hold), np.random.default_rng(0).normal(size=(3, 8, 1))
    shown = kind.shown(v)[:, 3:]
    begun = kind.windowed(shown)
    np.testing.assert_array_equal(begun[:, 1:], shown[:, 1:])
    if kind.cells_before:
        np.testing.assert_array_equal(begun, shown)
    else:
        np.testing.assert_array_equal(begun[:, 0], [[a, b, 0] for a, b, _ in shown[:, 0]])
        assert (shown[:, 0, 2] == 1).all()


def test_which_holds_suit_an_input():
    assert [hold.name for hold in holds_for(1, 64)] == ["zero", "first", "cubic"]
    assert [hold.name for hold in holds_for(1, 3)] == ["zero", "first"]
    assert [hold.name for hold in holds_for(2, 64)] == ["zero"]


class Parabolic(SmoothHold):
    """A stranger's hold: u² is linear between samples, as for the square of a voltage."""

    name = "parabolic"

    def within(self, values, fractions):
        square = values**2
        return np.sqrt(square[:, :-1, None] + np.diff(square)[..., None] * np.asarray(fractions))


def test_a_hold_of_somebody_else_goes_by_its_name(monkeypatch, tmp_path):
    v = np.sqrt(1 + X)[None, :, None]
    with pytest.raises(DataError, match="hold is 'parabolic'; it must be one of zero, first, cub"):
        Dataset.from_arrays(v, v, hold="parabolic")
    monkeypatch.setattr("hiddenlaw.holds._base.HOLDS", dict(HOLDS))
    register(Parabolic())
    data = Dataset.from_arrays(v, v, hold="parabolic")
    points = 0.5 + X[1:, None] + np.array([-1, 1]) * np.sqrt(3) / 6
    np.testing.assert_allclose(applied_to(data).values[0, 1:, :2] ** 2, points, rtol=1e-12)
    save(data, tmp_path / "data.nc")
    assert load(tmp_path / "data.nc").hold == "parabolic"
