"""Files of every format, damaged at random, and what reading them ends in."""

import io
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import xarray
from scipy.io import savemat

from hiddenlaw.data.dataset import Dataset, Truth
from hiddenlaw.errors import DataError, FormatError
from hiddenlaw.io import load, save

LONGEST_SECONDS = 5.0
SUFFIXES = (".nc", ".npz", ".csv", ".mat")
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
    for suffix in (".nc", ".npz", ".csv"):
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
    lines = [f"{k}\t{v:.3f}\t{r:.3f} " for k, (v, r) in enumerate(zip(V[0], rho[0], strict=True))]
    rows = ["% a comment", "Time (s)\tu [nK]\ty", *lines]
    contents[".csv"].append("\n".join(rows).replace(".", ",").encode("utf-8-sig"))
    sigma = dataset.response[:, :, 1].ravel()
    variables = {"t": np.arange(V.size) / 8, "V": V.ravel(), "rho": rho.ravel(), "sigma": sigma}
    plain = {"t": variables["t"], "u": V.ravel(), "y": rho.ravel()}
    for kind in ({}, {"do_compression": True}, {"format": "4"}):
        chosen = plain if "do_compression" in kind else variables
        savemat(folder / "data.mat", {**chosen, "odd": "text"}, **kind)
        contents[".mat"].append((folder / "data.mat").read_bytes())
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
