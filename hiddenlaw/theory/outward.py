"""What a theory gives to others: tables, symbols, plots, code; what `Theory` inherits."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from hiddenlaw.data.brought.readers import kind_of
from hiddenlaw.errors import DataError
from hiddenlaw.holds import applied
from hiddenlaw.law import Shown
from hiddenlaw.preparations import Own
from hiddenlaw.theory.equations.quantities import quantities_of
from hiddenlaw.theory.equations.term import Equations
from hiddenlaw.theory.friction import rubbed
from hiddenlaw.theory.inputs import as_runs, check_without_constants

if TYPE_CHECKING:
    import pandas
    import xarray


class Outward:
    """Ways out of a theory."""

    @property
    def latex(self) -> str:
        """The law in LaTeX; the lines of a system are joined by a line break."""
        said = _of(self).statement
        return said.law.latex if said.law else r" \\ ".join(said.system.latex)

    @property
    def coefficients(self) -> pandas.DataFrame:
        """Every coefficient: equation (its left side), term, value, stderr, ci95, unit.

        Those of the law, and then those by which the response is read. `ci95` is (low, high); NaN
        and None where errors are not known, and an empty unit where there is none.
        """
        import pandas

        rows = list(_rows(self))
        names = ("equation", "term", "value", "stderr", "ci95", "unit")
        return pandas.DataFrame(rows, columns=list(names))

    def quantities(self) -> dict[str, dict[str, Any]]:
        """The coefficients of the law as quantities of pint, by equation (its left side) and term.

        In the units of the data, as `coefficients` has them; `.to("1/s^2")`, `.to_base_units()`
        and `.to_reduced_units()` of each give others. A coefficient whose unit the data do not tell
        is not among them. Raises `DataError` where there is no pint, where the data do not tell the
        units of the grid and of every input, and for a unit that is none.
        """
        return quantities_of(_of(self).statement, _law_of(_of(self)))

    def to_xarray(self) -> xarray.Dataset:
        """The coefficients along the dimension `term`, and the readings along `reading`."""
        import xarray

        rows, readings = list(_rows(self)), _of(self).readings
        ends = [row[4] or (np.nan, np.nan) for row in rows]
        return xarray.Dataset(
            {
                "value": ("term", [row[2] for row in rows]),
                "stderr": ("term", [row[3] for row in rows]),
                "ci95": (("term", "end"), np.array(ends, float).reshape(-1, 2)),
                "reading_value": ("reading", [each.value for each in readings]),
                "reading_stderr": ("reading", [each.stderr for each in readings]),
            },
            {
                "term": [f"{row[0]}: {row[1]}" for row in rows],
                "unit": ("term", [row[5] for row in rows]),
                "end": ["low", "high"],
                "reading": [each.name for each in readings],
                "reading_unit": ("reading", [each.unit for each in readings]),
            },
            {"equation": _of(self).equation, "readout": _of(self).readout},
        )

    def sympy(self) -> Any:
        """The law as a `sympy.Eq`; as a tuple of these where it is a system of several.

        State variables and inputs are functions of the grid's variable, derivatives are
        derivatives, an input that acts late has its dead time taken off the argument, and numbers
        are as exact as they were found.
        """
        from hiddenlaw.theory.symbols import equations_of

        theory = _of(self)
        record = theory.home[0]["dataset"] if theory.home else {"x": "x", "input": []}
        late = dict(zip(record["input"], theory.dead_time, strict=False))
        found = equations_of(_law_of(theory), str(record.get("x", "x")), late)
        return found[0] if len(found) == 1 else found

    def simulate(self, input: Any, start: Any = None) -> np.ndarray:
        """The responses to an input from a state that is given: a free run.

        `input` is as for `predict`, an array. `start` is (d,) for all runs or (runs, d), in the
        data's units and in the order of `statement.state_names`: the state before the first cell.
        Without it that of the law, where all runs share one. Raises `DataError` for other shapes,
        and `LawError` where runs have constants of their own.
        """
        theory = _of(self)
        array, squeeze = as_runs(input, len(theory.low))
        check_without_constants(theory)
        shown = applied(theory.instrument.input(array), theory.hold, theory.late)
        law = theory.law_for(shown.span)
        starts = theory.starts(len(array)) if start is None else _starts(theory, start, len(array))
        law = law.but(preparation=Own(starts / theory.state_units))
        pushed, friction = Shown.unanswered(shown.values), theory.instrument.friction
        states = law.states(pushed if friction is None else rubbed(law, pushed, friction))
        outputs = np.swapaxes(law.readout(states), 0, 1) * theory.response_scale
        outputs = theory.instrument.seen(outputs)
        outputs = outputs[..., 0] if squeeze and outputs.shape[2] == 1 else outputs
        return outputs[0] if np.ndim(input) == 1 else outputs

    def score(self, input: Any, response: Any, given: Any = None) -> float:
        """The share of the response's variance that `predict` explains: 1 − error/variance.

        Input and response as for `predict`, of one kind; several responses count alike. Samples
        that are NaN do not count.
        """
        predicted = _of(self).predict(input, given)
        if isinstance(predicted, list):
            left = np.concatenate(
                [p - np.asarray(y) for p, y in zip(predicted, response, strict=True)]
            )
            seen = np.concatenate([np.asarray(y, float) for y in response])
        else:
            if kind_of(predicted) == "pandas.DataFrame" and kind_of(response) == "pandas.Series":
                response = response.to_frame(predicted.columns[0])
            left, seen = np.asarray(predicted - response, float), np.asarray(response, float)
        outputs = len(_of(self).statement.readout_law.terms) or 1
        left, seen = (
            v.reshape(-1, outputs) if outputs > 1 else v.reshape(-1, 1) for v in (left, seen)
        )
        return float(1 - np.mean(np.nanmean(left**2, axis=0) / np.nanvar(seen, axis=0)))

    @property
    def plot(self) -> Any:
        """The figures of the report, each by its name: `theory.plot.bottleneck(ax)`.

        `dir(theory.plot)` lists those that this discovery has. Raises `DataError` for a theory
        that no discovery holds.
        """
        from hiddenlaw.report.plots import Plots

        theory = _of(self)
        if theory.home is None:
            raise DataError("only theories of a discovery have figures; take found.theory.plot")
        return Plots(*theory.home)

    def function(self) -> Any:
        """The law as plain callables of NumPy: f(state, input) is dz/dx; see `LawFunction`."""
        from hiddenlaw.theory.export.function import LawFunction

        return LawFunction.of(_of(self))

    def code(self, language: str) -> str:
        """The law as text: `sympy`, `python` or `c` source, or `latex`.

        Raises `LawError` for a law that cannot be written so, `SettingsError` for another language.
        """
        from hiddenlaw.theory.export import written

        return written(_of(self), language)

    def bound_states(self, V: Any, x: Any, *, count: int | None = None):
        """The energy levels that the law gives a trap V(x), at most `count` of the lowest.

        For a law ψ'' = (κV + b) ψ these are the E at which ψ'' = κ (V - E) ψ has a solution that
        vanishes at both ends: the constant b is that of the energy at which the law was found.
        `V` and `x` have shape (sites,); see `hiddenlaw.levels.bound_states`, whose `BoundStates`
        comes back.

        Raises `LawError` where the law gives no levels, `DataError` for a trap that cannot be used
        or is too narrow for its levels, and `SettingsError` for a count below 1.
        """
        from hiddenlaw.levels.bound_states import bound_states
        from hiddenlaw.levels.curvature import curvature_law

        theory = _of(self)
        law = curvature_law(theory.statement, theory.low, theory.high)
        units = theory.home[0]["dataset"].get("units", {}) if theory.home else {}
        return replace(bound_states(law, V, x, count=count), unit=units.get(law.input, ""))

    def _repr_html_(self) -> str:
        heads = ("equation", "term", "value", "± 95 %", "unit")
        rows = [
            (
                left,
                term,
                f"{value:.6g}",
                "" if ends is None else f"{(ends[1] - ends[0]) / 2:.2g}",
                unit,
            )
            for left, term, value, _, ends, unit in _rows(self)
        ]
        cells = "".join(
            "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>"
            for row in rows
        )
        top = "".join(f"<th>{head}</th>" for head in heads)
        return (
            f"<div><p>{escape(_of(self).equation)}</p><table><thead><tr>{top}</tr></thead>"
            f"<tbody>{cells}</tbody></table></div>"
        )


def _of(theory: Outward) -> Any:
    return theory


def _law_of(theory: Any) -> Equations:
    said = theory.statement
    return said.law.terms if said.law else said.system.terms


def _rows(theory: Outward) -> Any:
    """Left side, term, value, standard error, interval and unit of every coefficient."""
    said = _of(theory).statement
    for equations in (_law_of(theory), said.readout_law.terms):
        for left, terms in equations.items():
            for name, term in terms.items():
                stderr = np.nan if term.stderr is None else term.stderr
                unit = said.units.get(left, {}).get(name, "")
                yield left, name, term.value, stderr, term.ci95, unit


def _starts(theory: Any, start: Any, runs: int) -> np.ndarray:
    d, still = theory.law.dimension, theory.law.preparation.still
    values = np.atleast_2d(np.asarray(start, float))
    if values.shape[1] == d - len(still):
        free = [k for k in range(d) if k not in still]
        whole = np.tile(theory.starts(1), (len(values), 1))
        whole[:, free] = values
        values = whole
    if values.ndim != 2 or values.shape[1] != d or len(values) not in (1, runs):
        raise DataError(f"start has shape {np.shape(start)}; give ({d},) or ({runs}, {d})")
    return np.broadcast_to(values, (runs, d))
