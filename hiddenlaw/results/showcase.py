"""What the pictures show: some held-out runs, states, update matrices, residuals, the truth."""

from typing import Any

import numpy as np

from hiddenlaw.data.dataset import Dataset, Truth
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import run_errors
from hiddenlaw.theory.theory import Theory
from hiddenlaw.translator import TranslatorFit, answer_to

_SAMPLES = 4


def showcase(
    data: Dataset,
    heldout: Heldout,
    fit: TranslatorFit,
    theories: tuple[Theory, ...],
    truth: tuple[Truth, Truth] | None,
) -> tuple[dict[str, np.ndarray], dict[str, Any] | None]:
    """Arrays for the pictures, and the comparison with a simulation's truth, if there is one.

    `truth` is that of the training runs and that of the held-out runs.
    """
    count = min(_SAMPLES, heldout.runs)
    some, response = heldout.select_runs(np.arange(count)), _whole(heldout)
    unseen = np.zeros(response.shape[:2], bool)
    if heldout.judged.constants is not None:
        unseen = _behind(response)

    def shown(values: np.ndarray) -> np.ndarray:
        return np.where(unseen[:count, :, None], np.nan, values[:count])

    arrays = {
        "sample/x": data.x,
        "sample/input": some.input,
        "sample/response": response[:count],
        "sample/translator": shown(answer_to(fit.translator, some)),
    }
    low, high = np.asarray(data.input_range).T
    inputs = low + (high - low) * np.linspace(0, 1, 101)[:, None]
    arrays["transfer/input"] = inputs[:, 0]
    states = [theory.states(heldout.input, heldout.context) for theory in theories]
    for t, theory in enumerate(theories):
        answer = theory.answer_to(heldout)
        arrays[f"sample/{t}/predicted"] = shown(answer)
        arrays[f"latent/{t}/states"] = shown(states[t])
        arrays[f"transfer/{t}/matrix"] = theory.transition(inputs)
        arrays[f"residual/{t}"] = answer - heldout.judged.response
        arrays[f"error/{t}"] = run_errors(answer, heldout.judged)
    constants = (theories[0].record["run_constants"] if theories else None) or {}
    if constants:
        arrays["constants/found"] = np.array(constants["values"])
        if constants["stderr"] is not None:
            arrays["constants/error"] = np.array(constants["stderr"])
    if truth is None:
        return arrays, None
    of_training, of_heldout = truth
    found = {}
    if "constants/error" in arrays and constants["name"] in of_training.states:
        true = np.asarray(of_training.states[constants["name"]])[:, 0]
        arrays["constants/true"] = true
        apart = np.sqrt(np.mean((arrays["constants/found"] - true) ** 2))
        found[constants["name"]] = float(apart / np.std(true))
    for name, values in of_heldout.states.items():
        arrays[f"truth/{name}"] = np.asarray(values)[:count]
    overlap = {}
    for t, theory in enumerate(theories):
        names = theory.record["state_names"]
        if "psi" in names and "psi" in of_heldout.states and not overlap:
            psi, true = states[t][..., names.index("psi")], np.asarray(of_heldout.states["psi"])
            overlap["psi"] = _overlap(np.where(unseen, 0, psi), np.where(unseen, 0, true))
    return arrays, {
        "system": of_training.system,
        "parameters": dict(of_training.parameters),
        "overlap": overlap,
        "run_constants": found,
    }


def _behind(response: np.ndarray) -> np.ndarray:
    """Sites (run, site) behind the last that was measured: runs that were cut to what is visible.

    There a law whose solutions grow tells nothing.
    """
    measured = np.isfinite(response).any(axis=2)
    return ~np.flip(np.maximum.accumulate(np.flip(measured, axis=1), axis=1), axis=1)


def _whole(runs: Heldout) -> np.ndarray:
    """The responses of the runs, what is judged and what was given."""
    if runs.given is None:
        return runs.judged.response
    return np.where(runs.given.observed, runs.given.response, runs.judged.response)


def _overlap(found: np.ndarray, true: np.ndarray) -> float:
    """|⟨found|true⟩| / (|found| |true|), averaged over runs."""
    product = np.abs(np.sum(found * true, axis=1))
    norms = np.linalg.norm(found, axis=1) * np.linalg.norm(true, axis=1)
    return float(np.mean(product / np.maximum(norms, 1e-300)))
