"""NumPy's .npz: the arrays `x`, `input` and `response`, never a pickled object.

Optional: `response_error` (an array of the response's shape), `input_names`, `response_names`
(arrays of strings), `x_name`, `hold` (strings), `units` (a JSON object of strings),
`truth_<state>` arrays with `truth_system` and `truth_parameters` (JSON), `format` and `version`.
An array of two axes has one channel; without `x` the sites are counted 1, 2, 3, ...
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hiddenlaw.data.dataset import Dataset, Truth
from hiddenlaw.data.layout import FORMAT, VERSION
from hiddenlaw.errors import DataError, FormatError
from hiddenlaw.io._archive import read_arrays
from hiddenlaw.io._base import Columns, Format, one_line
from hiddenlaw.io._channels import choose, join_channels, no_such_column, select_channels
from hiddenlaw.io._whole import write_bytes

# What `response_error` cannot mean, being something else.
_OWN = {"format", "version", "x", "input", "response", "input_names", "response_names", "x_name",
        "units", "hold"}  # fmt: skip


class Npz(Format):
    name = "NumPy archive"
    suffixes = (".npz",)

    def read(self, path: Path, columns: Columns, *, allow_missing: bool = False) -> Dataset:
        arrays = read_arrays(path)
        _check_version(path, arrays)
        x_array = columns.x or "x"
        if columns.x is not None and columns.x not in arrays:
            raise no_such_column(path, columns.x, "x", list(arrays))
        x = arrays.get(x_array)
        if not {"input", "response"} <= arrays.keys():
            chosen = choose(path, columns, [name for name in arrays if name != x_array])
            inputs, input_names = join_channels(chosen.input or (), arrays)
            responses, response_names = join_channels(chosen.response or (), arrays)
            errors = chosen.response_error
            return Dataset.from_arrays(
                inputs,
                responses,
                x=x,
                input_names=input_names,
                response_names=response_names,
                x_name=x_array,
                source=str(path),
                response_error=None if errors is None else join_channels(errors, arrays)[0],
                allow_missing=allow_missing,
                resample=columns.resample,
            )
        dataset = Dataset.from_arrays(
            arrays["input"],
            arrays["response"],
            x=x,
            input_names=_strings(path, arrays, "input_names"),
            response_names=_strings(path, arrays, "response_names"),
            x_name=columns.x or _string(path, arrays, "x_name", "x"),
            units=_json(path, arrays, "units"),
            hold=_string(path, arrays, "hold", "zero"),
            source=str(path),
            truth=_truth(path, arrays),
            response_error=arrays.get("response_error"),
            allow_missing=allow_missing,
            resample=columns.resample,
        )
        others = {name: array for name, array in arrays.items() if name not in _OWN}
        return select_channels(path, columns, dataset, others)

    def write(self, dataset: Dataset, path: Path) -> None:
        arrays: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "x": dataset.x,
            "input": dataset.input,
            "response": dataset.response,
            "input_names": np.array(dataset.input_names),
            "response_names": np.array(dataset.response_names),
            "x_name": dataset.x_name,
            "units": json.dumps(dict(dataset.units)),
            "hold": dataset.hold,
        }
        if dataset.response_error is not None:
            arrays["response_error"] = dataset.response_error
        if dataset.truth is not None:
            arrays["truth_system"] = dataset.truth.system
            arrays["truth_parameters"] = json.dumps(dict(dataset.truth.parameters))
            arrays |= {f"truth_{name}": state for name, state in dataset.truth.states.items()}
        content = io.BytesIO()  # a zip file that cannot be ended complains for ever
        np.savez(content, **arrays)
        write_bytes(path, content.getbuffer())


def _check_version(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    version = arrays.get("version", np.array(VERSION))
    try:
        number = int(version.item())
    except (ValueError, TypeError, OverflowError) as problem:
        raise FormatError(f"{path}: version is no number; write the file anew") from problem
    if number > VERSION:
        raise FormatError(f"{path} has format version {number}, newer than {VERSION}: update")


def _strings(path: Path, arrays: Mapping[str, np.ndarray], name: str) -> tuple[str, ...] | None:
    if name not in arrays:
        return None
    if arrays[name].dtype.kind != "U":
        raise FormatError(f"{path}: {name} holds {arrays[name].dtype} values; it must hold text")
    return tuple(str(text) for text in arrays[name].ravel())


def _string(path: Path, arrays: Mapping[str, np.ndarray], name: str, default: str) -> str:
    texts = _strings(path, arrays, name)
    if texts is not None and len(texts) != 1:
        raise FormatError(f"{path}: {name} holds {len(texts)} texts; it must hold one")
    return default if texts is None else texts[0]


def _json(path: Path, arrays: Mapping[str, np.ndarray], name: str) -> dict[str, Any]:
    text = _string(path, arrays, name, "{}")
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise FormatError(f"{path}: {name} is no JSON object ({one_line(problem)})") from problem
    if not isinstance(values, dict):
        raise FormatError(f"{path}: {name} is no JSON object: {text[:40]}")
    return values


def _truth(path: Path, arrays: Mapping[str, np.ndarray]) -> Truth | None:
    if "truth_system" not in arrays:
        return None
    states = {
        name.removeprefix("truth_"): array
        for name, array in arrays.items()
        if name.startswith("truth_") and name not in ("truth_system", "truth_parameters")
    }
    try:
        return Truth(
            _string(path, arrays, "truth_system", ""),
            states,
            _json(path, arrays, "truth_parameters"),
        )
    except (DataError, FormatError):
        raise
    except (TypeError, ValueError, OverflowError) as problem:
        raise FormatError(f"{path}: damaged truth ({one_line(problem)})") from problem
