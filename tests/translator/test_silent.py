"""A response that nothing explains is named and left out, and nothing else is."""

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.systems import Schroedinger
from hiddenlaw.translator.silent import telling, without_silent

PARTS = (0.2, 0)


def several(seed, noise_channels, share=0.1):
    clean = Schroedinger().simulate(runs=60, sites=24, dx=0.2, seed=seed)
    rng = np.random.default_rng(seed)
    rho = clean.response + share * clean.response.std() * rng.normal(size=clean.response.shape)
    noise = rng.normal(size=(60, 24, noise_channels))
    names = ("rho", *(f"n{k}" for k in range(noise_channels)))
    return hl.Dataset.from_arrays(
        clean.input, np.concatenate([rho, noise], axis=2), dx=0.2, input_names="V",
        response_names=names, units={"n0": "V"} if noise_channels else None,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_channels_of_noise_are_found(seed):
    assert telling(several(seed, 2), PARTS).tolist() == [True, False, False]


def test_what_the_input_says_at_the_same_site_is_something():
    data = several(0, 1)
    static = np.concatenate([data.response, np.tanh(data.input)], axis=2)
    both = hl.Dataset.from_arrays(data.input, static, dx=0.2, response_names=("rho", "n", "map"))
    assert telling(both, PARTS).tolist() == [True, False, True]


def test_where_all_are_noise_all_stay():
    data = several(1, 2)
    noise = hl.Dataset.from_arrays(data.input, data.response[..., 1:], dx=0.2)
    assert without_silent(noise, PARTS)[0] is noise


def test_they_are_named_and_the_law_is_that_of_the_others():
    data = several(2, 1, share=0.01)
    found = hl.discover(data, dimension=2, readout="quadratic", seeds=3)
    assert found.verdict == "law"
    assert found.record["dataset"]["response"] == ["rho"]
    assert set(found.theory.record["law"]["terms"]["psi''"]) == {"V*psi", "psi"}
    assert any(note.startswith("n0 is left out") for note in found.record["notes"])
