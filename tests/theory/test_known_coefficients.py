"""A law that leaves little is not given up for one whose numbers the data do not tell."""

from types import SimpleNamespace

import pytest

from hiddenlaw.theory import candidates
from hiddenlaw.theory.candidates import is_known, worth
from hiddenlaw.theory.equations.term import Term


def theory(dimension, left, *ratios):
    """Stands for one with an error, and coefficients so many standard errors from zero."""
    terms = {str(k): Term(1.0, None if r is None else 1 / r) for k, r in enumerate(ratios)}
    system = SimpleNamespace(terms={"y'": terms})
    statement = SimpleNamespace(system=system, parameters=2 * dimension)
    return SimpleNamespace(dimension=dimension, low=(0.0,), left=left, statement=statement)


@pytest.fixture(autouse=True)
def errors(monkeypatch):
    monkeypatch.setattr(candidates, "error_of", lambda theory: theory.left)
    monkeypatch.setattr(candidates, "floor_of", lambda theory: 1e-20)


def test_most_coefficients_are_told_from_none():
    assert is_known(theory(1, 0.1, 50.0, 30.0, 1.0))
    assert not is_known(theory(3, 0.1, 0.3, 0.5, 4.0, None))
    assert is_known(theory(3, 0.1, None, None))  # errors are not known


@pytest.mark.parametrize(("left", "taken"), [(0.005, False), (0.05, True)])
def test_only_where_little_is_left_is_the_known_one_kept(left, taken):
    known = theory(1, left, 50.0, 30.0)
    unknown = theory(3, left / 100, 0.3, 0.5, 0.2)
    assert worth(unknown, known) is taken
    told = theory(3, left / 100, 9.0, 20.0, 8.0)
    assert worth(told, known)
