"""Lengths that grow, starts that are compared early, seeds that agree."""

from itertools import pairwise

import numpy as np
import pytest
from laws import problem

from hiddenlaw.law import Shown
from hiddenlaw.parameters import flat, layout
from hiddenlaw.training.curriculum import (
    ROUNDING,
    SAYING,
    Stuck,
    agree,
    best_of,
    fit,
    fit_lengths,
    gentle_lengths,
    lengths,
)


def test_gentle_lengths_grow_by_a_quarter_and_end_with_all_sites():
    assert gentle_lengths(64) == [4, 8, 16, 20, 25, 31, 39, 49, 64]
    for sites in range(2, 200):
        stages = gentle_lengths(sites)
        assert stages[-1] == sites
        assert stages == sorted(set(stages))
        assert all(b <= 1.4 * a for a, b in pairwise(stages) if a >= 16)


def test_lengths_double_and_end_with_all_sites():
    assert lengths(64) == [4, 8, 16, 32, 64]
    assert lengths(48) == [4, 8, 16, 32, 48]
    assert lengths(3) == [3]


def answered(law, shown):
    """What the law itself answers, as the target."""
    return Shown.of(shown.input, np.swapaxes(law.outputs(shown), 0, 1))


def test_of_several_starts_the_one_goes_on_that_is_best_at_the_end():
    law, shown = problem("generator", "linear")
    shown, rng = answered(law, shown), np.random.default_rng(0)
    cells = [law.cell.with_parameters(law.cell.parameters + rng.normal(size=8)) for _ in range(6)]
    starts = [law.but(cell=cell) for cell in cells]
    best, loss = best_of(starts, shown, [4, shown.sites], max_steps=3)
    single = [best_of([start], shown, [4, shown.sites], max_steps=3)[1] for start in starts]
    assert loss == min(single)
    assert best.loss(shown) == pytest.approx(loss, rel=1e-6)


def test_no_further_start_is_drawn_once_one_is_good_enough():
    law, shown = problem("generator", "linear")
    drawn = []

    def starts():
        for number in range(5):
            drawn.append(number)
            yield law

    best_of(starts(), answered(law, shown), [shown.sites], max_steps=3, enough=ROUNDING)
    assert drawn == [0]


def test_a_start_that_is_stuck_where_one_was_before_comes_to_the_same_law():
    """Started in another basis it leaves the same loss, and is not fitted again."""
    law, shown = problem("generator", "linear")  # its target is noise
    turned = law.in_basis(np.array([[1.1, 0.2], [-0.1, 0.9]]))
    stuck, schedule = Stuck(), [4, shown.sites]
    first, loss = fit_lengths(law, shown, schedule, 200, stuck=stuck)
    assert loss > SAYING
    fitted = fit_lengths(turned, shown, schedule, 200)[1]
    assert fitted == pytest.approx(loss, rel=1e-5)
    second, same = fit_lengths(turned, shown, schedule, 200, stuck=stuck)
    assert second is first
    assert same == loss
    assert stuck.same(shown.sites, loss * 1.01) is None


def test_nothing_is_stuck_where_almost_all_is_explained():
    """Losses that are alike at rounding, or at the noise, say nothing of the way there."""
    law, stuck = problem("generator", "linear")[0], Stuck()
    stuck.known.append((4, 1e-3, law, 1e-3))
    assert stuck.same(4, 1e-3) is None
    assert stuck.same(4, np.inf) is None


def test_once_one_start_is_exact_another_is_beaten_where_it_is_not_over_a_long_way():
    stuck = Stuck()
    assert not stuck.beaten(100, 1e-4)
    stuck.exact = True
    assert stuck.beaten(100, 1e-4)
    assert not stuck.beaten(100, ROUNDING / 2)
    assert not stuck.beaten(8, 1e-4)  # it may still get there


def test_starts_stay_where_they_are_asked_to():
    law, shown = problem("generator", "linear", "own")
    place = layout(law)
    kept, _ = fit(law, shown, max_steps=5, starts=False)
    freed, _ = fit(law, shown, max_steps=5)
    np.testing.assert_array_equal(flat(kept)[place.starts], flat(law)[place.starts])
    assert not np.array_equal(flat(freed)[place.starts], flat(law)[place.starts])


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([1e-4, 1e-4], False),
        ([1e-4, 1e-4, 1e-4], True),
        ([1e-4, 0.9, 1.0001e-4, np.inf, 0.99999e-4], True),
        ([1e-4, 1.2e-4, 1e-4], False),
        ([1e-28, 3e-22, 5e-21], True),  # rounding differs, and means the same
        ([1e-28, 3e-22, 5e-19], False),
        ([0.5, 0.5, 0.5], False),  # who explains next to nothing says nothing of the next
        ([np.inf, np.inf, np.inf], False),
        ([np.nan, np.nan, np.nan], False),
        ([], False),
    ],
)
def test_seeds_agree_when_three_have_the_same_lowest_loss(losses, expected):
    assert agree(losses) is expected
