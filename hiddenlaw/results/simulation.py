"""The free run over the end of a record, which no training saw: the test that a law has to stand.

Only the first samples of the end are looked at, to find where it starts; from there on the law has
the input alone. That nothing is given in between is what makes it a test.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hiddenlaw.data.records import Records
from hiddenlaw.preparations import Context
from hiddenlaw.theory.theory import Theory


def along_records(
    record: Mapping[str, Any], theories: Sequence[Theory], records: Records
) -> dict[str, Any]:
    """What discovery.json says of records: how they were cut, and the first theory's free run."""
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
        "simulation": simulation(theories[0], records) if theories else [],
    }


def simulation(theory: Theory, records: Records) -> list[dict[str, Any]]:
    """The free run over the end of every record: an entry each.

    `rmse` by response, in its unit; `relative` to the standard deviation of that response over all
    records; `error` over the variance, of all responses the mean.
    """
    before = math.ceil(max(theory.late, default=0.0) - 1e-9)
    return [_entry(theory, records, record, before) for record in range(records.whole.runs)]


def _entry(theory: Theory, records: Records, record: int, before: int) -> dict[str, Any]:
    run, given = records.end(record, before)
    answer = theory.predict(run.input, given)[0]
    ahead = slice(before + records.context, None)
    measured = run.response[0][ahead]
    with np.errstate(over="ignore", invalid="ignore"):
        square = np.nanmean((answer[ahead] - measured) ** 2, axis=0)
    names, begin = run.response_names, int(records.begins[record])
    relative = np.sqrt(square / records.whole.variance)
    return {
        "record": record,
        "context": records.context,
        "from": float(records.whole.x[begin]),
        "to": float(records.whole.x[int(records.ends[record]) - 1]),
        "samples": len(measured),
        "error": _finite(np.mean(relative**2)),
        "rmse": {name: _finite(each) for name, each in zip(names, np.sqrt(square), strict=True)},
        "relative": {name: _finite(each) for name, each in zip(names, relative, strict=True)},
    }


def _finite(value: float | np.floating) -> float | None:
    return float(value) if np.isfinite(value) else None
