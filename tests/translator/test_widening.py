"""A translator that is too narrow is told by what it leaves, and one that is not is left alone."""

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.settings import settings
from hiddenlaw.systems import Schroedinger, get_system
from hiddenlaw.systems.noise import measure
from hiddenlaw.training.progress import Silent
from hiddenlaw.translator.translation import translate
from hiddenlaw.translator.widening import leaves_something, widened


@pytest.mark.slow
def test_ten_products_are_too_many_for_six_variables_and_a_readout_of_squares_finds_them():
    """The density of one of two coupled components moves with ten products of four variables."""
    data = get_system("components")(observe="one").simulate(runs=60, sites=32, seed=0)
    chosen = settings(initial_state="shared", translator_seeds=1)
    narrow = translate(data, chosen, Silent())
    assert narrow.fit.heldout_error > 1e-3
    assert leaves_something(narrow)
    wide = widened(narrow, data, chosen, Silent())
    assert wide.fit.heldout_error < 1e-4 * narrow.fit.heldout_error
    assert wide.reason == narrow.reason
    assert not leaves_something(wide)


@pytest.mark.parametrize("noise", ["gaussian:0.02", "gaussian:0.1"])
def test_one_that_leaves_noise_is_not_widened(noise):
    clean = Schroedinger().simulate(runs=40, sites=24, dx=0.2, seed=1)
    data = measure(clean, noise=noise, blur=0.0, missing=0.0, seed=1)
    chosen = settings(initial_state="shared")
    narrow = translate(data, chosen, Silent())
    assert widened(narrow, data, chosen, Silent()) is narrow


def test_a_width_that_was_asked_for_stays():
    data = Schroedinger().simulate(runs=30, sites=16, dx=0.2, seed=1)
    chosen = settings(initial_state="shared", hidden=2)
    narrow = translate(data, chosen, Silent())
    assert narrow.fit.heldout_error > 1e-2
    assert widened(narrow, data, chosen, Silent()) is narrow


def test_runs_that_are_seen_in_one_half_alone_are_no_hindrance():
    data = Schroedinger().simulate(runs=24, sites=24, dx=0.2, seed=2, preparation="random")
    response = np.array(data.response)
    response[:, 13:] = np.nan
    cut = hl.Dataset.from_arrays(
        data.input, response, dx=0.2, input_names="V", response_names="rho", allow_missing=True
    )
    found = translate(cut, settings(), Silent())
    assert found.initial_state in ("shared", "per-run")
