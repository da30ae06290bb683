"""Several datasets as one: the runs of all, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.grid import same_step, starts_in_words
from hiddenlaw.data.padding import filled_up, inside_of, missing_behind
from hiddenlaw.data.truth import Truth
from hiddenlaw.data.unit_changes import in_units_of
from hiddenlaw.errors import DataError


def joined(parts: Sequence[Dataset]) -> Dataset:
    """The runs of all parts as those of one dataset, the shorter ones filled up.

    Channels go by their names, whatever their order. Truth is kept where all parts have the same.
    Other units of the same kind are converted to those of the first part, where pint is there.
    Raises `DataError` for parts of other channels, steps, units or holds: all that disagree at
    once, each by its source.
    """
    parts = [in_units_of(parts[0], part) for part in parts]
    faults = _disagreements(parts)
    if faults:
        raise DataError(f"{'; '.join(faults)}; runs of one law need the same in all files")
    first = parts[0]
    every = [_like(first, part) for part in parts]
    longest = max(every, key=lambda part: part.sites)
    starts = np.array([part.x[0] for part in every])
    moved = longest.x[0] != first.x[0]
    remarks = [said for part in every for said in part.remarks]
    remarks += starts_in_words(starts, first.dx, first.x_name)
    inside = inside_of([part.sites for part in every for _ in range(part.runs)])
    errors = [part.response_error for part in every if part.response_error is not None]
    return replace(
        first,
        x=longest.x - longest.x[0] + first.x[0] if moved else longest.x,
        input=_runs_of([part.input for part in every]),
        response=missing_behind(_runs_of([part.response for part in every]), inside),
        response_error=_runs_of(errors) if errors else None,
        units={name: unit for part in parts[::-1] for name, unit in part.units.items()},
        source=", ".join(dict.fromkeys(part.source for part in parts if part.source)),
        truth=_truth_of([part.truth for part in parts]),
        allow_missing=any(part.allow_missing for part in parts) or not bool(inside.all()),
        jitter=max(part.jitter for part in every),
        remarks=tuple(dict.fromkeys(remarks)),
        run_names=_names(parts),
    )


def _names(parts: Sequence[Dataset]) -> tuple[str, ...]:
    """What every run is called: by its file, and by its own name where that has several."""
    if not all(part.source for part in parts):
        return ()
    files = [PurePath(part.source).name for part in parts]
    if len(set(files)) < len(files):
        files = [part.source for part in parts]
    return tuple(
        f"{file}, {own}" if part.runs > 1 else file
        for file, part in zip(files, parts, strict=True)
        for own in (part.run_names or [f"run {number}" for number in range(part.runs)])
    )


def _disagreements(parts: Sequence[Dataset]) -> list[str]:
    """What each part has otherwise than the first one, in words."""
    first, faults = parts[0], []
    for part in parts[1:]:
        faults += [
            f"{part.source} has the {what}, where {first.source} has {others}"
            for what, others in _differing(part, first)
        ]
    return faults


def _differing(part: Dataset, first: Dataset) -> list[tuple[str, str]]:
    found = [
        (f"{kind} {', '.join(own)}", ", ".join(others))
        for kind, own, others in (
            ("input", part.input_names, first.input_names),
            ("response", part.response_names, first.response_names),
        )
        if sorted(own) != sorted(others)
    ]
    sites = min(part.sites, first.sites)
    if not same_step(part.dx, first.dx, part.jitter + first.jitter, sites):
        found.append((f"step {part.dx:.9g}", f"{first.dx:.9g}"))
    for name in sorted(part.units.keys() & first.units.keys()):
        if part.units[name] != first.units[name]:
            found.append((f"unit {part.units[name]} of {name}", first.units[name]))
    if part.hold != first.hold:
        found.append((f"hold {part.hold}", first.hold))
    if (part.response_error is None) != (first.response_error is None):
        without = part.response_error is None
        found.append(("response without errors", "them") if without else ("errors", "none"))
    return found


def _like(first: Dataset, part: Dataset) -> Dataset:
    """The part with its channels in the order of the first."""
    if (part.input_names, part.response_names) == (first.input_names, first.response_names):
        return part
    inputs = [part.input_names.index(name) for name in first.input_names]
    responses = [part.response_names.index(name) for name in first.response_names]
    error = part.response_error
    return replace(
        part,
        input=part.input[:, :, inputs],
        response=part.response[:, :, responses],
        response_error=None if error is None else error[:, :, responses],
        input_names=first.input_names,
        response_names=first.response_names,
    )


def _runs_of(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return filled_up([run for array in arrays for run in array])


def _truth_of(truths: Sequence[Truth | None]) -> Truth | None:
    """The states of all, where all are of one system with the same constants."""
    known = [truth for truth in truths if truth is not None]
    if len(known) < len(truths):
        return None
    first = known[0]
    for truth in known[1:]:
        if (truth.system, dict(truth.parameters), truth.states.keys()) != (
            first.system,
            dict(first.parameters),
            first.states.keys(),
        ):
            return None
    states = {name: _runs_of([truth.states[name] for truth in known]) for name in first.states}
    return replace(first, states=states)
