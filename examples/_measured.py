"""What the examples on measured records share: options, the ends of records, a table, a figure."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from _output_error import OutputError, fitted

import hiddenlaw as hl

RECORDS = Path(__file__).resolve().parents[2] / "shared" / "data"  # no part of the project
_LISTED = 3  # pieces whose errors are listed each


def asked(doc: str | None, name: str, arguments: list[str] | None) -> argparse.Namespace:
    """The options of an example, `record` and `figure`; stops where there is no record."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("record", type=Path, nargs="?", help=f"where {name} lies")
    parser.add_argument("--figure", type=Path, help="save a picture of the free run here")
    options = parser.parse_args(arguments)
    if options.record is None:
        options.record = RECORDS / name
        if not options.record.is_file():
            print(f"The record {name} is not part of the project and not in {RECORDS}; "
                  f"where you have it, name it: {parser.prog} PATH")  # fmt: skip
            raise SystemExit(0)
    if not options.record.is_file():
        raise SystemExit(f"There is no file {options.record}; name that of {name}.")
    return options


def read(record: Path, **columns: Any) -> hl.Dataset:
    """The record, told; stops in one line where the file is another one."""
    try:
        data = hl.load(record, **columns)
    except hl.HiddenlawError as problem:
        raise SystemExit(f"{record} is not the record of this example: {problem}") from None
    print(data)
    return data


def discovered(data: hl.Dataset, **options: Any) -> hl.Discovery:
    """What is found, told; stops in one line where the data are no long records."""
    try:
        found = hl.discover(data, **options)
    except hl.HiddenlawError as problem:
        raise SystemExit(f"{data.source} is not the record of this example: {problem}") from None
    if "records" not in found.record:
        raise SystemExit(f"{data.source} is not the record of this example: it holds {data.runs} "
                         "runs, and one long record, or two or three, are asked for")  # fmt: skip
    tell(found)
    return found


def compare(ends: Ends, fits: dict[str, OutputError], figure: Path | None) -> None:
    """The table, and the picture if it was asked for."""
    side_by_side(ends, fits)
    if figure:
        draw(ends, fits, figure)


def driven(doc: str | None, name: str, arguments: list[str] | None, *, orders: Sequence[int],
           delays: Sequence[int] = (0,), **columns: Any) -> None:  # fmt: skip
    """A whole example: a driven law beside linear fits of these orders and delays."""
    options = asked(doc, name, arguments)
    data = read(options.record, **columns)
    ends = Ends(data, discovered(data, family="driven"))
    fits = {f"SciPy, order {order}": fitted(ends.training, order, delays) for order in orders}
    compare(ends, fits, options.figure)


def tell(found: hl.Discovery) -> None:
    """Verdict, equation, and what is read off the law, with 95 % intervals."""
    print(f"\nhiddenlaw's verdict: {found.verdict} ({found.record['verdict_reason']})")
    if found.theories:
        print(f"    {found.theory.equation}")
        for reading in found.theory.readings:
            low, high = reading.ci95
            told = f"{reading.name} = {reading.value:.4g} {reading.unit}".rstrip()
            void = "" if reading.stderr < abs(reading.value) else ": the record does not tell it"
            print(f"    {told}, 95 % from {low:.4g} to {high:.4g}{void}")


class Ends:
    """The ends of records, which no training saw, and what models answer there.

    A model is given the input, and of the response the first samples (`context`), which say where
    it starts. With `window` the ends are cut into pieces of so many samples, each with a start.
    """

    def __init__(self, data: hl.Dataset, found: hl.Discovery, window: int | None = None):
        told = found.record["records"]
        self.data, self.found, self.context = data, found, told["window"] // 4
        self.whole, self.training, self.pieces = [], [], []
        parts = zip(told["held_out_from"], told["samples"], strict=True)
        for run, (begin, end) in enumerate(parts):
            u, y = data.input[run, :end, 0], data.response[run, :end, 0]
            self.whole.append((u, y))
            self.training.append((u[:begin], y[:begin]))
            length = window or end - begin
            self.pieces += [(run, k, k + length) for k in range(begin, end - length + 1, length)]

    def measured(self) -> list[np.ndarray]:
        return [self.whole[run][1][begin:end] for run, begin, end in self.pieces]

    def by_law(self) -> list[np.ndarray]:
        """The answers of the law that was found; none where none was."""
        if not self.found.theories:
            return []
        theory, answers = self.found.theory, []
        before = int(np.ceil(max(theory.late, default=0.0)))  # what the input did a dead time ago
        for run, begin, end in self.pieces:
            u, y = (values[begin - before : end] for values in self.whole[run])
            given = np.array(y)
            given[:before] = given[before + self.context :] = np.nan
            answers.append(theory.predict(u[None], given[None])[0, before:])
        return answers

    def by_fit(self, fit: OutputError) -> list[np.ndarray]:
        return [fit.free_run(*self.whole[run], begin, end, self.context)
                for run, begin, end in self.pieces]  # fmt: skip

    def errors(self, answers: list[np.ndarray]) -> list[float]:
        """Root mean square behind the context, of every piece, in the response's unit."""
        pairs = zip(answers, self.measured(), strict=bool(answers))
        return [float(np.sqrt(np.mean((a - y)[self.context :] ** 2))) for a, y in pairs]


def side_by_side(ends: Ends, fits: dict[str, OutputError]) -> None:
    """A table: the law that was found, and independent fits."""
    x, y = ends.data.x_name, ends.data.response_names[0]
    units = ends.data.units
    time, off = units.get(x, x), "rms error" + (f" in {units[y]}" if y in units else "")
    columns = [_of_law(ends), *([name, *_of_fit(ends, fit)] for name, fit in fits.items())]
    names = ["numbers", "gain", f"time constants in {time}", f"frequencies in rad/{time}",
             "damping", f"delay in {time}"]  # fmt: skip
    pieces = len(ends.pieces)
    if pieces == 1:
        names.append(f"free run, {off}")
    elif pieces <= _LISTED:
        names += [f"free run, {off}, run {run + 1}" for run, *_ in ends.pieces]
    else:
        names += [f"{off}, {pieces} windows", f"{off}, the median window"]
    names.append("share of the variance left")
    print(f"\nThe last 30 %, from {ends.context} samples of {y} and the input alone\n")
    wide = max(map(len, names))
    for name, *cells in zip(["", *names], *columns, strict=True):
        print(f"    {name:{wide}}" + "".join(f"{cell:>22}" for cell in cells))


def _of_law(ends: Ends) -> list[str]:
    rows = _errors(ends, ends.by_law())
    if not ends.found.theories:
        return ["hiddenlaw: no law", *["–"] * 6, *rows]
    theory = ends.found.theory
    read = [(each.name, each.value) for each in theory.readings]
    said = [_listed(value for name, value in read if name.startswith(word))
            for word in ("gain", "time constant", "frequency", "damping")]  # fmt: skip
    delay = _listed(theory.dead_time) if any(theory.dead_time) else "0"
    return ["hiddenlaw", str(theory.record["parameters"]), *said, delay, *rows]


def _of_fit(ends: Ends, fit: OutputError) -> list[str]:
    dx, order = ends.data.dx, len(fit.a) - 1
    real = [-dx / rate.real for rate in fit.rates if not rate.imag]
    pairs = [rate for rate in fit.rates if rate.imag]
    said = [_listed(real), _listed(abs(rate) / dx for rate in pairs),
            _listed(-rate.real / abs(rate) for rate in pairs)]  # fmt: skip
    rows = _errors(ends, ends.by_fit(fit))
    return [str(2 * order + 2), f"{fit.gain:.4g}", *said, f"{fit.delay * dx:.3g}", *rows]


def _errors(ends: Ends, answers: list[np.ndarray]) -> list[str]:
    errors = ends.errors(answers)
    if not errors:
        pieces = len(ends.pieces)
        return ["–"] * (1 + (pieces if pieces <= _LISTED else 2))
    ahead = [end - begin - ends.context for _, begin, end in ends.pieces]
    square = float(np.average(np.square(errors), weights=ahead))
    said = errors if len(errors) <= _LISTED else [np.sqrt(square), float(np.median(errors))]
    return [*(f"{each:.3g}" for each in said), f"{square / ends.data.variance[0]:.2g}"]


def _listed(values) -> str:
    return ", ".join(f"{value:.4g}" for value in values) or "–"


def draw(ends: Ends, fits: dict[str, OutputError], path: Path) -> None:
    """The free runs over the ends, measured ones in grey."""
    from matplotlib.figure import Figure

    data, runs = ends.data, sorted({run for run, *_ in ends.pieces})
    figure = Figure(figsize=(8, 2.4 * len(runs) + 0.8), layout="constrained")
    panels = np.ravel(figure.subplots(len(runs), 1, squeeze=False))
    lines = [("measured", ends.measured(), "0.6"), ("hiddenlaw", ends.by_law(), "C0")]
    lines += [
        (name, ends.by_fit(fit), f"C{k}") for k, (name, fit) in enumerate(fits.items(), start=1)
    ]
    for label, answers, colour in lines:
        for (run, begin, end), answer in zip(ends.pieces, answers, strict=bool(answers)):
            (drawn,) = panels[run].plot(data.x[begin:end], answer, colour, lw=1.2)
        if answers:
            drawn.set_label(label)
    for run, panel in zip(runs, panels, strict=True):
        panel.set_ylabel(_axis(data.response_names[0], data))
        seen = np.concatenate([y for (of, *_), y in zip(ends.pieces, ends.measured(), strict=True)
                               if of == run])  # fmt: skip
        room = seen.max() - seen.min()  # a run that goes astray leaves the picture
        panel.set_ylim(seen.min() - room, seen.max() + room)
    panels[-1].set_xlabel(_axis(data.x_name, data))
    panels[-1].legend(fontsize="small")
    figure.savefig(path, dpi=120)
    print(f"\nthe picture is in {path}")


def _axis(name: str, data: hl.Dataset) -> str:
    return f"{name} ({data.units[name]})" if name in data.units else name
