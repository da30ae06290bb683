"""Whatever the bytes of a file: a dataset, or one error in one line, soon and in little memory."""

import io
import resource
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st

from hiddenlaw.dataset import Dataset, Truth
from hiddenlaw.errors import DataError, FormatError
from hiddenlaw.io import load, save
from hiddenlaw.io._hdf5 import close

LONGEST_SECONDS = 5.0
MOST_KIB = 2**20
SUFFIXES = (".nc", ".npz", ".csv")
# Numbers whose bytes mean something to one of the formats.
TELLING = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1)


def example() -> Dataset:
    """Several channels, errors, a missing sample, units and truth: all that a file can hold."""
    rng = np.random.default_rng(0)
    values = rng.standard_normal((3, 6, 2))
    values[1, 2, 0] = np.nan
    return Dataset.from_arrays(
        rng.standard_normal((3, 6)),
        values,
        dx=0.1,
        input_names="V",
        response_names=("rho", "sigma"),
        units={"V": "nK", "rho": "1/um"},
        truth=Truth("toy", {"psi": rng.standard_normal((3, 6))}, {"kappa": 1.5}),
        response_error=0.1 + rng.random((3, 6, 2)),
        allow_missing=True,
    )


def originals(folder: Path) -> dict[str, list[bytes]]:
    """Valid files of every format and of every way to lay one out."""
    dataset = example()
    contents: dict[str, list[bytes]] = {suffix: [] for suffix in SUFFIXES}
    for suffix in SUFFIXES:
        save(dataset, folder / f"own{suffix}")
        contents[suffix].append((folder / f"own{suffix}").read_bytes())

    V, rho = dataset.input[:, :, 0], dataset.response[:, :, 1]
    np.savez_compressed(folder / "plain.npz", input=V, response=rho, x=dataset.x)
    contents[".npz"].append((folder / "plain.npz").read_bytes())
    packed = {"zlib": True, "chunksizes": (2, 3), "_FillValue": -99.0}
    xarray.Dataset(
        {"input": (("run", "site"), V, {"units": "nK"}), "response": (("run", "site"), rho)},
        coords={"x": ("site", dataset.x)},
    ).to_netcdf(
        folder / "foreign.nc", engine="h5netcdf", encoding={"input": packed, "response": packed}
    )
    contents[".nc"].append((folder / "foreign.nc").read_bytes())
    rows = ["# a comment", 'run, x, "input", response']
    for run in range(3):
        sigma = ["", *map("{:.3f}".format, rho[run, 1:])]
        rows += [f'"{run}", {x}, {V[run, i]:.3f}, {sigma[i]}' for i, x in enumerate(dataset.x)]
    contents[".csv"].append("\r\n".join(rows).encode())
    return contents


def mutated(content: bytes, rng: np.random.Generator, vocabulary: bytes = b"") -> bytes:
    """The content after one to four accidents; half of the files keep their length.

    What is written over it comes from `vocabulary`, or is any byte.
    """
    damaged = bytearray(content)
    kinds = 7 if rng.random() < 0.5 else 3

    def anything(length: int) -> bytes:
        if not vocabulary:
            return rng.bytes(length)
        return bytes(vocabulary[k] for k in rng.integers(len(vocabulary), size=length))

    for _ in range(rng.integers(1, 5)):
        place = int(rng.integers(max(1, len(damaged))))
        length = int(rng.integers(1, 2 ** rng.integers(1, 8)))
        match rng.integers(kinds):
            case 0 if damaged:
                damaged[place] ^= 1 << int(rng.integers(8))
            case 1:
                length = min(length, len(damaged) - place)
                damaged[place : place + length] = anything(length)
            case 2:
                size = min(int(rng.choice([1, 2, 4, 8])), len(damaged) - place)
                telling = TELLING[rng.integers(len(TELLING))] % 256**size
                damaged[place : place + size] = telling.to_bytes(size, "little")
            case 3:
                damaged[place:place] = anything(length)
            case 4:
                damaged[place:place] = damaged[place : place + length]
            case 5:
                del damaged[place : place + length]
            case 6 if rng.random() < 0.3:
                del damaged[place:]
    return bytes(damaged)


def mutated_member(content: bytes, rng: np.random.Generator) -> bytes:
    """An archive in which one array is damaged, and the checksums are those of the damage."""
    repacked = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(repacked, "w") as new:
        names = old.namelist()
        chosen = names[rng.integers(len(names))]
        for name in names:
            member = old.read(name)
            if name == chosen:
                header = rng.random() < 0.5
                member = (
                    mutated(member[:128], rng, vocabulary=member[:128]) + member[128:]
                    if header
                    else mutated(member, rng)
                )
            new.writestr(name, member)
    return repacked.getvalue()


def damaged_files(folder: Path, count: int, seed: int) -> Iterator[Path]:
    """So many damaged files, as many of each format, one after another."""
    contents = originals(folder)
    rng = np.random.default_rng(seed)
    for turn in range(count):
        suffix = SUFFIXES[turn % len(SUFFIXES)]
        content = contents[suffix][rng.integers(len(contents[suffix]))]
        if suffix == ".npz" and rng.random() < 0.6:
            damaged = mutated_member(content, rng)
        elif suffix == ".csv" and rng.random() < 0.8:
            damaged = mutated(content, rng, vocabulary=content + b'"#;\x00\xc3\xa4')
        else:
            damaged = mutated(content, rng)
        path = folder / f"damaged{suffix}"
        path.write_bytes(damaged)
        yield path


def read_once(path: Path) -> str:
    """What reading ends in: "read", or the name of the error. Any other exception is a failure."""
    channels = {"input": "V", "response": ("rho", "sigma")} if b"rho" in path.read_bytes() else {}
    try:
        dataset = load(path, allow_missing=True, **channels)
    except (FormatError, DataError) as problem:
        line = str(problem)
        assert line.isprintable(), repr(line)
        assert 0 < len(line) < 1000, line
        return type(problem).__name__
    assert isinstance(dataset, Dataset)
    return "read"


def read_soon(path: Path) -> tuple[str, float]:
    """What reading ends in, and after how many seconds.

    A machine that is busy elsewhere may delay one reading; the quickest of three counts.
    """
    seconds = []
    for _ in range(3):
        started = time.monotonic()
        ending = read_once(path)
        seconds.append(time.monotonic() - started)
        if seconds[-1] < LONGEST_SECONDS:
            break
    assert min(seconds) < LONGEST_SECONDS, f"reading {path} takes {min(seconds):.1f} s"
    return ending, min(seconds)


def read_all(paths: Iterable[Path]) -> tuple[Counter, float]:
    """How often reading ended in what, by format, and the longest reading in seconds."""
    endings, longest = Counter(), 0.0
    for path in paths:
        ending, seconds = read_soon(path)
        endings[path.suffix, ending] += 1
        longest = max(longest, seconds)
    return endings, longest


def test_the_originals_are_read(tmp_path):
    for suffix, contents in originals(tmp_path).items():
        for content in contents:
            path = tmp_path / f"original{suffix}"
            path.write_bytes(content)
            assert read_once(path) == "read"


def test_damaged_files_end_in_a_dataset_or_one_line(tmp_path):
    endings, _ = read_all(damaged_files(tmp_path, 300, seed=1))
    assert endings.total() == 300
    for suffix in SUFFIXES:
        assert endings[suffix, "FormatError"] > 30
        assert endings[suffix, "read"] > 3


@pytest.mark.slow
def test_ten_thousand_damaged_files(tmp_path, capsys):
    """Some of them make the HDF5 library crash or loop; none may take long or much memory."""
    count = 10_000
    close()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    endings, longest = read_all(damaged_files(tmp_path, count, seed=2))
    seconds = time.monotonic() - started
    close()
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    # The largest of all processes that this one has started, those that read HDF5 among them.
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    with capsys.disabled():
        print(
            f"\n{count} files in {seconds:.0f} s, the longest {longest:.2f} s; memory grew by "
            f"{growth / 1024:.0f} MiB, at most {worker / 1024:.0f} MiB in the reader; "
            + ", ".join(f"{suffix} {ending} {n}" for (suffix, ending), n in sorted(endings.items()))
        )
    assert endings.total() == count
    assert growth < MOST_KIB
    assert worker < MOST_KIB


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=60)
@given(content=st.binary(min_size=1, max_size=300))
def test_any_bytes_at_all(suffix, content, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / f"data{suffix}"
    for opening in (b"", b"\x89HDF\r\n\x1a\n", b"PK\x03\x04", b"run,x,u,y\n"):
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
