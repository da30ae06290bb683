"""The record of a discovery (`discovery.json`) and its trained arrays (`models.npz`)."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.distiller.bottleneck import Bottleneck
from hiddenlaw.distiller.dimension import Choice
from hiddenlaw.results.rundir import FORMAT, VERSION
from hiddenlaw.settings import Settings
from hiddenlaw.theory.theory import Theory
from hiddenlaw.translator import TranslatorFit
from hiddenlaw.translator.translation import Translation
from hiddenlaw.translator.verdict import Verdict

_SPECTRUM = 12  # values of the spectrum of the hidden states that are kept


def opening(
    data: Dataset, translation: Translation, chosen: Settings, verdict: Verdict
) -> dict[str, Any]:
    """The record as far as it is known before distillation."""
    record = {
        "format": FORMAT,
        "version": VERSION,
        "dataset": _described(data),
        "heldout_runs": translation.heldout.runs,
        "initial_state": {"choice": translation.initial_state, "reason": translation.reason},
        "verdict": verdict.verdict,
        "verdict_reason": verdict.reason,
        "dimension": dict.fromkeys(chosen.classes),
        "reason": dict.fromkeys(chosen.classes, verdict.reason),
        "selected": None,
        "theories": [],
        "sweep": [],
        "spectrum": [],
        "translator": _translator(translation.fit, chosen, verdict),
    }
    if translation.hold_errors:
        record["hold_errors"] = translation.hold_errors
    return record


def _described(data: Dataset) -> dict[str, Any]:
    return {
        "runs": data.runs,
        "sites": data.sites,
        "dx": data.dx,
        "x": data.x_name,
        "x_start": float(data.x[0]),
        "input": list(data.input_names),
        "response": list(data.response_names),
        "hold": data.hold,
        "units": dict(data.units),
        "input_range": np.asarray(data.input_range).tolist(),
        "source": data.source,
    }


def _translator(fit: TranslatorFit, chosen: Settings, verdict: Verdict) -> dict[str, Any]:
    return {
        "cell": chosen.cell,
        "readout": fit.translator.readout.name,
        "hidden": fit.translator.cell.dimension,
        "train_error": fit.train_error,
        "heldout_error": fit.heldout_error,
        "static_error": verdict.static_error,
        "chance": verdict.chance,
        "seed_errors": [
            [float(e) if np.isfinite(e) else None for e in pair] for pair in fit.seed_errors
        ],
    }


def distilled(
    bottleneck: Bottleneck,
    spectrum: Float[np.ndarray, " value"],
    choices: Mapping[str, Choice],
) -> dict[str, Any]:
    """What the record says of the bottleneck sweep."""
    return {
        "spectrum": [max(float(value), 0.0) for value in spectrum[:_SPECTRUM]],
        "sweep": bottleneck.records(),
        "dimension": {name: choice.dimension for name, choice in choices.items()},
        "reason": {name: choice.reason for name, choice in choices.items()},
    }


def concluded(record: dict[str, Any], theories: tuple[Theory, ...]) -> dict[str, Any]:
    """What the record says once theories were sought: the most parsimonious first, if any."""
    found: dict[str, Any] = {
        "theories": [theory.record for theory in theories],
        "selected": 0 if theories else None,
        "dimension": record["dimension"] | {t.readout: t.dimension for t in theories},
        "reason": record["reason"] | {t.readout: t.record["reason"] for t in theories},
    }
    if not theories:
        found["verdict"] = "none"
        found["verdict_reason"] = "no width of any decoder explains it"
    return found


def versions() -> dict[str, str]:
    """Of Python and of what the numbers depend on."""
    packages = ("hiddenlaw", "jax", "equinox", "optimistix", "numpy")
    return {"python": platform.python_version(), **{name: _version(name) for name in packages}}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def distiller_arrays(bottleneck: Bottleneck) -> dict[str, np.ndarray]:
    """The arrays of the best distiller of every width and class."""
    return {
        f"distiller/{decoder}/{dimension}/{i}": leaf
        for (dimension, decoder), found in bottleneck.distillations.items()
        for i, leaf in enumerate(_leaves(found.distiller))
    }


def model_arrays(fit: TranslatorFit, theories: tuple[Theory, ...]) -> dict[str, np.ndarray]:
    """The arrays of the translator and of each theory's model."""
    arrays = {f"translator/{i}": leaf for i, leaf in enumerate(_leaves(fit.translator))}
    for t, theory in enumerate(theories):
        arrays[f"theory/{t}/matrices"] = np.asarray(theory.model.cell.matrices)
        arrays[f"theory/{t}/initial"] = np.asarray(theory.model.initial)
        if theory.model.constants is not None:
            arrays[f"theory/{t}/constants"] = np.asarray(theory.model.constants)
        arrays[f"theory/{t}/weights"] = np.asarray(theory.model.readout.weights)
    return arrays


def _leaves(model: Any) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in jax.tree.leaves(model)]
