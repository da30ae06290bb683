"""Long CSV: one row a site, columns `run,x,input,response`, or whatever names the file gives.

Without a column `run` the whole file is one run; without a column `x`, `t` or `time` the sites are
counted 1, 2, 3, ... Lines that start with # are comments. Numbers are written with the digits that
give back the same float64. Units, hold and truth have no place in this format.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hiddenlaw.dataset import Dataset
from hiddenlaw.errors import DataError, FormatError
from hiddenlaw.io._base import Columns, Format, choose, no_such_column, one_line

if TYPE_CHECKING:
    import pandas

_GRIDS = ("x", "t", "time")


class Csv(Format):
    name = "long CSV"
    suffixes = (".csv",)
    carries_truth = False

    def read(self, path: Path, columns: Columns) -> Dataset:
        frame = _frame(path)
        columns = _choose(path, columns, list(frame.columns))
        inputs, responses = columns.input or (), columns.response or ()
        labels, order = _runs(path, frame, columns.run)

        def column(name: str) -> np.ndarray:
            values = _numeric(path, frame, name)[order].reshape(len(labels), -1)
            _check_finite(name, values, labels)
            return values

        return Dataset.from_arrays(
            np.stack([column(name) for name in inputs], axis=2),
            np.stack([column(name) for name in responses], axis=2),
            x=None if columns.x is None else _shared_grid(columns.x, column(columns.x), labels),
            input_names=inputs,
            response_names=responses,
            x_name=columns.x or "x",
            source=str(path),
        )

    def write(self, dataset: Dataset, path: Path) -> None:
        import pandas

        runs, sites = dataset.runs, dataset.sites
        table: dict[str, np.ndarray] = {
            "run": np.repeat(np.arange(runs), sites),
            dataset.x_name: np.tile(dataset.x, runs),
        }
        for names, values in (
            (dataset.input_names, dataset.input),
            (dataset.response_names, dataset.response),
        ):
            table |= {name: values[:, :, c].ravel() for c, name in enumerate(names)}
        # pandas writes the shortest digits that give back the same float64.
        pandas.DataFrame(table).to_csv(path, index=False, lineterminator="\n")


def _frame(path: Path) -> pandas.DataFrame:
    import pandas

    try:
        with warnings.catch_warnings():
            # A row longer than the header would otherwise lose its last fields in silence.
            warnings.simplefilter("error", pandas.errors.ParserWarning)
            frame = pandas.read_csv(
                path,
                dtype=str,
                skipinitialspace=True,
                encoding="utf-8-sig",
                comment="#",
                index_col=False,
            )
    except (OSError, ValueError, OverflowError, pandas.errors.ParserWarning) as problem:
        raise FormatError(f"{path} is no CSV table ({one_line(problem)})") from problem
    frame.columns = [str(name).strip() for name in frame.columns]
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise FormatError(f"{path} has two columns called {twice!r}; rename one")
    if frame.empty:
        raise FormatError(f"{path} has a header ({', '.join(frame.columns)}) but no rows")
    return frame


def _choose(path: Path, columns: Columns, known: list[str]) -> Columns:
    """Which columns are run, grid, input and response: as named, else by the usual names."""
    for name, option in ((columns.run, "--run"), (columns.x, "--x")):
        if name is not None and name not in known:
            raise no_such_column(path, name, option, known)
    named = (*(columns.input or ()), *(columns.response or ()), columns.x, columns.run)
    free = [name for name in known if name not in named]
    run = columns.run or ("run" if "run" in free else None)
    x = columns.x or next((name for name in _GRIDS if name in free), None)
    free = [name for name in free if name not in (run, x)]
    if columns.input is None and columns.response is None:
        if not {"input", "response"} <= set(free):
            if len(free) != 2:
                raise FormatError(
                    f"{path} has the columns {', '.join(known)}; name those to use with --input "
                    "and --response"
                )
            return Columns((free[0],), (free[1],), x, run)
    elif x is None and free:
        raise FormatError(
            f"{path} has no column x (it has {', '.join(known)}); name the grid with --x"
        )
    chosen = choose(path, columns, known)
    return Columns(chosen.input, chosen.response, x, run)


def _runs(path: Path, frame: pandas.DataFrame, name: str | None) -> tuple[list, np.ndarray]:
    """Labels of the runs as they first appear, and the order of rows that sorts by run."""
    import pandas

    if name is None:
        return [0], np.arange(len(frame))
    codes, labels = pandas.factorize(frame[name].str.strip())
    if (codes < 0).any():
        raise DataError(f"{path} has no {name} in row {int(np.argmin(codes)) + 1}; fill it in")
    counts = np.bincount(codes)
    if (counts != counts[0]).any():
        odd = int(np.argmax(counts != counts[0]))
        raise DataError(
            f"the runs of {path} have unequal lengths: run {labels[0]} has {counts[0]} sites but "
            f"run {labels[odd]} has {counts[odd]}; cut every run to the same length"
        )
    return list(labels), np.argsort(codes, kind="stable")


def _numeric(path: Path, frame: pandas.DataFrame, name: str) -> np.ndarray:
    """A column as float64; Python parses exactly, which pandas does not in every version."""
    numbers = np.empty(len(frame))
    for row, text in enumerate(frame[name]):
        try:
            numbers[row] = float(text)
        except ValueError:
            raise FormatError(
                f"{path}: column {name} holds {text!r} in row {row + 1}; it must hold numbers only"
            ) from None
    return numbers


def _check_finite(name: str, values: np.ndarray, labels: list) -> None:
    """Like the check of `Dataset`, but by the labels that the file gives its runs."""
    bad = ~np.isfinite(values)
    if bad.any():
        run = int(np.argmax(bad.any(axis=1)))
        site = int(np.argmax(bad[run]))
        word = "NaN" if np.isnan(values[run, site]) else "infinite"
        raise DataError(
            f"{name} has {bad[run].sum()} {word} in run {labels[run]} (first at site {site}); "
            "drop the run or interpolate it"
        )


def _shared_grid(name: str, x: np.ndarray, labels: list) -> np.ndarray:
    """The one grid of all runs; x has shape (runs, sites)."""
    differs = np.abs(x - x[0]) > 1e-6 * np.abs(np.diff(x[0])).min(initial=np.inf)
    if differs.any():
        run, site = np.argwhere(differs)[0]
        raise DataError(
            f"{name} of run {labels[run]} differs from that of run {labels[0]} (first at site "
            f"{site}: {x[run, site]:.9g} for {x[0, site]:.9g}); give every run the same {name}"
        )
    return x[0]
