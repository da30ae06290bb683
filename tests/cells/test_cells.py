"""A cell moves the state as the law says: exactly, in the data's units, whoever wrote the cell."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import Array, Float
from scipy.linalg import expm

from hiddenlaw.cells import (
    AbstractCell,
    AbstractLinearCell,
    GeneratorCell,
    GRUCell,
    Monomials,
    TaylorCell,
    random_cell,
)
from hiddenlaw.cells.monomials import exponents_up_to
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.distiller.coordinates import PredictiveState, hidden_coordinates
from hiddenlaw.errors import SettingsError
from hiddenlaw.holds._base import Span
from hiddenlaw.readouts import Linear
from hiddenlaw.systems import transfer_matrix
from hiddenlaw.training.adam import adam
from hiddenlaw.training.curriculum import fit_seeds, stack
from hiddenlaw.training.recurrent import Recurrent
from hiddenlaw.translator import Translator, sequences_for

DX = 0.2


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


def grid(low, high, count=40):
    """Points over the whole range, ends and Chebyshev nodes among them."""
    rng = np.random.default_rng(0)
    nodes = np.cos((2 * np.arange(10) + 1) * np.pi / 20)
    unit = np.concatenate([[-1.0, 1.0], nodes, rng.uniform(-1, 1, count)])
    columns = [rng.permutation(unit) if c else unit for c in range(len(low))]
    low, high = np.asarray(low), np.asarray(high)
    return (low + high + (high - low) * np.stack(columns, axis=-1)) / 2


def transition(cell, v):
    return np.asarray(eqx.filter_jit(lambda c, v: c.transition(v))(cell, v))


def schroedinger_cell(low=-5.63, high=-0.13, energy=0.37, kappa=1.0):
    """ψ″ = (κV − E) ψ per site of width DX."""
    a, b = np.array([[0.0, 1.0], [-energy, 0.0]]), np.array([[0.0, 0.0], [kappa, 0.0]])
    monomials = Monomials.plain(((0,), (1,)))
    return GeneratorCell.over(DX * np.stack([a, b]), monomials, (low,), (high,))


def test_the_generator_cell_is_the_transfer_matrix_of_the_schroedinger_equation():
    cell, v = schroedinger_cell(), grid((-5.63,), (-0.13,))
    exact = transfer_matrix(v[:, 0] - 0.37, DX)
    np.testing.assert_allclose(transition(cell, v), exact, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dimension", [1, 5])
@pytest.mark.parametrize(("low", "high"), [((-2.0,), (1.0,)), ((-2.0, 0.0), (1.0, 5.0))])
def test_the_generator_cell_is_the_matrix_exponential_over_its_range(dimension, low, high):
    rng = np.random.default_rng(dimension)
    monomials = Monomials.spanning(low, high, 1)
    cell = GeneratorCell.random(monomials, dimension, low, high, rng=rng).with_range(low, high)
    v = grid(low, high)
    features = np.asarray(monomials(v))
    exact = np.stack([expm(np.einsum("t,tab->ab", f, cell.matrices)) for f in features])
    scale = np.abs(exact).max()
    np.testing.assert_allclose(transition(cell, v), exact, rtol=0, atol=1e-12 * scale)


def test_three_channels_and_no_more():
    rng = np.random.default_rng(0)
    low, high = (-1.0,) * 3, (1.0,) * 3
    monomials = Monomials.spanning(low, high, 1)
    cell = GeneratorCell.over(0.1 * rng.normal(size=(4, 2, 2)), monomials, low, high)
    v = rng.uniform(-1, 1, (5, 3))
    exact = [expm(np.einsum("t,tab->ab", f, cell.matrices)) for f in np.asarray(monomials(v))]
    np.testing.assert_allclose(transition(cell, v), exact, atol=1e-8)
    with pytest.raises(SettingsError, match="up to 3 input channels and these data have 4"):
        GeneratorCell.over(
            np.zeros((5, 2, 2)), Monomials.spanning((0,) * 4, (1,) * 4, 1), (0,) * 4, (1,) * 4
        )


@pytest.mark.parametrize("end", [0.0, 20.0, 200.0])
def test_a_wider_range_is_the_same_law_with_new_nodes(end):
    narrow = schroedinger_cell()
    wide = narrow.with_range((-5.63,), (end,))
    v = grid((-5.63,), (end,))
    exact = transfer_matrix(v[:, 0] - 0.37, DX)
    error = np.abs(transition(wide, v) - exact).max(axis=(1, 2))
    assert (error / np.abs(exact).max()).max() < 1e-12
    np.testing.assert_array_equal(wide.matrices, narrow.matrices)


def test_a_range_of_no_width_is_no_division_by_zero():
    cell = schroedinger_cell(low=-1.0, high=-1.0)
    exact = transfer_matrix(np.array([-1.37]), DX)
    np.testing.assert_allclose(transition(cell, np.array([[-1.0]])), exact, atol=1e-12)


def test_two_half_sites_are_one_site():
    whole = schroedinger_cell()
    half = eqx.tree_at(lambda c: c.matrices, whole, whole.matrices / 2)
    m = np.asarray(transition(half, grid((-5.63,), (-0.13,))))
    np.testing.assert_allclose(m @ m, transition(whole, grid((-5.63,), (-0.13,))), atol=1e-12)


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
        transition(cell.with_range(low, high), v)[0], expm(DX * (a + 1.7 * b)), atol=1e-12
    )


def test_a_taylor_cell_is_a_polynomial_of_the_input():
    monomials = Monomials.plain(((0,), (1,), (2,)))
    w = np.random.default_rng(2).normal(size=(3, 2, 2))
    cell, v = TaylorCell(w, monomials), 0.7
    np.testing.assert_allclose(transition(cell, np.array([v])), w[0] + w[1] * v + w[2] * v**2)
    np.testing.assert_allclose(
        cell(np.array([1.0, -2.0]), np.array([v])),
        (w[0] + w[1] * v + w[2] * v**2) @ [1.0, -2.0],
    )


def test_a_taylor_cell_starts_close_to_the_identity():
    rng = np.random.default_rng(0)
    cells = [TaylorCell.random(Monomials.spanning((-1,), (1,), 3), 4, rng=rng) for _ in range(50)]
    mean = np.mean([transition(cell, np.zeros(1)) for cell in cells], axis=0)
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
    with jax.enable_x64(True):
        scaled = np.asarray(monomials(v)) @ g
    raw = monomials.to_raw() @ g
    features = np.stack([np.prod(v ** np.array(e), axis=1) for e in monomials.exponents], axis=1)
    size = np.abs(features) @ np.abs(raw) + np.abs(g).sum()
    assert np.all(np.abs(features @ raw - scaled) < 1e-12 * size)


def test_uncentred_monomials_are_monomials_of_the_raw_input():
    monomials = Monomials.spanning((-6.0,), (2.0,), 2, centred=False)
    np.testing.assert_allclose(monomials.to_raw(), np.diag([1, 1 / 6, 1 / 36]))


def test_a_gru_is_a_bounded_black_box():
    cell = GRUCell.random((1.0,), (2.0,), 8, rng=np.random.default_rng(0))
    state = jnp.zeros(8)
    for v in np.linspace(-5, 5, 20):
        state = cell(state, jnp.array([v]))
    assert cell.dimension == 8
    assert state.shape == (8,)
    assert 0 < np.abs(state).max() < 1


def test_equal_seeds_give_equal_cells_of_every_kind():
    span = Span((-1.0,), (2.0,))
    for name in ("generator", "taylor", "gru"):
        one, other = (random_cell(name, 3, span, rng=np.random.default_rng(5)) for _ in "ab")
        assert one.dimension == 3
        assert eqx.tree_equal(one, other)
    with pytest.raises(SettingsError, match="no cell called 'lstm'; choose from generator"):
        random_cell("lstm", 3, span, rng=np.random.default_rng(5))


class SineCell(AbstractLinearCell):
    """A stranger's cell: M(V) = K₀ + sin(V) K₁."""

    matrices: Float[Array, "term d d"]

    def basis(self, input):
        return jnp.stack([jnp.ones(input.shape[:-1]), jnp.sin(input[..., 0])], axis=-1)

    def coefficients(self):
        return self.matrices


def swing(rng, runs=12, sites=16):
    """Data of a sine cell with a contraction and a rotation."""
    k = np.array([[[0.9, 0.2], [-0.2, 0.9]], [[0.0, 0.1], [0.2, 0.0]]])
    v = rng.uniform(-3, 3, (runs, sites, 1))
    h, response = np.tile([1.0, 0.5], (runs, 1)), np.zeros((runs, sites, 1))
    for i in range(sites):
        m = k[0] + np.sin(v[:, i, 0])[:, None, None] * k[1]
        h = np.einsum("rab,rb->ra", m, h)
        response[:, i, 0] = h[:, 0]
    return k, v, response


def test_a_stranger_can_add_a_linear_cell_and_train_it():
    k, v, response = swing(np.random.default_rng(0))
    norm = response.std()
    models = []
    for rng in np.random.default_rng(1).spawn(6):
        start = np.stack([np.eye(2), np.zeros((2, 2))]) + 0.2 * rng.normal(size=(2, 2, 2))
        readout = Linear(np.zeros((2, 1)), np.zeros(0))
        models.append(Recurrent(SineCell(start), readout, rng.normal(size=2)))
    shown = sequences_for(models[0].cell, v, response / norm)
    fitted = stack(models)
    for length in (4, 8, 16, 16):
        fitted, loss = fit_seeds(fitted, shown, length)
    assert np.nanmin(loss) < 1e-18
    best = np.asarray(fitted.cell.matrices)[np.nanargmin(loss)]
    for found, true in zip(best, k, strict=True):  # up to the basis
        np.testing.assert_allclose(np.trace(found), np.trace(true), atol=1e-7)
        np.testing.assert_allclose(np.linalg.det(found), np.linalg.det(true), atol=1e-7)


class LeakyCell(AbstractCell):
    """A stranger's nonlinear cell: h ← tanh(W h + w v)."""

    inner: Float[Array, "d d"]
    outer: Float[Array, " d"]

    @property
    def dimension(self):
        return self.outer.shape[0]

    def __call__(self, state, input):
        return jnp.tanh(self.inner @ state + self.outer * input[0])


def test_a_stranger_can_add_a_black_box_train_it_and_look_into_it():
    rng = np.random.default_rng(3)
    teacher = Translator(
        LeakyCell(np.array([[0.8, -0.3], [0.3, 0.8]]), np.array([0.4, 0.1])),
        Linear(np.array([[1.0], [0.5]]), np.zeros(0)),
        np.zeros(2),
        np.ones(1),
    )
    v = rng.uniform(-1, 1, (64, 8, 1))
    data = Dataset.from_arrays(v, np.asarray(teacher(v)))
    pupil = eqx.tree_at(
        lambda t: (t.cell.inner, t.cell.outer, t.readout.weights),
        teacher,
        tuple(jnp.asarray(0.3 * rng.normal(size=s)) for s in ((2, 2), (2,), (2, 1))),
    )

    def loss(model, input, response):
        return jnp.mean((model(input) - response) ** 2)

    before = float(loss(pupil, data.input, data.response))
    pupil = adam(pupil, loss, (data.input, data.response), key=jax.random.key(0), steps=400)
    after = float(loss(pupil, data.input, data.response))
    assert after < 1e-2 * before
    coordinates = hidden_coordinates(pupil, data, error=after / before, seed=0)
    assert isinstance(coordinates, PredictiveState)
    hidden = pupil.hidden_states(data.input)
    assert np.isfinite(coordinates(hidden)).all()
