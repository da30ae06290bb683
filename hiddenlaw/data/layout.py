"""How a dataset is laid out in xarray: dimensions run, site, input_channel, response_channel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from hiddenlaw.errors import FormatError

if TYPE_CHECKING:
    import xarray

    from hiddenlaw.data.dataset import Dataset

FORMAT = "hiddenlaw.dataset"
VERSION = 1
_INPUT = ("run", "site", "input_channel")
_RESPONSE = ("run", "site", "response_channel")


def to_table(dataset: Dataset) -> xarray.Dataset:
    """A copy of everything that the dataset holds."""
    import xarray

    x_name, units = dataset.x_name, dataset.units
    table = xarray.Dataset(
        {
            "input": (_INPUT, dataset.input.copy()),
            "response": (_RESPONSE, dataset.response.copy()),
        },
        coords={
            x_name: ("site", dataset.x.copy()),
            "input_channel": list(dataset.input_names),
            "response_channel": list(dataset.response_names),
        },
        attrs={"format": FORMAT, "version": VERSION, "x_name": x_name, "hold": dataset.hold},
    )
    for name, owners in (
        ("input", dataset.input_names),
        ("response", dataset.response_names),
        (x_name, (x_name,)),
    ):
        given = [units.get(owner, "") for owner in owners]
        if any(given):
            table[name].attrs["units"] = given[0] if len(given) == 1 else given
    if dataset.response_error is not None:
        table["response_error"] = (_RESPONSE, dataset.response_error.copy())
    if dataset.truth is not None:
        table.attrs["truth_system"] = dataset.truth.system
        table.attrs["truth_parameters"] = json.dumps(dict(dataset.truth.parameters))
        for name, state in dataset.truth.states.items():
            table[f"truth_{name}"] = (("run", "site"), state.copy())
    return table


def fields_of(table: xarray.Dataset) -> dict[str, Any]:
    """The fields of the dataset that `to_table` laid out; `truth` as those of a truth, or None.

    Raises `FormatError` for another layout.
    """
    version = table.attrs.get("version")
    if table.attrs.get("format") != FORMAT or version is None:
        raise FormatError(f"this is no {FORMAT}; make one with Dataset.from_arrays")
    if int(version) > VERSION:
        raise FormatError(
            f"{FORMAT} version {version} is newer than {VERSION}, the newest known here; "
            "update hiddenlaw"
        )
    try:
        x_name = str(table.attrs.get("x_name", "x"))
        names = {
            kind: tuple(str(name) for name in table[f"{kind}_channel"].values)
            for kind in ("input", "response")
        }
        fields: dict[str, Any] = {
            "x": table[x_name].values,
            "input": table["input"].transpose(*_INPUT).values,
            "response": table["response"].transpose(*_RESPONSE).values,
            "response_error": table["response_error"].transpose(*_RESPONSE).values
            if "response_error" in table
            else None,
            "truth": _truth_of(table),
        }
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise FormatError(f"damaged {FORMAT}: {' '.join(str(problem).split())}") from problem
    units: dict[str, str] = {}
    for name, owners in (*names.items(), (x_name, (x_name,))):
        given = np.atleast_1d(table[name].attrs.get("units", []))
        units |= {owner: str(unit) for owner, unit in zip(owners, given, strict=False)}
    return fields | {
        "input_names": names["input"],
        "response_names": names["response"],
        "x_name": x_name,
        "units": units,
        "hold": str(table.attrs.get("hold", "zero")),
    }


def _truth_of(table: xarray.Dataset) -> dict[str, Any] | None:
    if "truth_system" not in table.attrs:
        return None
    parameters = json.loads(str(table.attrs.get("truth_parameters", "{}")))
    return {
        "system": str(table.attrs["truth_system"]),
        "states": {
            str(name).removeprefix("truth_"): table[name].transpose("run", "site").values
            for name in table.data_vars
            if str(name).startswith("truth_")
        },
        "parameters": {name: float(value) for name, value in parameters.items()},
    }
