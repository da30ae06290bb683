"""The free run over the end of a record, which no training saw: the test that a law has to stand.

Only the first samples of the end are looked at, to find where it starts; from there on the law has
the input alone. That nothing is given in between is what makes it a test.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.records import Records
from hiddenlaw.preparations import Context
from hiddenlaw.theory.theory import Theory


@dataclass(frozen=True, eq=False)
class FreeRun:
    """The end of a record, as measured and as a law has it: nothing is given but the context.

    - `name`: what the record is called.
    - `x` (sample,): from the first sample of the context on, on the record's own axis.
    """

    record: int
    context: int
    x: Float[np.ndarray, " sample"]
    input: Float[np.ndarray, "sample channel"]
    measured: Float[np.ndarray, "sample response"]
    predicted: Float[np.ndarray, "sample response"]
    name: str = ""

    @property
    def left(self) -> Float[np.ndarray, "sample response"]:
        """Measured less predicted; NaN over the context and where there is nothing to compare."""
        with np.errstate(over="ignore", invalid="ignore"):
            found = self.measured - self.predicted
        found[: self.context] = np.nan
        return np.where(np.isfinite(found), found, np.nan)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """For the pictures, in models.npz."""
        place = f"free_run/{self.record}"
        return {
            f"{place}/x": self.x,
            f"{place}/measured": self.measured,
            f"{place}/predicted": self.predicted,
        }


def free_runs(theories: Sequence[Theory], records: Records | None) -> tuple[FreeRun, ...]:
    """The first theory's, over the end of every record; none without theories or records."""
    if records is None or not theories:
        return ()
    theory = theories[0]
    before = math.ceil(max(theory.late, default=0.0) - 1e-9)
    return tuple(_free_run(theory, records, each, before) for each in range(records.whole.runs))


def _free_run(theory: Theory, records: Records, record: int, before: int) -> FreeRun:
    run, given = records.end(record, before)
    answer = theory.predict(run.input, given)[0]
    part = slice(int(records.begins[record]), int(records.ends[record]))
    return FreeRun(
        record,
        records.context,
        records.whole.x[part],
        run.input[0, before:],
        run.response[0, before:],
        answer[before:],
        "".join(records.whole.run_names[record : record + 1]),
    )


def along_records(
    record: Mapping[str, Any], records: Records | None, runs: Sequence[FreeRun]
) -> dict[str, Any]:
    """What discovery.json says of records: how they were cut, and the first theory's free runs."""
    if records is None:
        return {}
    start = dict(record["initial_state"])
    if start["choice"] == Context.name:
        start["reason"] = "a window starts wherever its record is then"
    return {
        "initial_state": start,
        "records": {
            "said": records.said,
            "samples": records.ends.tolist(),
            "held_out_from": records.begins.tolist(),
            "window": records.windows.sites,
        },
        "simulation": simulation(runs, records),
    }


def simulation(runs: Sequence[FreeRun], records: Records) -> list[dict[str, Any]]:
    """An entry for the free run of every record.

    `rmse` by response, in its unit; `relative` to the standard deviation of that response over all
    records; `fit`, 1 − |y − ŷ| / |y − mean y| over the samples that are predicted, as System
    Identification Toolboxes tell it; `error` over the variance, of all responses the mean.
    """
    return [_entry(run, records) for run in runs]


def _entry(run: FreeRun, records: Records) -> dict[str, Any]:
    ahead = slice(run.context, None)
    with np.errstate(over="ignore", invalid="ignore"):
        square = np.nanmean((run.predicted[ahead] - run.measured[ahead]) ** 2, axis=0)
    names = records.whole.response_names
    relative = np.sqrt(square / records.whole.variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        fit = 1 - np.sqrt(square / np.nanvar(run.measured[ahead], axis=0))
    return {
        "record": run.record,
        "name": run.name or f"record {run.record}",
        "context": run.context,
        "from": float(run.x[0]),
        "to": float(run.x[-1]),
        "samples": len(run.x) - run.context,
        "error": _finite(np.mean(relative**2)),
        "rmse": {name: _finite(each) for name, each in zip(names, np.sqrt(square), strict=True)},
        "relative": {name: _finite(each) for name, each in zip(names, relative, strict=True)},
        "fit": {name: _finite(each) for name, each in zip(names, fit, strict=True)},
    }


def _finite(value: float | np.floating) -> float | None:
    return float(value) if np.isfinite(value) else None
