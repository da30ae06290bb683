"""The check of all signatures while the tests run: it is there, and again so in every test."""

import numpy as np
import pytest
import type_checks
from jaxtyping import TypeCheckError

from hiddenlaw.cells.exponential import exponential

SQUARE, OBLONG = np.eye(2)[None], np.ones((1, 2, 3))


def refusals(calls: int) -> list[int]:
    """Which of so many calls with a matrix of a wrong shape were refused by their signature."""
    refused = []
    for call in range(1, calls + 1):
        try:
            exponential(OBLONG)
        except TypeCheckError:
            refused.append(call)
        except ValueError:
            pass
    return refused


@pytest.mark.parametrize("again", [False, True])
def test_first_calls_are_checked_in_every_test_and_some_of_those_that_follow(again):
    first, every = type_checks.FIRST, type_checks.EVERY
    assert refusals(first + 2 * every) == [*range(1, first + 1), first + every, first + 2 * every]


def test_what_is_right_passes():
    np.testing.assert_allclose(exponential(np.zeros((1, 2, 2))), SQUARE)
