"""The record of a discovery (`discovery.json`) and its trained arrays (`models.npz`)."""

import platform
from importlib.metadata import version
from typing import Any

import jax
import numpy as np

from hiddenlaw.advice.richness import richness
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.distiller.bottleneck import Bottleneck
from hiddenlaw.readouts import Linear
from hiddenlaw.settings import Settings
from hiddenlaw.theory.equations.naming import factors_of
from hiddenlaw.theory.theory import Theory
from hiddenlaw.translator import TranslatorFit
from hiddenlaw.translator.translation import Translation
from hiddenlaw.translator.verdict import Verdict

FORMAT, VERSION = "hiddenlaw.discovery", 1


def opening(
    data: Dataset, translation: Translation, chosen: Settings, verdict: Verdict
) -> dict[str, Any]:
    """The record as far as it is known before distillation."""
    fit = translation.fit
    record = {
        "format": FORMAT,
        "version": VERSION,
        "dataset": {
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
        },
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
        "translator": {
            "cell": chosen.cell,
            "readout": "linear" if isinstance(fit.translator.readout, Linear) else "quadratic",
            "hidden": fit.translator.cell.dimension,
            "train_error": fit.train_error,
            "heldout_error": fit.heldout_error,
            "static_error": verdict.static_error,
            "chance": verdict.chance,
            "seed_errors": [
                [float(e) if np.isfinite(e) else None for e in pair] for pair in fit.seed_errors
            ],
        },
    }
    if translation.hold_errors:
        record["hold_errors"] = translation.hold_errors
    return record


_STARTS = {
    "shared": "All runs are taken to share one preparation (the initial state).",
    "per-run": "Every run starts from a state of its own, fitted beside the law; for a held-out "
    "run it is found from every other sample, and errors are those of the samples between.",
    "context": "Every run starts from a state of its own, fitted beside the law; for a held-out "
    "run it is read off its first samples, and errors are those of the samples after them.",
}


def notes(
    data: Dataset,
    theories: tuple[Theory, ...],
    translation: Translation,
    chosen: Settings,
    unseen: int = 0,
) -> list[str]:
    """What a reader of these theories should know."""
    said = [
        _STARTS[translation.initial_state],
        "Standard errors: Gauss–Newton at the refit; no residual is taken for less than 1e-10 of "
        "the response's standard deviation. 95 % intervals: "
        + (
            f"bootstrap over runs, {chosen.bootstrap} resamples."
            if chosen.bootstrap
            else "of the same errors; for noise that differs or lasts from site to site ask for a "
            "bootstrap."
        ),
    ]
    for theory in theories[:1]:
        found = theory.record["run_constants"]
        if found:
            said.append(
                f"{found['name']} is a constant of each run, found beside the law: "
                f"{found['meaning']}. Runs are looked at where the response stands above three "
                "times its noise, and the law was fitted over windows there, each with a start of "
                "its own; errors of smooth holds are not counted."
            )
    if unseen:
        said.append(f"{unseen} runs stand above their noise at too few sites and were left out.")
    if data.hold != "zero" and not chosen.run_constants:
        said.append(
            "The input varies inside cells: errors include what finer cells and a smoother spline "
            "would change."
        )
    said[:0] = dict.fromkeys(line for t in theories for line in t.record["unknowable"])
    for theory in theories[:1]:
        told, error = theory.record["confirmed"], theory.record["heldout_error"]
        if not told["as_good"]:
            said.insert(
                0,
                "The first theory predicts unseen runs worse than the translator from which it was "
                f"distilled (error {error:.2g} of the variance against "
                f"{told['translator_error']:.2g}): it is not the whole law, or not the law. More "
                "--seeds, another --max-dimension or more runs may find it.",
            )
    if any(t.record["born"] and not t.record["several"] for t in theories):
        response = data.response_names[0]
        said.insert(
            0,
            f"The scale of psi is convention: {response} = psi**2 fixes it, so a factor on "
            f"{response} cannot be known. psi and -psi are the same state.",
        )
    slopes = {name + "'" for name in data.input_names}
    laws = [theory.record["law"]["terms"] for theory in theories if theory.record["law"]]
    terms = [term for law in laws for entries in law.values() for term in entries]
    if any(name in slopes for term in terms for name, _ in factors_of(term)):
        said.append(
            "Where the input is held constant over cells its derivative is a spike at each edge: "
            "there the first-order system is the law, and the scalar equation its form for an "
            "input that can be differentiated."
        )
    return [*said, *richness(data).warnings]


def versions() -> dict[str, str]:
    """Of Python and of what the numbers depend on."""
    packages = ("hiddenlaw", "jax", "equinox", "optimistix", "numpy")
    return {"python": platform.python_version(), **{name: _version(name) for name in packages}}


def _version(name: str) -> str:
    try:
        return version(name)
    except Exception:
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
