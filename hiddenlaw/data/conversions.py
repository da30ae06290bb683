"""A dataset from what others use, and back: what `Dataset` inherits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from hiddenlaw.data.brought.anything import fields_brought
from hiddenlaw.data.describe import run_name, with_unit
from hiddenlaw.data.layout import to_table

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.axes import Axes


class Convertible:
    """Ways into a dataset from tables and labelled arrays, and out again."""

    @classmethod
    def from_pandas(
        cls,
        data: Any,
        response: Any = None,
        *,
        input: str | Sequence[str] | None = None,
        x: str | None = None,
        run: str | None = None,
        response_error: str | Sequence[str] | None = None,
        **others: Any,
    ) -> Self:
        """A dataset from a long table, or from two wide ones, of pandas or polars.

        Long: a row a sample; `input`, `response`, `x`, `run` and `response_error` name columns
        (by default those called input or u, response or y, x, t or time, run, and
        `<response>_error`); an index counts as a column. Wide: the inputs and the responses, a run
        a column and the grid as index, or the other way round where labels or axis names say so.
        Headers such as `Speed (rpm)` are name and unit. `others` are words of `from_arrays`: `dx`,
        `units`, `hold`, `input_names`, `response_names`, `allow_missing`, `resample`, `source`.
        Raises `DataError` or `FormatError`, with what to name, where labels do not settle it.
        """
        return cls(
            **fields_brought(
                data,
                response,
                input=input,
                x=x,
                run=run,
                response_error=response_error,
                **others,
            )
        )

    @classmethod
    def from_xarray(
        cls,
        data: xarray.Dataset | xarray.DataArray,
        response: xarray.DataArray | str | Sequence[str] | None = None,
        *,
        input: str | Sequence[str] | None = None,
        x: str | None = None,
        run: str | None = None,
        response_error: Any = None,
        source: str = "xarray",
        allow_missing: bool = False,
        resample: Any = None,
        **others: Any,
    ) -> Self:
        """A dataset from two DataArrays, variables of a Dataset, or what `to_xarray` gave.

        Dimensions go by their names, whatever their order: the sites are the one that `x` names, or
        that is called x, t, time or site, or the only one with a coordinate of real numbers or
        dates; the runs are `run`, or the other one of the response; a third one is channels. The
        coordinate is the grid; `attrs["units"]` and names are kept. `input` and `response` name
        variables. `others` are words of `from_arrays`. Raises `DataError` where that does not
        settle it, and where coordinates differ.
        """
        told = {"input": input, "x": x, "run": run, "response_error": response_error}
        asked = {"allow_missing": allow_missing, "resample": resample, "source": source}
        return cls(**fields_brought(data, response, **told, **asked, **others))

    def renamed(
        self,
        *,
        input_names: str | Sequence[str] | None = None,
        response_names: str | Sequence[str] | None = None,
    ) -> Self:
        """The same data with other names of the channels, which keep their units."""
        data: Any = self
        new = {
            role: (names,) if isinstance(names, str) else tuple(names)
            for role, names in (("input_names", input_names), ("response_names", response_names))
            if names is not None
        }
        called = {}
        for role, names in new.items():
            called |= dict(zip(getattr(data, role), names, strict=False))
        units = {called.get(name, name): unit for name, unit in data.units.items()}
        return replace(data, **new, units=units)

    def to_xarray(self) -> xarray.Dataset:
        """A copy, with dimensions run, site, input_channel and response_channel."""
        return to_table(vars(self))

    def to_dataframe(self) -> pandas.DataFrame:
        """A long table: columns run, the grid, inputs and responses; a row a sample.

        Missing samples of the response are NaN; units stand in `attrs["units"]`. Where the data
        have errors, these are columns `<response>_error`.
        """
        import pandas

        data: Any = self
        names = data.run_names or range(data.runs)
        table: dict[str, Any] = {
            "run": np.repeat(np.asarray(names), data.sites),
            data.x_name: np.tile(data.x, data.runs),
        }
        for channels, values in (
            (data.input_names, data.input),
            (data.response_names, data.response),
        ):
            table |= {name: values[:, :, c].ravel() for c, name in enumerate(channels)}
        if data.response_error is not None:
            table |= {
                f"{name}_error": data.response_error[:, :, c].ravel()
                for c, name in enumerate(data.response_names)
            }
        frame = pandas.DataFrame(table)
        frame.attrs["units"] = dict(data.units)
        return frame

    def plot(self, runs: int = 3) -> np.ndarray:
        """Draw inputs and responses of the first `runs` runs; the Axes, (channel, run)."""
        import matplotlib.pyplot as plt

        data: Any = self
        rows = [(name, data.input[:, :, c]) for c, name in enumerate(data.input_names)]
        rows += [(name, data.response[:, :, c]) for c, name in enumerate(data.response_names)]
        count = min(runs, data.runs)
        shape = {"squeeze": False, "sharex": True, "sharey": "row", "layout": "constrained"}
        figure, axes = plt.subplots(len(rows), count, **shape)
        figure.set_size_inches(2.6 * count + 1, 1.6 * len(rows) + 0.6)
        panel: Axes
        for (row, run), panel in np.ndenumerate(axes):
            name, values = rows[row]
            panel.plot(data.x, values[run], lw=1.0)
            if row == 0:
                panel.set_title(run_name(data, run))
            if run == 0:
                panel.set_ylabel(with_unit(name, data.units))
            if row == len(rows) - 1:
                panel.set_xlabel(with_unit(data.x_name, data.units))
        return axes
