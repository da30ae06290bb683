"""A law by linear algebra: exact without noise, and a good place to begin with it."""

import numpy as np
import pytest
from scipy.signal import cont2discrete

from hiddenlaw.cells import DrivenCell, GeneratorCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import applied_to
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.preparations import Own
from hiddenlaw.readouts import Linear
from hiddenlaw.training.least_squares import LeastSquares
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt
from hiddenlaw.translator.realization import realization

RUNS, SITES, DX = 20, 60, 0.1
# Poles at -1; -0.8 ± 3i; both with another at -4; all of them.
POLES = {1: [-1.0], 2: [-0.8 + 3j, -0.8 - 3j], 3: [-4.0, -0.8 + 3j, -0.8 - 3j]}


def recorded(order, outputs=1, noise=0.0, seed=0):
    """Runs that start anywhere, of a random system with these poles."""
    rng = np.random.default_rng(seed)
    companion = np.eye(order, k=1)
    companion[-1] = -np.poly(POLES[order])[:0:-1].real
    push, read = rng.normal(size=(order, 1)), rng.normal(size=(outputs, order))
    system = companion, push, read, np.zeros((outputs, 1))
    update, pushed, *_ = cont2discrete(system, DX)
    u, z, answers = rng.normal(size=(RUNS, SITES)), rng.normal(size=(RUNS, order)), []
    for site in range(SITES):
        z = z @ update.T + u[:, site, None] @ pushed.T
        answers.append(z @ read.T + 0.7)
    y = np.stack(answers, axis=1)
    y = y + noise * y.std(axis=(0, 1)) * rng.normal(size=y.shape)
    return Dataset.from_arrays(u, y, dx=DX)


def problem_of(data, cell):
    outputs = data.response.shape[2]
    scale = np.sqrt(data.variance * outputs)
    readout = Linear(np.eye(cell.dimension)[:, :outputs], np.zeros(0))
    law = Law(Own(np.zeros((RUNS, cell.dimension))), cell, readout, scale)
    shown = Shown.measured(data, scale)
    return LeastSquares(law, shown, layout(law).mask(cell=True), eliminate_starts=True), shown


def begun(data, d):
    cell = DrivenCell.random(d, applied_to(data).span, rng=np.random.default_rng(1))
    return realization(cell, problem_of(data, cell)[1])


@pytest.mark.parametrize(("order", "outputs"), [(1, 1), (2, 1), (3, 1), (2, 2), (3, 2)])
def test_without_noise_it_is_the_law(order, outputs):
    data = recorded(order, outputs)
    cell = begun(data, order)
    problem, _ = problem_of(data, cell)
    assert problem.at(problem.start()).loss < 1e-12
    found = np.linalg.eigvals(cell.rates[:, :order]) / DX
    np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(POLES[order]), rtol=1e-5)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_with_noise_a_few_steps_from_it_end_where_the_true_law_ends(order):
    data = recorded(order, noise=0.1)
    losses = []
    for cell in (begun(data, order), begun(recorded(order), order)):
        problem, _ = problem_of(data, cell)
        losses.append(levenberg_marquardt(problem, problem.start(), max_steps=40).loss)
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


def test_variables_that_noise_made_alternate_do_not_stop_it():
    data = recorded(2, noise=0.3)
    for width in range(2, 7):
        problem, _ = problem_of(data, begun(data, width))
        assert problem.at(problem.start()).loss < 1.0


def test_there_is_none_of_gaps_of_too_few_variables_and_of_other_cells():
    data, two = recorded(2), recorded(2, outputs=2)
    gaps = np.array(data.response)
    gaps[3, 7] = np.nan
    missing = Dataset.from_arrays(data.input, gaps, dx=DX, allow_missing=True)
    assert begun(missing, 2) is None
    assert begun(two, 1) is None
    other = GeneratorCell.random(2, applied_to(data).span, rng=np.random.default_rng(0))
    assert realization(other, problem_of(data, begun(data, 2))[1]) is None
