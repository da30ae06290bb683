"""Exact hidden states (ρ, ρ′, ζ), mixed: two variables explain them squared, three linearly."""

from dataclasses import replace

import numpy as np
import pytest

from hiddenlaw.cells import GeneratorCell
from hiddenlaw.distiller.bottleneck import sweep
from hiddenlaw.distiller.distillation import Width
from hiddenlaw.distiller.distiller import distil
from hiddenlaw.distiller.encoder import Encoder
from hiddenlaw.distiller.hidden_runs import HiddenRuns
from hiddenlaw.holds import applied
from hiddenlaw.readouts import Linear, Quadratic
from hiddenlaw.systems import Schroedinger

ENERGY = 0.37
MIX = np.random.default_rng(5).normal(size=(3, 3))


def hidden_runs(seed, runs, spread=None, sites=20, **how):
    data = Schroedinger(energy=ENERGY).simulate(
        runs=runs, sites=sites, dx=0.2, seed=seed, with_truth=True, **how
    )
    psi, slope = data.truth.states["psi"], data.truth.states["psi'"]
    rho = psi**2
    zeta = 2 * slope**2 - 2 * ENERGY * rho
    mixed = np.stack([rho, 2 * psi * slope, zeta], axis=-1) @ MIX
    spread = spread or float(np.sqrt(mixed.reshape(-1, 3).var(axis=0).sum()))
    return HiddenRuns(data.input, mixed / spread, applied(data.input, "zero").span), spread


@pytest.fixture(scope="module")
def runs():
    train, spread = hidden_runs(0, 40)
    return train, hidden_runs(1, 12, spread)[0]


def distilled(runs, dimension, decoder, seeds):
    return distil(*runs, Width(dimension, decoder, GeneratorCell), seeds=seeds, seed=0)


@pytest.fixture(scope="module")
def bottleneck(runs):
    widths = {"dimensions": [1, 2], "decoders": ["quadratic"], "cell": GeneratorCell}
    return sweep(*runs, **widths, seeds=4, seed=0)


@pytest.fixture(scope="module")
def wave(bottleneck):
    return bottleneck.distillations[2, "quadratic"]


def loss(distillation):
    return float(distillation.heldout_loss[distillation.best])


def test_two_variables_read_through_their_squares_explain_everything(wave):
    assert loss(wave) < 1e-10


def test_two_variables_read_linearly_explain_little(runs):
    assert loss(distilled(runs, 2, "linear", 2)) > 0.02


def test_three_variables_read_linearly_explain_everything(runs):
    assert loss(distilled(runs, 3, "linear", 2)) < 1e-12


def test_losses_are_told_seed_by_seed_and_run_by_run(wave):
    count = len(wave.distillers)
    assert wave.train_loss.shape == wave.heldout_loss.shape == (count,)
    assert wave.heldout_by_run.shape == (count, 12)
    assert wave.train_loss[wave.best] == wave.train_loss.min()
    assert wave.distiller is wave.distillers[wave.best]
    order = [wave.distillers.index(other) for other in wave.others]
    assert list(wave.train_loss[order]) == sorted(np.delete(wave.train_loss, wave.best))


def test_where_three_seeds_agree_the_fourth_is_not_run_and_that_is_said(bottleneck, wave):
    """One variable explains too little for seeds to agree; two explain all."""
    narrow = bottleneck.distillations[1, "quadratic"]
    assert (len(narrow.distillers), narrow.asked) == (4, 4)
    assert (len(wave.distillers), wave.asked) == (3, 4)
    assert wave.train_loss.max() < 1e-20
    expected = {"dimension": 2, "readout": "quadratic", "run": 3, "asked": 4}
    assert bottleneck.stopped() == [expected]
    assert [row["seed"] for row in bottleneck.records()] == [0, 1, 2, 3, 0, 1, 2]


def test_fewer_seeds_than_asked_for_are_the_first_of_them(runs, wave):
    """What a seed comes to does not depend on how many there are."""
    two = distilled(runs, 2, "quadratic", 2)
    np.testing.assert_array_equal(two.train_loss, wave.train_loss[:2])
    assert two.asked == 2


def test_the_encoder_inverts_the_decoder(wave, runs):
    """On states that no training saw."""
    hidden = runs[1].coordinates[:, ::5].reshape(-1, 3)
    encoder = wave.distiller.encoder
    np.testing.assert_allclose(encoder.decoder(encoder(hidden)), hidden, atol=1e-5)


def test_the_encoder_of_a_linear_decoder_is_least_squares():
    rng = np.random.default_rng(2)
    weights, hidden = rng.normal(size=(2, 5)), rng.normal(size=(30, 5))
    anchors = rng.normal(size=(10, 2))
    encoder = Encoder(Linear(weights, np.zeros(0)), anchors @ weights, anchors)
    expected = np.linalg.lstsq(weights.T, hidden.T, rcond=None)[0].T
    np.testing.assert_allclose(encoder(hidden), expected, atol=1e-7)


def test_an_encoder_without_a_finite_anchor_says_so_by_nan():
    nowhere = np.full((3, 2), np.nan)
    encoder = Encoder(Quadratic(np.ones((6, 2)), np.zeros(0)), nowhere, nowhere)
    assert np.isnan(encoder(np.ones((4, 2)))).all()


def test_psi_and_minus_psi_are_the_same_hidden_state(wave):
    start = wave.distiller.law.preparation.numbers
    latent = np.random.default_rng(0).normal(size=(50, 2)) * np.abs(start).max()
    plus, minus = wave.distiller.decoder(latent), wave.distiller.decoder(-latent)
    np.testing.assert_allclose(minus, plus, atol=1e-4 * np.abs(plus).max())


def test_from_one_hidden_state_the_rest_of_the_run_follows(wave, runs):
    unseen = runs[1]
    rebuilt = wave.distiller(unseen.coordinates[:, 4], unseen.input[:, 5:])
    assert np.mean(np.sum((rebuilt - unseen.coordinates[:, 5:]) ** 2, axis=2)) < 1e-8


def test_windows_start_from_the_state_just_before_them(runs):
    train = runs[0]
    shown, start = train.windows(200, np.random.default_rng(0))
    coordinates = np.swapaxes(shown.target, 0, 1)
    assert train.window == 10
    for k in range(200):
        run = k % 40
        place = np.flatnonzero((train.coordinates[run] == start[k]).all(axis=1))[0] + 1
        stop = place + train.window
        assert stop <= 20
        np.testing.assert_array_equal(shown.input[k, :10], train.input[run, place:stop])
        np.testing.assert_array_equal(coordinates[k, :10], train.coordinates[run, place:stop])


@pytest.mark.parametrize("seed", [0, 1])
def test_of_runs_that_start_each_from_its_own_state_most_seeds_find_the_wave_function(seed):
    """One long run will not do in their place: its squares lead most seeds astray."""
    how = {"sites": 40, "preparation": "random"}
    train, spread = hidden_runs(2 * seed, 40, **how)
    heldout, _ = hidden_runs(2 * seed + 1, 12, spread, **how)
    width = Width(2, "quadratic", GeneratorCell)
    apart = [replace(runs, alike=False) for runs in (train, heldout)]
    found = [distil(*apart, width, seeds=1, seed=k).heldout_loss[0] for k in range(8)]
    assert sum(loss < 1e-10 for loss in found) >= 7


def test_long_runs_begin_with_as_many_sites_as_they_are_said_to(runs):
    train = replace(runs[0], beginning=7)
    assert train.beginnings().sites == 7
    windows, _ = train.windows(10, np.random.default_rng(0))
    assert windows.sites == train.window == runs[0].window  # anywhere, and no shorter
