"""What is asked for: data in any of the kinds people have, and the settings, word by word."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from hiddenlaw._threads import one_thread
from hiddenlaw.data.brought.anything import fields_brought
from hiddenlaw.data.brought.quantities import Measured, has_unit
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.discoverable import check_discoverable
from hiddenlaw.data.units import text_of
from hiddenlaw.discovery.found import Discovery
from hiddenlaw.discovery.logs import log_begun, log_found
from hiddenlaw.errors import DataError, option
from hiddenlaw.holds import AbstractHold
from hiddenlaw.io import load
from hiddenlaw.kinds import choose
from hiddenlaw.settings import Settings
from hiddenlaw.training.progress import Progress

Names = str | Sequence[str] | None
_OF_RECORDS = ("max_dimension", "held_out")  # settings with another default for some data


def discover(
    data: Any,
    response: Any = None,
    *,
    input: Names = None,
    x: Any = None,
    dx: Any = None,
    run: str | None = None,
    response_error: Any = None,
    input_names: Names = None,
    response_names: Names = None,
    units: Mapping[str, str] | None = None,
    allow_missing: bool = False,
    resample: Any = None,
    cell: str | type = "generator",
    family: str = "auto",
    seed: int = 0,
    hidden: int | None = None,
    translator_readout: str | type | None = None,
    translator_seeds: int | None = None,
    decoders: Sequence[str | type] = ("linear", "quadratic"),
    max_dimension: int | None = None,
    seeds: int = 8,
    dimension: int | None = None,
    readout: str | type | None = None,
    held_out: float | None = None,
    steps: int = 16_000,
    hold: str | AbstractHold | None = None,
    initial_state: str | type = "auto",
    context: int | None = None,
    run_constants: int = 0,
    bootstrap: int = 0,
    progress: bool | Progress | None = False,
) -> Discovery:
    """Find the fewest hidden variables that explain a response, and their law.

        hl.discover(V, rho, dx=0.2)                         arrays (runs, sites[, channels])
        hl.discover([u1, u2], [y1, y2], dx=0.01)            lists of runs of unequal lengths
        hl.discover(frame, "speed", input="u", x="t")       a long table: pandas, polars, a dict
        hl.discover(V, rho)                                 two DataArrays, or wide DataFrames
        hl.discover("motor.csv", "speed", input="u")        a file, or a list of files

    The data:

    - `data`: the input, or what holds both: a `Dataset`, a table, an xarray Dataset, a path.
    - `response`: what answered, of the same kind as the input; or the names of its columns.
    - `input`: the names of the input's columns or variables, in a table, Dataset or file.
    - `x`: the grid, one for all runs or one each; or the name of its column or dimension.
    - `dx`: the step of the grid, where nothing says where samples are; 1 without it. A number, or
      with its unit: "10 ms".
    - `run`: the column or dimension that numbers the runs.
    - `response_error`: standard errors of the response, of its kind; or the names of their columns.
    - `input_names`, `response_names`: what equations call the channels; u and y without names.
    - `units`: the unit of channels and grid by name, in place of what data say; quantities of pint
      are converted to it.
    - `allow_missing`: take NaN in the response for missing samples.
    - `resample`: put uneven samples on an even grid of this step.

    The law that is sought; see docs/settings.md for more on each:

    - `cell`: of the translator: "generator", "driven", "taylor", "gru", "polynomial",
      "discrete-polynomial" or a class of your own; the distiller's is the same, or a generator cell
      below a GRU.
    - `family`: "driven" (the input pushes the state), "multiplied" (it multiplies it), "polynomial"
      (the state multiplies itself); with "auto" all that go with the other settings, the poorest
      first.
    - `seed`: all randomness follows from it.
    - `hidden`: hidden variables of the translator, 1 to 64; by default 6, more where a wider
      bottleneck is asked for, 5 under a quadratic readout, at least 8 for a GRU.
    - `translator_readout`: how the translator reads its hidden variables; by default linear, and
      quadratic where more than 6 dimensions are asked for (but not by a GRU).
    - `translator_seeds`: independent starts of the translator, 1 to 32; 3 by default.
    - `decoders`: classes of decoder that the sweep tries: "linear", "quadratic", "neural".
    - `max_dimension`: widest bottleneck that the sweep tries, 1 to 12; by default 4, and 6 for
      driven laws of records.
    - `seeds`: independent starts of each distiller, 1 to 64.
    - `dimension`: ask for one theory only, of so many variables; needs `readout` beside it.
    - `readout`: ask for one class of decoder only.
    - `held_out`: share of the runs that no training sees; by default 0.2, and of a few long records
      0.3, the end of each.
    - `steps`: of Adam, for a GRU of many weights (18 hidden variables and more).
    - `hold`: how the input runs between samples: "zero", "first", "cubic"; by default what the data
      say; with "auto" the held-out error of the translator decides.
    - `initial_state`: "shared" by all runs; "per-run", each its own; "context", each its own and of
      a new run read off its first `context` samples; with "auto" shared, unless the held-out error
      says otherwise.
    - `context`: with `initial_state` "context": how many first samples are read; by default an
      eighth.
    - `run_constants`: how many numbers, unknown and different in every run, take part in the law:
      none, one as for an energy, or up to 4.
    - `bootstrap`: resamples of the runs for the intervals, at least 20; 0 for those of the fit
      alone.

    - `progress`: True shows how far the search is, on standard error or below the cell of a
      notebook; nothing is shown by default. Or who is told: see `hiddenlaw.training.progress`.
      Beside it the loggers of `hiddenlaw` are told, of stages at INFO and of details at DEBUG.

    Ctrl-C ends the search with what is finished, if that is a width at least, and a `UserWarning`
    says so; the notes of the discovery say what was not tried. A second one, and one that comes too
    early, is a `KeyboardInterrupt`, and nothing is kept.

    Raises `DataError` or `FormatError` where the data cannot be used, `SettingsError` for a wrong
    setting and `TrainingError` where every seed of the translator diverged.
    """
    told = dict(locals())
    settings = {name: told[name] for name in Settings.model_fields}
    chosen = choose(**{name: value for name, value in settings.items() if _is_asked(name, value)})
    names = ("input", "x", "dx", "run", "response_error", "input_names", "response_names", "units",
             "allow_missing", "resample")  # fmt: skip
    dataset = as_dataset(data, response, **{name: told[name] for name in names})
    check_discoverable(dataset)
    from hiddenlaw.pipeline import find  # all that trains; a discovery read back needs none of it
    from hiddenlaw.training.attending import attended

    log_begun(dataset)
    with one_thread(), attended(progress) as heard:
        found = Discovery(*find(dataset.without_truth(), dataset.truth, chosen, heard))
    log_found(found)
    return found


def as_dataset(
    data: Any,
    response: Any = None,
    *,
    input: Names = None,
    x: Any = None,
    dx: Any = None,
    run: str | None = None,
    response_error: Any = None,
    input_names: Names = None,
    response_names: Names = None,
    units: Mapping[str, str] | None = None,
    allow_missing: bool = False,
    resample: Any = None,
) -> Dataset:
    """The dataset that `discover` makes of the same words; look at it before a search.

    Raises `DataError` and `FormatError`.
    """
    told = {
        "input": input,
        "x": x,
        "dx": dx,
        "run": run,
        "response_error": response_error,
        "input_names": input_names,
        "response_names": response_names,
        "units": units,
        "allow_missing": allow_missing,
        "resample": resample,
    }
    if isinstance(data, Dataset):
        given = {"response": response, **told}
        asked = (n for n, value in given.items() if value is not None and value is not False)
        name = next(asked, None)
        if name is not None:
            raise DataError(
                "a Dataset brings its own response, grid and names; give it alone, without "
                f"{option(name)}"
            )
        return data
    if _is_path(data) or (isinstance(data, list | tuple) and data and all(map(_is_path, data))):
        return _from_files(data, response, told)
    return Dataset(**fields_brought(data, response, **told))


def _is_path(data: Any) -> bool:
    return isinstance(data, str | os.PathLike)


def _from_files(paths: Any, response: Any, told: dict[str, Any]) -> Dataset:
    """What files hold, their channels renamed where that is asked for."""
    _steps_in_numbers(told)
    names = {role: told.pop(role) for role in ("input_names", "response_names")}
    dataset = load(paths, response=response, **told)
    new = {
        role: (given,) if isinstance(given, str) else tuple(given)
        for role, given in names.items()
        if given is not None
    }
    if not new:
        return dataset
    return dataset.renamed(**new)


def _steps_in_numbers(told: dict[str, Any]) -> None:
    """Files say the unit of their grid; where they have none, that of `dx` is it."""
    if has_unit(told["resample"]):
        raise DataError("resample= of files is a number, in the unit of their grid; give 0.01")
    if has_unit(told["dx"]):
        measured = Measured()
        told["dx"] = measured.step("dx", told["dx"])
        told["units"] = {"x": text_of(measured.units["x"]), **(told["units"] or {})}


def _is_asked(name: str, value: Any) -> bool:
    """Whether a setting is asked for, and not left at its default."""
    default = None if name in _OF_RECORDS else Settings.model_fields[name].default
    return not (value is default or (type(value) is type(default) and value == default))
