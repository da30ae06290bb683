"""A law without its input explains a response that stands still, and is no law of it."""

import numpy as np
import pytest

from hiddenlaw.cells import DrivenCell
from hiddenlaw.families.comparing import _hears_input
from hiddenlaw.holds import Span
from hiddenlaw.law import Law
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.statement import Statement
from hiddenlaw.theory.theory import Theory


@pytest.mark.parametrize(("push", "hears"), [(0.7, True), (0.0, False)])
def test_whether_a_law_hears_its_input(push, hears):
    cell = DrivenCell(np.array([[-0.2, push, 0.1]]), np.zeros(1), np.ones(1))
    law = Law(Shared(np.zeros(1)), cell, Linear(np.ones((1, 1)), np.zeros(0)), np.ones(1))
    theory = Theory(law, 0.1, Span((-1.0,), (1.0,)), "zero", Statement(1, "linear"))
    assert _hears_input(theory) == hears
