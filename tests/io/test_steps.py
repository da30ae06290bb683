"""Files that do not say where their samples are: the step is asked for, and never overrules."""

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.cli import main
from hiddenlaw.errors import DataError


def table(tmp_path, *, grid=False):
    t, rng = 0.1 * np.arange(1, 201), np.random.default_rng(0)
    columns = [t, *rng.normal(size=(2, 200))] if grid else rng.normal(size=(2, 200))
    path = tmp_path / "record.csv"
    header = "t,u,y" if grid else "u,y"
    np.savetxt(path, np.column_stack(columns), delimiter=",", header=header, comments="")
    return path


def test_numbered_samples_are_put_in_steps(tmp_path):
    path = table(tmp_path)
    plain, data = hl.load(path), hl.load(path, dx=0.25)
    assert plain.dx == 1.0
    assert data.dx == 0.25
    np.testing.assert_allclose(data.x, 0.25 * np.arange(1, 201))
    np.testing.assert_array_equal(data.input, plain.input)


def test_a_grid_that_is_there_is_right(tmp_path):
    path = table(tmp_path, grid=True)
    assert hl.load(path, dx=0.1).dx == pytest.approx(0.1)
    with pytest.raises(DataError, match=r"dx is given as 0\.25, and t has steps of 0\.1"):
        hl.load(path, dx=0.25)


@pytest.mark.parametrize("dx", [0.0, -1.0, np.nan, np.inf])
def test_a_step_is_a_positive_number(tmp_path, dx):
    with pytest.raises(DataError, match="must be a positive number"):
        hl.load(table(tmp_path), dx=dx)


def test_check_hands_the_step_on(tmp_path, capsys):
    assert main(["check", str(table(tmp_path)), "--dx", "0.1"]) == 0
    said = capsys.readouterr().out
    assert "--dx 0.1" in said.splitlines()[-1]
