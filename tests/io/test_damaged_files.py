"""Whatever the bytes of a file: a dataset, or one error in one line, soon and in little memory."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from damage import SUFFIXES, damaged_files, originals, read_all, read_once
from hypothesis import given, settings
from hypothesis import strategies as st

from hiddenlaw.io._hdf5 import close

MATLAB = b"MATLAB 5.0".ljust(124) + b"\x00\x01IM"
MOST_KIB = 2**20


def test_the_originals_are_read(tmp_path):
    for suffix, contents in originals(tmp_path).items():
        for content in contents:
            path = tmp_path / f"original{suffix}"
            path.write_bytes(content)
            assert read_once(path) == "read"


def test_damaged_files_end_in_a_dataset_or_one_line(tmp_path):
    endings, _ = read_all(damaged_files(tmp_path, 400, seed=1))
    assert endings.total() == 400
    for suffix in SUFFIXES:
        assert endings[suffix, "FormatError"] > 30
        assert endings[suffix, "read"] > 3


@pytest.mark.slow
def test_two_thousand_damaged_files(tmp_path, capsys):
    """Five hundred of each format. Some of them make the HDF5 library crash or loop; none may take
    long or much memory.

    In a process of its own: what others have used, and their children, is not counted then.
    """
    command = [sys.executable, __file__, str(tmp_path), "2000"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    with capsys.disabled():
        print(f"\n{found}")
    assert sum(found["endings"].values()) == 2_000
    assert found["growth"] < MOST_KIB
    assert found["worker"] < MOST_KIB


def read_many(folder: Path, count: int) -> dict:
    """How `count` damaged files ended, and the peaks of memory in KiB: own, and of any child."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    endings, longest = read_all(damaged_files(folder, count, seed=2))
    seconds = time.monotonic() - started
    close()
    return {
        "seconds": round(seconds),
        "longest": round(longest, 2),
        "growth": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before,
        "worker": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
        "endings": {f"{suffix} {ending}": n for (suffix, ending), n in sorted(endings.items())},
    }


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=60)
@given(content=st.binary(min_size=1, max_size=300))
def test_any_bytes_at_all(suffix, content, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / f"data{suffix}"
    for opening in (b"", b"\x89HDF\r\n\x1a\n", b"PK\x03\x04", b"run,x,u,y\n", MATLAB):
        path.write_bytes(opening + content)
        read_once(path)


CELLS = st.one_of(
    st.floats().map(repr), st.integers().map(str), st.text(max_size=5), st.just(""), st.just("NA")
)


@settings(max_examples=200)
@given(
    header=st.lists(st.sampled_from(["run", "x", "u", "y", "y_error", ""]), max_size=6),
    rows=st.lists(st.lists(CELLS, max_size=6), max_size=8),
)
def test_any_table_at_all(header, rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "data.csv"
    lines = [",".join(fields) for fields in (header, *rows)]
    path.write_text("\n".join(lines) or "\n", encoding="utf-8", errors="replace")
    read_once(path)


@settings(max_examples=100)
@given(
    names=st.lists(
        st.sampled_from(["x", "input", "response", "units", "version", "hold", "response_error",
                         "input_names", "x_name", "truth_system", "truth_parameters", "truth_a"]),
        unique=True,
    ),
    data=st.data(),
)  # fmt: skip
def test_any_arrays_at_all(names, data, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "data.npz"
    kinds = st.sampled_from(["f8", "f4", "i1", "u8", "c16", "U3", "S2", "?", "M8[s]"])
    shapes = st.sampled_from([(), (0,), (2,), (4,), (3, 4), (3, 4, 2), (1, 2, 3, 4)])
    values = st.one_of(
        st.builds(lambda kind, shape: np.ones(shape).astype(kind), kinds, shapes),
        st.sampled_from(["{}", "[" * 5000, "null", "zero", '{"u": 1}', '{"a": {}}']).map(np.array),
        st.floats().map(np.array),
    )
    np.savez(path, **{name: data.draw(values) for name in names})
    read_once(path)


if __name__ == "__main__":
    print(json.dumps(read_many(Path(sys.argv[1]), int(sys.argv[2]))))
