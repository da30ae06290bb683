"""A stranger's cell trains, whether or not it knows its own derivatives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax_oracle import linearised
from toy_kinds import LeakyCell, SineCell

from hiddenlaw.cells import GRUCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.distiller.coordinates import PredictiveState, hidden_coordinates
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import flat, layout
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.training.adam import adam
from hiddenlaw.training.curriculum import fit, fit_lengths
from hiddenlaw.training.least_squares import LeastSquares
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt


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
    shown = Shown.of(v, response / response.std())
    fits = []
    for rng in np.random.default_rng(1).spawn(6):
        start = np.stack([np.eye(2), np.zeros((2, 2))]) + 0.2 * rng.normal(size=(2, 2, 2))
        readout = Linear(np.zeros((2, 1)), np.zeros(0))
        law = Law(Shared(rng.normal(size=2)), SineCell(start), readout, np.ones(1))
        fits.append(fit_lengths(law, shown, (4, 8, 16, 16), 30))
    best, loss = min(fits, key=lambda one: one[1])
    assert loss < 1e-18
    for found, true in zip(best.cell.matrices, k, strict=True):  # up to the basis
        np.testing.assert_allclose(np.trace(found), np.trace(true), atol=1e-7)
        np.testing.assert_allclose(np.linalg.det(found), np.linalg.det(true), atol=1e-7)


TEACHER = Law(
    Shared(np.zeros(2)),
    LeakyCell(np.array([[0.8, -0.3], [0.3, 0.8]]), np.array([0.4, 0.1])),
    Linear(np.array([[1.0], [0.5]]), np.zeros(0)),
    np.ones(1),
)


def taught(runs=64, sites=8):
    v = np.random.default_rng(3).uniform(-1, 1, (runs, sites, 1))
    return v, np.swapaxes(TEACHER.outputs(Shown.unanswered(v)), 0, 1)


def test_a_stranger_can_add_a_black_box_train_it_and_look_into_it():
    """By Adam, as black boxes of many weights are trained."""
    v, response = taught()
    rng = np.random.default_rng(3)
    shapes = {"inner": (2, 2), "outer": (2,), "weights": (2, 1)}
    pupil = {name: 0.3 * rng.normal(size=shape) for name, shape in shapes.items()}

    def loss(trained, input, response):
        cell = LeakyCell(trained["inner"], trained["outer"])

        def step(h, shown):
            h = cell.advance(h, shown)
            return h, h @ trained["weights"]

        start = jnp.zeros((len(input), 2), input.dtype)
        answer = jax.lax.scan(step, start, jnp.swapaxes(input, 0, 1))[1]
        return jnp.mean((jnp.swapaxes(answer, 0, 1) - response) ** 2)

    with jax.enable_x64(True):
        pupil = {name: jnp.asarray(part) for name, part in pupil.items()}
        before = float(loss(pupil, v, response))
        pupil = adam(pupil, loss, (v, response), seed=0, steps=400)
        after = float(loss(pupil, v, response))
    assert after < 1e-2 * before
    found = {name: np.asarray(part, float) for name, part in pupil.items()}
    cell, readout = LeakyCell(found["inner"], found["outer"]), Linear(found["weights"], np.zeros(0))
    law = TEACHER.but(cell=cell, readout=readout)
    np.testing.assert_allclose(law.loss(Shown.of(v, response)), after, rtol=1e-6)
    data = Dataset.from_arrays(v, response)
    coordinates = hidden_coordinates(law, data, error=after / before, seed=0)
    assert isinstance(coordinates, PredictiveState)
    hidden = np.swapaxes(law.states(Shown.unanswered(v)), 0, 1)
    assert np.isfinite(coordinates(hidden)).all()


def test_least_squares_trains_a_cell_whose_derivatives_jax_finds():
    """Levenberg–Marquardt comes to rounding where Adam comes to a percent."""
    v, response = taught()
    shown = Shown.of(v, response)
    rng = np.random.default_rng(5)
    cell = LeakyCell(np.eye(2) / 2 + 0.1 * rng.normal(size=(2, 2)), rng.normal(size=2))
    law = TEACHER.but(cell=cell, preparation=Shared(0.1 * rng.normal(size=2)))
    found, loss = fit(law, shown, max_steps=60)
    assert loss < 1e-18
    expected = np.linalg.eigvals(TEACHER.cell.inner)  # up to the basis, here up to order and sign
    values = np.linalg.eigvals(found.cell.inner)
    np.testing.assert_allclose(np.sort_complex(values), np.sort_complex(expected), atol=1e-6)


def test_of_a_cell_without_derivatives_some_numbers_may_be_fixed():
    v, response = taught()
    shown = Shown.of(v, response)
    moved = TEACHER.cell.with_parameters(TEACHER.cell.parameters + 0.05 * np.arange(6))
    law = TEACHER.but(cell=moved)
    free = layout(law).mask(cell=np.array([True, False, True, True, False, False]))
    problem = LeastSquares(law, shown, free)
    found = levenberg_marquardt(problem, problem.start(), max_steps=20)
    np.testing.assert_array_equal(found.numbers[~free], flat(law)[~free])
    assert found.loss < law.loss(shown)


def test_laws_that_differ_in_trained_numbers_share_what_is_compiled():
    from hiddenlaw.cells import _automatic

    v, _ = taught(runs=4, sites=3)
    _automatic._compiled.cache_clear()
    shown = Shown.of(v, np.zeros((4, 3, 1)))
    for factor in (1.0, 0.9):
        law = TEACHER.but(cell=TEACHER.cell.with_parameters(factor * TEACHER.cell.parameters))
        problem = LeastSquares(law, shown, layout(law).mask(cell=True))
        problem.at(problem.start()).equations()
    assert _automatic._compiled.cache_info().misses == 1


@pytest.mark.parametrize("span", [Span((-2.0,), (1.0,)), Span((-2.0, 0.0), (1.0, 3.0))])
@pytest.mark.parametrize("kind", [GRUCell, LeakyCell])
def test_on_arrays_of_jax_a_cell_advances_as_on_those_of_numpy(kind, span):
    rng = np.random.default_rng(0)
    cell = kind.random(5, span, rng=rng)
    state, shown = rng.normal(size=(7, 5)), rng.uniform(-2, 3, (7, len(span.low)))
    ours = cell.advance(state, shown)
    assert type(ours) is np.ndarray
    with jax.enable_x64(True):
        traced = cell.with_parameters(jnp.asarray(cell.parameters))
        theirs = jax.jit(traced.advance)(jnp.asarray(state), jnp.asarray(shown))
    with jax.enable_x64(False):  # as it is trained
        traced = cell.with_parameters(jnp.asarray(cell.parameters))
        single = jax.jit(traced.advance)(jnp.asarray(state), jnp.asarray(shown))
    np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=1e-14)
    assert single.dtype == np.float32
    np.testing.assert_allclose(ours, single, atol=1e-5)


def test_the_gates_of_a_gru_are_those_of_its_paper():
    rng = np.random.default_rng(1)
    cell = GRUCell.random(4, Span((-2.0,), (1.0,)), rng=rng)
    law = Law(Shared(rng.normal(size=4)), cell, Linear(np.eye(4), np.zeros(0)), np.ones(4))
    shown = Shown.of(rng.uniform(-2, 1, (3, 6, 1)), np.zeros((3, 6, 4)))
    expected = linearised(law, shown, flat(law)).states
    np.testing.assert_allclose(law.states(shown), expected, rtol=1e-12, atol=1e-13)
