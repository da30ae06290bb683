"""Commands that are proposed where a file does not say which column is what: they work."""

import shlex

import numpy as np
import pytest
from scipy.io import savemat

RNG = np.random.default_rng(3)
SITES = 140
NOISE = {name: RNG.standard_normal(SITES) for name in ("a", "b", "c")}
CLOCK = 0.25 * np.arange(SITES)
JITTERED = np.cumsum(RNG.uniform(0.5, 1.5, SITES))

COLUMNS = {
    "called a time, last": ({**NOISE, "Zeit [s]": JITTERED}, "Zeit [s]"),
    "even steps alone": ({"a": NOISE["a"], "z": CLOCK, "b": NOISE["b"]}, "z"),
    "a time before a count": ({"n": np.arange(SITES), **NOISE, "elapsed": CLOCK}, "elapsed"),
    "no grid at all": (NOISE, None),
}


@pytest.mark.parametrize("suffix", ["csv", "mat"])
@pytest.mark.parametrize(("columns", "grid"), COLUMNS.values(), ids=list(COLUMNS))
def test_the_column_that_increases_is_proposed_as_the_grid(
    columns, grid, suffix, hiddenlaw, tmp_path
):
    if suffix == "mat":
        columns = {name.partition(" ")[0]: values for name, values in columns.items()}
        grid = grid and grid.partition(" ")[0]
        savemat(tmp_path / "log.mat", columns)
    else:
        table = np.stack(list(columns.values()), axis=1)
        np.savetxt(
            tmp_path / "log.csv", table, delimiter=",", header=",".join(columns), comments=""
        )
    _, _, err = hiddenlaw(f"check log.{suffix}")
    words = shlex.split(err.partition("example: ")[2].partition(", or")[0])
    proposed = dict(zip(words[3::2], words[4::2], strict=True))
    assert proposed.get("--x") == grid
    assert {proposed["--input"], proposed["--response"]} <= set(NOISE)
    _, out, _ = hiddenlaw(shlex.join(words[1:]))
    assert "can use it" in out or "not uniform" in out
