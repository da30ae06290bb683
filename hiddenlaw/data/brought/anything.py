"""Whatever somebody brings, as the fields of a dataset: the one place that tells kinds apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hiddenlaw.data.arrays import fields_given, fields_resampled
from hiddenlaw.data.brought.quantities import Measured, grid_unit, has_unit
from hiddenlaw.data.brought.readers import check_unnamed, kind_of, reader_of
from hiddenlaw.data.layout import FORMAT, fields_of
from hiddenlaw.errors import DataError

_ROLES = ("input", "x", "run", "response_error")


def fields_brought(
    data: Any,
    response: Any = None,
    *,
    input_names: str | Sequence[str] | None = None,
    response_names: str | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    x: Any = None,
    source: str | None = None,
    **told: Any,
) -> dict[str, Any]:
    """The fields of the dataset that `data`, and a `response` beside them, are.

    `told` are the other roles by name (`input`, `run`, `response_error`; `x` too may be a name) and
    what else `fields_given` takes. Raises `DataError` or `FormatError`.
    """
    measured = Measured()
    data, response = measured.plain("input", data), measured.plain("response", response)
    x = measured.plain("x", x)
    kind = kind_of(data)
    roles = {name: told.pop(name, None) for name in _ROLES if name != "x"}
    roles["response_error"] = measured.plain("response_error", roles["response_error"])
    roles["x"] = x if isinstance(x, str) else None
    source = source or kind.partition(".")[0]
    if kind == "xarray.Dataset" and data.attrs.get("format") == FORMAT:
        check_unnamed(
            {**roles, "response": response}, "a dataset of hiddenlaw", ("response", *_ROLES)
        )
        return _of_own(data, told) | {"source": source}
    found = reader_of(data)(data, response, roles)
    for key, names in (("input_names", input_names), ("response_names", response_names)):
        if names is not None:
            found = _renamed(found, key, [names] if isinstance(names, str) else list(names))
    if x is not None and not isinstance(x, str):
        if found["x"] is not None:
            raise DataError(f"x is given and the data have a grid, {found['x_name']}; give one")
        found |= {"x": x, "x_name": str(getattr(x, "name", None) or found["x_name"])}
    found["units"] = {**(found.get("units") or {}), **(units or {})}
    for name in ("dx", "resample"):
        if has_unit(told.get(name)):
            grid_unit(found["units"], str(told.get("x_name", found["x_name"])), measured)
            told[name] = measured.step(name, told[name])
    others = {"truth": None, "dx": None, "allow_missing": False, "source": source}
    fields = fields_given(found.pop("input"), found.pop("response"), **others | found | told)
    return measured.fields(fields, units or {})


def _of_own(table: Any, told: Mapping[str, Any]) -> dict[str, Any]:
    """What `Dataset.to_xarray` laid out, which says itself what is what."""
    step = told.get("resample")
    fields: dict[str, Any] = fields_of(table) | {"allow_missing": bool(told.get("allow_missing"))}
    if has_unit(step):
        measured = Measured()
        grid_unit(fields["units"], fields["x_name"], measured)
        step = measured.step("resample", step)
    return fields if step is None else fields_resampled(fields, step)


def _renamed(found: dict[str, Any], key: str, names: list[str]) -> dict[str, Any]:
    """The same with other names of these channels, which keep their units."""
    before = found[key]
    if before is None or len(before) != len(names):
        return found | {key: names}
    new = dict(zip(before, names, strict=True))
    units = {new.get(name, name): unit for name, unit in found["units"].items()}
    said = [text for text in found.get("remarks", ()) if not _tells(text, before)]
    return found | {key: names, "units": units, "remarks": said}


def _tells(text: str, names: Sequence[str]) -> bool:
    """Whether it tells by which of these symbols a channel is called."""
    return any(text.endswith(f" is called {name} in equations") for name in names)
