"""A black box of few weights: least squares go where Adam does not, on few runs first."""

import numpy as np
import pytest

from hiddenlaw.cells import GRUCell
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.systems import Schroedinger
from hiddenlaw.training.progress import Silent
from hiddenlaw.translator import few_weights, search
from hiddenlaw.translator.few_weights import train_few_weights
from hiddenlaw.translator.search import train_translator

HIDDEN = 5


def densities(runs=120, sites=12):
    train, kept_back = Schroedinger().simulate(runs=runs, sites=sites, seed=1).split(0.25, 0)
    return train, Heldout(kept_back, None)


def trained(monkeypatch, *, by_adam, seeds=1, steps=1000):
    train, heldout = densities()
    if by_adam:
        monkeypatch.setattr(search, "MANY", 0)
    return train_translator(
        train, heldout, cell="gru", hidden=HIDDEN, seeds=seeds, seed=0, steps=steps
    )


def test_least_squares_leave_a_fifth_of_what_adam_leaves(monkeypatch):
    """The same black box, the same data; a thousand steps of Adam take longer."""
    ours = trained(monkeypatch, by_adam=False)
    theirs = trained(monkeypatch, by_adam=True)
    assert ours.law.dimension == theirs.law.dimension == HIDDEN
    assert ours.heldout_error < theirs.heldout_error / 5
    assert ours.heldout_error < 1e-3


def test_what_has_many_weights_is_trained_by_adam(monkeypatch):
    train, heldout = densities(runs=12, sites=8)
    asked = []

    def not_here(*_, **__):
        raise AssertionError("too dear")

    def adam(new_cell, *_, **__):
        asked.append(new_cell().parameters.size)
        return [Law(Shared(np.zeros(32)), new_cell(), Linear(np.zeros((32, 1)), np.zeros(0)), ONE)]

    monkeypatch.setattr(search, "train_few_weights", not_here)
    monkeypatch.setattr(search, "train_black_box", adam)
    train_translator(train, heldout, cell="gru", hidden=32, seeds=1, seed=0)
    assert asked[0] > few_weights.MANY


ONE = np.ones(1)


class Boxes:
    """Black boxes that are drawn one by one."""

    def __init__(self):
        self.rng, self.drawn = np.random.default_rng(0), 0

    def __call__(self):
        self.drawn += 1
        cell = GRUCell.random(2, Span((-1.0,), (1.0,)), rng=self.rng)
        return Law(Shared(np.zeros(2)), cell, Linear.blank(2, 1, rng=self.rng), ONE)


def echoes(runs):
    """The input, remembered for a while: easy for two units."""
    v = np.random.default_rng(runs).uniform(-1, 1, (runs, 8, 1))
    y = np.zeros_like(v)
    for site in range(8):
        y[:, site] = 0.7 * y[:, site - 1] * (site > 0) + 0.3 * v[:, site]
    return Shown.of(v, y)


@pytest.mark.parametrize(("good", "run"), [(1e3, 1), (0.0, 3)])
def test_no_further_seeds_are_run_once_one_is_good(monkeypatch, good, run):
    monkeypatch.setattr(few_weights, "_GOOD", good)
    monkeypatch.setattr(few_weights, "_FAIR", 1e3)  # the first start will do
    monkeypatch.setattr(few_weights, "_ROUNDS", 1)
    boxes = Boxes()
    found = train_few_weights(boxes, echoes(20), echoes(10), seeds=3, progress=Silent())
    assert len(found) == boxes.drawn == run


def test_a_start_that_is_stuck_is_drawn_again(monkeypatch):
    monkeypatch.setattr(few_weights, "_FAIR", 0.0)  # none will do
    monkeypatch.setattr(few_weights, "_ROUNDS", 1)
    boxes = Boxes()
    train_few_weights(boxes, echoes(20), echoes(10), seeds=1, progress=Silent())
    assert boxes.drawn == few_weights._STARTS


def test_polishing_never_makes_held_out_runs_worse(monkeypatch):
    monkeypatch.setattr(few_weights, "_GOOD", 0.0)
    shown, kept_back = echoes(12), echoes(30)
    monkeypatch.setattr(few_weights, "_ROUNDS", 0)
    before = train_few_weights(Boxes(), shown, kept_back, seeds=2, progress=Silent())
    monkeypatch.setattr(few_weights, "_ROUNDS", 3)
    after = train_few_weights(Boxes(), shown, kept_back, seeds=2, progress=Silent())
    least = [min(law.loss(kept_back) for law in laws) for laws in (before, after)]
    assert least[1] <= least[0]
    worse = [max(law.loss(kept_back) for law in laws) for laws in (before, after)]
    assert worse[1] == worse[0]  # only the best is polished
