"""A dataset, and its parts, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from jaxtyping import Float64

_RUN = re.compile(r"(?<!free )(?<!Free )(?<!not )\b([Rr])un(s?)\b(?! (?:freely|round)\b)")


def in_words(data: Any) -> str:
    """What a `Dataset` holds, in one paragraph."""
    gaps, units = int((~data.observed).sum()), data.units
    return (
        f"Dataset of {counted(data.runs, 'run')} × {data.sites} sites, "
        f"{with_unit(data.x_name, units)} from {data.x[0]:.6g} to {data.x[-1]:.6g} in steps of "
        f"{data.dx:.6g}; input {in_ranges(data.input_names, data.input_range, units)} "
        f"({data.hold}-order hold); "
        f"response {of_variances(data.response_names, data.variance, units)}"
        f"{', with its errors' if data.response_error is not None else ''}"
        f"{f', {gaps} of {data.observed.size} samples missing' if gaps else ''}"
        f"{f'; from {data.source}' if data.source else ''}"
        f"{'; with its truth' if data.truth is not None else ''}."
    )


def as_html(data: Any) -> str:
    """What a `Dataset` holds, as a small table for notebooks."""
    rows = [
        (
            kind,
            with_unit(name, data.units),
            f"{np.nanmin(values[..., c]):.4g} to {np.nanmax(values[..., c]):.4g}",
            f"{np.sqrt(np.nanvar(values[..., c])):.4g}",
        )
        for kind, names, values in (
            ("input", data.input_names, data.input),
            ("response", data.response_names, data.response),
        )
        for c, name in enumerate(names)
    ]
    cells = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    heads = "".join(f"<th>{head}</th>" for head in ("", "channel", "range", "deviation"))
    remarks = "".join(f"<li>{escape(said)}</li>" for said in data.remarks)
    return (
        f"<div><p>{escape(in_words(data))}</p><table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{cells}</tbody></table>{f'<ul>{remarks}</ul>' if remarks else ''}</div>"
    )


def of_windows(text: str) -> str:
    """A sentence on runs for data whose runs are windows of records; a free run stays one."""
    return _RUN.sub(lambda found: ("W" if found[1] == "R" else "w") + "indow" + found[2], text)


def run_name(data: Any, run: int) -> str:
    """What a run of a `Dataset` is called: by its file or label, or else by its number."""
    return data.run_names[run] if data.run_names else f"run {run}"


def with_unit(name: str, units: Mapping[str, str]) -> str:
    """A name with its unit, if it has one: `V [nK]`."""
    return f"{name} [{units[name]}]" if name in units else name


def counted(number: int, what: str) -> str:
    """`1 run`, `3 runs`."""
    return f"1 {what}" if number == 1 else f"{number} {what}s"


def in_ranges(
    names: Sequence[str], ranges: Float64[np.ndarray, "channel 2"], units: Mapping[str, str]
) -> str:
    """`V [nK] from -1 to 3, u from 0 to 1`: the channels with their lowest and highest values."""
    return ", ".join(
        f"{with_unit(name, units)} from {low:.4g} to {high:.4g}"
        for name, (low, high) in zip(names, ranges, strict=True)
    )


def of_variances(
    names: Sequence[str], variances: Float64[np.ndarray, " channel"], units: Mapping[str, str]
) -> str:
    """`rho of variance 0.2`: the channels with their variances."""
    return ", ".join(
        f"{with_unit(name, units)} of variance {variance:.4g}"
        for name, variance in zip(names, variances, strict=True)
    )
