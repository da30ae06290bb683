"""The run directory: discovery.json, models.npz, figures, report.html. No pickle anywhere."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from hiddenlaw.cells import AbstractGeneratorCell, Monomials, generator_over
from hiddenlaw.discovery import Discovery
from hiddenlaw.errors import FormatError
from hiddenlaw.holds import Span, hold_called
from hiddenlaw.io import read_arrays, write_whole
from hiddenlaw.results.record import FORMAT, VERSION
from hiddenlaw.theory.fits.refit import with_nodes_for
from hiddenlaw.theory.gauges.offsets import span_with
from hiddenlaw.theory.theory import Theory, readout_from
from hiddenlaw.training.recurrent import Recurrent


def save(found: Discovery, directory: str | Path, *, report: bool = True) -> None:
    """Write a discovery; each file whole, then renamed."""
    directory = Path(directory)
    record = {**found.record, "theories": [_with_model(theory) for theory in found.theories]}
    text = json.dumps(_plain(record), indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(directory / "models.npz", lambda path: _save_arrays(path, found.arrays))
    write_whole(
        directory / "discovery.json", lambda path: Path(path).write_text(text, encoding="utf-8")
    )
    if report:
        from hiddenlaw.report import write_report

        write_report(record, found.arrays, directory)


def load_discovery(directory: str | Path) -> Discovery:
    """Read a discovery back. Raises `FormatError` for whatever is missing or damaged."""
    directory = Path(directory)
    path = directory / "discovery.json"
    if not path.is_file():
        raise FormatError(f"{directory} is no run directory: it has no discovery.json")
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise FormatError(f"{path} is damaged ({error}); make the discovery again") from None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise FormatError(f"{path} is no discovery: its format is not {FORMAT!r}")
    if record.get("version") != VERSION:
        raise FormatError(
            f"{path} has version {record.get('version')!r} and this program reads {VERSION}"
        )
    arrays = _load_arrays(directory / "models.npz")
    try:
        theories = tuple(_theory(entry, arrays, t) for t, entry in enumerate(record["theories"]))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise FormatError(f"{directory} is damaged ({error!r}); make the discovery again") from None
    return Discovery(record, arrays, theories)


def _with_model(theory: Theory) -> dict[str, Any]:
    """The theory's record with what its arrays do not say."""
    cell = theory.model.cell
    assert isinstance(cell, AbstractGeneratorCell)
    return {
        **theory.record,
        "model": {
            "offset": np.asarray(cell.monomials.offset).tolist(),
            "scale": np.asarray(cell.monomials.scale).tolist(),
            "exponents": [list(e) for e in cell.monomials.exponents],
            "low": list(theory.low),
            "high": list(theory.high),
            "step": theory.span.step,
            "hold": theory.hold,
            "response_scale": theory.response_scale,
            "dx": theory.dx,
        },
    }


def _theory(entry: dict[str, Any], arrays: dict[str, np.ndarray], t: int) -> Theory:
    model = entry["model"]
    monomials = Monomials(
        np.asarray(model["offset"], float),
        np.asarray(model["scale"], float),
        tuple(tuple(map(int, e)) for e in model["exponents"]),
    )
    step, hold = model.get("step"), str(model.get("hold", "zero"))
    if (step is None) == hold_called(hold).varies:
        raise ValueError(f"hold {hold!r} with step {step!r}")
    span = Span(
        tuple(map(float, model["low"])),
        tuple(map(float, model["high"])),
        None if step is None else float(step),
    )
    # A channel beyond those of the input is a constant of the runs.
    spare = (0.0,) * (monomials.channels - len(span.low))
    bounds = Span((*span.low, *spare), (*span.high, *spare), span.step)
    cell = generator_over(arrays[f"theory/{t}/matrices"], monomials, bounds)
    readout = readout_from(entry["readout"], arrays[f"theory/{t}/weights"])
    constants = arrays.get(f"theory/{t}/constants")
    recurrent = Recurrent(cell, readout, arrays[f"theory/{t}/initial"], constants)
    return Theory(
        with_nodes_for(recurrent, span_with(recurrent, span)),
        float(model["response_scale"]),
        float(model["dx"]),
        span,
        hold,
        entry,
    )


def _save_arrays(path: str | Path, arrays: dict[str, np.ndarray]) -> None:
    # Slashes in names are folders of the archive.
    with open(path, "wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def _load_arrays(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise FormatError(f"{path} is missing; make the discovery again")
    try:
        return read_arrays(path)
    except FormatError as error:
        reason = str(error).removeprefix(f"{path} ")
        raise FormatError(f"{path} is damaged: it {reason}; make the discovery again") from None


def _plain(value: Any) -> Any:
    """Only what JSON has: NumPy numbers as numbers, what is not finite as null."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    raise TypeError(f"{type(value)} has no place in discovery.json")
