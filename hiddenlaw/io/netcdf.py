"""NetCDF-4 / HDF5 through xarray: hiddenlaw's own format, and anybody's with named variables.

Its own layout is `Dataset.to_xarray`, marked by the attributes `format` = "hiddenlaw.dataset" and
`version` = 1. In anybody else's file the named variables have dimensions (run, site),
(run, site, channel), or (site) for a single run; where no dimension is called `run` or `site`, or
carries the grid, the order decides. Fill values are missing samples. A variable `response_error`,
or `<response>_error`, holds the standard errors.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hiddenlaw.data.arrays import fields_given
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.dates import seconds_of, told
from hiddenlaw.data.layout import FORMAT
from hiddenlaw.errors import DataError, FormatError, HiddenlawError
from hiddenlaw.io._base import UNREADABLE, Columns, Format
from hiddenlaw.io._channels import choose, join_channels, no_such_column, select_channels
from hiddenlaw.io._hdf5 import damaged, read_content
from hiddenlaw.io._whole import write_bytes

if TYPE_CHECKING:
    import xarray


class NetCdf(Format):
    name = "NetCDF-4"
    suffixes = (".nc", ".nc4", ".h5", ".hdf5")

    def read(self, path: Path, columns: Columns, *, allow_missing: bool = False) -> Dataset:
        table, known = _open(path, columns)
        if table.attrs.get("format") == FORMAT:
            dataset = _own(path, table, allow_missing, columns.resample)
            if columns.x not in (None, dataset.x_name):
                raise no_such_column(path, str(columns.x), "x", [dataset.x_name])
            others = {
                str(name): array.transpose("run", "site", ...).values
                for name, array in table.data_vars.items()
                if {"run", "site"} <= set(array.dims)
            }
            return select_channels(path, columns, dataset, others)
        return _read_foreign(path, columns, table, known, allow_missing)

    def write(self, dataset: Dataset, path: Path) -> None:
        table = dataset.to_xarray()
        # Without this xarray declares NaN a fill value; here it is a missing sample and no other.
        encoding = {
            name: {"_FillValue": None} for name in table.variables if table[name].dtype.kind == "f"
        }
        # Made in memory: on a full disk the HDF5 library crashes, or says so on standard error.
        content = table.to_netcdf(engine="h5netcdf", encoding=encoding)
        write_bytes(path, content)


def _open(path: Path, columns: Columns) -> tuple[xarray.Dataset, list[str]]:
    """What is needed of the file, in memory, and the names of all its variables.

    Fill values become NaN. Times stay numbers; a grid of dates becomes one of seconds later on.
    """
    import xarray

    content = read_content(path, _needed(columns))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of conventions that a damaged file breaks
            table = xarray.Dataset(
                {name: (v.dims, v.values, v.attrs) for name, v in content.variables.items()},
                attrs=content.attrs,
            )
            decoded = xarray.decode_cf(table, decode_times=False, decode_timedelta=False)
            return decoded.load(), content.known
    except MemoryError:
        raise
    except Exception as problem:
        # Whatever xarray says of a file that breaks the conventions: the file is to blame.
        raise damaged(path, UNREADABLE) from problem


def _needed(columns: Columns) -> list[str] | None:
    """The variables to read of a file in which channels are named; None for all.

    Files of laboratories hold more than is asked for, and it may be large.
    """
    if columns.input is None or columns.response is None:
        return None
    channels = (*columns.input, *columns.response, *(columns.response_error or ()))
    errors = tuple(f"{name}_error" for name in columns.response)
    return [*channels, *errors, "x" if columns.x is None else columns.x]


def _own(path: Path, table: xarray.Dataset, allow_missing: bool, resample: float | None) -> Dataset:
    try:
        return Dataset.from_xarray(
            table, source=str(path), allow_missing=allow_missing, resample=resample
        )
    except FormatError as problem:
        raise FormatError(f"{path}: {problem}") from problem
    except HiddenlawError:
        raise
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as problem:
        raise damaged(path, UNREADABLE) from problem


def _read_foreign(
    path: Path, columns: Columns, table: xarray.Dataset, known: list[str], allow_missing: bool
) -> Dataset:
    chosen = choose(path, columns, known)
    inputs, responses = chosen.input or (), chosen.response or ()
    x_name = columns.x or ("x" if "x" in table.variables else None)
    if x_name is not None and x_name not in table.variables:
        raise no_such_column(path, x_name, "x", known)
    if columns.run is not None and columns.run not in table.dims:
        raise no_such_column(path, columns.run, "run", [str(name) for name in table.dims])

    errors = chosen.response_error
    variables: dict[str, np.ndarray] = {}
    for name in (*inputs, *responses, *(errors or ())):
        run, site = _run_and_site(table, name, columns.run, x_name)
        if run is None:
            variables[name] = table[name].values[np.newaxis]
        else:
            variables[name] = table[name].transpose(run, site, ...).values
        if x_name is None and site in table.variables:
            x_name = site
    input, input_names = join_channels(inputs, variables)
    response, response_names = join_channels(responses, variables)
    x_name = x_name or ""
    units = {
        name: str(table[name].attrs["units"])
        for name in (*input_names, *response_names, x_name)
        if name in table.variables and "units" in table[name].attrs
    }
    x = table[x_name].values if x_name else None
    seconds = None if x is None else seconds_of(x, units.get(x_name, ""))
    if seconds is not None:
        x, units = seconds, units | {x_name: "s"}
    fields = fields_given(
        input,
        response,
        x=x,
        dx=None,
        truth=None,
        input_names=input_names,
        response_names=response_names,
        x_name=x_name or "x",
        units=units,
        source=str(path),
        response_error=None if errors is None else join_channels(errors, variables)[0],
        allow_missing=allow_missing,
        resample=columns.resample,
        remarks=[] if seconds is None else [told(x_name)],
    )
    return Dataset(**fields)


def _run_and_site(
    table: xarray.Dataset, name: str, run: str | None, x_name: str | None
) -> tuple[str | None, str]:
    """The dimensions of a variable that number runs and sites: by name, else by order.

    Plain HDF5 has no named dimensions (h5netcdf calls them phony_dim_0, ...); equal sizes get equal
    names there, so that only the order says anything.
    """
    dims = [str(dim) for dim in table[name].dims]
    if len(dims) == 1:
        return None, dims[0]
    if len(set(dims)) < 2:
        raise DataError(f"{name} has the dimensions ({', '.join(dims)}); it needs (run, site)")
    if any(dim.startswith("phony_dim_") for dim in dims):
        return dims[0], dims[1]
    site = "site"
    if x_name is not None and table[x_name].ndim == 1:
        site = str(table[x_name].dims[0])
    run = run or "run"
    if run not in dims:
        run = next(dim for dim in dims if dim != site)
    if site not in dims or site == run:
        site = next(dim for dim in dims if dim != run)
    return run, site
