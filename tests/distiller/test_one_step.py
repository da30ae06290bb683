"""Where the state is seen, one regression comes close to its law."""

import numpy as np

from hiddenlaw.cells import GeneratorCell, Monomials
from hiddenlaw.distiller.one_step import one_step_start
from hiddenlaw.holds import Span

DX, RUNS, SITES = 0.1, 40, 20


def waves(mixing):
    """ψ″ = (V − 0.37) ψ in mixed coordinates: its cell, its inputs, its states."""
    monomials = Monomials.spanning((-3.0,), (-1.0,), 1)
    low = DX * np.array([[0.0, 1.0], [-2.37, 0.0]])
    slope = DX * np.array([[0.0, 0.0], [1.0, 0.0]])
    cell = GeneratorCell.over(np.stack([low, slope]), monomials, (-3.0,), (-1.0,))
    input = np.random.default_rng(0).uniform(-3, -1, (RUNS, SITES, 1))
    state, states = np.array([1.0, 0.5]) * np.ones((RUNS, 1)), []
    for site in range(SITES):
        update = cell.transition(input[:, site])
        state = np.einsum("rab,rb->ra", update, state)
        states.append(state @ mixing)
    return cell, input, np.stack(states, axis=1)


def test_the_generator_is_right_to_third_order():
    rng = np.random.default_rng(1)
    cell, input, coordinates = waves(rng.normal(size=(2, 4)))
    start = one_step_start(cell, input, coordinates)
    assert start is not None
    for term in range(2):
        own, found = (
            np.linalg.eigvals(c.matrices[0] + term * c.matrices[1]) for c in (cell, start.cell)
        )
        np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(own), atol=DX**3)
    first = start.cell.transition(input[:, 0]) @ start.preparation.numbers
    np.testing.assert_allclose(first @ start.readout.weights, coordinates[:, 0], atol=0.02)


def test_no_start_with_more_variables_than_there_are():
    _, input, coordinates = waves(np.eye(2))
    wider = GeneratorCell.random(3, Span((-3.0,), (-1.0,)), rng=np.random.default_rng(0))
    assert one_step_start(wider, input, coordinates) is None
