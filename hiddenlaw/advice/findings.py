"""What data hold, in words: what `hiddenlaw check` shows of them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool

from hiddenlaw.advice.richness import advise_hold, richness
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.records import is_record, lengths_of


def findings(dataset: Dataset, *, gridded: bool) -> list[tuple[str, str]]:
    """What to say of the data, each with what it is about; without a grid where they have none."""

    def named(name: str) -> str:
        return f"{name} [{dataset.units[name]}]" if name in dataset.units else name

    rows = [
        ("runs", str(dataset.runs)),
        ("sites", _sites(dataset)),
        ("hold", f"{dataset.hold}-order"),
    ]
    if gridded:
        x = dataset.x
        rows[2:2] = [
            ("dx", f"{dataset.dx:.9g}"),
            (named(dataset.x_name), f"{x[0]:.6g} to {x[-1]:.6g}"),
        ]
    for channel, name in enumerate(dataset.input_names):
        low, high = dataset.input_range[channel]
        rows.append((f"input {named(name)}", f"{low:.6g} to {high:.6g}"))
    for channel, name in enumerate(dataset.response_names):
        column = dataset.response[:, :, channel]
        variance = dataset.variance[channel]
        rows.append(
            (
                f"response {named(name)}",
                f"{np.nanmin(column):.6g} to {np.nanmax(column):.6g}, variance {variance:.6g}",
            )
        )
    rows += _advice(dataset)
    errors = dataset.response_error
    if errors is None:
        rows.append(("errors of the response", "not given; all samples count alike"))
    else:
        seen = errors[dataset.observed]
        rows.append(("errors of the response", f"given, {seen.min():.6g} to {seen.max():.6g}"))
    inside = _inside(dataset)
    gaps = ~dataset.observed & inside[..., None]
    if gaps.any():
        affected = int(gaps.any(axis=(1, 2)).sum())
        there = int(inside.sum()) * gaps.shape[2]
        rows.append(
            (
                "missing samples",
                f"{gaps.sum()} of {there} ({100 * gaps.sum() / there:.3g} %), "
                f"in {affected} of {dataset.runs} runs" + ("" if gridded else ", or no numbers"),
            )
        )
    rows.append(("NaN or infinite", "none but the missing samples" if gaps.any() else "none"))
    rows.append(("truth", "in the file, not read by discovery" if dataset.truth else "none"))
    return rows


def _inside(dataset: Dataset) -> Bool[np.ndarray, "run site"]:
    """Which sites lie within runs: behind the end of a shorter one nothing was measured, and its
    input stays as it was.
    """
    last = lengths_of(dataset) - 1
    still = dataset.input == dataset.input[np.arange(dataset.runs), last][:, None]
    behind = np.arange(dataset.sites) > last[:, None]
    moves = np.cumsum(~still.all(axis=2)[:, ::-1], axis=1)[:, ::-1] > 0
    return np.asarray(~behind | moves)


def _sites(dataset: Dataset) -> str:
    """How many a run has; shorter runs are those whose response is missing at the end."""
    lengths = lengths_of(dataset)
    said = f"{lengths.min()} to {lengths.max()}"
    said = str(dataset.sites) if lengths.min() == dataset.sites else said
    return said + ("; cut into windows for a discovery" if is_record(dataset) else "")


def _advice(dataset: Dataset) -> list[tuple[str, str]]:
    """What the inputs can tell apart, and the hold that suits them."""
    found = richness(dataset)
    rows = [
        (
            f"variation of {channel.name}",
            f"standard deviation {channel.within:.4g} within runs, {channel.between:.4g} between; "
            f"{channel.modes:.2g} modes; excites to order {channel.order} of {channel.window}",
        )
        for channel in found.channels
    ]
    apart = [term for term in found.terms if term not in found.inseparable]
    rows.append(("terms told apart", ", ".join(apart)))
    hold, reason = advise_hold(dataset)
    rows.append(("hold advised", f"{hold}, unless it is known better: {reason}"))
    return [*rows, *(("warning", text) for text in found.warnings)]
