"""Exact hidden states (ρ, ρ′, ζ), mixed: two variables explain them squared, three linearly."""

import jax
import numpy as np
import pytest

from hiddenlaw.distiller.distiller import Width, distil
from hiddenlaw.distiller.hidden_runs import HiddenRuns
from hiddenlaw.holds._base import applied
from hiddenlaw.systems import Schroedinger

ENERGY = 0.37
MIX = np.random.default_rng(5).normal(size=(3, 3))


def hidden_runs(seed, runs, spread=None):
    data = Schroedinger(energy=ENERGY).simulate(
        runs=runs, sites=20, dx=0.2, seed=seed, with_truth=True
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


@pytest.fixture(scope="module")
def wave(runs):
    return distil(*runs, Width(2, "quadratic"), seeds=4, seed=0)


def loss(distillation):
    return float(distillation.heldout_loss[distillation.best])


def test_two_variables_read_through_their_squares_explain_everything(wave):
    assert loss(wave) < 1e-10


def test_two_variables_read_linearly_explain_little(runs):
    assert loss(distil(*runs, Width(2, "linear"), seeds=2, seed=0)) > 0.02


def test_three_variables_read_linearly_explain_everything(runs):
    assert loss(distil(*runs, Width(3, "linear"), seeds=2, seed=0)) < 1e-12


def test_losses_are_told_seed_by_seed_and_run_by_run(wave):
    assert wave.train_loss.shape == wave.heldout_loss.shape == (4,)
    assert wave.heldout_by_run.shape == (4, 12)
    assert wave.train_loss[wave.best] == wave.train_loss.min()


def test_the_encoder_inverts_the_decoder(wave, runs):
    """On states that no training saw."""
    hidden = runs[1].coordinates[:, ::5].reshape(-1, 3)
    with jax.enable_x64(True):
        encoder = wave.distiller.encoder
        rebuilt = jax.jit(jax.vmap(lambda h: encoder.decoder(encoder(h))))(hidden)
    np.testing.assert_allclose(rebuilt, hidden, atol=1e-5)


def test_psi_and_minus_psi_are_the_same_hidden_state(wave):
    latent = np.random.default_rng(0).normal(size=(50, 2)) * np.abs(wave.distiller.initial).max()
    with jax.enable_x64(True):
        decode = jax.jit(jax.vmap(wave.distiller.decoder))
        plus, minus = np.asarray(decode(latent)), np.asarray(decode(-latent))
    np.testing.assert_allclose(minus, plus, atol=1e-4 * np.abs(plus).max())


def test_from_one_hidden_state_the_rest_of_the_run_follows(wave, runs):
    unseen = runs[1]
    with jax.enable_x64(True):
        rebuilt = jax.jit(jax.vmap(wave.distiller.__call__))(
            unseen.coordinates[:, 4], unseen.input[:, 5:]
        )
    rebuilt = np.asarray(rebuilt)
    assert np.mean(np.sum((rebuilt - unseen.coordinates[:, 5:]) ** 2, axis=2)) < 1e-8


def test_windows_start_from_the_state_just_before_them(runs):
    train = runs[0]
    input, coordinates, start = train.windows(200, np.random.default_rng(0))
    assert train.window == 10
    for k in range(200):
        run = k % 40
        place = np.flatnonzero((train.coordinates[run] == start[k]).all(axis=1))[0] + 1
        stop = place + train.window
        assert stop <= 20
        np.testing.assert_array_equal(input[k, :10], train.input[run, place:stop])
        np.testing.assert_array_equal(coordinates[k, :10], train.coordinates[run, place:stop])
