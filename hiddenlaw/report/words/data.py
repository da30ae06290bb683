"""What was looked at: the data and the translator, as labelled lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.data.describe import counted
from hiddenlaw.report.found import constant_over_cells, record_name
from hiddenlaw.report.names import unit_of
from hiddenlaw.report.values import MISSING, as_float, compact, rounded, with_error
from hiddenlaw.report.words.residuals import whiteness

_DRIFTS, _FAR = 4.0, 0.1  # times what is left of windows; of the variance
_LASTS = 0.1  # correlation of what is left with its neighbours

_HOLDS = {
    "zero": "constant over each cell",
    "first": "linear between samples",
    "cubic": "a cubic spline through its samples",
}


def hold(record: Mapping[str, Any]) -> str:
    """How the input runs between samples."""
    name = str(record["dataset"].get("hold", ""))
    return _HOLDS.get(name, name)


def looked_at(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The data and the translator, as labelled lines."""
    data = record["dataset"]
    lines = [
        ("data", str(data.get("source") or "")),
        ("size", _size(record)),
        ("input", _inputs(record)),
        ("dead time", _dead_times(record)),
        ("instrument", _instrument(record)),
        ("response", ", ".join(name + _unit(data, name, " in ") for name in data["response"])),
        ("initial state", _initial_state(record)),
        ("translator", _translator(record)),
        ("noise floor", _noise(record)),
        ("free run", _free_run(record)),
        ("residuals", whiteness(record)),
    ]
    return [(label, text) for label, text in lines if text]


def _dead_times(record: Mapping[str, Any]) -> str:
    """How late each input acts, where one does."""
    data = record["dataset"]
    x = str(data.get("x", "x"))
    late = [
        f"{entry['input']} acts {with_error(entry['value'], entry['stderr'])}"
        + _unit(data, x, " ")
        + f" late ({compact(entry['ci95'][0], 4)} to {compact(entry['ci95'][1], 4)} in 95 %)"
        for entry in record.get("dead_time") or ()
        if entry["value"]
    ]
    if late and constant_over_cells(record):
        late[-1] += ", counted from the beginning of the step that ends at a response"
    return "; ".join(late)


def _free_run(record: Mapping[str, Any]) -> str:
    """How a law does over the ends of records, from the input alone."""
    data, said = record["dataset"], []
    several = len(record.get("simulation") or ()) > 1
    for entry in record.get("simulation") or ():
        of = f"{record_name(entry)}: " if several else ""
        figures = ", ".join(
            f"{compact(entry['relative'].get(name), 2)} of the standard deviation of {name} "
            f"({compact(left, 3)}{_unit(data, name, ' ')})"
            for name, left in entry["rmse"].items()
        )
        said.append(
            f"{of}off by {figures}, root mean square over {entry['samples']:,} samples at the end "
            f"that no training saw, from the {entry['context']} before them and the input alone"
        )
    return "; ".join(said) + (_drift(record) if said else "")


def _drift(record: Mapping[str, Any]) -> str:
    """Why windows are the fair test of a law that nothing pulls back, where that shows."""
    theories, cut = record.get("theories") or (), record.get("records") or {}
    ends = [entry.get("error") for entry in record["simulation"]]
    left = theories[record.get("selected") or 0].get("heldout_error") if theories else None
    if left is None or not cut.get("window"):
        return ""
    if all(end is not None and end <= max(_DRIFTS * left, _FAR) for end in ends):
        return ""
    return (
        f". Over windows of {cut['window']} samples it is off by {compact(left**0.5, 2)} of the "
        "standard deviation: errors of the start grow along the whole end, as they do where little "
        "or nothing pulls a response back, and windows are the fairer test"
    )


def _instrument(record: Mapping[str, Any]) -> str:
    """What was taken off the data before the law was found."""
    data, found = record["dataset"], record.get("instrument") or {}
    x = _unit(data, str(data.get("x", "x")))
    said = []
    for entry in found.get("alignment") or ():
        late = "earlier" if entry["value"] < 0 else "later"
        value = with_error(abs(entry["value"]), entry["stderr"])
        said.append(f"{entry['input']} acts {value}{x} {late} than it was recorded")
    for entry in found.get("blur") or ():
        value = with_error(entry["value"], entry["stderr"])
        said.append(f"the response is blurred, by a Gaussian of width {value}{x}")
    for entry in found.get("background") or ():
        constant, slope = (entry[key] for key in ("constant", "slope"))
        said.append(
            f"under {entry['response']} stands {with_error(constant['value'], constant['stderr'])}"
            f" at the first site, with a slope of {with_error(slope['value'], slope['stderr'])}"
        )
    said += [_friction(entry, data) for entry in found.get("friction") or ()]
    return "; ".join(said)


def _friction(entry: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """What friction takes of the push, and against what."""
    unit, moves = _unit(data, entry["input"]), entry["against"]
    low, high = entry["ci95"]
    said = (
        f"friction takes {with_error(entry['value'], entry['stderr'])}{unit} of {entry['input']} "
        f"against {moves} ({compact(low, 4)} to {compact(high, 4)} in 95 %); "
        "gain and coefficients are those without it"
    )
    if "width" not in entry:
        return said
    width = entry["width"]
    return f"{said}; it sets in over {with_error(width['value'], width['stderr'])} of {moves}"


def _size(record: Mapping[str, Any]) -> str:
    data, cut = record["dataset"], record.get("records")
    x = data.get("x", "x")
    if cut:
        return f"{cut['said']}; d{x} = {with_error(data.get('dx'))}{_unit(data, x)}"
    size = f"{data['runs']} runs of {data['sites']} sites, d{x} = {with_error(data.get('dx'))}"
    size += _unit(data, x)
    if record.get("heldout_runs"):
        size += f"; {counted(int(record['heldout_runs']), 'run')} held out"
    return size


def _inputs(record: Mapping[str, Any]) -> str:
    data = record["dataset"]
    ranges = data.get("input_range") or [None] * len(data["input"])
    inputs = [
        name
        + (f" from {compact(span[0], 4)} to {compact(span[1], 4)}" if span else "")
        + _unit(data, name)
        for name, span in zip(data["input"], ranges, strict=False)
    ]
    return f"{', '.join(inputs)}; {hold(record)}"


def _initial_state(record: Mapping[str, Any]) -> str:
    start = record.get("initial_state") or {}
    if not start:
        return ""
    reason = f": {start['reason']}" if start.get("reason") else ""
    return f"{start.get('choice', MISSING)}{reason}"


def _translator(record: Mapping[str, Any]) -> str:
    translator = record.get("translator") or {}
    if not translator:
        return ""
    text = f"{translator.get('cell', 'recurrent')} cell of {translator.get('hidden', MISSING)}"
    text += f" hidden units; held-out error {rounded(translator.get('heldout_error'))}"
    seeds = translator.get("seed_errors") or []
    lost = sum(seed is None or seed[0] is None for seed in seeds)
    if seeds:
        count = "1 seed" if len(seeds) == 1 else f"{len(seeds)} seeds"
        text += f" ({count}{f', {lost} diverged' if lost else ''})"
    return text


def _noise(record: Mapping[str, Any]) -> str:
    noise = (record.get("noise") or {}).get("relative") or {}
    shares = [
        f"{rounded(value)} of the standard deviation of {name}" for name, value in noise.items()
    ]
    if not shares:
        return ""
    left = record.get("residuals") or {}
    lasting = as_float(left.get("memory")) > _LASTS and record.get("verdict") == "law"
    more = ", and it lasts from site to site" if lasting else ""
    return f"{', '.join(shares)}: what nothing that was tried explains{more}"


def _unit(data: Mapping[str, Any], name: str, before: str = " ") -> str:
    unit = unit_of(data.get("units"), name)
    return f"{before}{unit}" if unit else ""
