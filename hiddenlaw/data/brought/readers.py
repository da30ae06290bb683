"""How each kind of data is read: as what `fields_given` takes, or as the fields of a dataset.

A reader takes the data, the response beside them (or what its columns are called), and the names by
role: `input`, `x`, `run`, `response_error`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.data.brought.frames import fields_of_columns
from hiddenlaw.data.brought.labelled import fields_of_arrays
from hiddenlaw.data.brought.pandas_frames import fields_of_frame, fields_of_pair, fields_of_series
from hiddenlaw.errors import DataError, option

_CLASSES = ("DataFrame", "Series", "DataArray", "Dataset")
Roles = Mapping[str, Any]


def kind_of(data: Any) -> str:
    """`pandas.DataFrame`, `xarray.DataArray`, …, `columns` for a dict, else `arrays`.

    By the names of classes: what nobody brought need not be imported.
    """
    for kind in type(data).__mro__:
        home = kind.__module__.split(".")[0]
        if home in ("pandas", "xarray", "polars") and kind.__name__ in _CLASSES:
            return f"{home}.{kind.__name__}"
    return "columns" if isinstance(data, Mapping) else "arrays"


def reader_of(data: Any) -> Any:
    """What reads data of this kind."""
    return _READERS.get(kind_of(data), _of_arrays)


def check_unnamed(roles: Roles, what: str, names: tuple[str, ...]) -> None:
    """Raise `DataError` where a role was named that these data cannot have."""
    for name in names:
        if roles.get(name) is not None:
            raise DataError(f"{option(name)} names a column, and {what} have none; leave it out")


def _check_same_kind(data: Any, response: Any, what: str) -> None:
    if response is None or isinstance(response, str):
        raise DataError(f"{what} are the input alone; give the response beside it")
    one, other = kind_of(data), kind_of(response)
    if one != other:
        raise DataError(
            f"the input is {_article(one)} and the response {_article(other)}; give both as one "
            "kind, or both as NumPy arrays"
        )


def _article(kind: str) -> str:
    return {"arrays": "a plain array", "columns": "a dict"}.get(kind, f"a {kind}")


def _named(response: Any) -> bool:
    """Whether it is the name of a column, or a list of such."""
    if isinstance(response, str):
        return True
    return isinstance(response, list | tuple) and all(isinstance(name, str) for name in response)


def _of_arrays(data: Any, response: Any, roles: Roles) -> dict[str, Any]:
    """Arrays, or lists with one for each run."""
    check_unnamed(roles, "arrays", ("input", "x", "run"))
    if response is None or isinstance(response, str):
        raise DataError("give the response beside the input: discover(V, rho, dx=0.2)")
    _check_same_kind(data, response, "arrays")
    found = {"input": data, "response": response, "response_error": roles["response_error"]}
    if isinstance(data, list | tuple) and any(kind_of(run) != "arrays" for run in data):
        return _of_runs(data, response, roles)
    return found | {"input_names": None, "response_names": None, "x_name": "x", "x": None}


def _of_runs(data: Any, response: Any, roles: Roles) -> dict[str, Any]:
    """A list with a Series, or an array of one dimension with labels, for each run."""
    kinds = {kind_of(run) for run in (*data, *response)}
    readers = {"pandas.Series": fields_of_series, "xarray.DataArray": _of_one_run}
    reader = readers.get(next(iter(kinds)))
    if len(kinds) > 1 or len(data) != len(response) or reader is None:
        raise DataError(
            "the lists hold several kinds of runs, or not as many inputs as responses; give each "
            "run as an array, a Series or a DataArray of one dimension"
        )
    runs = [reader(u, y) for u, y in zip(data, response, strict=True)]
    found = dict(runs[0]) | {"response_error": roles["response_error"]}
    for key in ("input_names", "response_names", "x_name", "units"):
        if any(run[key] != found[key] for run in runs):
            raise DataError(f"the runs have different names or units; give all the same {key}")
    grids = [run["x"] for run in runs]
    grids = [grid[0] if isinstance(grid, list) else grid for grid in grids]
    return found | {
        "input": [run["input"][0] for run in runs],
        "response": [run["response"][0] for run in runs],
        "x": None if any(grid is None for grid in grids) else grids,
    }


def _of_one_run(u: Any, y: Any) -> dict[str, Any]:
    if u.ndim != 1 or y.ndim != 1:
        raise DataError("a DataArray of a list has one dimension, the sites; give one of all runs")
    return fields_of_arrays([u], [y])


def _frame(data: Any, response: Any, roles: Roles) -> dict[str, Any]:
    if response is None or _named(response):
        found = fields_of_frame(data, response=response, **roles)
        told = data.attrs.get("units")
        own = (*found["input_names"], *found["response_names"], found["x_name"])
        units = {k: v for k, v in told.items() if k in own} if isinstance(told, Mapping) else {}
        return found | {"units": units | found["units"]}
    _check_same_kind(data, response, "tables of pandas")
    check_unnamed(roles, "two wide tables", ("input", "response_error"))
    return fields_of_pair(data, response, x=roles["x"], run=roles["run"])


def _series(data: Any, response: Any, roles: Roles) -> dict[str, Any]:
    _check_same_kind(data, response, "Series of pandas")
    check_unnamed(roles, "two Series", ("input", "response_error"))
    return fields_of_series(data, response, x=roles["x"], run=roles["run"])


def _polars(data: Any, response: Any, roles: Roles) -> dict[str, Any]:
    if response is not None and not _named(response):
        raise DataError(
            "two tables of polars do not say what their rows are; give one long table and name its "
            f"columns with {option('input')} and {option('response')}"
        )
    columns = {name: data[name].to_numpy() for name in data.columns}
    return fields_of_columns(columns, response=response, **roles)


def _polars_series(data: Any, response: Any, roles: Roles) -> dict[str, Any]:
    _check_same_kind(data, response, "Series of polars")
    columns = {data.name or "u": data.to_numpy(), response.name or "y": response.to_numpy()}
    names = list(columns)
    if len(data) != len(response) or len(names) < 2:
        raise DataError("input and response need names of their own, and as many samples")
    return fields_of_columns(columns, input=names[0], response=names[1])


def _columns(data: Any, response: Any, roles: Roles) -> dict[str, Any]:
    columns = {str(name): np.asarray(values) for name, values in data.items()}
    if any(values.ndim != 1 for values in columns.values()):
        raise DataError(
            "a dict holds columns of one dimension, a sample a row; give arrays instead"
        )
    if len({len(values) for values in columns.values()}) > 1:
        raise DataError("the columns have different lengths; give every sample all of them")
    return fields_of_columns(columns, response=response, **roles)


def _labelled(data: Any, response: Any, roles: Roles) -> dict[str, Any]:
    _check_same_kind(data, response, "DataArrays")
    check_unnamed(roles, "two DataArrays", ("input",))
    error = roles["response_error"]
    if error is not None and kind_of(error) != "xarray.DataArray":
        raise DataError("the errors of a response that is a DataArray need to be one, too")
    errors = [] if error is None else [error]
    return fields_of_arrays([data], [response], errors, x=roles["x"], run=roles["run"])


def _variables(data: Any, response: Any, roles: Roles) -> dict[str, Any]:
    """The variables of an xarray Dataset that are named, or called input and response."""
    known = [str(name) for name in data.data_vars]
    chosen = []
    named = {"input": roles["input"], "response": response}
    usual = {"input": ("input", "u"), "response": ("response", "y")}
    for role, names in named.items():
        names = [names] if isinstance(names, str) else names
        names = names or [name for name in usual[role] if name in known][:1]
        missing = [name for name in names if name not in data]
        if missing or not names:
            raise DataError(
                f"the Dataset has the variables {', '.join(known)}"
                + (f" and no {missing[0]}" if missing else "")
                + f"; name the {role} with {option(role)}"
            )
        chosen.append([data[name] for name in names])
    errors = roles["response_error"] or [
        f"{array.name}_error" for array in chosen[1] if f"{array.name}_error" in known
    ]
    errors = [errors] if isinstance(errors, str) else errors
    of_errors = [data[name] for name in errors]
    return fields_of_arrays(chosen[0], chosen[1], of_errors, x=roles["x"], run=roles["run"])


_READERS = {
    "pandas.DataFrame": _frame,
    "pandas.Series": _series,
    "polars.DataFrame": _polars,
    "polars.Series": _polars_series,
    "columns": _columns,
    "xarray.DataArray": _labelled,
    "xarray.Dataset": _variables,
}
