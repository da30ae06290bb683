"""Written-out slopes are those of automatic differentiation, whatever a law is made of."""

import numpy as np
import pytest
from jax_oracle import linearised, residual_of
from laws import COMBINATIONS, OUTPUTS, PREPARATIONS, READOUTS, at_itself, problem
from laws import assembled as of_all

from hiddenlaw.parameters import filled, flat, free_everywhere, layout
from hiddenlaw.training import least_squares


def assert_alike(found, expected, **tolerance):
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, **({"rtol": 1e-9, "atol": 1e-11} | tolerance))


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize(("cell", "preparation"), COMBINATIONS)
def test_the_normal_equations_in_all_numbers_are_those_of_autodiff(cell, preparation, readout):
    law, shown = problem(cell, readout, preparation)
    expected = residual_of(law, shown, flat(law))
    found = at_itself(law, shown, free_everywhere(law))
    np.testing.assert_allclose(found.loss, expected.loss, rtol=1e-12)
    np.testing.assert_allclose(law.loss(shown), expected.loss, rtol=1e-12)
    assert_alike(of_all(found.equations()), (expected.gradient, expected.matrix))


@pytest.mark.parametrize("cell", ["generator", "magnus", "taylor", "gru", "leaky"])
def test_states_and_answers_are_those_of_the_law_written_in_jax(cell):
    law, shown = problem(cell, "neural", "own")
    expected = linearised(law, shown, flat(law))
    np.testing.assert_allclose(law.states(shown), expected.states, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(law.outputs(shown), expected.answer, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("preparation", PREPARATIONS)
@pytest.mark.parametrize("readout", READOUTS)
def test_outputs_may_each_have_their_own_weights(readout, preparation):
    law, shown = problem("generator", readout, preparation, weightings=OUTPUTS)
    assert shown.weight.shape[2] == OUTPUTS
    expected = residual_of(law, shown, flat(law))
    found = at_itself(law, shown, free_everywhere(law))
    np.testing.assert_allclose(found.loss, expected.loss, rtol=1e-12)
    assert_alike(of_all(found.equations()), (expected.gradient, expected.matrix))


@pytest.mark.parametrize(
    ("cell", "preparation"), [c for c in COMBINATIONS if c[0] in ("generator", "leaky")]
)
def test_chunks_of_runs_add_up(monkeypatch, cell, preparation):
    law, shown = problem(cell, "neural", preparation)
    whole = at_itself(law, shown, free_everywhere(law))
    monkeypatch.setattr(least_squares, "CHUNK", 2)
    parts = at_itself(law, shown, free_everywhere(law))
    assert len(parts.problem.chunks) == 3
    np.testing.assert_allclose(parts.loss, whole.loss, rtol=1e-13)
    pair = (of_all(evaluated.equations()) for evaluated in (parts, whole))
    assert_alike(*pair, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("preparation", PREPARATIONS)
def test_numbers_that_are_fixed_have_no_row(preparation):
    """Some of the cell and of the readout free, the starts fixed or free, constants free."""
    law, shown = problem("generator", "quadratic", preparation)
    place, rng = layout(law), np.random.default_rng(0)
    expected = residual_of(law, shown, flat(law))
    for starts in (False, True):
        free = place.mask(
            cell=rng.random(place.cell.stop) < 0.5,
            starts=starts,
            weights=rng.random(place.weights.stop - place.weights.start) < 0.5,
            constants=True,
        )
        gradient, matrix = of_all(at_itself(law, shown, free).equations())
        one_free = np.outer(free, free)
        assert_alike((gradient, matrix), (expected.gradient * free, expected.matrix * one_free))


@pytest.mark.parametrize("weightings", [1, 5])
def test_a_linear_readout_of_many_outputs_sees_no_more_than_the_state_has(weightings):
    law, shown = problem("generator", "linear", "own", outputs=5, weightings=weightings)
    free = layout(law).mask(cell=True, starts=True)
    expected = residual_of(law, shown, flat(law))
    found = of_all(at_itself(law, shown, free).equations())
    matrix = expected.matrix * np.outer(free, free)
    assert_alike(found, (expected.gradient * free, matrix))


@pytest.mark.parametrize("preparation", ["shared", "own"])
def test_decay_adds_the_squares_of_the_cell(preparation):
    law, shown = problem("generator", "linear", preparation)
    free, decay = free_everywhere(law), 0.3
    free[0] = False
    decaying = layout(law).mask(cell=True) & free
    plain, damped = (at_itself(law, shown, free, decay=how) for how in (0.0, decay))
    numbers = np.where(decaying, flat(law), 0.0)
    np.testing.assert_allclose(damped.loss, plain.loss + decay * numbers @ numbers)
    (slope, curvature), (slope0, curvature0) = map(of_all, (damped.equations(), plain.equations()))
    np.testing.assert_allclose(slope, slope0 + decay * numbers, atol=1e-12)
    np.testing.assert_allclose(curvature, curvature0 + decay * np.diag(decaying), atol=1e-12)


def test_the_layout_is_cell_starts_inner_weights_constants():
    law, _ = problem("magnus", "neural", "both, one held")
    parts = (
        law.cell.parameters,
        law.preparation.numbers,
        law.readout.inner,
        law.readout.weights,
        law.preparation.constants,
    )
    numbers = np.concatenate([np.ravel(part) for part in parts])
    np.testing.assert_array_equal(flat(law), numbers)
    np.testing.assert_array_equal(flat(filled(law, 2 * numbers)), 2 * numbers)
    place = layout(law)
    assert place.size == len(numbers)
    names = ("cell", "starts", "inner", "weights", "constants")
    for name, part in zip(names, parts, strict=True):
        np.testing.assert_array_equal(numbers[getattr(place, name)], np.ravel(part))
    assert place.mask(inner=True).sum() == np.size(law.readout.inner)
