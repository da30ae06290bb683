"""What a user brings: inputs, the responses they made, and the grid both were sampled on.

Indexing, with the zero hold: `response[:, i]` is measured at `x[i]`, after `input[:, i]` acted over
the cell (x[i] - dx, x[i]]; the initial state of a run sits at x[0] - dx. With the first and cubic
holds the input is known at the sites: the initial state sits at x[0], so that `response[:, 0]`
reads it, and cell i runs from x[i-1] to x[i], i ≥ 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool, Float64
from numpy.typing import ArrayLike

from hiddenlaw.data.checks import (
    SITES_FOR_DISCOVERY,
    as_channels,
    as_numbers,
    channel_names,
    check_errors,
    check_finite,
    check_grid,
    check_names,
    check_observed,
    check_shapes,
    frozen,
)
from hiddenlaw.data.layout import FORMAT as FORMAT
from hiddenlaw.data.layout import VERSION as VERSION
from hiddenlaw.data.layout import fields_of, to_table
from hiddenlaw.errors import DataError, SettingsError

if TYPE_CHECKING:
    import xarray

HOLDS = ("zero", "first", "cubic")
RUNS_FOR_DISCOVERY = 4


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
        states = {name: frozen(as_numbers(name, state)) for name, state in self.states.items()}
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
    - `hold`: how the input runs between samples: "zero" (constant over the cell that ends at its
      site; the initial state sits at x[0] - dx), "first" (linear between sites) or "cubic" (a
      spline through them); with these two the initial state sits at x[0].
    - `source`: where the data came from, for reports.
    - `truth`: the hidden states of a simulation, or None.
    - `response_error`: the standard error of every sample of the response, of its shape, or None
      where all are alike and unknown. Fits weigh by it.
    - `constants` (runs, constants): numbers that stay the same along a run and take part in the
      law, or None; a discovery that is asked for such fills them in.
    - `allow_missing`: take NaN in the response for a sample that is missing, and fit around it.

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
    response_error: Float64[np.ndarray, "run site response_channel"] | None = None
    allow_missing: bool = False
    constants: Float64[np.ndarray, "run constant"] | None = None

    def __post_init__(self):
        clean: dict[str, Any] = {
            "x": frozen(as_numbers("x", self.x)),
            "input": frozen(as_numbers("input", self.input)),
            "response": frozen(as_numbers("response", self.response)),
            "input_names": tuple(self.input_names),
            "response_names": tuple(self.response_names),
            "units": {name: unit for name, unit in dict(self.units).items() if unit != ""},
        }
        if self.response_error is not None:
            clean["response_error"] = frozen(as_numbers("response_error", self.response_error))
        if self.constants is not None:
            clean["constants"] = frozen(as_numbers("constants", self.constants))
        for name, value in clean.items():
            object.__setattr__(self, name, value)
        if self.hold not in HOLDS:
            raise DataError(f"hold is {self.hold!r}; it must be one of {', '.join(HOLDS)}")
        check_shapes(self.x, self.input, self.response, self.truth)
        check_names(self)
        check_finite("input", self.input, self.input_names)
        if self.allow_missing:
            check_observed(self.response, self.response_names)
        else:
            check_finite("response", self.response, self.response_names, missing=True)
        check_errors(self.response_error, self.response, self.response_names)
        check_grid(self.x, self.x_name)

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
        response_error: ArrayLike | None = None,
        allow_missing: bool = False,
    ) -> Dataset:
        """A dataset from arrays of shape (runs, sites) or (runs, sites, channels).

        Give the grid as `x`, or its step as `dx` (then x[i] = (i + 1) dx, so that the initial state
        sits at 0); with neither, dx is 1. Channels are called u and y, or u1, u2, ... and y1,
        y2, ..., unless names are given. Raises `DataError`.
        """
        inputs, responses = as_channels("input", input), as_channels("response", response)
        if x is not None and dx is not None:
            raise DataError("both x and dx are given; give one of them")
        if x is None:
            step = 1.0 if dx is None else float(dx)
            if not (np.isfinite(step) and step > 0):
                raise DataError(f"dx is {step:g}; it must be a positive number")
            x = step * np.arange(1, inputs.shape[1] + 1)
        x = as_numbers("x", x)
        check_shapes(x, inputs, responses, truth)
        errors = None
        if response_error is not None:
            errors = as_channels("response_error", response_error)
            check_errors(errors, responses, channel_names("y", response_names, responses.shape[2]))
        return cls(
            x,
            inputs,
            responses,
            channel_names("u", input_names, inputs.shape[2]),
            channel_names("y", response_names, responses.shape[2]),
            x_name,
            units or {},
            hold,
            source,
            truth,
            errors,
            allow_missing,
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
        """Variance of every response channel, pooled over all runs and sites that were seen."""
        return np.nanvar(self.response, axis=(0, 1))

    @property
    def observed(self) -> Bool[np.ndarray, "run site response_channel"]:
        """Which samples of the response are there."""
        return np.isfinite(self.response)

    @property
    def weight(self) -> Float64[np.ndarray, "run site response_channel"]:
        """What every sample counts beside its channel's variance: 1 alike, and 0 where missing.

        With `response_error` the variance over the squared error, over its mean.
        """
        seen = self.observed
        if self.response_error is None:
            return seen.astype(float)
        # By logarithms: squares of what a file may hold can overflow.
        size = np.maximum(np.nanmax(np.abs(self.response), axis=(0, 1)), 1e-300)
        deviation = np.nanstd(self.response / size, axis=(0, 1))
        deviation = np.log(np.where(deviation > 0, deviation, 1.0)) + np.log(size)
        ratio = deviation - np.log(np.where(seen, self.response_error, 1.0))
        precision = np.where(seen, np.exp(2 * (ratio - ratio[seen].max())), 0.0)
        return precision * (seen.sum() / precision.sum())

    def select_runs(self, indices: Sequence[int] | np.ndarray) -> Dataset:
        """The same dataset with only these runs, in this order."""
        chosen = np.asarray(indices)
        truth = self.truth
        if truth is not None:
            states = {name: state[chosen] for name, state in truth.states.items()}
            truth = replace(truth, states=states)
        error = self.response_error
        return replace(
            self,
            input=self.input[chosen],
            response=self.response[chosen],
            truth=truth,
            response_error=None if error is None else error[chosen],
            constants=None if self.constants is None else self.constants[chosen],
        )

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
        return to_table(self)

    @classmethod
    def from_xarray(
        cls, table: xarray.Dataset, source: str = "xarray", *, allow_missing: bool = False
    ) -> Dataset:
        """The dataset that `to_xarray` laid out. Raises `FormatError` for another layout."""
        fields = fields_of(table)
        if fields["truth"] is not None:
            fields["truth"] = Truth(**fields["truth"])
        return cls(**fields, source=source, allow_missing=allow_missing)

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
        gaps = int((~self.observed).sum())
        missing = f", {gaps} of {self.observed.size} samples missing" if gaps else ""
        return (
            f"Dataset of {runs} × {self.sites} sites, {with_unit(self.x_name)} from "
            f"{self.x[0]:.6g} to {self.x[-1]:.6g} in steps of {self.dx:.6g}; "
            f"input {', '.join(inputs)} ({self.hold}-order hold); response {', '.join(responses)}"
            f"{', with its errors' if self.response_error is not None else ''}"
            f"{missing}"
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
            low, high = np.nanmin(column), np.nanmax(column)
            if high - low <= 1e-12 * max(abs(low), abs(high)):
                raise DataError(f"{kind} {name} is constant ({low:g}); {remedy}")
