"""Whether record and arrays of a run directory make sense, each by itself and together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np

from hiddenlaw.cells import AbstractGeneratorCell, DrivenCell, GeneratorCell, cell_class
from hiddenlaw.errors import FormatError, HiddenlawError
from hiddenlaw.io import told_plainly
from hiddenlaw.preparations import Context, Own, RunConstants, Shared
from hiddenlaw.readouts import readout_class
from hiddenlaw.results.entries import DISCOVERY, LAWS
from hiddenlaw.results.shapes import wrong_shapes
from hiddenlaw.theory.theory import Theory

_TOLD = 5  # of what is wrong
_SAME = 1e-6  # relative difference of numbers that stand in both files

# Preparations whose `initial` are the variables of a state; others may keep what they like.
_KNOWN_STARTS = (None, *(kind.name for kind in (Shared, Own, Context, RunConstants)))

Arrays = Mapping[str, np.ndarray]


def check(record: Mapping[str, Any], arrays: Arrays, directory: object) -> None:
    """Raise `FormatError`, with all that is wrong, unless a discovery can be made of the two."""
    for complaints in (_of_record, _of_theories, _of_both):
        wrong = list(islice(complaints(record, arrays), 1000))
        if wrong:
            more = f"; and {len(wrong) - _TOLD} more" if len(wrong) > _TOLD else ""
            raise FormatError(
                f"{directory} is damaged: {'; '.join(wrong[:_TOLD])}{more}; make the discovery "
                "again"
            )


def check_laws(theories: Iterable[Theory], directory: object) -> None:
    """Raise `FormatError` where a law of a cell of its own kind cannot answer the least of inputs.

    Of such a cell only itself knows which shapes its numbers must have.
    """
    for t, theory in enumerate(theories):
        if isinstance(theory.law.cell, AbstractGeneratorCell):
            continue
        least = np.broadcast_to(np.asarray(theory.low), (1, 8, len(theory.low)))
        known = np.zeros((1, 8, theory.law.readout.weights.shape[1]))
        try:
            with np.errstate(all="ignore"):
                theory.predict(least, known if theory.own_starts else None)
        except HiddenlawError:
            continue
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as problem:
            said = told_plainly(str(problem))
            raise FormatError(
                f"{directory} is damaged: theory {t} answers no input ({said}); make the discovery "
                "again"
            ) from None


def _of_record(record: Mapping[str, Any], arrays: Arrays) -> Iterator[str]:
    del arrays
    yield from DISCOVERY(record, "")


def _of_theories(record: Mapping[str, Any], arrays: Arrays) -> Iterator[str]:
    """Whether the entries of a record, each sound, go together, and with the law's arrays."""
    theories = record["theories"]
    selected = record.get("selected", 0 if theories else None)
    if selected is None and theories:
        yield "selected is null although there are theories"
    if selected is not None and selected >= len(theories):
        yield f"selected is {selected} and there are {len(theories)} theories"
    if (record["verdict"] in LAWS) != bool(theories):
        yield f"verdict is '{record['verdict']}' and there are {len(theories)} theories"
    ranges = record["dataset"].get("input_range")
    if ranges is not None and len(ranges) != len(record["dataset"]["input"]):
        yield "dataset/input_range has not one entry for each input"
    for t, entry in enumerate(theories):
        at = f"theories/{t}"
        yield from _of_statement(entry, at)
        yield from _of_model(entry["model"], record["dataset"], f"{at}/model")
        yield from _of_law(entry, arrays, t, record["dataset"])


def _of_statement(entry: Mapping[str, Any], at: str) -> Iterator[str]:
    d = entry["dimension"]
    for name in ("state_names", "derivatives"):
        told = entry.get(name)
        if told and len(told) != d:
            yield f"{at}/{name} has {len(told)} entries and the state {d} variables"


def _of_model(model: Mapping[str, Any], data: Mapping[str, Any], at: str) -> Iterator[str]:
    inputs = len(data["input"])
    for name in ("low", "high"):
        if len(model[name]) != inputs:
            yield f"{at}/{name} has {len(model[name])} entries and the data {inputs} inputs"
    for name in ("dead_time", "dead_time_stderr"):
        if len(model.get(name, ())) not in (0, inputs):
            yield f"{at}/{name} has {len(model[name])} entries and the data {inputs} inputs"
    if any(low > high for low, high in zip(model["low"], model["high"], strict=False)):
        yield f"{at}/low is above {at}/high"
    if "dx" in data and not math.isclose(data["dx"], model["dx"], rel_tol=_SAME):
        yield f"{at}/dx is {model['dx']:g} and dataset/dx {data['dx']:g}"
    if not _has_monomials(model):
        return
    for name in ("exponents", "offset", "scale"):
        if name not in model:
            yield f"{at}/{name} is missing"
    exponents = model.get("exponents") or [[]]
    if len({tuple(powers) for powers in exponents}) < len(exponents):
        yield f"{at}/exponents has an entry twice"
    lengths = {len(powers) for powers in exponents}
    lengths |= {len(model[name]) for name in ("offset", "scale") if name in model}
    if len(lengths) > 1 or min(lengths) < inputs:
        yield f"{at}: exponents, offset and scale are not of as many inputs"


def _of_law(
    entry: Mapping[str, Any], arrays: Arrays, t: int, data: Mapping[str, Any]
) -> Iterator[str]:
    """Whether the arrays of a theory's law have the shapes that its record says."""
    d, model = entry["dimension"], entry["model"]
    readout = readout_class(entry["readout"]).of_theory()
    features = readout.features(np.zeros(d), np.zeros(0)).shape[-1]
    wanted: dict[str, tuple[int, ...]] = {"weights": (features, len(data["response"]))}
    if _has_monomials(model):
        wanted["matrices"] = (len(model.get("exponents", ())), d, d)
    for name, shape in wanted.items():
        yield from _is_shaped(arrays, f"theory/{t}/{name}", shape)
    if model.get("preparation") in _KNOWN_STARTS:
        yield from _wrong_starts(arrays, f"theory/{t}/initial", _started(model, d))
    rubs = (model.get("instrument") or {}).get("friction")
    if rubs and (model.get("cell") != DrivenCell.name or len(model["low"]) != 1):
        yield f"theories/{t}/model/instrument has a friction; that is of driven laws of one input"
    constants = arrays.get(f"theory/{t}/constants")
    if constants is not None and (constants.ndim not in (1, 2) or not constants.size):
        yield f"theory/{t}/constants has the shape {constants.shape}"
    if model.get("held") and len(model["held"]) != d:
        yield f"theories/{t}/model/held has {len(model['held'])} entries, not {d}"


def _wrong_starts(arrays: Arrays, name: str, variables: int) -> Iterator[str]:
    starts = arrays.get(name)
    if starts is None:
        yield f"{name} is missing"
    elif starts.ndim not in (1, 2) or starts.shape[0] != variables or not starts.size:
        yield f"{name} has the shape {starts.shape}; it must be of {variables} variables"


def _started(model: Mapping[str, Any], d: int) -> int:
    """How many variables of a state start where the arrays say: all that are not held."""
    return d - sum(value is not None for value in model.get("held", ()))


def _is_shaped(arrays: Arrays, name: str, shape: tuple[int, ...]) -> Iterator[str]:
    if name not in arrays:
        yield f"{name} is missing"
    elif arrays[name].shape != shape:
        yield f"{name} has the shape {arrays[name].shape}; it must be {shape}"


def _has_monomials(model: Mapping[str, Any]) -> bool:
    return issubclass(cell_class(model.get("cell", GeneratorCell.name)), AbstractGeneratorCell)


def _of_both(record: Mapping[str, Any], arrays: Arrays) -> Iterator[str]:
    """Whether the arrays are of this record: their shapes, and the numbers that stand in both."""
    wrong = list(wrong_shapes(arrays, record))
    yield from wrong
    for t, entry in enumerate(record["theories"]):
        errors = arrays.get(f"error/{t}")
        if wrong or errors is None or not np.isfinite(errors).any():
            continue
        for name, value in (("median", np.nanmedian(errors)), ("worst", np.nanmax(errors))):
            told = entry.get(f"heldout_error_{name}")
            if told is not None and not math.isclose(told, value, rel_tol=_SAME, abs_tol=1e-300):
                yield (
                    f"models.npz is not of this discovery.json: the {name} error of theory {t} is "
                    f"{value:.3g} in one and {told:.3g} in the other"
                )
