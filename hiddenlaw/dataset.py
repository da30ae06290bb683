"""What a user brings: inputs, the responses they made, and the grid both were sampled on.

Indexing: `response[:, i]` is measured at `x[i]`, after `input[:, i]` acted over the cell
(x[i] - dx, x[i]]; the initial state of a run sits at x[0] - dx.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float64
from numpy.typing import ArrayLike

from hiddenlaw.errors import DataError, FormatError, SettingsError

if TYPE_CHECKING:
    import xarray

FORMAT = "hiddenlaw.dataset"
VERSION = 1
HOLDS = ("zero", "first", "cubic")
RUNS_FOR_DISCOVERY = 4
SITES_FOR_DISCOVERY = 8

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_DIMENSIONS = ("run", "site", "input_channel", "response_channel")


@dataclass(frozen=True, eq=False)
class Truth:
    """What a simulation knows and a measurement does not. Discovery never reads it.

    - `system`: name of the simulated system.
    - `states`: hidden states by name, each of shape (runs, sites).
    - `parameters`: the constants of the law by name.
    """

    system: str
    states: Mapping[str, Float64[np.ndarray, "run site"]] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self):
        states = {name: _frozen(_numbers(name, state)) for name, state in self.states.items()}
        parameters = {name: float(value) for name, value in self.parameters.items()}
        object.__setattr__(self, "states", states)
        object.__setattr__(self, "parameters", parameters)


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Inputs and responses of several runs on one uniform grid, checked and read-only.

    - `x` (sites,): the grid, in `units[x_name]`.
    - `input` (runs, sites, input_channels) and `response` (runs, sites, response_channels).
    - `input_names`, `response_names`: the names by which equations call the channels.
    - `units`: unit by name (of a channel, or of x); names without one are dimensionless or unknown.
    - `hold`: how the input runs between samples: "zero" (constant over a cell), "first" (linear
      between samples) or "cubic" (a spline through them).
    - `source`: where the data came from, for reports.
    - `truth`: the hidden states of a simulation, or None.

    Arrays of any real type are converted to float64. Raises `DataError`, naming the thing, the
    place and the remedy, for whatever is not finite, not uniform, misshapen or misnamed. One run
    is enough here; `check_discoverable` says what a discovery needs on top.
    """

    x: Float64[np.ndarray, " site"]
    input: Float64[np.ndarray, "run site input_channel"]
    response: Float64[np.ndarray, "run site response_channel"]
    input_names: tuple[str, ...] = ("u",)
    response_names: tuple[str, ...] = ("y",)
    x_name: str = "x"
    units: Mapping[str, str] = field(default_factory=dict)
    hold: str = "zero"
    source: str = ""
    truth: Truth | None = None

    def __post_init__(self):
        clean: dict[str, Any] = {
            "x": _frozen(_numbers("x", self.x)),
            "input": _frozen(_numbers("input", self.input)),
            "response": _frozen(_numbers("response", self.response)),
            "input_names": tuple(self.input_names),
            "response_names": tuple(self.response_names),
            "units": {name: unit for name, unit in dict(self.units).items() if unit != ""},
        }
        for name, value in clean.items():
            object.__setattr__(self, name, value)
        if self.hold not in HOLDS:
            raise DataError(f"hold is {self.hold!r}; it must be one of {', '.join(HOLDS)}")
        _check_shapes(self.x, self.input, self.response, self.truth)
        _check_names(self)
        _check_finite("input", self.input, self.input_names)
        _check_finite("response", self.response, self.response_names)
        _check_grid(self.x, self.x_name)

    @classmethod
    def from_arrays(
        cls,
        input: ArrayLike | Sequence[ArrayLike],
        response: ArrayLike | Sequence[ArrayLike],
        *,
        x: ArrayLike | None = None,
        dx: float | None = None,
        input_names: str | Sequence[str] | None = None,
        response_names: str | Sequence[str] | None = None,
        x_name: str = "x",
        units: Mapping[str, str] | None = None,
        hold: str = "zero",
        source: str = "arrays",
        truth: Truth | None = None,
    ) -> Dataset:
        """A dataset from arrays of shape (runs, sites) or (runs, sites, channels).

        Give the grid as `x`, or its step as `dx` (then x[i] = (i + 1) dx, so that the initial state
        sits at 0); with neither, dx is 1. Channels are called u and y, or u1, u2, ... and y1,
        y2, ..., unless names are given. Raises `DataError`.
        """
        inputs, responses = _channels("input", input), _channels("response", response)
        if x is not None and dx is not None:
            raise DataError("both x and dx are given; give one of them")
        if x is None:
            step = 1.0 if dx is None else float(dx)
            if not (np.isfinite(step) and step > 0):
                raise DataError(f"dx is {step:g}; it must be a positive number")
            x = step * np.arange(1, inputs.shape[1] + 1)
        x = _numbers("x", x)
        _check_shapes(x, inputs, responses, truth)
        return cls(
            x,
            inputs,
            responses,
            _names("u", input_names, inputs.shape[2]),
            _names("y", response_names, responses.shape[2]),
            x_name,
            units or {},
            hold,
            source,
            truth,
        )

    @property
    def runs(self) -> int:
        return self.input.shape[0]

    @property
    def sites(self) -> int:
        return self.input.shape[1]

    @property
    def dx(self) -> float:
        """The step of the grid: of the numbers that x allows to rounding, a short one."""
        step = (self.x[-1] - self.x[0]) / (self.sites - 1)
        short = float(f"{step:.12g}")
        rounding = 2 * np.spacing(np.abs(self.x).max()) / (self.sites - 1)
        return short if abs(short - step) <= max(rounding, np.spacing(step)) else float(step)

    @property
    def input_range(self) -> Float64[np.ndarray, "input_channel 2"]:
        """Smallest and largest value of every input channel, over all runs and sites."""
        return np.stack([self.input.min(axis=(0, 1)), self.input.max(axis=(0, 1))], axis=-1)

    @property
    def variance(self) -> Float64[np.ndarray, " response_channel"]:
        """Variance of every response channel, pooled over all runs and sites."""
        return self.response.var(axis=(0, 1))

    def select_runs(self, indices: Sequence[int] | np.ndarray) -> Dataset:
        """The same dataset with only these runs, in this order."""
        chosen = np.asarray(indices)
        truth = self.truth
        if truth is not None:
            states = {name: state[chosen] for name, state in truth.states.items()}
            truth = replace(truth, states=states)
        return replace(self, input=self.input[chosen], response=self.response[chosen], truth=truth)

    def without_truth(self) -> Dataset:
        """The same dataset without the hidden states of its simulation."""
        return replace(self, truth=None)

    def split(self, held_out_fraction: float, seed: int) -> tuple[Dataset, Dataset]:
        """Split by runs, at random, into (train, heldout); each gets at least one run."""
        if not 0 < held_out_fraction < 1:
            raise SettingsError(
                f"held_out_fraction is {held_out_fraction:g}; it must lie between 0 and 1"
            )
        if self.runs < 2:
            raise DataError("the data hold 1 run, so none can be held out; bring at least 2")
        held_out = min(max(1, round(held_out_fraction * self.runs)), self.runs - 1)
        order = np.random.default_rng(seed).permutation(self.runs)
        return (
            self.select_runs(np.sort(order[held_out:])),
            self.select_runs(np.sort(order[:held_out])),
        )

    def to_xarray(self) -> xarray.Dataset:
        """A copy, with dimensions run, site, input_channel and response_channel."""
        import xarray

        units = {
            "input": [self.units.get(name, "") for name in self.input_names],
            "response": [self.units.get(name, "") for name in self.response_names],
            self.x_name: [self.units.get(self.x_name, "")],
        }
        table = xarray.Dataset(
            {
                "input": (("run", "site", "input_channel"), self.input.copy()),
                "response": (("run", "site", "response_channel"), self.response.copy()),
            },
            coords={
                self.x_name: ("site", self.x.copy()),
                "input_channel": list(self.input_names),
                "response_channel": list(self.response_names),
            },
            attrs={"format": FORMAT, "version": VERSION, "x_name": self.x_name, "hold": self.hold},
        )
        for name, given in units.items():
            if any(given):
                table[name].attrs["units"] = given[0] if len(given) == 1 else given
        if self.truth is not None:
            table.attrs["truth_system"] = self.truth.system
            table.attrs["truth_parameters"] = json.dumps(dict(self.truth.parameters))
            for name, state in self.truth.states.items():
                table[f"truth_{name}"] = (("run", "site"), state.copy())
        return table

    @classmethod
    def from_xarray(cls, table: xarray.Dataset, source: str = "xarray") -> Dataset:
        """The dataset that `to_xarray` laid out. Raises `FormatError` for another layout."""
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
            input, response, x = table["input"], table["response"], table[x_name]
            names = {
                "input": tuple(str(name) for name in table["input_channel"].values),
                "response": tuple(str(name) for name in table["response_channel"].values),
                x_name: (x_name,),
            }
            truth = None
            if "truth_system" in table.attrs:
                states = {
                    str(name).removeprefix("truth_"): table[name].transpose("run", "site").values
                    for name in table.data_vars
                    if str(name).startswith("truth_")
                }
                parameters = json.loads(str(table.attrs.get("truth_parameters", "{}")))
                truth = Truth(str(table.attrs["truth_system"]), states, parameters)
            inputs = input.transpose("run", "site", "input_channel").values
            responses = response.transpose("run", "site", "response_channel").values
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise FormatError(f"damaged {FORMAT}: {' '.join(str(problem).split())}") from problem
        units: dict[str, str] = {}
        for name, owners in names.items():
            given = np.atleast_1d(table[name].attrs.get("units", []))
            units |= {owner: str(unit) for owner, unit in zip(owners, given, strict=False)}
        hold = str(table.attrs.get("hold", "zero"))
        return cls(
            x.values,
            inputs,
            responses,
            names["input"],
            names["response"],
            x_name,
            units,
            hold,
            source,
            truth,
        )

    def __repr__(self) -> str:
        def with_unit(name: str) -> str:
            return f"{name} [{self.units[name]}]" if name in self.units else name

        inputs = [
            f"{with_unit(name)} from {low:.4g} to {high:.4g}"
            for name, (low, high) in zip(self.input_names, self.input_range, strict=True)
        ]
        responses = [
            f"{with_unit(name)} of variance {variance:.4g}"
            for name, variance in zip(self.response_names, self.variance, strict=True)
        ]
        runs = "1 run" if self.runs == 1 else f"{self.runs} runs"
        return (
            f"Dataset of {runs} × {self.sites} sites, {with_unit(self.x_name)} from "
            f"{self.x[0]:.6g} to {self.x[-1]:.6g} in steps of {self.dx:.6g}; "
            f"input {', '.join(inputs)} ({self.hold}-order hold); response {', '.join(responses)}"
            f"{f'; from {self.source}' if self.source else ''}"
            f"{'; with its truth' if self.truth is not None else ''}."
        )


def check_discoverable(dataset: Dataset) -> None:
    """Raise `DataError` unless a law can be sought in these data.

    Needed: 4 runs, so that some can be held out; 8 sites; and no channel that is constant.
    """
    if dataset.runs < RUNS_FOR_DISCOVERY:
        runs = "1 run" if dataset.runs == 1 else f"{dataset.runs} runs"
        raise DataError(
            f"the data hold {runs}; discovery needs at least {RUNS_FOR_DISCOVERY}, so that some "
            "can be held out: measure more, or cut a long record into several runs"
        )
    if dataset.sites < SITES_FOR_DISCOVERY:
        raise DataError(
            f"the data have {dataset.sites} sites a run; discovery needs at least "
            f"{SITES_FOR_DISCOVERY}: measure longer runs"
        )
    for kind, names, values, remedy in (
        ("input", dataset.input_names, dataset.input, "vary it, or leave the channel out"),
        ("response", dataset.response_names, dataset.response, "it answers to nothing; leave it"),
    ):
        for channel, name in enumerate(names):
            column = values[:, :, channel]
            if np.ptp(column) <= 1e-12 * np.abs(column).max():
                raise DataError(f"{kind} {name} is constant ({column.flat[0]:g}); {remedy}")


def _numbers(what: str, values: Any) -> np.ndarray:
    """`values` as a float64 array; a masked entry becomes NaN."""
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(float), np.nan)
    try:
        array = np.asarray(values)
    except ValueError:
        raise DataError(_why_ragged(what, values)) from None
    if array.dtype.kind == "c":
        raise DataError(f"{what} is complex; give real and imaginary parts as two channels")
    if array.dtype.kind not in "biufO":
        raise DataError(f"{what} holds {array.dtype} values; give real numbers")
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{what} holds values that are not numbers; give real numbers") from None


def _why_ragged(what: str, values: Any) -> str:
    try:
        lengths = [len(run) for run in values]
    except TypeError:
        return f"{what} is no rectangular array; give (runs, sites) or (runs, sites, channels)"
    odd = next((run for run, length in enumerate(lengths) if length != lengths[0]), None)
    if odd is None:
        return f"{what} is no rectangular array; give (runs, sites) or (runs, sites, channels)"
    return (
        f"{what} has runs of unequal lengths: run 0 has {lengths[0]} sites but run {odd} has "
        f"{lengths[odd]}; cut every run to the same length"
    )


def _frozen(array: np.ndarray) -> np.ndarray:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array


def _channels(kind: str, values: Any) -> np.ndarray:
    array = _numbers(kind, values)
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    _check_axes(kind, array)
    return array


def _names(letter: str, names: str | Iterable[str] | None, channels: int) -> tuple[str, ...]:
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


def _check_shapes(
    x: np.ndarray, input: np.ndarray, response: np.ndarray, truth: Truth | None
) -> None:
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
    for name, state in truth.states.items() if truth is not None else ():
        if state.shape != input.shape[:2]:
            raise DataError(f"truth {name} has shape {state.shape}; it must be {input.shape[:2]}")


def _check_names(dataset: Dataset) -> None:
    for kind, names, channels in (
        ("input", dataset.input_names, dataset.input.shape[2]),
        ("response", dataset.response_names, dataset.response.shape[2]),
    ):
        if len(names) != channels:
            raise DataError(
                f"{len(names)} {kind} names for {channels} channels: {', '.join(names)}; "
                "give one name a channel"
            )
    if dataset.x_name in ("input", "response"):
        raise DataError(f"x is called {dataset.x_name!r}; rename it")
    every = (*dataset.input_names, *dataset.response_names, dataset.x_name)
    for name in every:
        if not _NAME.fullmatch(name):
            raise DataError(
                f"the name {name!r} cannot stand in an equation; rename it to a letter followed by "
                "letters, digits or underscores"
            )
        if re.fullmatch(r"psi[0-9]*", name) or name in _DIMENSIONS:
            raise DataError(f"the name {name!r} is reserved by hiddenlaw; rename it")
        if every.count(name) > 1:
            raise DataError(f"the name {name!r} is used twice; every channel needs its own")
    for name in dataset.units:
        if name not in every:
            raise DataError(f"units name {name!r}, but the data hold only {', '.join(every)}")


def _check_finite(kind: str, values: np.ndarray, names: tuple[str, ...]) -> None:
    bad = ~np.isfinite(values)
    if not bad.any():
        return
    run, site, channel = np.argwhere(bad)[0]
    what = kind if len(names) == 1 else f"{kind} {names[channel]}"
    word = "NaN" if np.isnan(values[run, site, channel]) else "infinite"
    others = int(bad.any(axis=(1, 2)).sum()) - 1
    also = f", and {others} more runs are not finite" if others else ""
    raise DataError(
        f"{what} has {bad[run, :, channel].sum()} {word} in run {run} (first at site {site}){also};"
        " drop the run or interpolate it"
    )


def _check_grid(x: np.ndarray, name: str) -> None:
    if not np.isfinite(x).all():
        site = int(np.argmax(~np.isfinite(x)))
        raise DataError(f"{name} is {x[site]} at site {site}; every site needs a finite {name}")
    steps = np.diff(x)
    if (steps <= 0).any():
        site = int(np.argmax(steps <= 0))
        raise DataError(
            f"{name} is not increasing: {x[site]:.9g} at site {site}, then {x[site + 1]:.9g}; "
            f"sort each run by {name}, and give each run a number of its own"
        )
    dx = float(np.median(steps))
    error = np.abs(steps - dx)
    if error.max() > max(1e-6 * dx, 4 * np.spacing(np.abs(x).max())):
        site = int(np.argmax(error))
        raise DataError(
            f"{name} is not uniform: the step from site {site} to {site + 1} is "
            f"{steps[site]:.9g}, where most are {dx:.9g}; resample onto a uniform grid, or, if "
            f"{name} was rounded, write it with more digits"
        )
