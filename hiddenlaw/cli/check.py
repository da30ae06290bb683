"""`hiddenlaw check`: what a data file holds, and whether a law can be sought in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hiddenlaw.cli._data import (
    AllowMissing,
    DataPath,
    ErrorNames,
    InputNames,
    ResponseNames,
    RunName,
    XName,
    load_data,
)

if TYPE_CHECKING:
    from hiddenlaw.data.dataset import Dataset


def check(
    data: DataPath,
    input: InputNames = None,
    response: ResponseNames = None,
    x: XName = None,
    run: RunName = None,
    response_error: ErrorNames = None,
    allow_missing: AllowMissing = False,
) -> None:
    """Show what a data file holds; fail with the reason if discovery cannot use it."""
    from rich.console import Console
    from rich.table import Table

    from hiddenlaw.data.discoverable import check_discoverable
    from hiddenlaw.errors import DataError

    dataset = load_data(data, input, response, x, run, response_error, allow_missing)
    problem: DataError | None = None
    try:
        check_discoverable(dataset)
    except DataError as found:
        problem = found
    table = Table(title=str(data), title_justify="left", show_header=False)
    for what, value in _rows(dataset):
        table.add_row(what, value)
    table.add_row("discovery", f"cannot use it: {problem}" if problem else "can use it")
    Console(markup=False).print(table)
    if problem:
        raise problem


def _rows(dataset: Dataset) -> list[tuple[str, str]]:
    import numpy as np

    def named(name: str) -> str:
        return f"{name} [{dataset.units[name]}]" if name in dataset.units else name

    rows = [
        ("runs", str(dataset.runs)),
        ("sites", str(dataset.sites)),
        ("dx", f"{dataset.dx:.9g}"),
        (named(dataset.x_name), f"{dataset.x[0]:.6g} to {dataset.x[-1]:.6g}"),
        ("hold", f"{dataset.hold}-order"),
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
    gaps = ~dataset.observed
    if gaps.any():
        affected = int(gaps.any(axis=(1, 2)).sum())
        rows.append(
            (
                "missing samples",
                f"{gaps.sum()} of {gaps.size} ({100 * gaps.mean():.3g} %), "
                f"in {affected} of {dataset.runs} runs",
            )
        )
    rows.append(("NaN or infinite", "none but the missing samples" if gaps.any() else "none"))
    rows.append(("truth", "in the file, not read by discovery" if dataset.truth else "none"))
    return rows


def _advice(dataset: Dataset) -> list[tuple[str, str]]:
    """What the inputs can tell apart, and the hold that suits them."""
    from hiddenlaw.advice.richness import advise_hold, richness

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
