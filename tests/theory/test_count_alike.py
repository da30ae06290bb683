"""Laws in a gauge and laws without one are counted alike: a basis says nothing of a law.

A law of d variables is as good in any basis, and a basis is d² numbers. How many numbers a law has
beyond these is not a matter of opinion: it is the rank of what its answers do when it moves.
"""

import numpy as np
import pytest

from hiddenlaw.cells import DrivenCell, GeneratorCell, Monomials
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import flat, free_everywhere, layout
from hiddenlaw.preparations import Own, Shared
from hiddenlaw.readouts import Linear, Quadratic
from hiddenlaw.theory.fits.refit import Data, free_refit, pruned_refit
from hiddenlaw.theory.gauges.choose import best_gauge
from hiddenlaw.theory.gauges.companion import Companion
from hiddenlaw.theory.gauges.free import Free
from hiddenlaw.theory.gauges.observability import Observability
from hiddenlaw.theory.gauges.waves import Waves
from hiddenlaw.training.least_squares import LeastSquares

DX = 0.2
LOW, HIGH = (-3.0,), (-1.0,)


def random_law(d, readout, outputs=1, degree=2, seed=0, starts=None):
    """A law whose numbers are all needed, for inputs between -1 and 1."""
    rng = np.random.default_rng(seed)
    monomials = Monomials.spanning((-1.0,), (1.0,), degree, centred=False)
    matrices = 0.25 * rng.normal(size=(degree + 1, d, d)) - 0.3 * np.eye(d) / (degree + 1)
    cell = GeneratorCell.over(matrices, monomials, (-1.0,), (1.0,))
    preparation = (
        Shared(rng.normal(size=d)) if starts is None else Own(rng.normal(size=(starts, d)))
    )
    weights = rng.normal(size=(len(readout.names_of_features(d)), outputs))
    return Law(preparation, cell, readout(weights, np.zeros(0)), np.ones(outputs))


def inputs(runs, sites, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (runs, sites, 1))


def without_basis(law):
    gauged = next(iter(Free().fix(law, Shown.unanswered(inputs(1, 1)))))
    return int(gauged.free.sum()) - gauged.basis


def in_companion_form(law):
    (gauged,) = Companion().fix(law, Shown.unanswered(inputs(1, 1)))
    return gauged


def rank(law, free):
    """Of the derivative of all answers by the free numbers, each in units of its own."""
    shown = Shown.unanswered(inputs(30, 12))
    shown = Shown.of(shown.input, law.outputs(shown).swapaxes(0, 1))
    matrix = LeastSquares(law, shown, free).at(flat(law)).equations().matrix
    unit = 1 / np.sqrt(np.diag(matrix))
    values = np.linalg.eigvalsh(matrix * unit * unit[:, None])
    return int(np.sum(values > 1e-11 * values[-1]))


@pytest.mark.parametrize("readout", [Linear, Quadratic])
@pytest.mark.parametrize(("d", "outputs"), [(1, 1), (2, 1), (2, 2), (3, 1)])
def test_what_is_counted_without_a_gauge_is_what_can_be_seen(d, outputs, readout):
    law = random_law(d, readout, outputs, degree=1)
    assert without_basis(law) == layout(law).size - d**2 == rank(law, free_everywhere(law))


@pytest.mark.parametrize("starts", [None, 7])
@pytest.mark.parametrize(("d", "outputs"), [(1, 1), (2, 1), (3, 1), (4, 1), (3, 2)])
def test_in_companion_form_with_all_its_terms_a_law_has_as_many_numbers(d, outputs, starts):
    law = random_law(d, Linear, outputs, starts=starts)
    assert int(in_companion_form(law).free.sum()) == without_basis(law)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_a_readout_with_squares_has_a_root_to_choose_beside(d):
    """While products of all variables are free, d - 1 numbers say which ψ is called the first."""
    law = random_law(d, Quadratic, degree=1)
    gauged = in_companion_form(law)
    assert int(gauged.free.sum()) == without_basis(law) + d - 1
    assert rank(gauged.law, gauged.free) == without_basis(law)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_a_law_that_needs_all_its_terms_is_told_in_its_gauge(seed, noise):
    """Gauge and no gauge are then one law with as many numbers; rounding must not decide."""
    law = random_law(2, Linear, seed=seed)
    shown = Shown.unanswered(inputs(30, 30, seed))
    answer = law.outputs(shown).swapaxes(0, 1)
    answer = answer + noise * answer.std() * np.random.default_rng(seed).normal(size=answer.shape)
    data = Data(Shown.of(shown.input, answer))
    refitted, loss = free_refit(law, data.shown)
    chosen = best_gauge(refitted, loss, data)
    assert chosen.gauge.name == "companion"
    assert chosen.fit.score <= data.information(loss, without_basis(law)) + 1e-6


def two_waves(mass):
    """Two coupled waves of which one has a mass that depends on the input: ψ1′ = (1 + mass V) φ1.

    Where the input jumps so does ψ1′, which no law of second order for ψ1 knows.
    """
    monomials = Monomials.spanning(LOW, HIGH, 2, centred=False)
    matrices = np.zeros((3, 4, 4))
    matrices[0, :2, 2:] = np.eye(2)
    matrices[0, 2:, :2] = np.array([[0.5, 0.6], [0.6, -0.5]]) - 0.37 * np.eye(2)
    matrices[1, 2:, :2] = 1.3 * np.eye(2)
    matrices[1, 0, 2] = mass
    matrices = DX * matrices * monomials.sizes[:, None, None]
    weights = [float(pair in ((0, 0), (1, 1))) for pair in Quadratic.names_of_features(4)]
    return Law(
        Shared(np.array([1.0, 0.3, 0.2, -0.4])),
        GeneratorCell.over(matrices, monomials, LOW, HIGH),
        Quadratic(np.array(weights)[:, None], np.zeros(0)),
        np.ones(1),
    )


def measured(law, runs=20, steps=6, noise=0.02):
    """The law refitted to noisy densities, its loss, and the data; the input changes at times."""
    rng = np.random.default_rng(0)
    input = np.repeat(rng.uniform(*LOW, *HIGH, (runs, steps, 1)), 5, axis=1)
    density = law.outputs(Shown.unanswered(input)).swapaxes(0, 1)
    noisy = density / density.std() + noise * np.random.default_rng(5).normal(size=density.shape)
    readout = law.readout.with_weights(law.readout.weights / density.std())
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0]
    data = Data(Shown.of(input, noisy))
    return (*free_refit(law.but(readout=readout).in_basis(turn), data.shown), data)


def modes(law, data):
    """The fit as two uncoupled waves."""
    (gauged,) = Waves().fix(law, data.shown)
    return pruned_refit(gauged.law, gauged.free, gauged.prunable, data)


def test_waves_are_not_taken_for_the_sake_of_a_basis():
    """A mass that varies by a hundredth is seen in noisy densities, by more than luck.

    Were the basis counted as part of the law without a gauge, waves would be believed all the same.
    """
    refitted, loss, data = measured(two_waves(0.011))
    fit, size = modes(refitted, data), layout(refitted).size
    counted_alike, with_basis = (data.information(loss, p) for p in (size - 16, size))
    assert fit.score > counted_alike + 20
    assert fit.score < with_basis - 20
    assert data.information(fit.loss, int(fit.free.sum())) < with_basis - 20
    chosen = best_gauge(refitted, loss, data, [Waves()])
    assert not chosen.gauge.canonical
    assert chosen.fit.loss < fit.loss


def test_waves_are_taken_where_they_explain_as_well():
    refitted, loss, data = measured(two_waves(0.0))
    fit = modes(refitted, data)
    assert fit.score < data.information(loss, layout(refitted).size - 16) - 20
    chosen = best_gauge(refitted, loss, data, [Waves()])
    assert (chosen.gauge.name, chosen.gauged.kind) == ("waves", "modes")


@pytest.mark.parametrize("starts", [None, 30])
@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_numbers_of_a_driven_law_are_those_its_answers_know(d, starts):
    """d for A, d for the input, one for the surroundings: variables unseen count from anywhere."""
    rng = np.random.default_rng(d)
    rates = np.hstack([0.3 * rng.normal(size=(d, d)) - 0.4 * np.eye(d), rng.normal(size=(d, 2))])
    start = rng.normal(size=d if starts is None else (starts, d))
    preparation = Shared(start) if starts is None else Own(start)
    readout = Linear(rng.normal(size=(d, 1)), np.zeros(0))
    law = Law(preparation, DrivenCell(rates, np.zeros(1), np.ones(1)), readout, np.ones(1))
    shown = Shown.unanswered(inputs(30, 12))
    (gauged,) = Observability().fix(law, shown)
    np.testing.assert_allclose(gauged.law.outputs(shown), law.outputs(shown), atol=1e-12)
    assert int(gauged.free.sum()) == 2 * d + 1 + d * (starts or 1)
    assert without_basis(law) == gauged.free.sum()
    if starts is None:
        assert rank(gauged.law, gauged.free) == gauged.free.sum()
