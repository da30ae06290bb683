"""Answers in the kind of what was asked: a list for a list, labels for labels.

Dimensions, columns and runs are found by their names, as data are (`hiddenlaw.data.brought`). A
grid whose step is not that of the law is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from hiddenlaw.data.brought.labelled import site_of
from hiddenlaw.data.brought.pandas_frames import columns_of_frame, counts, sites_are_columns
from hiddenlaw.data.brought.readers import kind_of
from hiddenlaw.data.columns import columns_of
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.dates import seconds_of
from hiddenlaw.data.grid import same_step
from hiddenlaw.data.units import is_quantity
from hiddenlaw.errors import DataError
from hiddenlaw.theory.asked_quantities import of_quantity
from hiddenlaw.theory.asked_tables import by_rows, of_columns, of_polars_series
from hiddenlaw.theory.asked_whole import are_paths, is_written, of_dataset, of_files, of_written

Answer = Callable[[Any, Any], np.ndarray]
_ROUNDED = 1e-3  # of a step, by which steps of a grid may differ


@dataclass(frozen=True)
class Asking:
    """What answers, (input, given) to responses, and what the law calls what it takes and gives."""

    answer: Answer
    dx: float
    inputs: Sequence[str]
    responses: Sequence[str]
    x: str = "x"
    units: dict[str, str] = field(default_factory=dict)
    hold: str = "zero"

    def __call__(self, input: Any, given: Any = None) -> Any:
        """The answer, in the kind of `input`; see `Theory.predict`."""
        if is_quantity(input):
            return of_quantity(self, input, given)
        kind = kind_of(input)
        if isinstance(input, Dataset):
            return of_dataset(self, input, given)
        if are_paths(input):
            return of_files(self, input, given)
        if kind == "arrays":
            if isinstance(input, list | tuple) and not _is_array(input):
                return self._of_runs(input, given)
            return self.answer(input, given)
        ways = {
            "columns": partial(of_columns, self),
            "polars.DataFrame": partial(of_columns, self),
            "polars.Series": partial(of_polars_series, self),
            "xarray.DataArray": self._of_array,
            "xarray.Dataset": self._of_variables,
            "pandas.DataFrame": self._of_frame,
            "pandas.Series": self._of_series,
        }
        if kind not in ways:
            raise DataError(
                f"predict takes no {kind}; give an array, a list of runs, a Dataset, a file, or "
                "tables and labelled arrays of pandas, polars or xarray"
            )
        return ways[kind](input, given)

    def _of_runs(self, runs: Sequence[Any], given: Any) -> list[Any]:
        """Each run by itself, in its own kind: their lengths may differ."""
        if given is not None and len(given) != len(runs):
            raise DataError(f"given has {len(given)} runs and the input {len(runs)}; give one each")
        known = [None] * len(runs) if given is None else given
        return [self._of_run(run, own) for run, own in zip(runs, known, strict=True)]

    def _of_run(self, run: Any, given: Any) -> Any:
        if kind_of(run) != "arrays":
            return self(run, given)
        own = None if given is None else np.asarray(given)[None]
        return self.answer(np.asarray(run)[None], own)[0]

    def _of_array(self, input: Any, given: Any) -> Any:
        several = len(self.inputs) > 1
        last = [d for d in input.dims if several and "channel" in str(d).lower()]
        if several and not last:
            raise DataError(
                f"the law takes {', '.join(self.inputs)}; give a Dataset of these, or a DataArray "
                "with a dimension channel"
            )
        site = site_of([input.isel({last[0]: 0}) if last else input], None, None)
        rest = [str(d) for d in input.dims if d not in (site, *last)]
        if len(rest) > 1:
            raise DataError(
                f"the input has the dimensions {', '.join(map(str, input.dims))}; give sites, and "
                "runs at most beside them"
            )
        if site in input.coords:
            self.check_grid(input.coords[site].values, site)
        turned = input.transpose(*rest, site, *last)
        values = turned.values if rest else turned.values[None]
        values = values if last else values[..., None]
        own = None if given is None else _turned(given, (*rest, site))
        answer = self.answer(values, own if rest or own is None else own[None])
        answer = answer if rest else answer[0]
        found = self._labelled(answer, turned.isel({last[0]: 0}, drop=True) if last else turned)
        return found.transpose(*(d for d in input.dims if d not in last), ...)

    def _labelled(self, answer: np.ndarray, like: Any) -> Any:
        """(…, response) with the labels of the input."""
        import xarray

        coords = {name: c for name, c in like.coords.items() if set(c.dims) <= set(like.dims)}
        names, dims = self.responses, like.dims
        if len(names) == 1:
            unit = self.units.get(names[0])
            attrs = {"units": unit} if unit else {}
            return xarray.DataArray(answer[..., 0], coords, dims, name=names[0], attrs=attrs)
        coords["response_channel"] = list(names)
        return xarray.DataArray(answer, coords, (*dims, "response_channel"), name="response")

    def _of_variables(self, input: Any, given: Any) -> Any:
        """A Dataset with a variable for each input; one with each response comes back."""
        import xarray

        if is_written(input):
            return of_written(self, input, given)
        missing = [name for name in self.inputs if name not in input]
        if missing:
            known = ", ".join(map(str, input.data_vars))
            raise DataError(f"the Dataset has no {missing[0]}, only {known}; rename one")
        together = xarray.concat([input[name] for name in self.inputs], "input_channel")
        if len(self.inputs) == 1:
            together = together.isel(input_channel=0, drop=True)
        if given is not None and kind_of(given) == "xarray.Dataset":
            given = xarray.concat([given[name] for name in self.responses], "response_channel")
        found = self._of_array(together, given)
        if len(self.responses) == 1:
            return found.to_dataset()
        return found.to_dataset("response_channel")

    def _of_frame(self, input: Any, given: Any) -> Any:
        """Long where the columns are the law's inputs, else wide; the index stays."""
        columns, index = columns_of_frame(input)
        known = columns_of(list(columns))
        called = {c.symbol for c in known} | {c.name for c in known} | {c.header for c in known}
        if not set(self.inputs) <= called:
            return self._of_wide(input, given)
        found = by_rows(self, columns, known, index, given)
        return type(input)(found, index=input.index, columns=list(self.responses))

    def _of_wide(self, input: Any, given: Any) -> Any:
        if len(self.inputs) > 1 or len(self.responses) > 1:
            raise DataError(
                f"the law takes {', '.join(self.inputs)}; give a table with columns of these names"
            )
        along = sites_are_columns(input, self.x, None)
        table = input if along else input.T
        if not counts(table.columns):
            self.check_grid(table.columns.to_numpy(), str(table.columns.name or self.x))
        own = None if given is None else np.asarray(given, float)
        own = own if own is None or along else own.T
        answer = self.answer(table.to_numpy(dtype=float), own)
        found = type(input)(answer, index=table.index, columns=table.columns)
        return found if along else found.T

    def _of_series(self, input: Any, given: Any) -> Any:
        """One run, or several by a level of the index."""
        if len(self.inputs) > 1:
            raise DataError(f"the law takes {', '.join(self.inputs)}; give a table of these")
        found = self._of_frame(input.to_frame(self.inputs[0]), given)
        return found[self.responses[0]] if len(self.responses) == 1 else found

    def check_grid(self, x: np.ndarray, name: str) -> None:
        """Raise `DataError` for a grid of another step."""
        seconds = seconds_of(x)
        values = x if seconds is None else seconds
        if len(values) < 2 or np.asarray(values).dtype.kind not in "iuf":
            return
        steps = np.diff(np.asarray(values, float))
        step = float(np.mean(steps))
        jitter = float(np.abs(steps - step).max()) / abs(step) if step else np.inf
        if not same_step(step, self.dx, min(jitter, _ROUNDED), len(values)):
            raise DataError(
                f"{name} has the step {step:.9g} and the law was found at {self.dx:.9g}: a law "
                "moves its state by steps of its own; bring the input on that grid"
            )


def _is_array(runs: Sequence[Any]) -> bool:
    """Whether a list holds numbers, or runs of equal lengths in plain lists: one array."""
    if any(isinstance(run, np.ndarray) or kind_of(run) != "arrays" for run in runs):
        return False
    return len({len(run) if isinstance(run, list | tuple) else -1 for run in runs}) <= 1


def _turned(given: Any, dims: Sequence[str]) -> np.ndarray:
    """What is given, by its dimensions where it has names for them."""
    if kind_of(given) == "xarray.DataArray":
        return given.transpose(*dims, ...).values
    return np.asarray(given, float)


class Predicting:
    """What `Theory` inherits to answer in the kind of what it is asked."""

    def predict(self, input: Any, given: Any = None) -> Any:
        """The responses to new inputs, by the law alone: the same preparation, the same dx.

        `input` is (runs, sites, channels), (runs, sites) or (sites,); the answer has the same
        leading axes and lacks the channel axis where the input does and there is one response. A
        list of runs of any lengths, a table of pandas or polars, a dict of columns, a Series, a
        DataArray, xarray Dataset or quantity of pint is answered in its kind; columns, dimensions
        and runs go by their names there. A `Dataset`, a file or a list of files is answered by a
        `Dataset`, whose response is the law's.
        `given`, of the shape of the answer or with fewer sites, holds what is known of the response
        (NaN where nothing is): each run's initial state is found from it. Only laws of runs that
        do not start alike look at it, and these need it.

        Raises `DataError` where the number of channels is another one, a value is not finite, or
        nothing is given of a run that needs it.
        """
        law: Any = self
        told = law.home[0]["dataset"] if law.home else {}
        inputs = told.get("input") or [f"u{k + 1}" for k in range(len(law.low))]
        responses = told.get("response") or list(law.statement.readout_law.terms) or ["y"]
        x, units = told.get("x", "x"), told.get("units", {})
        return Asking(law.answer, law.dx, inputs, responses, x, units, law.hold)(input, given)
