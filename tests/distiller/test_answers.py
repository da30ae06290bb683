"""A black box's answers tell the number of variables where its states hide it.

Its states here are made up: the true (ρ, ρ′, ζ) bent, or with errors of their own, over exact or
nearly exact answers ρ.
"""

from dataclasses import replace

import numpy as np
import pytest

from hiddenlaw.cells import GeneratorCell
from hiddenlaw.distiller.answers import answer_runs, distil_answers, error_of_answers
from hiddenlaw.distiller.both_targets import with_answers
from hiddenlaw.distiller.bottleneck import sweep
from hiddenlaw.distiller.dimension import choose_dimension
from hiddenlaw.distiller.distillation import Width
from hiddenlaw.distiller.hidden_runs import HiddenRuns
from hiddenlaw.distiller.target import Target, decided, told
from hiddenlaw.holds import applied
from hiddenlaw.law import Law
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.systems import Schroedinger
from hiddenlaw.translator.search import joint_span, scale_of

ENERGY, SITES, AHEAD = 0.37, 24, 6
SEEDS = {"seeds": 3, "seed": 0}


def black_box(seed, runs, *, bend=0.0, error=0.0, spread=None):
    """What a black box is in and what it answers; states of the last sites are not seen."""
    data = Schroedinger(energy=ENERGY).simulate(runs=runs, sites=SITES, seed=seed, with_truth=True)
    psi, slope = data.truth.states["psi"], data.truth.states["psi'"]
    rho = psi**2
    states = np.stack([rho, 2 * psi * slope, 2 * slope**2 - 2 * ENERGY * rho], axis=-1)
    states = states / np.sqrt(np.mean(states**2, axis=(0, 1)))
    bent = np.stack([states[..., k] * states[..., (k + 1) % 3] for k in range(3)], axis=-1)
    noise = np.random.default_rng(seed).normal(size=states.shape)
    states = np.concatenate([states + error * noise, bend * bent], axis=-1)
    spread = spread or (np.sqrt(states.var(axis=(0, 1)).sum()), rho.std())
    span = applied(data.input, "zero").span
    seen = slice(None, SITES - AHEAD)
    hidden = HiddenRuns(data.input[:, seen], states[:, seen] / spread[0], span, AHEAD)
    return hidden, HiddenRuns(data.input, rho[..., None] / spread[1], span), spread


def both(decoder, dimensions, **options):
    of_train = black_box(0, 24, **options)
    of_heldout = black_box(1, 8, **options, spread=of_train[2])
    swept = sweep(
        of_train[0],
        of_heldout[0],
        dimensions=dimensions,
        decoders=[decoder],
        cell=GeneratorCell,
        **SEEDS,
    )
    return swept, with_answers(swept, of_train[1], of_heldout[1], cell=GeneratorCell, **SEEDS)


def loss(distillation):
    return float(distillation.heldout_loss[distillation.best])


@pytest.mark.parametrize(("decoder", "dimension"), [("linear", 3), ("quadratic", 2)])
def test_of_a_curved_set_of_states_answers_find_the_variables(decoder, dimension):
    of_states, found = both(decoder, [dimension - 1, dimension], bend=0.7)
    assert loss(of_states.distillations[dimension, decoder]) > 1e-2
    assert choose_dimension(found.of(decoder)).dimension == dimension
    assert loss(found.distillations[dimension, decoder]) < 1e-10
    by_name = {target.name: target for target in found.targets}
    assert by_name["answers"].decided
    assert by_name["answers"].dimension == dimension
    assert not by_name["states"].decided
    assert found.beside == of_states.distillations
    assert found.distillations.keys() == of_states.distillations.keys()


@pytest.fixture(scope="module")
def of_noisy_states():
    return both("quadratic", [2], error=0.3)


def test_errors_of_the_states_do_not_reach_a_law_distilled_from_answers(of_noisy_states):
    """tr AB = κ and det A = E whatever the basis."""
    _, found = of_noisy_states
    cell = found.distillations[2, "quadratic"].distiller.law.cell
    assert isinstance(cell, GeneratorCell)
    a, b = generators(cell)
    dx = 0.2
    assert np.trace(a @ b) / dx**2 == pytest.approx(1.0, abs=1e-6)
    assert np.linalg.det(a) / dx**2 == pytest.approx(ENERGY, abs=1e-6)


def generators(cell):
    """A and B of dx (A + B V), off the monomials of the scaled input."""
    scaled = cell.monomials
    slope = cell.matrices[1] / scaled.scale[0]
    return cell.matrices[0] - slope * scaled.offset[0], slope


def test_states_are_given_back_as_well_as_that_law_can(of_noisy_states):
    of_states, found = of_noisy_states
    distiller = found.distillations[2, "quadratic"].distiller
    runs = of_states.heldout
    after = slice(4, 12)
    rebuilt = distiller(runs.coordinates[:, 3], runs.input[:, after])
    assert rebuilt.shape == runs.coordinates[:, after].shape
    assert np.mean(np.sum((rebuilt - runs.coordinates[:, after]) ** 2, axis=2)) < 0.5


def test_the_record_shows_both_targets(of_noisy_states):
    of_states, found = of_noisy_states
    assert [entry["target"] for entry in found.targets_records()] == ["states", "answers"]
    assert found.records_beside() == of_states.records()
    assert found.records() != of_states.records()
    assert of_states.targets_records() == of_states.records_beside() == []
    (line,) = told(found.targets)
    assert line.startswith("With a quadratic readout the law was distilled from the translator's")
    assert "answers: 2 variables leave" in line


def test_a_law_from_exact_states_answers_exactly():
    hidden, answers, _ = black_box(0, 40)
    width = Width(3, "linear", GeneratorCell)
    of_states = sweep(
        hidden, hidden, dimensions=[3], decoders=["linear"], cell=GeneratorCell, **SEEDS
    ).distillations[3, "linear"]
    assert error_of_answers(of_states, answers, answers, 0) < 1e-12
    found = distil_answers(answers, answers, hidden, of_states, width, **SEEDS)
    assert loss(found) < 1e-12


def test_answers_are_those_of_the_translator_over_their_deviation():
    data = Schroedinger().simulate(runs=12, sites=10, seed=0)
    train, heldout = data.split(0.25, 0)
    span, rng = joint_span(train, heldout), np.random.default_rng(0)
    cell = GeneratorCell.random(2, span, rng=rng)
    law = Law(Shared(np.ones(2)), cell, Linear(np.ones((2, 1)), np.zeros(0)), scale_of(train))
    of_train, of_heldout = answer_runs(law, train, heldout, span)
    assert of_train.coordinates.shape == (train.runs, 10, 1)
    assert of_heldout.coordinates.shape == (heldout.runs, 10, 1)
    assert of_train.coordinates.std() == pytest.approx(1.0)
    assert of_train.beginnings().sites == 10


DECIDED = [
    ((3, 1e-3), (3, 1e-4), "answers"),  # equally many: the lower error
    ((3, 1e-4), (3, 1e-3), "states"),
    ((4, 9e-5), (2, 1e-4), "answers"),  # two more that do not halve what is left
    ((4, 1e-5), (2, 1e-4), "states"),  # two more that do
    ((2, 1e-4), (3, 9e-5), "states"),
    ((2, 1e-1), (3, 1e-4), "answers"),
    ((None, np.inf), (2, 0.5), "answers"),
    ((3, 0.5), (None, np.inf), "states"),
    ((None, np.inf), (None, np.inf), "states"),
    ((3, np.inf), (3, 1e-3), "answers"),
]


@pytest.mark.parametrize(("states", "answers", "name"), DECIDED)
def test_held_out_answers_decide(states, answers, name):
    rivals = [Target("linear", "states", *states), Target("linear", "answers", *answers)]
    found = decided(rivals)
    assert [target.name for target in found if target.decided] == [name]
    assert [replace(target, decided=False) for target in found] == rivals
    (line,) = told(found)
    assert f"the translator's {name}:" in line
