"""The record of a discovery (`discovery.json`) and its trained arrays (`models.npz`)."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.distiller.bottleneck import Bottleneck
from hiddenlaw.distiller.dimension import Choice
from hiddenlaw.law import Law
from hiddenlaw.results.rundir import FORMAT, VERSION
from hiddenlaw.settings import Settings
from hiddenlaw.theory.adequacy import Adequacy
from hiddenlaw.theory.theory import Theory
from hiddenlaw.translator.fit import TranslatorFit
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
        "initial_state": {
            "choice": translation.initial_state,
            "reason": translation.reason,
            "predicted_from": translation.told.predicted_from,
        },
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


def settings_of(record: Mapping[str, Any], asked: Settings, own: Settings) -> dict[str, Any]:
    """The settings as they were asked for, and those that were used.

    `own` are those of the family that was chosen; what was left to the program is filled in by what
    the `record` says of it.
    """
    translator, seeds = record["translator"], [entry["seed"] for entry in record["sweep"]]
    used = {
        "cell": translator["cell"],
        "family": next((f["family"] for f in record["families"] if f["selected"]), own.family),
        "hidden": translator["hidden"],
        "translator_readout": translator["readout"],
        "translator_seeds": len(translator["seed_errors"]),
        "seeds": max(seeds, default=own.seeds - 1) + 1,
        "decoders": list(own.classes),
        "held_out": own.of_records[0] if record.get("records") else own.held_out,
        "hold": record["dataset"]["hold"],
        "initial_state": record["initial_state"]["choice"],
    }
    return {
        "settings": asked.model_dump(mode="json"),
        "used": own.model_dump(mode="json") | used,
    }


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
        "readout": fit.law.readout.name,
        "hidden": fit.law.dimension,
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
    targets = {
        "targets": bottleneck.targets_records(),
        "sweep_beside": bottleneck.records_beside(),
    }
    return (targets if bottleneck.targets else {}) | {
        "spectrum": [max(float(value), 0.0) for value in spectrum[:_SPECTRUM]],
        "sweep": bottleneck.records(),
        "stopped": bottleneck.stopped(),
        "dimension": {name: choice.dimension for name, choice in choices.items()},
        "reason": {name: choice.reason for name, choice in choices.items()},
    }


def concluded(record: dict[str, Any], theories: tuple[Theory, ...]) -> dict[str, Any]:
    """What the record says once theories were sought: the most parsimonious first, if any."""
    found: dict[str, Any] = {
        "theories": [theory.record for theory in theories],
        "selected": 0 if theories else None,
        "dimension": record["dimension"] | {t.readout: t.dimension for t in theories},
        "reason": record["reason"] | {t.readout: said for t in theories if (said := _reason(t))},
    }
    if not theories:
        found["verdict"] = "none"
        found["verdict_reason"] = "no law of so few variables explains a tenth of held-out runs"
    return found


def judged(found: Adequacy, correlated: Mapping[str, Any]) -> dict[str, Any]:
    """What the record says of the first theory: what is left, and whether it is the whole law.

    `correlated` is what else is known of what is left: its correlations.
    """
    entry: dict[str, Any] = {"residuals": found.to_json() | dict(correlated)}
    if found.approximate:
        entry["verdict"] = "approximate"
        entry["verdict_reason"] = "; ".join(found.why)
    return entry


def versions() -> dict[str, str]:
    """Of Python and of what the numbers depend on."""
    packages = ("hiddenlaw", "numpy", "scipy", "jax")
    return {"python": platform.python_version(), **{name: _version(name) for name in packages}}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def _reason(theory: Theory) -> str | None:
    judgement = theory.statement.judgement
    return None if judgement is None else judgement.reason


def distiller_arrays(bottleneck: Bottleneck) -> dict[str, np.ndarray]:
    """The arrays of the best distiller of every width and class."""
    found: dict[str, np.ndarray] = {}
    for (dimension, decoder), distillation in bottleneck.distillations.items():
        place, distiller = f"distiller/{decoder}/{dimension}", distillation.distiller
        found |= {f"{place}/{name}": part for name, part in _arrays_of(distiller.law).items()}
        found[f"{place}/anchor_hidden"] = distiller.encoder.anchor_hidden
        found[f"{place}/anchor_latent"] = distiller.encoder.anchor_latent
    return found


def model_arrays(fit: TranslatorFit, theories: tuple[Theory, ...]) -> dict[str, np.ndarray]:
    """The arrays of the translator and of each theory's law."""
    found = {f"translator/{name}": part for name, part in _arrays_of(fit.law).items()}
    found["translator/scale"] = np.asarray(fit.law.scale)
    for t, theory in enumerate(theories):
        found |= {f"theory/{t}/{name}": part for name, part in _arrays_of(theory.law).items()}
        if theory.covariance is not None:
            found[f"theory/{t}/covariance"] = theory.covariance
    return found


def _arrays_of(law: Law) -> dict[str, np.ndarray]:
    """Everything trained of a law; `initial` holds starts, (d,) or (d, run)."""
    found = {name: np.asarray(getattr(law.cell, name)) for name in law.cell.trained}
    found |= law.preparation.arrays
    found["weights"] = np.asarray(law.readout.weights)
    if law.readout.inner.size:
        found["inner"] = np.asarray(law.readout.inner)
    return found
