"""Runs with starts of their own, eliminated: run by run it is plain least squares."""

import numpy as np
import pytest
from jax_oracle import residual_of
from laws import OUTPUTS, RUNS, SITES, D, at_itself, problem

from hiddenlaw.parameters import flat, layout
from hiddenlaw.readouts import Linear
from hiddenlaw.training import least_squares
from hiddenlaw.training.best_starts import best_starts
from hiddenlaw.training.least_squares import LeastSquares

# Gentle: solutions that grow much would make the starts ill-conditioned.
GENTLE = 0.5


def own(weightings=1, preparation="own", cell="generator"):
    options = {"weightings": weightings, "gentle": GENTLE}
    return problem(cell, "linear", preparation, **options)


def of_run(values, run):
    """The rows of one run, of values in the order site, run, output."""
    parts = values.reshape(SITES, RUNS, OUTPUTS, *values.shape[1:])[:, run]
    return parts.reshape(SITES * OUTPUTS, *values.shape[1:])


def starts_of(law, run):
    """Where the free numbers of the start of one run stand."""
    count = law.preparation.numbers.shape[1]
    return layout(law).starts.start + run * count + np.arange(count)


@pytest.mark.parametrize("preparation", ["own", "own, one held", "context"])
@pytest.mark.parametrize("cell", ["generator", "magnus"])
@pytest.mark.parametrize("weightings", [1, OUTPUTS])
def test_the_best_starts_are_those_of_least_squares_run_by_run(weightings, cell, preparation):
    law, shown = own(weightings, preparation, cell)
    found = best_starts(law, shown).preparation.numbers
    nowhere = law.but(preparation=law.preparation.with_numbers(0 * law.preparation.numbers))
    there = residual_of(nowhere, shown, flat(nowhere))
    for run in range(RUNS):
        design = of_run(there.jacobian[:, starts_of(law, run)], run)
        best = np.linalg.lstsq(design, -of_run(there.residual, run), rcond=None)[0]
        np.testing.assert_allclose(found[run], best, rtol=1e-8, atol=1e-10)


def projected(law, shown, free):
    """Loss, gradient and matrix of the free numbers at the best starts, J without what these do."""
    best = best_starts(law, shown)
    found = residual_of(best, shown, flat(best))
    matrix = 0.0
    for run in range(RUNS):
        mine = of_run(found.jacobian, run)
        q = np.linalg.qr(mine[:, starts_of(law, run)])[0]
        np.testing.assert_allclose(q.T @ of_run(found.residual, run), 0, atol=1e-9)
        rest = mine[:, free] - q @ (q.T @ mine[:, free])
        matrix = matrix + rest.T @ rest
    return found.loss, found.gradient[free], matrix / found.total


@pytest.mark.parametrize("chunk", [160, 2])
@pytest.mark.parametrize("weightings", [1, OUTPUTS])
@pytest.mark.parametrize("preparation", ["own", "own, one held"])
def test_with_starts_eliminated_the_matrix_is_that_of_the_projected_problem(
    monkeypatch, preparation, weightings, chunk
):
    monkeypatch.setattr(least_squares, "CHUNK", chunk)
    law, shown = own(weightings, preparation)
    free = layout(law).mask(cell=True)
    loss, gradient, matrix = projected(law, shown, free)
    found = at_itself(law, shown, free, eliminate_starts=True)
    reduced = found.equations().reduced()
    np.testing.assert_allclose(found.loss, loss, rtol=1e-10)
    np.testing.assert_allclose(reduced.matrix, matrix, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(reduced.gradient, gradient, rtol=1e-7, atol=1e-9)


def test_with_starts_eliminated_the_slope_is_the_finite_difference():
    law, shown = own()
    free = layout(law).mask(cell=True)
    asked = LeastSquares(law, shown, free, eliminate_starts=True)
    numbers = asked.start()
    equations = asked.at(numbers).equations()
    for k, place in enumerate(equations.dense):
        shift = 1e-5 * (np.arange(len(numbers)) == place)
        above, below = (asked.at(numbers + s).loss for s in (shift, -shift))
        slope = (above - below) / 2e-5
        assert 2 * equations.gradient[k] == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_a_direction_that_no_sample_sees_stays_at_zero():
    law, shown = own()
    cell = law.cell.with_matrices(np.zeros(law.cell.matrices.shape))
    readout = Linear(np.array([[1.0, 1.0], [0.0, 0.0]]), np.zeros(0))
    found = best_starts(law.but(cell=cell, readout=readout), shown).preparation.numbers
    assert found.shape == (RUNS, D)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found[:, 1], 0.0)
