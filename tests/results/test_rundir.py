"""A run directory gives back what was written, whole, and refuses what is damaged in one line."""

import json

import numpy as np
import pytest

from hiddenlaw.errors import FormatError
from hiddenlaw.results.rundir import read, write

RECORD = {"format": "hiddenlaw.discovery", "version": 1, "theories": [], "dataset": {"V": "µK"}}
ARRAYS = {"theory/0/matrices": np.eye(2)[None], "sample/x": np.arange(3.0)}


def test_what_was_written_is_read(tmp_path):
    write(RECORD, ARRAYS, tmp_path / "new" / "run")
    record, arrays = read(tmp_path / "new" / "run")
    assert record == RECORD
    assert arrays.keys() == ARRAYS.keys()
    for name, values in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], values)
    assert sorted(path.name for path in (tmp_path / "new" / "run").iterdir()) == [
        "discovery.json",
        "models.npz",
    ]


def test_numbers_are_plain_and_what_is_not_finite_is_null(tmp_path):
    numbers = {"count": np.int64(3), "error": np.float32(0.5), "worst": np.inf, "pair": (1, True)}
    write(RECORD | numbers, {}, tmp_path)
    record, _ = read(tmp_path)
    assert {name: record[name] for name in numbers} == {
        "count": 3,
        "error": 0.5,
        "worst": None,
        "pair": [1, True],
    }
    with pytest.raises(TypeError, match=r"no place in discovery\.json"):
        write(RECORD | {"law": object()}, {}, tmp_path)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": "hiddenlaw.levels"}, "is no discovery: its format is not"),
        ({"version": 7}, "has version 7 and this program reads 1"),
    ],
)
def test_another_format_is_refused(changes, reason, tmp_path):
    write(RECORD | changes, ARRAYS, tmp_path)
    with pytest.raises(FormatError, match=reason):
        read(tmp_path)


def test_what_is_missing_or_cut_short_is_refused(tmp_path):
    with pytest.raises(FormatError, match="is no run directory"):
        read(tmp_path)
    (tmp_path / "discovery.json").write_text(json.dumps(RECORD))
    with pytest.raises(FormatError, match=r"models\.npz is missing"):
        read(tmp_path)
    write(RECORD, ARRAYS, tmp_path)
    text = (tmp_path / "discovery.json").read_text()
    (tmp_path / "discovery.json").write_text(text[:40])
    with pytest.raises(FormatError, match="is damaged"):
        read(tmp_path)
