"""What a law's cell says and does, for inputs that are held and for inputs that vary."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from toy_kinds import SineCell

from hiddenlaw.cells import (
    AbstractLawCell,
    Coefficient,
    GeneratorCell,
    MagnusCell,
    Monomials,
    TaylorCell,
    generator_over,
)
from hiddenlaw.holds import Span, applied

DX, D = 0.2, 3
LOW, HIGH, STEP, CONSTANT = -2.0, 1.0, 0.4, 0.8
KINDS = {
    "generator": Span((LOW,), (HIGH,)),
    "magnus": Span((LOW,), (HIGH,), STEP),
    "generator, a constant": Span((LOW, -CONSTANT), (HIGH, CONSTANT)),
    "magnus, a constant": Span((LOW, -CONSTANT), (HIGH, CONSTANT), STEP),
}


def cell_of(kind, degree=2, seed=0, centred=True):
    span = KINDS[kind]
    monomials = Monomials.spanning(span.low, span.high, degree, centred=centred)
    rng = np.random.default_rng(seed)
    matrices = 0.2 * rng.normal(size=(len(monomials.exponents), D, D))
    return generator_over(matrices, monomials, span)


def inputs(kind, count=20, seed=1):
    """What cells are shown, at random: (sample, channel)."""
    rng, span = np.random.default_rng(seed), KINDS[kind]
    v = rng.uniform(LOW, HIGH, (count, 1))
    if span.step is not None:
        other = np.clip(v + rng.uniform(-STEP, STEP, (count, 1)), LOW, HIGH)
        moves = rng.integers(0, 2, (count, 1)).astype(float)
        v = np.concatenate([v, other, moves], axis=1)
    if len(span.low) > 1:
        v = np.concatenate([v, rng.uniform(-CONSTANT, CONSTANT, (count, 1))], axis=1)
    return v


@pytest.mark.parametrize("kind", KINDS)
def test_the_span_says_which_cell_integrates(kind):
    cell = cell_of(kind)
    assert isinstance(cell, MagnusCell if kind.startswith("magnus") else GeneratorCell)
    assert isinstance(cell, AbstractLawCell)
    random = GeneratorCell.random(D, KINDS[kind], rng=np.random.default_rng(0))
    assert type(random) is type(cell)


BASES = {kind: (lambda kind=kind: (cell_of(kind), inputs(kind))) for kind in KINDS}
BASES["taylor"] = lambda: (
    TaylorCell.random(D, Span((LOW, -1.0), (HIGH, 1.0)), rng=np.random.default_rng(0)),
    np.random.default_rng(1).uniform(-1, 1, (20, 2)),
)
BASES["sine"] = lambda: (
    SineCell.random(D, Span((LOW,), (HIGH,)), rng=np.random.default_rng(0)),
    np.random.default_rng(1).uniform(-1, 1, (20, 1)),
)


@pytest.mark.parametrize("which", BASES)
def test_the_basis_moves_with_what_is_shown_as_finite_differences_say(which):
    cell, shown = BASES[which]()
    rate = np.random.default_rng(2).normal(size=shown.shape)
    if "magnus" in which:
        rate[:, 2] = 0.0  # whether a run begins at a site is no number
    step = 1e-5
    expected = (cell.basis(shown + step * rate) - cell.basis(shown - step * rate)) / (2 * step)
    found = cell.basis_slope(shown, rate)
    assert found.shape == cell.basis(shown).shape
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-7 * np.abs(expected).max())
    assert not cell.basis_slope(shown, np.zeros_like(shown)).any()


@pytest.mark.parametrize("which", BASES)
def test_coefficients_move_with_the_matrices_as_finite_differences_say(which):
    cell, _ = BASES[which]()
    values, slopes = cell.coefficient_slopes()
    np.testing.assert_allclose(values, cell.coefficients(), rtol=1e-14, atol=1e-15)
    flat, step = np.asarray(cell.parameters), 1e-5
    assert slopes.shape == (*values.shape, len(flat))
    for k in range(0, len(flat), 5):
        shift = step * (np.arange(len(flat)) == k)
        above, below = (cell.with_parameters(flat + s).coefficients() for s in (shift, -shift))
        np.testing.assert_allclose(slopes[..., k], (above - below) / (2 * step), atol=1e-9)


@pytest.mark.parametrize("which", ["generator, a constant", "magnus, a constant"])
def test_a_constant_taken_apart_is_the_same_cell(which):
    """The basis as a product of what changes along a run and what does not."""
    cell, sites, runs = cell_of(which), 6, 4
    shown = inputs(which, sites * runs).reshape(sites, runs, -1)
    shown[..., -1] = shown[:1, :, -1]
    inner, outer = cell.parts(shown, 1)
    assert outer.shape == (runs, cell.counts[-1])
    whole = np.einsum("srn,nab->srab", cell.basis(shown), cell.coefficients())
    apart = np.einsum("srn,rnab->srab", inner, cell.of_each_run(cell.coefficients(), outer))
    np.testing.assert_allclose(apart, whole, rtol=1e-11, atol=1e-13)
    rate = np.zeros(shown.shape)
    rate[..., -1] = 1.0
    slope = np.einsum("srn,nab->srab", cell.basis_slope(shown, rate), cell.coefficients())
    by_outer = cell.of_each_run(cell.coefficients(), cell.outer_slope(outer, 0))
    apart = np.einsum("srn,rnab->srab", inner, by_outer)
    np.testing.assert_allclose(apart, slope, rtol=1e-10, atol=1e-11)
    assert cell.parts(shown, 0)[1] is None


@pytest.mark.parametrize("kind", KINDS)
def test_terms_are_the_coefficients_of_the_differential_law(kind):
    """Whatever the scaling inside: Σ value · V^input · z_state is the generator over dx."""
    cell = cell_of(kind)
    place = np.random.default_rng(3).uniform(-1, 1, (8, len(KINDS[kind].low)))
    expected, found = cell.generator(place) / DX, np.zeros((8, D, D))
    terms = cell.terms(DX)
    for term in terms:
        assert isinstance(term, Coefficient)
        (column,) = term.state
        found[:, term.row, column] += term.value * np.prod(place ** np.array(term.input), axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11)
    assert len({(t.row, t.state, t.input) for t in terms}) == len(terms)


def test_terms_that_are_zero_are_not_told():
    monomials = Monomials.plain(((0,), (1,)))
    a, b = np.array([[0.0, 1.0], [-0.37, 0.0]]), np.array([[0.0, 0.0], [1.0, 0.0]])
    for span in (Span((LOW,), (HIGH,)), Span((LOW,), (HIGH,), STEP)):
        terms = generator_over(DX * np.stack([a, b]), monomials, span).terms(DX)
        told = [(t.row, t.state, t.input, pytest.approx(t.value)) for t in terms]
        assert told == [(0, (1,), (0,), 1.0), (1, (0,), (0,), -0.37), (1, (0,), (1,), 1.0)]


@pytest.mark.parametrize("kind", KINDS)
def test_in_another_basis_updates_are_similar(kind):
    cell, v = cell_of(kind), inputs(kind)
    turn = np.random.default_rng(4).normal(size=(D, D)) + 2 * np.eye(D)
    expected = turn @ cell.transition(v) @ np.linalg.inv(turn)
    np.testing.assert_allclose(cell.in_basis(turn).transition(v), expected, atol=1e-12)


def test_two_finer_cells_are_one_cell_for_an_input_that_is_held():
    cell, v = cell_of("generator").with_span(KINDS["generator"]), inputs("generator")
    half = cell.finer().transition(v)
    np.testing.assert_allclose(half @ half, cell.transition(v), atol=1e-12)


def test_two_finer_cells_have_a_sixteenth_of_the_error_for_an_input_that_varies():
    """Of the Magnus step, against DOP853 for the same smooth input."""
    x = DX * np.arange(12)
    cell = cell_of("magnus", degree=1, centred=False).with_span(Span((-2.0,), (1.0,), STEP))
    matrices, start = cell.generators(DX)[1], np.array([1.0, -0.5, 0.3])

    def input_at(at):
        return -0.5 + np.sin(2 * at)

    def law(at, h):
        return (matrices[0] + matrices[1] * input_at(at)) @ h

    exact = solve_ivp(law, (0, x[-1]), start, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]

    def error(cell, parts):
        edges = np.linspace(0, x[-1], parts * (len(x) - 1) + 1)
        width = edges[1]
        points = [edges[:-1] + width * (0.5 + s * np.sqrt(3) / 6) for s in (-1, 1)]
        shown = np.stack([*map(input_at, points), np.ones(len(edges) - 1)], axis=1)
        state = start
        for update in cell.transition(shown):
            state = update @ state
        return np.abs(state - exact).max()

    whole = error(cell, 1)
    assert whole < 1e-3
    assert error(cell.finer(), 2) == pytest.approx(whole / 16, rel=0.2)


@pytest.mark.parametrize("kind", KINDS)
def test_with_another_span_the_law_is_the_same_and_exact_there(kind):
    cell = cell_of(kind)
    span = KINDS[kind]
    wider = Span((-6.0, *span.low[1:]), (5.0, *span.high[1:]), None if span.step is None else 1e-9)
    there = cell.with_span(wider)
    assert type(there) is type(cell)
    np.testing.assert_array_equal(there.matrices, cell.matrices)
    assert there.terms(DX) == cell.terms(DX)
    assert max(there.counts) >= max(cell.counts)
    v = np.linspace(-6.0, 5.0, 9)[:, None]
    rest = [np.full((9, 1), 0.3)] * (len(span.low) - 1)
    place = np.concatenate([v, *rest], axis=1)
    shown = place if span.step is None else np.concatenate([v, v, np.ones((9, 1)), *rest], axis=1)
    exact = np.stack([expm(m) for m in cell.generator(place)])
    # A constant beside an input that varies has four nodes, whatever its range.
    close = 2e-3 if kind == "magnus, a constant" else 1e-11
    error = np.abs(there.transition(shown) - exact).max()
    assert error < close * np.abs(exact).max()


LEVELS = {
    "generator": [[1]],
    "magnus": [[1], [1], [0]],
    "generator, a constant": [[1, 0], [0, 1]],
    "magnus, a constant": [[1, 0], [1, 0], [0, 0], [0, 1]],
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_input_that_rises_by_one_raises_what_is_shown_as_the_level_says(kind):
    """At both Gauss points of a cell, and whether the run has begun it does not change."""
    np.testing.assert_array_equal(cell_of(kind).level, LEVELS[kind])
    if len(KINDS[kind].low) == 1:
        hold = "cubic" if kind == "magnus" else "zero"
        v = np.random.default_rng(0).uniform(-1, 0, (3, 8, 1))
        rise = applied(v + 1, hold).values - applied(v, hold).values
        expected = np.broadcast_to(cell_of(kind).level[:, 0], rise.shape)
        np.testing.assert_allclose(rise, expected, atol=1e-12)
