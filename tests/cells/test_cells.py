"""A cell moves the state as the law says: exactly, in the data's units, whoever wrote the cell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from toy_kinds import LeakyCell, SineCell

from hiddenlaw.cells import (
    CELLS,
    DiscretePolynomialCell,
    DrivenCell,
    GeneratorCell,
    GRUCell,
    Monomials,
    PolynomialCell,
    TaylorCell,
    cell_class,
)
from hiddenlaw.cells.monomials import exponents_up_to
from hiddenlaw.errors import SettingsError
from hiddenlaw.holds import Span
from hiddenlaw.systems import transfer_matrix

DX = 0.2


def grid(low, high, count=40):
    """Points over the whole range, ends and Chebyshev nodes among them."""
    rng = np.random.default_rng(0)
    nodes = np.cos((2 * np.arange(10) + 1) * np.pi / 20)
    unit = np.concatenate([[-1.0, 1.0], nodes, rng.uniform(-1, 1, count)])
    columns = [rng.permutation(unit) if c else unit for c in range(len(low))]
    low, high = np.asarray(low), np.asarray(high)
    return (low + high + (high - low) * np.stack(columns, axis=-1)) / 2


def schroedinger_cell(low=-5.63, high=-0.13, energy=0.37, kappa=1.0):
    """ψ″ = (κV − E) ψ per site of width DX."""
    a, b = np.array([[0.0, 1.0], [-energy, 0.0]]), np.array([[0.0, 0.0], [kappa, 0.0]])
    monomials = Monomials.plain(((0,), (1,)))
    return GeneratorCell.over(DX * np.stack([a, b]), monomials, (low,), (high,))


def test_the_generator_cell_is_the_transfer_matrix_of_the_schroedinger_equation():
    cell, v = schroedinger_cell(), grid((-5.63,), (-0.13,))
    exact = transfer_matrix(v[:, 0] - 0.37, DX)
    np.testing.assert_allclose(cell.transition(v), exact, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dimension", [1, 5])
@pytest.mark.parametrize(("low", "high"), [((-2.0,), (1.0,)), ((-2.0, 0.0), (1.0, 5.0))])
def test_the_generator_cell_is_the_matrix_exponential_over_its_range(dimension, low, high):
    rng = np.random.default_rng(dimension)
    cell = GeneratorCell.random(dimension, Span(low, high), rng=rng).with_range(low, high)
    v = grid(low, high)
    features = cell.monomials(v)
    exact = np.stack([expm(np.einsum("t,tab->ab", f, cell.matrices)) for f in features])
    scale = np.abs(exact).max()
    np.testing.assert_allclose(cell.transition(v), exact, rtol=0, atol=1e-12 * scale)


@pytest.mark.parametrize(("channels", "close"), [(3, 1e-8), (4, 1e-6), (5, 2e-5)])
def test_several_channels_are_close_with_the_few_nodes_of_training(channels, close):
    rng = np.random.default_rng(0)
    low, high = (-1.0,) * channels, (1.0,) * channels
    monomials = Monomials.spanning(low, high, 1)
    matrices = 0.1 * rng.normal(size=(channels + 1, 2, 2))
    cell = GeneratorCell.over(matrices, monomials, low, high)
    v = rng.uniform(-1, 1, (5, channels))
    exact = [expm(np.einsum("t,tab->ab", f, cell.matrices)) for f in monomials(v)]
    np.testing.assert_allclose(cell.transition(v), exact, atol=close)


def test_five_channels_and_no_more():
    with pytest.raises(SettingsError, match="up to 5 input channels and these data have 6"):
        GeneratorCell.over(
            np.zeros((7, 2, 2)), Monomials.spanning((0,) * 6, (1,) * 6, 1), (0,) * 6, (1,) * 6
        )


@pytest.mark.parametrize("end", [0.0, 20.0, 200.0])
def test_a_wider_range_is_the_same_law_with_new_nodes(end):
    narrow = schroedinger_cell()
    wide = narrow.with_range((-5.63,), (end,))
    v = grid((-5.63,), (end,))
    exact = transfer_matrix(v[:, 0] - 0.37, DX)
    error = np.abs(wide.transition(v) - exact).max(axis=(1, 2))
    assert (error / np.abs(exact).max()).max() < 1e-12
    np.testing.assert_array_equal(wide.matrices, narrow.matrices)


def test_a_range_of_no_width_is_no_division_by_zero():
    cell = schroedinger_cell(low=-1.0, high=-1.0)
    exact = transfer_matrix(np.array([-1.37]), DX)
    np.testing.assert_allclose(cell.transition(np.array([[-1.0]])), exact, atol=1e-12)


def test_two_half_sites_are_one_site():
    whole = schroedinger_cell()
    half = whole.with_matrices(whole.matrices / 2)
    m = half.transition(grid((-5.63,), (-0.13,)))
    np.testing.assert_allclose(m @ m, whole.transition(grid((-5.63,), (-0.13,))), atol=1e-12)


def test_generators_are_the_differential_law_in_the_units_of_the_data():
    """Whatever the scaling inside, dh/dx = (A + B V) h has the A and B that were put in."""
    a, b = np.random.default_rng(1).normal(size=(2, 3, 3))
    low, high = (-7.0,), (3.0,)
    monomials = Monomials.spanning(low, high, 1)
    (offset,), (scale,) = monomials.offset, monomials.scale
    cell = GeneratorCell.over(DX * np.stack([a + b * offset, b * scale]), monomials, low, high)
    exponents, raw = cell.generators(DX)
    assert exponents == ((0,), (1,))
    np.testing.assert_allclose(raw, [a, b], atol=1e-13)
    v = np.array([[1.7]])
    np.testing.assert_allclose(
        cell.with_range(low, high).transition(v)[0], expm(DX * (a + 1.7 * b)), atol=1e-12
    )


def test_a_taylor_cell_is_a_polynomial_of_the_input():
    monomials = Monomials.plain(((0,), (1,), (2,)))
    w = np.random.default_rng(2).normal(size=(3, 2, 2))
    cell, v = TaylorCell(w, monomials), 0.7
    np.testing.assert_allclose(cell.transition(np.array([v])), w[0] + w[1] * v + w[2] * v**2)
    np.testing.assert_allclose(
        cell.advance(np.array([[1.0, -2.0]]), np.array([[v]])),
        [(w[0] + w[1] * v + w[2] * v**2) @ [1.0, -2.0]],
    )


def test_a_taylor_cell_starts_close_to_the_identity():
    rng = np.random.default_rng(0)
    cells = [TaylorCell.random(4, Span((-1.0,), (1.0,)), rng=rng) for _ in range(50)]
    mean = np.mean([cell.transition(np.zeros(1)) for cell in cells], axis=0)
    np.testing.assert_allclose(mean, np.eye(4), atol=0.25)


def test_monomials_are_the_constant_first_and_then_by_degree():
    assert exponents_up_to(2, 1) == ((0,), (1,), (2,))
    two = exponents_up_to(2, 2)
    assert two[0] == (0, 0)
    assert sorted(two) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0)]
    assert [sum(e) for e in two] == [0, 1, 1, 2, 2, 2]


@settings(max_examples=40)
@given(
    ends=st.lists(st.tuples(st.floats(-3, 3), st.floats(0.1, 4)), min_size=1, max_size=2),
    degree=st.integers(0, 3),
    centred=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_scaled_and_raw_monomials_are_the_same_polynomial(ends, degree, centred, seed):
    low = [a for a, _ in ends]
    high = [a + width for a, width in ends]
    monomials = Monomials.spanning(low, high, degree, centred=centred)
    rng = np.random.default_rng(seed)
    g = rng.normal(size=len(monomials.exponents))
    v = rng.uniform(low, high, (5, len(ends)))
    scaled = monomials(v) @ g
    raw = monomials.to_raw() @ g
    features = np.stack([np.prod(v ** np.array(e), axis=1) for e in monomials.exponents], axis=1)
    size = np.abs(features) @ np.abs(raw) + np.abs(g).sum()
    assert np.all(np.abs(features @ raw - scaled) < 1e-12 * size)


def test_uncentred_monomials_are_monomials_of_the_raw_input():
    monomials = Monomials.spanning((-6.0,), (2.0,), 2, centred=False)
    np.testing.assert_allclose(monomials.to_raw(), np.diag([1, 1 / 6, 1 / 36]))


def test_a_gru_is_a_bounded_black_box():
    cell = GRUCell.random(8, Span((-1.0,), (3.0,)), rng=np.random.default_rng(0))
    state = np.zeros((1, 8))
    for v in np.linspace(-5, 5, 20):
        state = cell.advance(state, np.array([[v]]))
    assert cell.dimension == 8
    assert state.shape == (1, 8)
    assert 0 < np.abs(state).max() < 1


def test_equal_seeds_give_equal_cells_of_every_kind():
    for name in ("generator", "taylor", "gru"):
        for span in (Span((-1.0,), (2.0,)), Span((-1.0,), (2.0,), 0.3)):
            if span.step is not None and not cell_class(name).any_hold:
                continue
            one, other, another = (
                cell_class(name).random(3, span, rng=np.random.default_rng(seed))
                for seed in (5, 5, 6)
            )
            assert one.dimension == 3
            assert fixed(one) == fixed(other)
            np.testing.assert_array_equal(one.parameters, other.parameters)
            assert not np.array_equal(one.parameters, another.parameters)


def fixed(cell):
    """What is not trained, in words."""
    parts = {k: v for k, v in vars(cell).items() if k not in (*cell.trained, "monomials")}
    monomials = vars(cell.monomials) if "monomials" in vars(cell) else {}
    return repr((type(cell), parts, monomials))


def test_cells_go_by_name_or_by_themselves():
    assert [cell_class(name) for name in CELLS] == [
        GeneratorCell,
        DrivenCell,
        TaylorCell,
        GRUCell,
        PolynomialCell,
        DiscretePolynomialCell,
    ]
    assert cell_class(SineCell) is SineCell
    with pytest.raises(SettingsError, match="no cell called 'lstm'; choose from generator"):
        cell_class("lstm")


@pytest.mark.parametrize("kind", [*CELLS.values(), SineCell, LeakyCell])
def test_what_is_trained_is_one_vector_and_back(kind):
    cell = kind.random(3, Span((-1.0,), (2.0,)), rng=np.random.default_rng(0))
    flat = np.concatenate([np.ravel(getattr(cell, field)) for field in cell.trained])
    np.testing.assert_array_equal(cell.parameters, flat)
    moved = cell.with_parameters(2 * flat)
    assert type(moved) is type(cell)
    for field in cell.trained:
        np.testing.assert_array_equal(getattr(moved, field), 2 * getattr(cell, field))
    assert fixed(moved) == fixed(cell)


def test_a_taylor_cell_takes_no_input_that_varies_inside_cells():
    with pytest.raises(SettingsError, match="taylor cell needs hold zero"):
        TaylorCell.random(2, Span((-1.0,), (2.0,), 0.3), rng=np.random.default_rng(0))
