"""Pieces of runs, and the block that decides between forms."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from hiddenlaw.cells import Coefficient, PolynomialCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import applied_to
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Context, Own, Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.selection.pieces import Tiles, pieces_of
from hiddenlaw.theory.selection.validation import enough_of, free_run, parts_of

RUNS, SITES = 3, 120
STILL = (0,)
TERMS = [
    Coefficient(0, (1,), STILL, 1.0),
    Coefficient(1, (0,), STILL, -0.05),
    Coefficient(1, (1,), STILL, -0.04),
    Coefficient(1, (0, 0, 0), STILL, -0.02),
    Coefficient(1, (), (1,), 0.1),
]


def spring(hold="zero", runs=RUNS, sites=SITES):
    """A law, and what it answers exactly."""
    rng = np.random.default_rng(2)
    input = np.cumsum(rng.normal(size=(runs, sites)), axis=1) / 5
    nothing = Dataset.from_arrays(input, np.ones_like(input), hold=hold)
    applied = applied_to(nothing)
    cell = replace(PolynomialCell.of(TERMS, 2, applied.span), clip=None)
    starts = Own(0.3 * rng.normal(size=(runs, 2)))
    law = Law(starts, cell, Linear(np.eye(2)[:, :1], np.zeros(0)), np.ones(1))
    answer = np.swapaxes(law.outputs(Shown.unanswered(applied.values)), 0, 1)
    return law, Dataset.from_arrays(input, answer[..., 0], hold=hold)


@pytest.mark.parametrize("hold", ["zero", "cubic"])
def test_longer_pieces_start_where_shorter_ones_have_come_to(hold):
    """Along an exact law they are pieces of one motion."""
    law, data = spring(hold)
    pieces = Tiles(data, law.scale, Own)
    whole, shown = pieces.longer(*as_whole(law, data, pieces), 11)
    assert shown.runs == RUNS * round(SITES / 11)
    assert whole.loss(shown) < 1e-24
    longer, shown = pieces.longer(whole, 11, 40)
    assert shown.runs == RUNS * 3
    assert longer.loss(shown) < 1e-24


def as_whole(law, data, pieces):
    """The law along whole runs, and their length."""
    begun, _ = pieces.begun(law, data.sites)
    return begun.but(preparation=law.preparation), data.sites


@pytest.mark.parametrize(("kind", "longest"), [(Context, 120), (Shared, 120)])
def test_lengths_grow_up_to_whole_runs(kind, longest):
    _, data = spring()
    found = pieces_of(data, np.ones(1), kind).lengths(8)
    assert found[0] == 8
    assert found[-1] == longest
    assert all(a < b <= 2.2 * a for a, b in pairwise(found))


def test_the_block_is_the_later_part_of_few_records_and_whole_ones_of_many():
    _, few = spring()
    parts = parts_of(few, Context)
    assert parts.fitted.sites == 90
    assert np.array_equal(parts.block.input, few.input[:, 90:])
    _, many = spring(runs=40, sites=20)
    parts = parts_of(many, Context)
    assert (parts.fitted.runs, parts.block.runs) == (30, 10)
    assert parts.fitted.sites == 20


def test_the_right_law_runs_freely_over_the_block():
    """Where it starts is found from the first samples of each piece."""
    law, data = spring()
    block = parts_of(data, Context).block
    assert free_run(law, block) < 1e-12


def test_of_many_samples_some_from_all_over_tell_forms_apart():
    """Stretches of long records, whole runs of many short ones; a few samples stay as they are."""
    _, few = spring()
    assert enough_of(few, Context) is few
    sites = np.arange(50_000.0)
    record = Dataset.from_arrays(sites[None], np.sin(sites)[None], dx=1.0)
    some = enough_of(record, Context)
    assert some.runs * some.sites <= 12_000
    assert some.input.min() == 0.0
    assert some.input.max() == sites[-1]
    assert np.array_equal(some.response, np.sin(some.input))
    short = np.repeat(np.arange(2000.0)[:, None], 30, axis=1)
    runs = enough_of(Dataset.from_arrays(short, short, dx=1.0), Context)
    assert runs.sites == 30
    assert runs.runs == len(set(runs.input[:, 0, 0])) == 400
    assert set(runs.input[[0, -1], 0, 0]) == {0.0, 1999.0}


def test_stretches_of_which_nothing_was_seen_are_left_out():
    y = np.sin(np.arange(50_000.0))[None]
    y[:, 20_000:] = np.nan
    record = Dataset.from_arrays(np.zeros((1, 50_000)), y, dx=1.0, allow_missing=True)
    assert np.isfinite(enough_of(record, Context).response).mean() > 0.5


def test_a_piece_of_which_nothing_was_seen_is_in_no_part():
    _, data = spring(runs=3, sites=120)
    response = data.response.copy()
    response[1, 80:] = np.nan  # a shorter record
    parts = parts_of(replace(data, response=response, allow_missing=True), Context)
    assert parts.block.runs == 2
    assert np.isfinite(parts.block.judged.response).any(axis=(1, 2)).all()
