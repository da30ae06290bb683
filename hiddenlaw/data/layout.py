"""How a dataset is laid out in xarray: dimensions run, site, input_channel, response_channel.

`to_table` and `fields_of` undo each other: between the fields of a `Dataset`, by their names, and a
table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hiddenlaw.data.dates import seconds_of, told
from hiddenlaw.data.truth import Truth
from hiddenlaw.errors import DataError, FormatError

if TYPE_CHECKING:
    import xarray

FORMAT = "hiddenlaw.dataset"
VERSION = 1
_INPUT = ("run", "site", "input_channel")
_RESPONSE = ("run", "site", "response_channel")


def to_table(fields: Mapping[str, Any]) -> xarray.Dataset:
    """A copy of everything that a dataset of these fields holds."""
    import xarray

    x_name, units = fields["x_name"], fields["units"]
    table = xarray.Dataset(
        {
            "input": (_INPUT, fields["input"].copy()),
            "response": (_RESPONSE, fields["response"].copy()),
        },
        coords={
            x_name: ("site", fields["x"].copy()),
            "input_channel": list(fields["input_names"]),
            "response_channel": list(fields["response_names"]),
        },
        attrs={"format": FORMAT, "version": VERSION, "x_name": x_name, "hold": fields["hold"]},
    )
    for name, owners in (
        ("input", fields["input_names"]),
        ("response", fields["response_names"]),
        (x_name, (x_name,)),
    ):
        given = [units.get(owner, "") for owner in owners]
        if any(given):
            table[name].attrs["units"] = given[0] if len(given) == 1 else given
    if fields["response_error"] is not None:
        table["response_error"] = (_RESPONSE, fields["response_error"].copy())
    truth: Truth | None = fields["truth"]
    if truth is not None:
        table.attrs["truth_system"] = truth.system
        table.attrs["truth_parameters"] = json.dumps(dict(truth.parameters))
        for name, state in truth.states.items():
            table[f"truth_{name}"] = (("run", "site"), state.copy())
    return table


def fields_of(table: xarray.Dataset) -> dict[str, Any]:
    """The fields of the dataset that `to_table` laid out.

    Raises `FormatError` for another layout, and `DataError` for a truth that is not numbers.
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
    except DataError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise FormatError(f"damaged {FORMAT}: {' '.join(str(problem).split())}") from problem
    units: dict[str, str] = {}
    seconds = seconds_of(fields["x"], str(table[x_name].attrs.get("units", "")))
    if seconds is not None:
        fields |= {"x": seconds, "remarks": (told(x_name),)}
    for name, owners in (*names.items(), (x_name, (x_name,))):
        given = np.atleast_1d(table[name].attrs.get("units", []))
        units |= {owner: str(unit) for owner, unit in zip(owners, given, strict=False)}
    if seconds is not None:
        units[x_name] = "s"
    return fields | {
        "input_names": names["input"],
        "response_names": names["response"],
        "x_name": x_name,
        "units": units,
        "hold": str(table.attrs.get("hold", "zero")),
    }


def _truth_of(table: xarray.Dataset) -> Truth | None:
    if "truth_system" not in table.attrs:
        return None
    parameters = json.loads(str(table.attrs.get("truth_parameters", "{}")))
    states = {
        str(name).removeprefix("truth_"): table[name].transpose("run", "site").values
        for name in table.data_vars
        if str(name).startswith("truth_")
    }
    return Truth(str(table.attrs["truth_system"]), states, parameters)
