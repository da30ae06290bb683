"""What a reader is told of constants of the runs: one, or several that cannot be told apart."""

import numpy as np
import pytest

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.preparations import Own
from hiddenlaw.results.notes import notes
from hiddenlaw.settings import Settings
from hiddenlaw.theory.equations.offsets import unknowable
from hiddenlaw.theory.statement import RunConstant, Statement


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_constants_of_runs_are_told_once_and_what_several_share(count):
    rng = np.random.default_rng(0)
    data = Dataset.from_arrays(rng.normal(size=(9, 20)), rng.normal(size=(9, 20)), dx=0.1)
    names = ["E"] if count == 1 else [f"E{k + 1}" for k in range(count)]
    constants = tuple(RunConstant(name, "known up to a factor", (0.0, 1.0)) for name in names)
    said = tuple(unknowable(names, [None] * count))
    statement = Statement(3, "linear", run_constants=constants, unknowable=said)
    chosen = Settings(run_constants=count)
    lines = notes(data, (statement,), Own.said, chosen)
    told = [line for line in lines if "found beside the law" in line]
    apart = [line for line in lines if "cannot be told apart" in line]
    assert len(told) == (count > 0)
    assert len(apart) == (count > 1)
    taken = [line for line in lines if "take them as they were found" in line]
    assert taken == told
    assert all(name in line for line in [*told, *apart] for name in names)
    assert ("E is a constant of each run, found beside the law: known" in "".join(told)) == (
        count == 1
    )


def test_where_constants_were_fitted_with_the_law_intervals_know_of_their_errors():
    rng = np.random.default_rng(0)
    data = Dataset.from_arrays(rng.normal(size=(9, 20)), rng.normal(size=(9, 20)), dx=0.1)
    energy = RunConstant("E", "an energy in the unit of u", (0.0, 1.0), (0.1, 0.1))
    statement = Statement(2, "quadratic", run_constants=(energy,))
    lines = " ".join(notes(data, (statement,), Own.said, Settings(run_constants=1)))
    assert "E is a constant of each run, found beside the law: an energy in the unit of u." in lines
    assert "take them as they were found" not in lines


def test_what_was_done_to_the_samples_is_told():
    rng = np.random.default_rng(0)
    x = 0.1 * np.arange(20) + np.where(np.arange(20) == 7, 0.002, 0)
    data = Dataset.from_arrays(rng.normal(size=(9, 20)), rng.normal(size=(9, 20)), x=x)
    lines = notes(data, (), Own.said, Settings())
    assert f"S{data.remarks[0][1:]}." in lines
