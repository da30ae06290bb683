"""Written-out sensitivities are the derivatives that autodiff and finite differences find."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float
from scipy.linalg import expm

from hiddenlaw.cells import GeneratorCell, Monomials, TaylorCell
from hiddenlaw.readouts import AbstractReadout, readout_class
from hiddenlaw.training.recurrent import Recurrent, Sequences
from hiddenlaw.training.sensitivities import eliminate, keep
from hiddenlaw.translator import sequences_for

RUNS, SITES, D, OUTPUTS = 5, 7, 2, 2
LOW, HIGH = (-2.0,), (1.5,)


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


class Waves(AbstractReadout):
    """1, sin(w · g), cos(w · g): features with something inside to search."""

    weights: Float[Array, "feature output"]
    inner: Float[Array, " inner"]

    @staticmethod
    def initial_inner(dimension, *, rng):
        return rng.normal(size=dimension)

    @staticmethod
    def features(state, inner):
        phase = inner @ state
        return jnp.stack([jnp.ones(()), jnp.sin(phase), jnp.cos(phase)])


def problem(kind="generator", decoder="quadratic", weightings=1):
    """A small model with random everything, and random sequences with random weights."""
    rng = np.random.default_rng(7)
    monomials = Monomials.spanning(LOW, HIGH, 1)
    if kind == "generator":
        cell = GeneratorCell.random(monomials, D, LOW, HIGH, rng=rng)
    else:
        cell = TaylorCell.random(monomials, D, rng=rng)
    readout = Waves if decoder == "waves" else readout_class(decoder)
    inner = readout.initial_inner(D, rng=rng)
    features = readout.features(jnp.zeros(D), inner).shape[0]
    model = Recurrent(
        cell, readout(rng.normal(size=(features, OUTPUTS)), inner), rng.normal(size=D)
    )
    v = rng.uniform(LOW[0], HIGH[0], (RUNS, SITES, 1))
    weight = rng.uniform(0.2, 2.0, (RUNS, SITES, weightings))
    shown = sequences_for(cell, v, rng.normal(size=(RUNS, SITES, OUTPUTS)), weight)
    start = 0.3 * rng.normal(size=(D, RUNS))
    return model, eqx.tree_at(lambda s: s.start, shown, start), v


def outputs(model, shown, length):
    """The recurrence in plain Python: (site, output, run)."""
    transition = jnp.einsum("snr,nab->srab", shown.basis, model.cell.coefficients())
    h, answers = (shown.start + model.initial[:, None]).T, []
    for site in range(length):
        h = jnp.einsum("rab,rb->ra", transition[site], h)
        answers.append(jax.vmap(model.readout)(h).T)
    return jnp.stack(answers)


def residual(model, shown, length):
    root = jnp.sqrt(shown.weight[:length])
    return (root * (outputs(model, shown, length) - shown.target[:length])).reshape(-1)


def features_matrix(model, shown, length):
    """Features times the root of the weights, (sample, feature)."""
    identity = jnp.eye(model.readout.weights.shape[0])
    plain = eqx.tree_at(lambda m: m.readout.weights, model, identity)
    values = outputs(plain, shown, length) * jnp.sqrt(shown.weight[:length])
    return np.asarray(values).transpose(0, 2, 1).reshape(-1, len(identity))


CASES = [("generator", "linear"), ("generator", "quadratic"), ("taylor", "waves")]
solve = {"keep": eqx.filter_jit(keep), "eliminate": eqx.filter_jit(eliminate)}


def test_outputs_may_each_have_their_own_weights():
    """Kept, the normal equations are autodiff's; eliminated, every output has its own lstsq."""
    model, shown, _ = problem(weightings=OUTPUTS)
    flat, unravel = ravel_pytree((*model.searched, model.readout.weights))

    def of(y):
        *searched, weights = unravel(y)
        moved = model.with_searched(tuple(searched))
        return residual(eqx.tree_at(lambda m: m.readout.weights, moved, weights), shown, SITES)

    r, j = jax.jit(of)(flat), jax.jit(jax.jacfwd(of))(flat)
    total = shown.weight.sum() / OUTPUTS
    kept = solve["keep"](model, shown, SITES)
    np.testing.assert_allclose(kept.loss, r @ r / total, rtol=1e-12)
    np.testing.assert_allclose(kept.gradient, j.T @ r / total, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(kept.matrix, j.T @ j / total, rtol=1e-9, atol=1e-11)

    identity = jnp.eye(model.readout.weights.shape[0])
    plain = eqx.tree_at(lambda m: m.readout.weights, model, identity)
    phi = np.asarray(outputs(plain, shown, SITES)).transpose(0, 2, 1).reshape(-1, len(identity))
    found = solve["eliminate"](model, shown, SITES)
    for output in range(OUTPUTS):
        root = np.sqrt(shown.weight[:, output]).reshape(-1)
        target = shown.target[:, output].reshape(-1)
        best = np.linalg.lstsq(phi * root[:, None], target * root, rcond=None)[0]
        np.testing.assert_allclose(found.weights[:, output], best, rtol=1e-7, atol=1e-9)
    flat, unravel = ravel_pytree(model.searched)
    at_best = eqx.tree_at(lambda m: m.readout.weights, model, found.weights)
    r, slope = (
        jax.jit(f)(flat)
        for f in (
            lambda y: residual(at_best.with_searched(unravel(y)), shown, SITES),
            jax.jacfwd(lambda y: residual(at_best.with_searched(unravel(y)), shown, SITES)),
        )
    )
    np.testing.assert_allclose(found.gradient, slope.T @ r / total, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(("kind", "decoder"), [*CASES, ("taylor", "neural")])
@pytest.mark.parametrize("length", [4, SITES])
def test_with_weights_kept_the_normal_equations_are_those_of_autodiff(kind, decoder, length):
    model, shown, _ = problem(kind, decoder)
    flat, unravel = ravel_pytree((*model.searched, model.readout.weights))

    def of(y):
        *searched, weights = unravel(y)
        moved = model.with_searched(tuple(searched))
        return residual(eqx.tree_at(lambda m: m.readout.weights, moved, weights), shown, length)

    r, j = jax.jit(of)(flat), jax.jit(jax.jacfwd(of))(flat)
    total = shown.weight[:length].sum()
    found = solve["keep"](model, shown, length)
    np.testing.assert_allclose(found.loss, r @ r / total, rtol=1e-12)
    np.testing.assert_allclose(found.gradient, j.T @ r / total, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(found.matrix, j.T @ j / total, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(("kind", "decoder"), CASES)
def test_with_weights_eliminated_they_are_those_of_the_projected_problem(kind, decoder):
    model, shown, _ = problem(kind, decoder)
    total = shown.weight.sum()
    phi = features_matrix(model, shown, SITES)
    target = shown.target * np.sqrt(shown.weight)
    target = target.transpose(0, 2, 1).reshape(-1, OUTPUTS)
    weights = np.linalg.lstsq(phi, target, rcond=None)[0]
    found = solve["eliminate"](model, shown, SITES)
    np.testing.assert_allclose(phi @ found.weights, phi @ weights, atol=1e-9)
    np.testing.assert_allclose(found.loss, np.sum((target - phi @ weights) ** 2) / total, rtol=1e-9)
    flat, unravel = ravel_pytree(model.searched)
    best = eqx.tree_at(lambda m: m.readout.weights, model, jnp.asarray(weights))
    jacobian = jax.jit(
        jax.jacfwd(lambda y: residual(best.with_searched(unravel(y)), shown, SITES))
    )(flat)
    jacobian = np.asarray(jacobian).reshape(SITES, OUTPUTS, RUNS, -1).transpose(0, 2, 1, 3)
    q = np.linalg.qr(phi)[0]
    jacobian = jacobian.reshape(len(phi), OUTPUTS, -1)
    projected = jacobian - np.einsum("sk,tk,top->sop", q, q, jacobian)
    matrix = np.einsum("sop,soq->pq", projected, projected) / total
    np.testing.assert_allclose(found.matrix, matrix, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("kind", "decoder"), CASES)
def test_the_gradient_of_the_projected_loss_is_its_finite_difference(kind, decoder):
    model, shown, _ = problem(kind, decoder)
    flat, unravel = ravel_pytree(model.searched)
    flat = np.asarray(flat)

    def loss(y):
        return float(solve["eliminate"](model.with_searched(unravel(y)), shown, SITES).loss)

    found = solve["eliminate"](model, shown, SITES)
    step = 1e-5
    for k in np.unique(np.linspace(0, len(flat) - 1, 12).astype(int)):
        shift = step * (np.arange(len(flat)) == k)
        slope = (loss(flat + shift) - loss(flat - shift)) / (2 * step)
        close = pytest.approx(slope, rel=1e-5, abs=1e-8)
        assert 2 * found.gradient[k] == close


def test_states_are_products_of_matrix_exponentials():
    model, shown, v = problem()
    states = np.asarray(model.states(shown))
    generator = np.asarray(model.cell.matrices)
    middle, half = (LOW[0] + HIGH[0]) / 2, (HIGH[0] - LOW[0]) / 2
    for run in range(RUNS):
        h = shown.start[:, run] + model.initial
        for site in range(SITES):
            h = expm(generator[0] + generator[1] * (v[run, site, 0] - middle) / half) @ h
            np.testing.assert_allclose(states[site, :, run], h, rtol=1e-7)


@pytest.mark.parametrize("which", ["keep", "eliminate"])
def test_sites_beyond_the_length_do_not_matter(which):
    model, shown, _ = problem()
    length = 4
    beyond = np.arange(SITES)[:, None, None] >= length
    spoiled = Sequences(
        np.where(beyond, 1e3, shown.basis),
        np.where(beyond, -1e3, shown.target),
        np.where(beyond, 50.0, shown.weight),
        shown.start,
    )
    for one, other in zip(
        solve[which](model, shown, length), solve[which](model, spoiled, length), strict=True
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("which", ["keep", "eliminate"])
def test_sites_of_no_weight_do_not_matter_but_time_passes_there(which):
    model, shown, _ = problem()
    silent = np.zeros((SITES, RUNS), bool)
    silent[2, 1] = silent[3:, 4] = True
    weight = np.where(silent[:, None], 0.0, shown.weight)
    shown = eqx.tree_at(lambda s: s.weight, shown, weight)
    spoiled = eqx.tree_at(lambda s: s.target, shown, np.where(silent[:, None], 1e6, shown.target))
    one, other = solve[which](model, shown, SITES), solve[which](model, spoiled, SITES)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
    if which == "keep":
        r = residual(model, shown, SITES)
        np.testing.assert_allclose(one.loss, r @ r / weight.sum(), rtol=1e-12)


def test_twice_the_weight_is_the_same_run_twice():
    model, shown, _ = problem()
    double = np.array([2.0, 1, 1, 1, 1])
    heavy = eqx.tree_at(lambda s: s.weight, shown, np.ones((SITES, 1, RUNS)) * double)
    even = eqx.tree_at(lambda s: s.weight, shown, np.ones((SITES, 1, RUNS)))
    twice = jax.tree.map(lambda a: np.concatenate([a, a[..., :1]], axis=-1), even)
    one, other = solve["eliminate"](model, heavy, SITES), solve["eliminate"](model, twice, SITES)
    np.testing.assert_allclose(one.loss, other.loss, rtol=1e-12)
    np.testing.assert_allclose(one.gradient, other.gradient, atol=1e-11)
    np.testing.assert_allclose(one.matrix, other.matrix, atol=1e-11)


def test_a_feature_that_is_always_zero_is_no_singularity():
    """A state that never leaves zero: its weight is free, and stays finite."""
    model, shown, _ = problem(decoder="linear")
    matrices = np.array(model.cell.matrices)
    matrices[:, 1, :] = 0.0
    model = eqx.tree_at(
        lambda m: (m.cell.matrices, m.initial), model, (matrices, np.array([1.0, 0.0]))
    )
    still = eqx.tree_at(lambda s: s.start, shown, np.zeros((D, RUNS)))
    found = solve["eliminate"](model, still, SITES)
    assert all(np.isfinite(part).all() for part in found)
