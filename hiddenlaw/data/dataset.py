"""What a user brings: inputs, the responses they made, and the grid both were sampled on.

Indexing, with the zero hold: `response[:, i]` is measured at `x[i]`, after `input[:, i]` acted over
the cell (x[i] - dx, x[i]]; the initial state of a run sits at x[0] - dx. With the first and cubic
holds the input is known at the sites: the initial state sits at x[0], so that `response[:, 0]`
reads it, and cell i runs from x[i-1] to x[i], i ≥ 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64
from numpy.typing import ArrayLike

from hiddenlaw.data.arrays import fields_resampled
from hiddenlaw.data.brought.anything import fields_brought
from hiddenlaw.data.checks import (
    as_numbers,
    check_counts,
    check_dead_time,
    check_errors,
    check_finite,
    check_names,
    check_observed,
    check_shapes,
    frozen,
)
from hiddenlaw.data.conversions import Convertible
from hiddenlaw.data.describe import as_html, in_words
from hiddenlaw.data.described import shortened
from hiddenlaw.data.grid import evened, jitter_in_words, step_of
from hiddenlaw.data.parts import parts_of
from hiddenlaw.data.truth import Truth as Truth
from hiddenlaw.data.weights import weights_of
from hiddenlaw.holds import hold_called


@dataclass(frozen=True, eq=False, repr=False)
class Dataset(Convertible):
    """Inputs and responses of several runs on one even grid, checked and read-only.

    - `x` (sites,): the grid, in `units[x_name]`.
    - `input` (runs, sites, input_channels) and `response` (runs, sites, response_channels).
    - `input_names`, `response_names`: the names by which equations call the channels.
    - `units`: unit by name (of a channel, or of x); names without one are dimensionless or unknown.
    - `hold`: how the input runs between samples, by its name in `hiddenlaw.holds`: "zero" (constant
      over the cell that ends at its site; the initial state sits at x[0] - dx), "first" (linear
      between sites) or "cubic" (a spline through them); with these two it sits at x[0].
    - `source`: where the data came from, for reports.
    - `truth`: the hidden states of a simulation, or None.
    - `response_error`: standard errors of the response, of its shape, by which fits weigh; or None.
    - `dead_time`: how late each channel of the input acts, in the unit of x; empty where at once.
    - `kept_back`: which runs a split holds out; empty where chance decides.
    - `allow_missing`: take NaN in the response for a missing sample, and fit around it.
    - `jitter`: the share of their mean by which steps differed; x is even all the same.
    - `run_names`: what the runs are called, where files or labels say it; empty where not.
    - `remarks`: what was done to the samples before they came to lie here, in sentences.

    Arrays of any real type become float64. Raises `DataError`, naming thing, place and remedy, for
    whatever is not finite, not even, misshapen or misnamed. One run is enough here.
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
    dead_time: tuple[float, ...] = ()
    kept_back: tuple[int, ...] = ()
    jitter: float = 0.0
    remarks: tuple[str, ...] = ()
    run_names: tuple[str, ...] = ()

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
        for name, value in clean.items():
            object.__setattr__(self, name, value)
        hold_called(self.hold)
        check_dead_time(self.dead_time, self.input_names)
        check_shapes(self.x, self.input, self.response, self.truth.states if self.truth else {})
        check_counts("input", self.input_names, self.input.shape[2])
        check_counts("response", self.response_names, self.response.shape[2])
        check_names((*self.input_names, *self.response_names), self.x_name, self.units)
        check_finite("input", self.input, self.input_names)
        if self.allow_missing:
            check_observed(self.response, self.response_names)
        else:
            check_finite("response", self.response, self.response_names, missing=True)
        check_errors(self.response_error, self.response, self.response_names)
        x, jitter = evened(self.x, self.x_name)
        if jitter:
            remarks = (*self.remarks, *jitter_in_words(self.x, self.x_name))
            for name, value in (("x", frozen(x)), ("jitter", jitter), ("remarks", remarks)):
                object.__setattr__(self, name, value)

    @classmethod
    def from_arrays(
        cls,
        input: ArrayLike | Sequence[ArrayLike],
        response: ArrayLike | Sequence[ArrayLike],
        *,
        x: ArrayLike | None = None,
        dx: Any = None,
        input_names: str | Sequence[str] | None = None,
        response_names: str | Sequence[str] | None = None,
        x_name: str = "x",
        units: Mapping[str, str] | None = None,
        hold: str = "zero",
        source: str = "arrays",
        truth: Truth | None = None,
        response_error: ArrayLike | Sequence[ArrayLike] | None = None,
        allow_missing: bool = False,
        resample: Any = None,
    ) -> Dataset:
        """A dataset from arrays of shape (runs, sites) or (runs, sites, channels).

        Runs of unequal lengths come as lists of arrays, (sites,) or (sites, channels) each; the
        shorter ones are filled up, and their response is missing there. Give the grid as `x`, one
        for all runs or one each, or its step as `dx` (then x[i] = (i + 1) dx, so that the initial
        state sits at 0); with neither, dx is 1. With `resample` an uneven x is put on an even grid
        of this step; see `resampled`. Channels are called u and y, or u1, u2, ... and y1, y2, ...,
        unless names are given. Quantities of pint bring their units, those of one kind are
        converted to the one that is asked for or comes first, and steps may be text, "10 ms".
        Arrays with labels, of xarray and pandas, are read by these; see `from_xarray` and
        `from_pandas`. Raises `DataError`.
        """
        told = {} if x_name == "x" else {"x_name": x_name}
        return cls(
            **fields_brought(
                input,
                response,
                x=x,
                dx=dx,
                input_names=input_names,
                response_names=response_names,
                units=units,
                hold=hold,
                source=source,
                truth=truth,
                response_error=response_error,
                allow_missing=allow_missing,
                resample=resample,
                **told,
            )
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
        return step_of(self.x)

    @property
    def late(self) -> tuple[float, ...]:
        """The dead times in sites."""
        return tuple(time / self.dx for time in self.dead_time)

    @property
    def input_range(self) -> Float64[np.ndarray, "input_channel 2"]:
        """Smallest and largest value of every input channel."""
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
        """What every sample counts beside its channel's variance; see `weights_of`."""
        return weights_of(self.response, self.response_error)

    def select_runs(self, indices: Sequence[int] | np.ndarray) -> Dataset:
        """The same dataset with only these runs, in this order."""
        chosen, truth, error = np.asarray(indices), self.truth, self.response_error
        return replace(
            self,
            input=self.input[chosen],
            response=self.response[chosen],
            truth=None if truth is None else truth.select_runs(chosen),
            response_error=None if error is None else error[chosen],
            run_names=tuple(self.run_names[k] for k in chosen) if self.run_names else (),
            kept_back=tuple(np.flatnonzero(np.isin(chosen, self.kept_back)).tolist()),
        )

    def resampled(self, step: float, *, held: bool | None = None) -> Dataset:
        """The same runs on an even grid of this step, without truth; see `data.resampling`.

        `held` says whether inputs keep their values between samples; by default the samples tell.
        `remarks` say what it costs. Raises `DataError`.
        """
        return Dataset(**fields_resampled(vars(self), step, held))

    def without_truth(self) -> Dataset:
        """The same dataset without the hidden states of its simulation."""
        return replace(self, truth=None)

    def split(self, held_out_fraction: float, seed: int) -> tuple[Dataset, Dataset]:
        """Split by runs, by chance or `kept_back`, into (train, heldout); see `parts_of`."""
        train, heldout = parts_of(self.runs, held_out_fraction, seed, self.kept_back)
        return self.select_runs(train), self.select_runs(heldout)

    def __len__(self) -> int:
        """How many runs there are."""
        return self.runs

    def __repr__(self) -> str:
        return shortened(in_words(self))

    def _repr_html_(self) -> str:
        return as_html(self)
