"""Readouts are features of the state times weights; a squared wave function is one of them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import Array, Float

from hiddenlaw.cells import Monomials, TaylorCell
from hiddenlaw.errors import SettingsError
from hiddenlaw.readouts import AbstractReadout, Linear, Neural, Quadratic, readout_class
from hiddenlaw.readouts.quadratic import quadratic_form
from hiddenlaw.training.curriculum import fit_seeds, stack
from hiddenlaw.training.recurrent import Recurrent
from hiddenlaw.translator import sequences_for

NOTHING = np.zeros(0)


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


def test_a_linear_readout_has_no_constant():
    weights = np.array([[1.0, 2.0], [3.0, -1.0]])
    readout = Linear(weights, NOTHING)
    np.testing.assert_array_equal(readout(np.zeros(2)), np.zeros(2))
    np.testing.assert_allclose(readout(np.array([1.0, 2.0])), weights.T @ [1.0, 2.0])


def test_quadratic_features_are_one_the_state_and_its_products():
    features = Quadratic.features(jnp.array([2.0, 3.0, 5.0]), NOTHING)
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
    constant, linear, form = quadratic_form(weights, dimension)
    np.testing.assert_array_equal(form, form.T)
    with jax.enable_x64(True):
        value = Quadratic(weights[:, None], NOTHING)(g)[0]
    np.testing.assert_allclose(constant + linear @ g + g @ form @ g, value, rtol=1e-12, atol=1e-12)


def test_a_neural_readout_is_a_perceptron_beside_a_line():
    inner = Neural.initial_inner(2, rng=np.random.default_rng(0))
    state = np.array([0.3, -1.2])
    layer = inner.reshape(16, 3)
    hidden = np.tanh(layer[:, :2] @ state + layer[:, 2])
    expected = np.concatenate([[1.0], state, hidden])
    np.testing.assert_allclose(Neural.features(jnp.asarray(state), inner), expected, rtol=1e-14)


@settings(max_examples=20, deadline=None)
@given(dimension=st.integers(1, 4), seed=st.integers(0, 2**16))
@pytest.mark.parametrize("kind", [Linear, Quadratic])
def test_a_readout_is_carried_back_through_a_linear_map(kind, dimension, seed):
    rng = np.random.default_rng(seed)
    update, g = rng.normal(size=(dimension, dimension)), rng.normal(size=dimension)
    count = dimension if kind is Linear else 1 + dimension + dimension * (dimension + 1) // 2
    weights = rng.normal(size=(count, 2))
    with jax.enable_x64(True):
        readout = kind(weights, NOTHING)
        before = kind(np.asarray(readout.carried(jnp.asarray(update))), NOTHING)
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


class Cosine(AbstractReadout):
    """A stranger's readout: R(g) = W cos(w · g), one inner parameter a variable."""

    weights: Float[Array, "feature output"]
    inner: Float[Array, " inner"]

    @staticmethod
    def initial_inner(dimension, *, rng):
        return rng.normal(size=dimension)

    @staticmethod
    def features(state, inner):
        return jnp.cos(inner @ state)[None]


def test_a_stranger_can_add_a_readout_and_train_it():
    """A phase that the input pushes forward, read through its cosine."""
    rng = np.random.default_rng(0)
    v = rng.uniform(0.5, 1.5, (20, 12, 1))
    decay = 0.95 - 0.1 * v[..., 0]
    phase = 3.0 * np.cumprod(decay, axis=1)
    response = np.cos(phase)[..., None]
    cells = Monomials.plain(((0,), (1,)))
    models = []
    for stream in np.random.default_rng(1).spawn(8):
        matrices = np.array([[[1.0]], [[0.0]]]) + 0.1 * stream.normal(size=(2, 1, 1))
        readout = Cosine(np.zeros((1, 1)), Cosine.initial_inner(1, rng=stream))
        models.append(Recurrent(TaylorCell(matrices, cells), readout, np.array([2.0])))
    shown = sequences_for(models[0].cell, v, response)
    fitted = stack(models)
    for length in (4, 8, 12, 12):
        fitted, loss = fit_seeds(fitted, shown, length)
    best = int(np.nanargmin(loss))
    assert loss[best] < 1e-18
    np.testing.assert_allclose(fitted.cell.matrices[best].ravel(), [0.95, -0.1], atol=1e-8)
    np.testing.assert_allclose(fitted.readout.weights[best], [[1.0]], atol=1e-8)
