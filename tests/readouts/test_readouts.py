"""Readouts are features of the state times weights; a squared wave function is one of them."""

from dataclasses import dataclass

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax_parts import FEATURES
from jaxtyping import Float
from toy_kinds import Waves

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import Monomials, TaylorCell
from hiddenlaw.errors import SettingsError
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import (
    READOUTS,
    AbstractReadout,
    Linear,
    Neural,
    Quadratic,
    readout_class,
)
from hiddenlaw.training.curriculum import fit_lengths

NOTHING = np.zeros(0)


def test_a_linear_readout_has_no_constant():
    weights = np.array([[1.0, 2.0], [3.0, -1.0]])
    readout = Linear(weights, NOTHING)
    np.testing.assert_array_equal(readout(np.zeros(2)), np.zeros(2))
    np.testing.assert_allclose(readout(np.array([1.0, 2.0])), weights.T @ [1.0, 2.0])


def test_quadratic_features_are_one_the_state_and_its_products():
    features = Quadratic.features(np.array([2.0, 3.0, 5.0]), NOTHING)
    np.testing.assert_array_equal(features, [1, 2, 3, 5, 4, 6, 10, 9, 15, 25])


def test_born_s_rule_is_a_quadratic_readout():
    weights = np.zeros((6, 1))
    weights[3] = 1.0
    psi = np.array([-1.3, 0.4])
    for sign in (1, -1):
        np.testing.assert_allclose(Quadratic(weights, NOTHING)(sign * psi), [1.69])


@settings(max_examples=30)
@given(dimension=st.integers(1, 4), seed=st.integers(0, 2**16))
def test_weights_and_quadratic_form_are_the_same_function(dimension, seed):
    rng = np.random.default_rng(seed)
    count = 1 + dimension + dimension * (dimension + 1) // 2
    weights, g = rng.normal(size=count), rng.normal(size=dimension)
    readout = Quadratic(np.stack([0 * weights, weights], axis=1), NOTHING)
    assert readout.dimension == dimension
    constant, linear, form = readout.form(1)
    np.testing.assert_array_equal(form, form.T)
    value = readout(g)[1]
    np.testing.assert_allclose(constant + linear @ g + g @ form @ g, value, rtol=1e-12, atol=1e-12)


def test_a_neural_readout_is_a_perceptron_beside_a_line():
    inner = Neural.initial_inner(2, rng=np.random.default_rng(0))
    state = np.array([0.3, -1.2])
    layer = inner.reshape(16, 3)
    hidden = np.tanh(layer[:, :2] @ state + layer[:, 2])
    expected = np.concatenate([[1.0], state, hidden])
    np.testing.assert_allclose(Neural.features(state, inner), expected, rtol=1e-14)


@settings(max_examples=20, deadline=None)
@given(dimension=st.integers(1, 4), seed=st.integers(0, 2**16))
@pytest.mark.parametrize("kind", [Linear, Quadratic])
def test_a_readout_is_carried_back_through_a_linear_map(kind, dimension, seed):
    rng = np.random.default_rng(seed)
    update, g = rng.normal(size=(dimension, dimension)), rng.normal(size=dimension)
    count = dimension if kind is Linear else 1 + dimension + dimension * (dimension + 1) // 2
    weights = rng.normal(size=(count, 2))
    readout = kind(weights, NOTHING)
    before = kind(readout.carried(update), NOTHING)
    found, expected = before(g), readout(update @ g)
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11)


def test_what_is_not_carried_back_says_so():
    with pytest.raises(NotImplementedError, match="Neural readout cannot be carried back"):
        Neural(np.zeros((19, 1)), np.zeros(48)).carried(np.eye(2))


def test_readouts_go_by_name():
    assert readout_class("linear") is Linear
    assert readout_class("quadratic") is Quadratic
    assert readout_class("neural") is Neural
    with pytest.raises(SettingsError, match="'cubic'; choose from linear, quadratic, neural"):
        readout_class("cubic")


@dataclass(frozen=True, eq=False)
class Cosine(AbstractReadout):
    """A stranger's readout: R(g) = W cos(w · g), one inner parameter a variable."""

    weights: Float[AnyArray, "feature output"]
    inner: Float[AnyArray, " inner"]

    @staticmethod
    def initial_inner(dimension, *, rng):
        return rng.normal(size=dimension)

    @staticmethod
    def features(state, inner):
        return np.cos(state @ inner)[..., None]

    def _by_phase(self, state):
        return -np.sin(state @ self.inner)[..., None] * self.weights[0]

    def state_slopes(self, state):
        return self._by_phase(state)[..., None] * self.inner

    def inner_slopes(self, state):
        return self._by_phase(state)[..., None] * state[..., None, :]

    covector = fixed = state_unit = names_of_features = variable = None  # no theory reads it


def test_a_stranger_can_add_a_readout_and_train_it():
    """A phase that the input pushes forward, read through its cosine."""
    rng = np.random.default_rng(0)
    v = rng.uniform(0.5, 1.5, (20, 12, 1))
    decay = 0.95 - 0.1 * v[..., 0]
    phase = 3.0 * np.cumprod(decay, axis=1)
    shown = Shown.of(v, np.cos(phase)[..., None])
    cells = Monomials.plain(((0,), (1,)))
    fits = []
    for stream in np.random.default_rng(1).spawn(8):
        matrices = np.array([[[1.0]], [[0.0]]]) + 0.1 * stream.normal(size=(2, 1, 1))
        readout = Cosine.blank(1, 1, rng=stream)
        law = Law(Shared(np.array([2.0])), TaylorCell(matrices, cells), readout, np.ones(1))
        fits.append(fit_lengths(law, shown, (4, 8, 12, 12), 30))
    best, loss = min(fits, key=lambda one: one[1])
    assert loss < 1e-18
    np.testing.assert_allclose(best.cell.matrices.ravel(), [0.95, -0.1], atol=1e-8)
    np.testing.assert_allclose(best.readout.weights, [[1.0]], atol=1e-8)


def random_readout(kind, dimension, outputs, rng):
    blank = kind.blank(dimension, outputs, rng=rng)
    assert not blank.weights.any()
    return blank.with_weights(rng.normal(size=blank.weights.shape))


@pytest.mark.parametrize("kind", [Linear, Quadratic, Neural, Waves])
@pytest.mark.parametrize("dimension", [1, 3])
def test_slopes_are_those_that_jax_finds(kind, dimension):
    rng = np.random.default_rng(dimension)
    readout = random_readout(kind, dimension, 2, rng)
    states = rng.normal(size=(4, 5, dimension))

    def read(g, inner):
        return FEATURES[kind](g, inner) @ readout.weights

    with jax.enable_x64(True):
        slopes = jax.jit(jax.vmap(jax.jacfwd(read, argnums=(0, 1)), in_axes=(0, None)))
        values = jax.vmap(read, in_axes=(0, None))(states.reshape(-1, dimension), readout.inner)
        by_state, by_inner = slopes(states.reshape(-1, dimension), readout.inner)
    np.testing.assert_allclose(readout(states).reshape(-1, 2), values, rtol=1e-13, atol=1e-14)
    found = np.broadcast_to(readout.state_slopes(states), (4, 5, 2, dimension))
    close = {"rtol": 1e-12, "atol": 1e-13}
    np.testing.assert_allclose(found.reshape(by_state.shape), by_state, **close)
    found = readout.inner_slopes(states)
    assert found.shape == (4, 5, 2, len(readout.inner))
    np.testing.assert_allclose(found.reshape(by_inner.shape), by_inner, **close)


@pytest.mark.parametrize("kind", [Linear, Quadratic])
def test_turned_reads_from_the_turned_state_what_was_read_before(kind):
    rng = np.random.default_rng(0)
    readout, turn = random_readout(kind, 3, 2, rng), rng.normal(size=(3, 3)) + 2 * np.eye(3)
    states = rng.normal(size=(6, 3))
    np.testing.assert_allclose(readout.turned(turn)(states @ turn.T), readout(states), rtol=1e-10)


@pytest.mark.parametrize("kind", [Linear, Quadratic])
def test_a_readout_is_carried_through_many_maps_at_once(kind):
    rng = np.random.default_rng(0)
    readout, updates = random_readout(kind, 2, 3, rng), rng.normal(size=(4, 5, 2, 2))
    found = readout.carried(updates)
    for index in np.ndindex(4, 5):
        np.testing.assert_allclose(found[index], readout.carried(updates[index]), rtol=1e-13)


@pytest.mark.parametrize("kind", [Linear, Quadratic])
def test_features_are_products_of_the_variables_that_are_named(kind):
    state = np.array([2.0, 3.0, 5.0])
    named = [np.prod(state[list(names)]) for names in kind.names_of_features(3)]
    np.testing.assert_allclose(kind.features(state, NOTHING), named)


def test_the_covector_of_a_form_of_rank_one_is_its_root():
    c = np.array([0.3, -1.2])
    for sign in (1.0, -1.0):
        weights = np.zeros((6, 2))
        weights[3:, 1] = sign * np.array([c[0] ** 2, 2 * c[0] * c[1], c[1] ** 2])
        found, told = Quadratic(weights, NOTHING).covector(1)
        assert told == sign
        np.testing.assert_allclose(np.abs(found), np.abs(c))
    linear = Linear(np.stack([c, 2 * c], axis=1), NOTHING)
    np.testing.assert_array_equal(linear.covector(1)[0], 2 * c)
    assert linear.covector(1)[1] == 1.0


@pytest.mark.parametrize("kind", [Linear, Quadratic])
def test_in_the_basis_of_its_covector_the_fixed_weights_are_one_and_zeros(kind):
    """The first variable is what the first response reads: itself, or its square."""
    rng = np.random.default_rng(2)
    c = rng.normal(size=2)
    readout = Linear(c[:, None], NOTHING)
    if kind is Quadratic:
        weights = np.array([[0.0], [0.0], [0.0], [c[0] ** 2], [2 * c[0] * c[1]], [c[1] ** 2]])
        readout = Quadratic(weights, NOTHING)
    turned = readout.turned(np.stack([readout.covector()[0], rng.normal(size=2)]))
    fixed, one = turned.fixed()
    expected = np.where(np.array(fixed) == one, 1.0, 0.0)
    np.testing.assert_allclose(turned.weights[fixed, 0], expected, atol=1e-12)


def test_what_a_theory_reads_with_and_what_it_calls_its_state():
    assert [kind.of_theory() for kind in READOUTS.values()] == [Linear, Quadratic, Quadratic]
    assert [kind.state_unit(9.0) for kind in READOUTS.values()] == [9.0, 3.0, 3.0]
    assert [kind.variable("speed") for kind in READOUTS.values()] == ["speed", "psi", "psi"]
    known = [
        random_readout(kind, 2, 1, np.random.default_rng(0)).knows_sign
        for kind in READOUTS.values()
    ]
    assert known == [True, False, True]
    neural = Neural(np.zeros((19, 1)), np.zeros(48))
    for asked in (neural.covector, neural.fixed, lambda: Neural.names_of_features(2)):
        with pytest.raises(NotImplementedError):
            asked()
