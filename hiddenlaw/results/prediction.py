"""What a law predicts for whole runs, and how that compares with what was measured of them.

The runs are prepared as those of the discovery were: cut to where they can be seen, and part of
their response given where each starts from a state of its own. What was not given is judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Int

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.describe import counted, run_name, with_unit
from hiddenlaw.data.described import Described, Rows, shortened
from hiddenlaw.data.grid import same_step
from hiddenlaw.data.heldout import measured_at
from hiddenlaw.data.misfit import run_errors
from hiddenlaw.data.visible import left_out_in_words, uncut
from hiddenlaw.errors import DataError, option
from hiddenlaw.preparations import Context, preparation_for

_NOTE = 200  # letters of a note in a description
_LISTED = 20  # runs that are named one by one


@runtime_checkable
class PredictingLaw(Protocol):
    """What is asked of a law here; a `Theory` gives it."""

    @property
    def dx(self) -> float: ...
    @property
    def hold(self) -> str: ...
    @property
    def own_starts(self) -> bool: ...
    @property
    def predict(self) -> Any: ...
    @property
    def out_of_range(self) -> Any: ...


@dataclass(frozen=True, eq=False, repr=False)
class Prediction(Described):
    """Predicted responses, and what to know about them.

    - `data`: the runs with the responses that the law predicts, NaN where a run cannot be seen.
    - `runs` (run,): the numbers of these runs among those that were given.
    - `errors` (run,): of every run the mean square error over its own variance, of the samples that
      were not given to find its start; NaN where none is left or was measured.
    - `outside` (run,): whether its input leaves the range that the law was found in.
    - `used_up`: the numbers of runs whose measured samples were all given, so that none is left to
      judge by.
    - `left_out`: how many runs stand above their noise at too few sites.
    - `notes`: sentences that a reader should see.
    """

    data: Dataset
    runs: Int[np.ndarray, " run"]
    errors: Float[np.ndarray, " run"]
    outside: Bool[np.ndarray, " run"]
    used_up: Int[np.ndarray, " used"]
    left_out: int
    notes: tuple[str, ...]

    def _said(self) -> tuple[str, Rows]:
        data, seen = self.data, np.isfinite(self.errors)
        names = ", ".join(with_unit(name, data.units) for name in data.response_names)
        title = f"Prediction of {names} in {counted(data.runs, 'run')} × {data.sites} sites"
        rows = [("error over each run's variance", "nothing is left to judge by")]
        if seen.any():
            worst = int(np.nanargmax(self.errors))
            rows = [
                ("error over each run's variance", f"{np.nanmedian(self.errors):.2g} (median)"),
                ("largest", f"{self.errors[worst]:.2g}, {run_name(data, worst)}"),
            ]
        if self.outside.any():
            rows.append(
                ("outside the law's range of inputs", counted(int(self.outside.sum()), "run"))
            )
        return title, [*rows, *(("note", shortened(note, _NOTE)) for note in self.notes)]


def predict_runs(
    law: PredictingLaw, data: Dataset, record: Mapping[str, Any], context: int | None = None
) -> Prediction:
    """What `law`, one of the theories of a discovery of this `record`, predicts for `data`.

    Where runs start each from a state of its own only the first `context` samples of each are
    looked at, if that is given; otherwise as many as in the discovery.

    Raises `DataError` for data on another grid, with other channels, or without the samples that
    are needed to find where runs start.
    """
    _check_like(law, data, record)
    chosen = record["settings"]
    started = (
        record.get("initial_state", {}).get("choice", "shared") if law.own_starts else "shared"
    )
    if context is not None and law.own_starts:
        started = Context.name
    preparation = preparation_for(started, chosen.get("run_constants") or 0)
    cut, runs = preparation.seen(data, fewest=1)
    left_out = data.runs - len(runs)
    looked_at = context or chosen.get("context")
    given = preparation.given(cut, looked_at)
    _check_given(given, cut, law)
    if context is not None and law.own_starts and given.all():
        raise DataError(
            f"a context of {looked_at} samples leaves nothing to predict of runs of {cut.sites}; "
            "take fewer"
        )
    shown = np.where(given[..., None], cut.response, np.nan) if law.own_starts else None
    answer = law.predict(cut.input, shown)
    errors, judged = _judged(answer, cut, given)
    used_up = runs[~judged] if law.own_starts else runs[:0]
    return Prediction(
        data=_predicted(answer, cut, data, law.hold),
        runs=runs,
        errors=errors,
        outside=np.asarray(law.out_of_range(cut.input)),
        used_up=used_up,
        left_out=left_out,
        notes=tuple(_notes(law, data, used_up, left_out)),
    )


def listed(runs: Int[np.ndarray, " run"], names: Sequence[str] = ()) -> str:
    """Runs in words, by their names or else their numbers, the first twenty of them."""
    more = " …" if len(runs) > _LISTED else ""
    if names:
        return ", ".join(names[int(run)] for run in runs[:_LISTED]) + more
    return f"runs {', '.join(map(str, runs[:_LISTED].tolist()))}{more}, counted from 0"


def _check_like(law: PredictingLaw, data: Dataset, record: Mapping[str, Any]) -> None:
    """Raise `DataError` unless the data are like those that the law was found from."""
    if not same_step(data.dx, law.dx, data.jitter, data.sites):
        counted = data.dx == 1 and data.x[0] == 1 and not data.units.get(data.x_name)
        raise DataError(
            f"{data.source or 'the data'} has dx = {data.dx:.9g} and the law was found at "
            f"{law.dx:.9g}: a law moves its state by steps of its own, so bring data on the same "
            f"grid, or put them on it with {option('resample', law.dx)}"
            + (
                f"; if the data do not say where samples are, {option('dx', law.dx)}"
                if counted
                else ""
            )
        )
    names = record["dataset"]["response"]
    if len(names) != data.response.shape[2]:
        raise DataError(
            f"the law predicts {', '.join(names)} and these data have the response "
            f"{', '.join(data.response_names)}; name as many with "
            f"{option('response')}"
        )


def _check_given(given: Bool[np.ndarray, "run site"], data: Dataset, law: PredictingLaw) -> None:
    """Raise `DataError` where a run was not measured at any site that its start is found from."""
    lacking = ~(given & data.observed.any(axis=2)).any(axis=1)
    if law.own_starts and lacking.any():
        raise DataError(
            f"{run_name(data, int(np.argmax(lacking)))} has no measured sample of the response "
            "among those that its start is found from; look at more with a longer context "
            f"({option('context')}), or drop the run"
        )


def _judged(
    answer: Float[np.ndarray, "run site response"],
    data: Dataset,
    given: Bool[np.ndarray, "run site"],
) -> tuple[Float[np.ndarray, " run"], Bool[np.ndarray, " run"]]:
    """The error of every run over what was not given, and which runs have anything left."""
    left = np.any(data.observed.any(axis=2) & ~given, axis=1)
    errors = np.full(data.runs, np.nan)
    if left.any():
        errors[left] = run_errors(
            answer[left], measured_at(data.select_runs(np.flatnonzero(left)), ~given[left])
        )
    return errors, left


def _predicted(
    answer: Float[np.ndarray, "run site response"], cut: Dataset, data: Dataset, hold: str
) -> Dataset:
    """The runs of `data` with the answer as their response, on the grid of `data`."""
    if cut is data:
        return replace(data, response=answer, response_error=None, truth=None, hold=hold)
    # What cannot be seen of them cannot be predicted.
    whole = uncut(answer, data)
    there = np.flatnonzero(np.isfinite(whole).any(axis=(1, 2)))
    return replace(
        data.select_runs(there),
        response=whole[there],
        response_error=None,
        truth=None,
        allow_missing=True,
    )


def _notes(
    law: PredictingLaw, data: Dataset, used_up: Int[np.ndarray, " run"], left_out: int
) -> list[str]:
    said = []
    if len(used_up):
        said.append(
            "all samples were needed to find the start, none is left to judge: "
            + listed(used_up, data.run_names)
        )
    if left_out:
        said.append(left_out_in_words(left_out))
    if data.hold != law.hold:
        said.append(f"the input is taken with the law's hold, {law.hold}, not {data.hold}")
    return said
