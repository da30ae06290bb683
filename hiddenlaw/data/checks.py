"""What a dataset accepts: arrays as float64, names and grid checked, one line for each fault."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from hiddenlaw.data.units import is_quantity
from hiddenlaw.errors import DataError, option

SITES_FOR_DISCOVERY = 8

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_DIMENSIONS = ("run", "site", "input_channel", "response_channel")


def as_numbers(what: str, values: Any) -> np.ndarray:
    """`values` as a float64 array; a masked entry becomes NaN."""
    if is_quantity(values):
        raise DataError(
            f"{what} is a quantity of pint; give these to hl.discover, hl.as_dataset or "
            "Dataset.from_arrays, which keep the unit"
        )
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(float), np.nan)
    try:
        array = np.asarray(values)
    except ValueError:
        raise DataError(
            f"{what} is no rectangular array; give (runs, sites) or (runs, sites, channels), or a "
            "list of runs"
        ) from None
    if array.dtype.kind == "c":
        raise DataError(f"{what} is complex; give real and imaginary parts as two channels")
    if array.dtype.kind not in "biufO":
        raise DataError(f"{what} holds {array.dtype} values; give real numbers")
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{what} holds values that are not numbers; give real numbers") from None


def frozen(array: np.ndarray) -> np.ndarray:
    """The array, contiguous and read-only."""
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array


def as_channels(kind: str, values: Any) -> np.ndarray:
    """`values` as (runs, sites, channels); the channel axis may be left out."""
    array = as_numbers(kind, values)
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    _check_axes(kind, array)
    return array


def channel_names(letter: str, names: str | Iterable[str] | None, channels: int) -> tuple[str, ...]:
    """The names given, or y, or y1, y2, ... for the letter y."""
    if names is None:
        return (letter,) if channels == 1 else tuple(f"{letter}{c + 1}" for c in range(channels))
    return (names,) if isinstance(names, str) else tuple(str(name) for name in names)


def _check_axes(kind: str, array: np.ndarray) -> None:
    if array.ndim != 3:
        raise DataError(
            f"{kind} has shape {array.shape}; give (runs, sites) or (runs, sites, channels), "
            "for one run with a first axis of length 1"
        )
    if 0 in array.shape:
        raise DataError(f"{kind} is empty: its shape is {array.shape}")


def check_shapes(
    x: np.ndarray,
    input: np.ndarray,
    response: np.ndarray,
    states: Mapping[str, np.ndarray],
) -> None:
    """Raise `DataError` unless all arrays are of the same runs and sites.

    `states` are those of the truth, by name.
    """
    _check_axes("input", input)
    _check_axes("response", response)
    if input.shape[0] != response.shape[0]:
        raise DataError(
            f"input has {input.shape[0]} runs but response has {response.shape[0]}; "
            "every run needs both"
        )
    if input.shape[1] != response.shape[1]:
        raise DataError(
            f"input has {input.shape[1]} sites a run but response has {response.shape[1]}; "
            "response[i] must answer input[i]: cut both to the same sites"
        )
    if x.shape != (input.shape[1],):
        raise DataError(f"x has shape {x.shape}; it must be ({input.shape[1]},), one value a site")
    if input.shape[1] < 2:
        raise DataError(
            f"the data have 1 site a run; a law needs at least 2 sites, and discovery "
            f"{SITES_FOR_DISCOVERY}: measure longer runs"
        )
    for name, state in states.items():
        if state.shape != input.shape[:2]:
            raise DataError(f"truth {name} has shape {state.shape}; it must be {input.shape[:2]}")


def check_counts(kind: str, names: tuple[str, ...], channels: int) -> None:
    """Raise `DataError` unless every channel has one name."""
    if len(names) != channels:
        raise DataError(
            f"{len(names)} {kind} names for {channels} channels: {', '.join(names)}; "
            "give one name a channel"
        )


def check_names(channels: tuple[str, ...], x_name: str, units: Iterable[str]) -> None:
    """Raise `DataError` unless all names can stand in one equation, and units belong to them."""
    if x_name in ("input", "response"):
        raise DataError(f"x is called {x_name!r}; rename it")
    every = (*channels, x_name)
    for name in every:
        if not _NAME.fullmatch(name):
            raise DataError(
                f"the name {name!r} cannot stand in an equation; rename it to a letter followed by "
                "letters, digits or underscores"
            )
        if re.fullmatch(r"(psi|zeta)[0-9]*", name) or name in _DIMENSIONS:
            raise DataError(f"the name {name!r} is reserved by hiddenlaw; rename it")
        if every.count(name) > 1:
            raise DataError(f"the name {name!r} is used twice; every channel needs its own")
    for name in units:
        if name not in every:
            raise DataError(f"units name {name!r}, but the data hold only {', '.join(every)}")


def check_finite(
    kind: str, values: np.ndarray, names: tuple[str, ...], *, missing: bool = False
) -> None:
    """Raise `DataError` for the first value that is not finite, and say where it is.

    With `missing` the remedy names the way to have NaN taken for missing samples.
    """
    bad = ~np.isfinite(values)
    if not bad.any():
        return
    run, site, channel = np.argwhere(bad)[0]
    what = kind if len(names) == 1 else f"{kind} {names[channel]}"
    word = "NaN" if np.isnan(values[run, site, channel]) else "infinite"
    others = int(bad.any(axis=(1, 2)).sum()) - 1
    allowed = option("allow_missing", True)
    also = f", and {others} more runs are not finite" if others else ""
    raise DataError(
        f"{what} has {bad[run, :, channel].sum()} {word} in run {run} (first at site {site}){also};"
        " drop the run or interpolate it"
        + (f", or say that NaN are missing samples ({allowed})" if missing else "")
    )


def check_observed(values: np.ndarray, names: tuple[str, ...]) -> None:
    """Raise `DataError` unless NaN is all that is not finite, and every run was seen somewhere."""
    check_finite("response", np.where(np.isnan(values), 0.0, values), names)
    for channel, name in enumerate(names):
        empty = np.isnan(values[:, :, channel]).all(axis=1)
        if empty.any():
            raise DataError(
                f"response {name} is missing altogether in run {int(np.argmax(empty))}; drop it"
            )


def check_errors(errors: np.ndarray | None, values: np.ndarray, names: tuple[str, ...]) -> None:
    """Raise `DataError` unless every sample that was seen has a positive, finite error."""
    if errors is None:
        return
    if errors.shape != values.shape:
        raise DataError(
            f"response_error has shape {errors.shape}; it must be the response's, {values.shape}"
        )
    bad = np.isfinite(values) & ~(np.isfinite(errors) & (errors > 0))
    if bad.any():
        run, site, channel = np.argwhere(bad)[0]
        raise DataError(
            f"the error of {names[channel]} is {errors[run, site, channel]:g} in run {run} at site "
            f"{site}; every sample's standard error must be a positive number"
        )


def check_dead_time(dead_time: tuple[float, ...], names: tuple[str, ...]) -> None:
    """Raise `DataError` unless there is none, or one of zero or more for every input channel."""
    if not dead_time:
        return
    if len(dead_time) != len(names):
        raise DataError(
            f"dead_time has {len(dead_time)} values for {len(names)} input channels; give one each"
        )
    for name, value in zip(names, dead_time, strict=True):
        if not (np.isfinite(value) and value >= 0):
            raise DataError(f"the dead time of {name} is {value:g}; it must be zero or more")
