"""What a theory of more variables has to be better by, and when it is not believed at all."""

import numpy as np
import pytest

from hiddenlaw.theory import candidates
from hiddenlaw.theory.candidates import is_known, worth
from hiddenlaw.theory.equations.term import Term
from hiddenlaw.theory.equations.written import WrittenSystem
from hiddenlaw.theory.readings import Reading
from hiddenlaw.theory.statement import Quality, Statement
from hiddenlaw.theory.theory import Theory


class Told(Theory):
    """One with an error, and coefficients so many standard errors from zero."""

    low, dimension = (0.0,), 0  # in place of properties

    def __init__(self, dimension, left, *ratios, constants=None, read=()):
        terms = {str(k): Term(1.0, None if r is None else 1 / r) for k, r in enumerate(ratios)}
        system = WrittenSystem(terms={"y'": terms})
        constants = 2 * dimension if constants is None else constants
        fit = Quality(left, 1000.0, 1000 * np.log(left) + constants * np.log(1000))
        read = tuple(Reading.of(f"gain {k}", r, 1.0, "") for k, r in enumerate(read))
        said = Statement(
            dimension, "linear", parameters=constants, system=system, fit=fit, readings=read
        )
        for name, value in {"statement": said, "dimension": dimension, "left": left}.items():
            object.__setattr__(self, name, value)


@pytest.fixture(autouse=True)
def errors(monkeypatch):
    monkeypatch.setattr(candidates, "error_of", lambda theory: theory.left)
    monkeypatch.setattr(candidates, "floor_of", lambda theory: 1e-20)


def test_most_coefficients_are_told_from_none():
    assert is_known(Told(1, 0.1, 50.0, 30.0, 1.0))
    assert not is_known(Told(3, 0.1, 0.3, 0.5, 4.0, None))
    assert is_known(Told(3, 0.1, None, None))  # errors are not known


def test_most_of_what_is_read_off_a_law_is_told_from_none():
    """Coefficients of a companion form may be sharp while no time constant is."""
    assert is_known(Told(2, 0.1, 50.0, 30.0, read=(90.0, 9.0, 1.0)))
    assert not is_known(Told(4, 0.1, 1e5, 1e6, 1e4, read=(0.02, 0.1, 0.01)))


@pytest.mark.parametrize(("left", "taken"), [(0.005, False), (0.05, True)])
def test_only_where_little_is_left_is_the_known_one_kept(left, taken):
    known = Told(1, left, 50.0, 30.0)
    unknown = Told(3, left / 100, 0.3, 0.5, 0.2)
    assert worth(unknown, known) is taken
    told = Told(3, left / 100, 9.0, 20.0, 8.0)
    assert worth(told, known)


@pytest.mark.parametrize(
    ("left", "constants", "taken"),
    [(0.7, 4, True), (0.9, 4, False), (0.7, 5, False), (0.4, 6, True)],
)
def test_variables_that_bring_no_constants_need_not_halve_what_is_left(left, constants, taken):
    """Three poles in place of two poles and a zero."""
    plainer = Told(2, 0.004, 9.0, 20.0, 30.0, 8.0, constants=4)
    richer = Told(3, 0.004 * left, 9.0, 20.0, 30.0, 8.0, constants=constants)
    assert worth(richer, plainer) is taken
    # What is left of a law that does not fit is soaked up by a variable as well as by a term.
    assert worth(richer, plainer, fits=False) is (left <= 0.5)
