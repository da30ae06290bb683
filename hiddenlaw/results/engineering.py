"""What an engineer looks at in a driven law: its responses, and whether what it leaves is noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hiddenlaw.cells import DrivenCell, PolynomialCell
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.results.simulation import FreeRun
from hiddenlaw.theory.readings.frequency import frequency_response
from hiddenlaw.theory.readings.step import step_response
from hiddenlaw.theory.readings.whiteness import Correlations, correlations
from hiddenlaw.theory.theory import Theory

Arrays = dict[str, np.ndarray]


def engineering(
    theories: Sequence[Theory], heldout: Heldout, runs: Sequence[FreeRun]
) -> tuple[Arrays, dict[str, Any]]:
    """Arrays for the pictures, and what the record says of the residuals.

    Residuals are those of the first theory, if it is driven or a polynomial of its state, and
    responses if it is driven; `runs` are its free runs
    over the ends of records, none where the data are runs.
    """
    arrays = {name: values for run in runs for name, values in run.arrays.items()}
    if not theories or not isinstance(theories[0].law.cell, DrivenCell | PolynomialCell):
        return arrays, {}
    theory = theories[0]
    if isinstance(theory.law.cell, DrivenCell):
        arrays |= _responses(theory, runs, heldout)
    found = correlations(*(_ends(runs) if runs else _held_out(theory, heldout)))
    if found is None:
        return arrays, {}
    return arrays | _arrays_of(found), _told(found, heldout, bool(runs))


def _responses(theory: Theory, runs: Sequence[FreeRun], heldout: Heldout) -> Arrays:
    """Step and frequency responses; the step for no longer than a run that was looked at."""
    longest = max((len(run.x) for run in runs), default=heldout.judged.sites)
    with np.errstate(over="ignore", invalid="ignore"):
        step = step_response(theory)
        if step.x[-1] > longest * theory.dx:
            step = step_response(theory, np.linspace(0, longest * theory.dx, len(step.x)))
        bode = frequency_response(theory)
    return {
        "step/x": step.x,
        "step/values": step.values,
        "step/stderr": step.stderr,
        "frequency/omega": bode.omega,
        "frequency/magnitude": bode.magnitude,
        "frequency/log_stderr": bode.log_stderr,
        "frequency/phase": bode.phase,
        "frequency/phase_stderr": bode.phase_stderr,
    }


def _ends(runs: Sequence[FreeRun]) -> tuple[np.ndarray, np.ndarray]:
    """Residuals and inputs of free runs, missing behind the end of a shorter one."""
    longest = max(len(run.x) for run in runs)
    lefts, inputs = [], []
    for run in runs:
        behind = ((0, longest - len(run.x)), (0, 0))
        lefts.append(np.pad(run.left, behind, constant_values=np.nan))
        inputs.append(np.pad(run.input, behind, constant_values=np.nan))
    return np.stack(lefts), np.stack(inputs)


def _held_out(theory: Theory, heldout: Heldout) -> tuple[np.ndarray, np.ndarray]:
    """Residuals and inputs of the runs that no training saw."""
    with np.errstate(over="ignore", invalid="ignore"):
        left = heldout.judged.response - theory.answer_to(heldout)
    return np.where(np.isfinite(left), left, np.nan), np.asarray(heldout.input, float)


def _arrays_of(found: Correlations) -> Arrays:
    return {
        "correlation/lags": found.lags,
        "correlation/auto": found.auto,
        "correlation/auto_bound": found.auto_bound,
        "correlation/shifts": found.cross_lags,
        "correlation/cross": found.cross,
        "correlation/cross_bound": found.cross_bound,
    }


def _told(found: Correlations, heldout: Heldout, free: bool) -> dict[str, Any]:
    """What joins `residuals` in discovery.json."""
    data = heldout.judged
    whiteness = [
        {"response": name} | test.to_json()
        for name, test in zip(data.response_names, found.whiteness, strict=True)
    ]
    independence = [
        {"response": name, "input": pushed} | test.to_json()
        for name, row in zip(data.response_names, found.independence, strict=True)
        for pushed, test in zip(data.input_names, row, strict=True)
        if test is not None
    ]
    return {
        "of": "free run" if free else "held-out runs",
        "whiteness": whiteness,
        "cross_correlation": independence,
    }
