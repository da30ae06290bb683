"""Constants of runs, shared by windows: numbers in the law, and in its least squares."""

import numpy as np
import pytest
from jax_oracle import residual_of
from laws import at_itself, problem
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from hiddenlaw.cells import MagnusCell, Monomials, generator_over
from hiddenlaw.holds import Span, applied
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import flat, layout
from hiddenlaw.preparations import RunConstants
from hiddenlaw.readouts import Linear
from hiddenlaw.training.best_starts import best_starts

TERMS = {"a channel": ((0, 0), (1, 0), (0, 1)), "an offset": ((0,), (1,))}


@pytest.mark.parametrize("cell", ["generator", "magnus"])
@pytest.mark.parametrize("preparation", ["a constant as channel", "a constant as offset"])
def test_with_starts_eliminated_the_matrix_is_that_of_the_projected_problem(cell, preparation):
    law, shown = problem(cell, "linear", preparation, gentle=0.5)
    free = layout(law).mask(cell=True, constants=True)
    starts = layout(law).mask(starts=True)
    best = best_starts(law, shown)
    expected = residual_of(best, shown, flat(best))
    q = np.linalg.qr(expected.jacobian[:, starts])[0]
    np.testing.assert_allclose(q.T @ expected.residual, 0, atol=1e-9)
    searched = expected.jacobian[:, free]
    rest = searched - q @ (q.T @ searched)
    matrix, slope = rest.T @ rest / expected.total, expected.gradient[free]

    equations = at_itself(law, shown, free, eliminate_starts=True).equations()
    # The constants eliminated by hand leave what the package says of the cell.
    cell_count = len(equations.dense)
    of_cell, of_constants = np.split(np.arange(len(matrix)), [cell_count])
    cross = matrix[np.ix_(of_constants, of_cell)]
    solved = np.linalg.solve(matrix[np.ix_(of_constants, of_constants)], cross)
    reduced = equations.reduced()
    close = {"rtol": 1e-7, "atol": 1e-9}
    np.testing.assert_allclose(
        reduced.matrix, matrix[np.ix_(of_cell, of_cell)] - cross.T @ solved, **close
    )
    np.testing.assert_allclose(
        reduced.gradient, slope[of_cell] - solved.T @ slope[of_constants], **close
    )
    blocks = reduced.of_constants
    for run, block in enumerate(blocks):
        place = of_constants[run : run + 1]
        np.testing.assert_allclose(block, matrix[np.ix_(place, place)], **close)


@pytest.mark.parametrize("kind", TERMS)
def test_a_constant_is_a_number_in_the_law(kind):
    """ψ″ = (V − E) ψ with E beside V or taken off it, against DOP853 run by run."""
    dx, energies = 0.1, np.array([-0.7, 0.2, 1.1])
    x = dx * np.arange(30)
    v = np.stack([np.sin(1.1 * x + phase) for phase in range(3)])
    shown = applied(v[..., None], "cubic")
    rise = np.array([[0.0, 0.0], [1.0, 0.0]])
    matrices = [dx * np.array([[0.0, 1.0], [0.0, 0.0]]), dx * rise]
    low, high, step = shown.span
    span = Span((low[0] - 2,), (high[0] + 2,), step)
    if kind == "a channel":
        matrices.append(-dx * rise)
        span = Span((*low, -2.0), (*high, 2.0), step)
    cell = generator_over(np.stack(matrices), Monomials.plain(TERMS[kind]), span)
    assert isinstance(cell, MagnusCell)
    offset_of = (None,) if kind == "a channel" else (0,)
    starts = np.tile([1.0, 0.0], (3, 1))
    preparation = RunConstants(starts, energies[:, None], offset_of)
    law = Law(preparation, cell, Linear(np.array([[1.0], [0.0]]), np.zeros(0)), np.ones(1))
    found = law.outputs(Shown.unanswered(shown.values))
    for run, energy in enumerate(energies):
        between = CubicSpline(x, v[run])
        exact = solve_ivp(
            lambda at, y, b=between, e=energy: [y[1], (b(at) - e) * y[0]],
            (0, x[-1]),
            [1.0, 0.0],
            "DOP853",
            t_eval=x,
            rtol=1e-11,
            atol=1e-12,
        )
        np.testing.assert_allclose(found[:, run, 0], exact.y[0], atol=2e-5)
