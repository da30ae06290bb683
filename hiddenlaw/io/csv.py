"""Long CSV: one row a site, columns `run,x,input,response`, or whatever names the file gives.

Without a column `run` the whole file is one run; without a column `x`, `t` or `time` the sites are
counted 1, 2, 3, ... The standard errors of a response `rho` are the column `rho_error`. Numbers are
written with the digits that give back the same float64, a missing sample as an empty field. Units,
hold and truth have no place in this format.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError, FormatError
from hiddenlaw.io._base import Columns, Format
from hiddenlaw.io._channels import choose, no_such_column
from hiddenlaw.io._table import Rows, read_columns, read_header

_GRIDS = ("x", "t", "time")


class Csv(Format):
    name = "long CSV"
    suffixes = (".csv",)
    carries_truth = False

    def read(self, path: Path, columns: Columns, *, allow_missing: bool = False) -> Dataset:
        columns = _choose(path, columns, read_header(path))
        inputs, responses = columns.input or (), columns.response or ()
        errors = columns.response_error
        grid = () if columns.x is None else (columns.x,)
        wanted = dict.fromkeys((*inputs, *responses, *(errors or ()), *grid))
        rows = read_columns(path, list(wanted), columns.run)
        order = _order(path, rows)

        def column(name: str) -> np.ndarray:
            return rows.numbers[name][order].reshape(len(rows.labels), -1)

        for name in (*inputs, *grid):
            _check_finite(name, column(name), rows.labels)
        for name in responses:
            _check_finite(name, column(name), rows.labels, response=True, missing=allow_missing)
        return Dataset.from_arrays(
            np.stack([column(name) for name in inputs], axis=2),
            np.stack([column(name) for name in responses], axis=2),
            x=_shared_grid(columns.x, column(columns.x), rows.labels) if columns.x else None,
            input_names=inputs,
            response_names=responses,
            x_name=columns.x or "x",
            source=str(path),
            response_error=np.stack([column(name) for name in errors], axis=2) if errors else None,
            allow_missing=allow_missing,
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
        if dataset.response_error is not None:
            for c, response in enumerate(dataset.response_names):
                name = f"{response}_error"
                if name in table:
                    raise FormatError(
                        f"a CSV keeps the errors of {response} in a column {name}, and the data "
                        "have a channel of this name; rename it, or write .nc or .npz"
                    )
                table[name] = dataset.response_error[:, :, c].ravel()
        # pandas writes the shortest digits that give back the same float64.
        pandas.DataFrame(table).to_csv(path, index=False, lineterminator="\n")


def _choose(path: Path, columns: Columns, known: list[str]) -> Columns:
    """Which columns are run, grid, input and response: as named, else by the usual names."""
    for name, option in ((columns.run, "--run"), (columns.x, "--x")):
        if name is not None and name not in known:
            raise no_such_column(path, name, option, known)
    channels = (*(columns.input or ()), *(columns.response or ()), *(columns.response_error or ()))
    named = (*channels, columns.x, columns.run)
    free = [name for name in known if name not in named]
    run = columns.run or ("run" if "run" in free else None)
    x = columns.x or next((name for name in _GRIDS if name in free), None)
    free = [name for name in free if name not in (run, x)]
    columns = replace(columns, x=x, run=run)
    if columns.input is None and columns.response is None:
        if not {"input", "response"} <= set(free):
            pair = _pair(free)
            if pair is None:
                raise FormatError(
                    f"{path} has the columns {', '.join(known)}; name those to use with --input "
                    "and --response"
                )
            columns = replace(columns, input=pair[:1], response=pair[1:])
    elif x is None:
        spare = set(free) - {f"{name}_error" for name in columns.response or ("response",)}
        if spare:
            raise FormatError(
                f"{path} has no column x (it has {', '.join(known)}); name the grid with --x"
            )
    return choose(path, columns, known)


def _pair(free: list[str]) -> tuple[str, str] | None:
    """The input and the response among columns of which two are left, or three with an error."""
    if len(free) == 2:
        return free[0], free[1]
    if len(free) == 3:
        plain = [name for name in free if name.removesuffix("_error") not in {*free} - {name}]
        if len(plain) == 2 and f"{plain[1]}_error" in free:
            return plain[0], plain[1]
    return None


def _order(path: Path, rows: Rows) -> np.ndarray:
    """The order of rows that sorts them by run; all runs have the same length."""
    counts = np.bincount(rows.run)
    if (counts != counts[0]).any():
        odd = int(np.argmax(counts != counts[0]))
        raise DataError(
            f"the runs of {path} have unequal lengths: run {rows.labels[0]} has {counts[0]} sites "
            f"but run {rows.labels[odd]} has {counts[odd]}; cut every run to the same length"
        )
    return np.argsort(rows.run, kind="stable")


def _check_finite(
    name: str, values: np.ndarray, labels: list, *, response: bool = False, missing: bool = False
) -> None:
    """Like the check of `Dataset`, but by the labels that the file gives its runs."""
    bad = np.isinf(values) if missing else ~np.isfinite(values)
    if bad.any():
        run = int(np.argmax(bad.any(axis=1)))
        site = int(np.argmax(bad[run]))
        word = "NaN" if np.isnan(values[run, site]) else "infinite"
        raise DataError(
            f"{name} has {bad[run].sum()} {word} in run {labels[run]} (first at site {site}); "
            "drop the run or interpolate it"
            + (
                ", or say that NaN and empty fields are missing samples (--allow-missing)"
                if response and not missing
                else ""
            )
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
