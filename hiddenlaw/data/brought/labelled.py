"""Arrays of xarray: sites, runs and channels by the names of their dimensions, never by order.

The dimension of the sites is in every input and every response. It is the one that is named, else
the one called site, x, t or time, else the only one with a coordinate of real numbers or dates. The
other dimension that responses have numbers the runs, a third one the channels. What this does not
settle is asked for. Coordinates, units and names come along.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from hiddenlaw.data.brought.channels import Channel, Grid, fields_from
from hiddenlaw.data.checks import as_numbers
from hiddenlaw.errors import DataError, option

_SITES = ("site", "sites", "x", "t", "time")
_RUNS = ("run", "runs")
_SAME = 1e-9  # of the range of a coordinate, by which two of them may differ


def fields_of_arrays(
    inputs: Sequence[Any],
    responses: Sequence[Any],
    errors: Sequence[Any] = (),
    *,
    x: str | None = None,
    run: str | None = None,
) -> dict[str, Any]:
    """DataArrays of one channel or several each, as what `fields_given` takes.

    `x` names the dimension of the sites, or their coordinate; `run` that of the runs. Raises
    `DataError` where dimensions do not say what they are, and where coordinates differ.
    """
    every = [*inputs, *responses, *errors]
    site = site_of(every, x, run)
    runs = _runs(inputs, responses, site, run)
    every = _aligned(every, site, runs)
    taken = [_channels(array, site, runs) for array in every]
    count = max(len(channel.values) for channels in taken for channel in channels)
    whole = [
        [Channel(c.header, _of_all(np.asarray(c.values), count), c.unit) for c in channels]
        for channels in taken
    ]
    first, last = len(inputs), len(inputs) + len(responses)
    return fields_from(
        [c for channels in whole[:first] for c in channels],
        [c for channels in whole[first:last] for c in channels],
        [c for channels in whole[last:] for c in channels],
        _grid(every, site, x),
        _names(every, runs),
    )


def _of_all(values: np.ndarray, runs: int) -> np.ndarray:
    """What is the same for all runs, for each of them."""
    return np.broadcast_to(values, (runs, *values.shape[1:]))


def site_of(arrays: Sequence[Any], x: str | None, run: str | None) -> str:
    """The dimension of the sites."""
    shared = [d for d in _dims(arrays[0]) if d != run and all(d in a.dims for a in arrays)]
    if x is not None:
        named = next((_dims(a.coords[x]) for a in arrays if x in a.coords), (x,))
        if len(named) == 1 and named[0] in shared:
            return named[0]
        raise DataError(
            f"{x} is no dimension that all of these arrays share ({_listed(arrays)}); name that of "
            f"the sites with {option('x')}"
        )
    able = [d for d in shared if d.lower() not in _RUNS]
    for pick in (
        able if len(able) == 1 else [],
        [d for d in able if d.lower() in _SITES],
        [d for d in able if _continuous(arrays, d)],
    ):
        if len(pick) == 1:
            return pick[0]
    if not shared:
        raise DataError(
            f"the arrays have no dimension in common ({_listed(arrays)}); rename one, such as "
            'response.rename({"time": "t"})'
        )
    raise DataError(
        f"the dimensions do not say which one are the sites ({_listed(arrays)}); name it with "
        f"{option('x')}, and that of the runs with {option('run')}"
    )


def _runs(
    inputs: Sequence[Any], responses: Sequence[Any], site: str, run: str | None
) -> str | None:
    """The dimension of the runs: the named one, else that which responses have beside the sites."""
    others = _unique(d for array in responses for d in _dims(array) if d != site)
    if run is not None:
        if run not in others:
            raise DataError(
                f"{run} is no dimension of the response ({_listed(responses)}); name that of the "
                f"runs with {option('run')}"
            )
        return run
    able = [d for d in others if d.lower() in _RUNS] or [d for d in others if not _is_channel(d)]
    if len(able) > 1:
        of_inputs = {d for array in inputs for d in _dims(array)}
        able = [d for d in able if d in of_inputs]
        if len(able) != 1:
            raise DataError(
                f"the dimensions do not say which one are the runs ({_listed(responses)}); name it "
                f"with {option('run')}"
            )
    return able[0] if able else None


def _aligned(arrays: Sequence[Any], site: str, runs: str | None) -> list[Any]:
    """The arrays with their runs in the order of the first. Raises `DataError` where coordinates
    are not the same."""
    found = list(arrays)
    for dim in (site, runs) if runs else (site,):
        known = [a.coords[dim].values for a in arrays if dim in a.dims and dim in a.coords]
        sizes = {a.sizes[dim] for a in arrays if dim in a.dims}
        if len(sizes) > 1:
            raise DataError(
                f"{dim} has {' and '.join(map(str, sorted(sizes)))} values; all arrays need the "
                "same"
            )
        for k, array in enumerate(found):
            if not known or dim not in array.coords or dim not in array.dims:
                continue
            own = array.coords[dim].values
            if _same(own, known[0]):
                continue
            if dim == site or sorted(map(str, own)) != sorted(map(str, known[0])):
                raise DataError(
                    f"the coordinate {dim} of {_called(array)} is not that of {_called(arrays[0])};"
                    " bring both on one, such as by interp_like"
                )
            found[k] = array.sel({dim: known[0]})
    return found


def _channels(array: Any, site: str, runs: str | None) -> list[Channel]:
    """The channels of an array, each (run, site); of one run where it has no runs."""
    rest = [d for d in _dims(array) if d not in (site, runs)]
    if len(rest) > 1:
        raise DataError(
            f"{_called(array)} has the dimensions {', '.join(_dims(array))}, and beside sites "
            f"({site}) and runs ({runs}) one may be left, that of the channels; select or stack"
        )
    if rest and rest[0].lower() in _RUNS:
        raise DataError(
            f"{_called(array)} has runs ({rest[0]}) and the responses have none; give every run "
            "its response"
        )
    turned = array.transpose(*([runs] if runs in array.dims else []), site, *rest)
    values = as_numbers(_called(array), turned.values)
    values = values if runs in array.dims else values[None]
    name = None if array.name is None else str(array.name)
    unit = str(array.attrs.get("units", ""))
    if not rest:
        return [Channel(name, values, unit)]
    labels = array.coords[rest[0]].values if rest[0] in array.coords else np.zeros(0)
    texts = [str(label) for label in labels] if labels.dtype.kind in "OUTS" else []
    several = values.shape[2] > 1
    return [
        Channel(
            texts[k] if texts else (f"{name}{k + 1}" if name and several else name),
            values[..., k],
            unit,
        )
        for k in range(values.shape[2])
    ]


def _grid(arrays: Sequence[Any], site: str, x: str | None) -> Grid | None:
    """The coordinate of the sites; None where they have none, so that they are counted.

    Raises `DataError` where they have several, none of them of their own name.
    """
    along = {
        str(name): coordinate
        for array in arrays[::-1]
        for name, coordinate in array.coords.items()
        if coordinate.dims == (site,) and coordinate.dtype.kind in "iufMmO"
    }
    name = next((name for name in (x, site) if name in along), None)
    if name is None and len(along) > 1:
        raise DataError(
            f"{site} has the coordinates {', '.join(along)}; name that of the sites with "
            f"{option('x')}"
        )
    name = name or next(iter(along), None)
    if name is None:
        return None
    return Grid(name, along[name].values, str(along[name].attrs.get("units", "")))


def _names(arrays: Sequence[Any], runs: str | None) -> tuple[str, ...]:
    """What runs are called, where they have a coordinate."""
    for array in arrays:
        if runs in array.dims and runs in array.coords:
            return tuple(f"{runs} {label}" for label in array.coords[runs].values.tolist())
    return ()


def _dims(array: Any) -> tuple[str, ...]:
    return tuple(str(dim) for dim in array.dims)


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _is_channel(dim: str) -> bool:
    return "channel" in dim.lower()


def _continuous(arrays: Sequence[Any], dim: str) -> bool:
    """Whether a dimension has a coordinate of real numbers or dates, which no runs have."""
    return any(
        c.dims == (dim,) and c.dtype.kind in "fMm" for a in arrays for c in a.coords.values()
    )


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    if one.shape != other.shape:
        return False
    if one.dtype.kind in "iuf" and other.dtype.kind in "iuf":
        reach = float(np.ptp(one.astype(float))) or 1.0
        return bool((np.abs(one.astype(float) - other) <= _SAME * reach).all())
    return bool((one == other).all())


def _called(array: Any) -> str:
    return "an array without a name" if array.name is None else str(array.name)


def _listed(arrays: Sequence[Any]) -> str:
    return ", ".join(f"{_called(array)}: {', '.join(_dims(array))}" for array in arrays)
