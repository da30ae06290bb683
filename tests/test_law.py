"""A law is a preparation, a cell and a readout; what it is shown says what counts."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from hiddenlaw.cells import AbstractLawCell, GeneratorCell, Monomials, TaylorCell, generator_over
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.misfit import relative_error
from hiddenlaw.holds import Span, applied
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Context, Own, RunConstants, Shared
from hiddenlaw.readouts import Linear, Quadratic

RUNS, SITES, D, OUTPUTS = 5, 12, 2, 3
LOW, HIGH, CONSTANT = -2.0, 1.0, 0.8
INPUT = np.random.default_rng(0).uniform(LOW, HIGH, (RUNS, SITES, 1))


def readout_of(kind, rng):
    blank = kind.blank(D, OUTPUTS, rng=rng)
    return blank.with_weights(rng.normal(size=blank.weights.shape))


def preparation_of(kind, rng):
    if kind is RunConstants:
        starts, values = rng.normal(size=(RUNS, D)), rng.uniform(-CONSTANT, CONSTANT, (RUNS, 1))
        return RunConstants.beside(starts, values)
    return kind.random(D, RUNS, rng=rng)


def law_of(preparation=Shared, readout=Linear, hold="zero", seed=1):
    """A law with nodes enough for its range, and inputs as its hold shows them."""
    rng = np.random.default_rng(seed)
    begun, shown = preparation_of(preparation, rng), applied(INPUT, hold)
    span = begun.span(shown.span)
    cell = GeneratorCell.random(D, span, rng=rng)
    assert isinstance(cell, AbstractLawCell)
    law = Law(begun, cell.with_span(span), readout_of(readout, rng), np.array([1.0, 2.0, 0.5]))
    return law, shown.values


@pytest.mark.parametrize("preparation", [Shared, Own, RunConstants])
def test_states_are_products_of_exponentials_run_by_run(preparation):
    law, input = law_of(preparation)
    states = law.states(Shown.unanswered(input))
    assert states.shape == (SITES, RUNS, D)
    starts, constants = law.preparation.starts(RUNS), law.preparation.constants
    for run in range(RUNS):
        h = starts[run]
        for site in range(SITES):
            place = input[run, site]
            if constants.size:
                place = np.append(place, constants[run])
            h = expm(law.cell.generator(place)) @ h
            np.testing.assert_allclose(states[site, run], h, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("readout", [Linear, Quadratic])
def test_what_is_read_is_the_readout_of_the_states(readout):
    law, input = law_of(readout=readout)
    shown = Shown.unanswered(input)
    outputs, states = law.outputs(shown), law.states(shown)
    assert outputs.shape == (SITES, RUNS, OUTPUTS)
    for output in range(OUTPUTS):
        weights = law.readout.weights[:, output]
        x, y = np.moveaxis(states, -1, 0)
        features = [x, y]
        if readout is Quadratic:
            features = [np.ones_like(x), x, y, x * x, x * y, y * y]
        expected = np.einsum("f,fsr->sr", weights, np.stack(features))
        np.testing.assert_allclose(outputs[..., output], expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("hold", ["zero", "cubic"])
@pytest.mark.parametrize("readout", [Linear, Quadratic])
@pytest.mark.parametrize("preparation", [Shared, Own, Context, RunConstants])
def test_in_another_basis_a_law_answers_the_same(preparation, readout, hold):
    law, input = law_of(preparation, readout, hold)
    turn = np.random.default_rng(2).normal(size=(D, D)) + 2 * np.eye(D)
    turned, shown = law.in_basis(turn), Shown.unanswered(input)
    before = law.outputs(shown)
    close = 1e-11 * np.abs(before).max()
    np.testing.assert_allclose(turned.outputs(shown), before, rtol=0, atol=close)
    np.testing.assert_allclose(
        turned.states(shown), law.states(shown) @ turn.T, rtol=1e-10, atol=1e-11
    )
    back = turned.in_basis(np.linalg.inv(turn))
    np.testing.assert_allclose(back.cell.parameters, law.cell.parameters, atol=1e-12)


def test_schroedinger_s_equation_is_a_law_of_two_variables_read_squared():
    """ρ = ψ² with ψ″ = (V − E) ψ, against DOP853 cell by cell."""
    dx, energy, start = 0.2, 0.37, np.array([1.0, 0.3])
    generator = dx * np.array([[[0.0, 1.0], [-energy, 0.0]], [[0.0, 0.0], [1.0, 0.0]]])
    span = Span((LOW,), (HIGH,))
    cell = generator_over(generator, Monomials.plain(((0,), (1,))), span).with_span(span)
    weights = np.zeros((6, 1))
    weights[3] = 1.0
    law = Law(Shared(start), cell, Quadratic(weights, np.zeros(0)), np.ones(1))
    found = law.outputs(Shown.unanswered(INPUT))[..., 0]
    for run in range(RUNS):
        state = start
        for site, v in enumerate(INPUT[run, :, 0]):
            law_here = lambda x, y, v=v: [y[1], (v - energy) * y[0]]  # noqa: E731
            step = solve_ivp(law_here, (0, dx), state, "DOP853", rtol=1e-12, atol=1e-13)
            state = step.y[:, -1]
            assert found[site, run] == pytest.approx(state[0] ** 2, rel=1e-9, abs=1e-10)


def test_a_law_is_frozen_and_another_part_makes_another_law():
    law, _ = law_of()
    with pytest.raises(FrozenInstanceError):
        law.scale = np.ones(1)
    other = law.but(scale=np.ones(OUTPUTS))
    assert other.cell is law.cell
    assert other.dimension == law.dimension == D
    np.testing.assert_array_equal(law.scale, [1.0, 2.0, 0.5])


# What a law is shown.


def response_of(law, input):
    return np.swapaxes(law.outputs(Shown.unanswered(input)), 0, 1) * law.scale


def noisy(law, input, *, errors=False):
    """Data of the law with noise, a gap, and a quarter of the samples less sure."""
    rng = np.random.default_rng(3)
    error = np.where(rng.random((RUNS, SITES, OUTPUTS)) < 0.25, 0.4, 0.1)
    response = response_of(law, input) + error * rng.normal(size=error.shape)
    response[1, 4] = np.nan
    return Dataset.from_arrays(
        input, response, dx=0.1, response_error=error if errors else None, allow_missing=True
    )


@pytest.mark.parametrize("errors", [False, True])
def test_the_loss_counts_channels_by_their_variance_and_samples_by_their_errors(errors):
    law, input = law_of()
    data = noisy(law, input, errors=errors)
    misfit = np.where(data.observed, response_of(law, input) - data.response, 0.0)
    weight = data.weight / data.variance
    square = np.sum(misfit**2 * weight)
    # As many times as there are outputs: it is a sum over these.
    loss = law.loss(Shown.measured(data, law.scale))
    scale = np.square(law.scale)
    expected = square / np.sum(data.weight * scale / data.variance) * OUTPUTS
    assert loss == pytest.approx(expected, rel=1e-12)
    # In the units of translators it is the error relative to the variance.
    unit = np.sqrt(data.variance) * np.sqrt(OUTPUTS)
    weights = law.readout.weights * law.scale / unit
    in_units = law.but(readout=law.readout.with_weights(weights), scale=unit)
    relative = relative_error(response_of(law, input), data)
    assert in_units.loss(Shown.measured(data, unit)) == pytest.approx(relative, rel=1e-12)


def test_a_dataset_is_shown_over_the_scale_and_gaps_do_not_count():
    law, input = law_of()
    data = noisy(law, input)
    shown = Shown.measured(data, law.scale)
    assert (shown.runs, shown.sites) == (RUNS, SITES)
    np.testing.assert_array_equal(shown.input, data.input)
    seen = np.swapaxes(data.observed, 0, 1)
    target = np.swapaxes(data.response / law.scale, 0, 1)
    np.testing.assert_allclose(shown.target[seen], target[seen])
    assert shown.weight[~seen.any(axis=2)].max() == 0
    assert shown.samples == data.observed.sum()
    assert np.sum(shown.weight) == pytest.approx(data.observed.sum())
    spoiled = np.where(data.observed, data.response, 1e6)
    again = Shown.of(data.input, spoiled / law.scale, np.swapaxes(shown.weight, 0, 1))
    assert law.loss(again) == pytest.approx(law.loss(shown), rel=1e-12)


def test_outputs_that_count_alike_share_one_weight_a_sample():
    rng = np.random.default_rng(4)
    target, each = rng.normal(size=(RUNS, SITES, OUTPUTS)), rng.uniform(1, 2, (RUNS, SITES, 1))
    alike = Shown.of(INPUT, target, np.repeat(each, OUTPUTS, axis=2))
    assert alike.weight.shape == (SITES, RUNS, 1)
    apart = Shown.of(INPUT, target, each * np.array([1.0, 1.0, 3.0]))
    assert apart.weight.shape == (SITES, RUNS, OUTPUTS)
    assert alike.samples == apart.samples == RUNS * SITES * OUTPUTS
    assert alike.total == pytest.approx(each.sum())
    assert apart.total == pytest.approx(each.sum() * 5 / 3)
    law, _ = law_of()
    same = replace(alike, weight=np.repeat(alike.weight, OUTPUTS, axis=2))
    assert law.loss(alike) == pytest.approx(law.loss(same), rel=1e-12)
    plain = Shown.of(INPUT, target)
    np.testing.assert_array_equal(plain.weight, np.ones((SITES, RUNS, 1)))


def test_the_first_sites_are_the_beginning_of_all():
    law, input = law_of(Own)
    shown = Shown.of(input, response_of(law, input))
    part = shown.first(5)
    assert (part.runs, part.sites) == (RUNS, 5)
    # Sums of another length may be added up in another order: to rounding, not to the bit.
    np.testing.assert_allclose(law.outputs(part), law.outputs(shown)[:5], rtol=1e-13)
    np.testing.assert_array_equal(part.target, shown.target[:5])


def test_the_first_sites_count_from_where_something_was_measured():
    law, input = law_of(Own)
    response = np.array(response_of(law, input))
    response[:, :2] = np.nan
    data = Dataset.from_arrays(input, response, allow_missing=True)
    part = Shown.measured(data, law.scale).first(3)
    assert part.sites == 5
    assert np.isfinite(law.loss(part))
    assert part.samples == 3 * RUNS * OUTPUTS


@pytest.mark.parametrize("count", [1, 2, 5, 100])
def test_chunks_hold_every_run_once(count):
    _, input = law_of()
    parts = list(Shown.unanswered(input).parts(count))
    assert np.concatenate([np.arange(RUNS)[part] for part in parts]).tolist() == list(range(RUNS))
    assert max(part.stop - part.start for part in parts) <= count


@pytest.mark.parametrize("readout", [Linear, Quadratic])
def test_where_a_law_overflows_its_loss_is_infinite_and_nothing_is_said(readout):
    law, input = law_of(readout=readout)
    wild = TaylorCell(np.full((1, D, D), 1e80), Monomials.plain(((0,),)))
    shown = Shown.of(input, np.zeros((RUNS, SITES, OUTPUTS)))
    assert law.but(cell=wild).loss(shown) == np.inf
