"""What the pictures show: some held-out runs, states, update matrices, residuals, the truth."""

from typing import Any

import numpy as np

from hiddenlaw.dataset import Dataset, Truth
from hiddenlaw.heldout import Heldout
from hiddenlaw.misfit import run_errors
from hiddenlaw.theory.theory import Theory
from hiddenlaw.translator import TranslatorFit, answer_to

_SAMPLES = 4


def showcase(
    data: Dataset,
    heldout: Heldout,
    fit: TranslatorFit,
    theories: tuple[Theory, ...],
    truth: Truth | None,
    of_training: Truth | None,
) -> tuple[dict[str, np.ndarray], dict[str, Any] | None]:
    """Arrays for the pictures, and the comparison with a simulation's truth, if there is one.

    `truth` is of the runs of `data`, `of_training` of the training runs among them.
    """
    count = min(_SAMPLES, heldout.runs)
    some = heldout.select_runs(np.arange(count))
    response = _whole(some)
    cut = some.judged.constants is not None
    beyond = _beyond(response) if cut else np.zeros(response.shape[:2], bool)

    def shown(values: np.ndarray) -> np.ndarray:
        return np.where(beyond[..., None], np.nan, values)

    arrays = {
        "sample/x": data.x,
        "sample/input": some.input,
        "sample/response": response,
        "sample/translator": shown(answer_to(fit.translator, some)),
    }
    low, high = np.asarray(data.input_range).T
    inputs = low + (high - low) * np.linspace(0, 1, 101)[:, None]
    arrays["transfer/input"] = inputs[:, 0]
    for t, theory in enumerate(theories):
        arrays[f"sample/{t}/predicted"] = shown(theory.answer_to(some))
        states = theory.states(some.input, some.context)
        arrays[f"latent/{t}/states"] = shown(states)
        arrays[f"transfer/{t}/matrix"] = theory.transition(inputs)
        answer = theory.answer_to(heldout)
        arrays[f"residual/{t}"] = answer - heldout.judged.response
        arrays[f"error/{t}"] = run_errors(answer, heldout.judged)
    constants = (theories[0].record["run_constants"] if theories else None) or {}
    if constants:
        arrays["constants/found"] = np.array(constants["values"])
        if constants["stderr"] is not None:
            arrays["constants/error"] = np.array(constants["stderr"])
    if truth is None or of_training is None:
        return arrays, None
    found = {}
    if "constants/error" in arrays and constants["name"] in of_training.states:
        true = np.asarray(of_training.states[constants["name"]])[:, 0]
        arrays["constants/true"] = true
        apart = np.sqrt(np.mean((arrays["constants/found"] - true) ** 2))
        found[constants["name"]] = float(apart / np.std(true))
    places = [_place(data, arrays["sample/input"][k], response[k]) for k in range(count)]
    for name, states in truth.states.items():
        arrays[f"truth/{name}"] = np.asarray(states)[places]
    overlap, seen = {}, ~_beyond(data.response) if cut else np.ones(data.response.shape[:2], bool)
    for theory in theories:
        names = theory.record["state_names"]
        if "psi" in names and "psi" in truth.states and not overlap:
            states = theory.states(data.input, data.response)[..., names.index("psi")]
            true = np.asarray(truth.states["psi"])
            overlap["psi"] = _overlap(states * seen, true * seen)
    return arrays, {
        "system": truth.system,
        "parameters": dict(truth.parameters),
        "overlap": overlap,
        "run_constants": found,
    }


def _beyond(response: np.ndarray) -> np.ndarray:
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


def _place(data: Dataset, input: np.ndarray, response: np.ndarray) -> int:
    """Which run of `data` this one is."""
    same = np.all(data.input == input, axis=(1, 2))
    answers = np.isclose(data.response, response, rtol=0, atol=0, equal_nan=True)
    return int(np.argmax(same & np.all(answers, axis=(1, 2))))


def _overlap(found: np.ndarray, true: np.ndarray) -> float:
    """|⟨found|true⟩| / (|found| |true|), averaged over runs."""
    product = np.abs(np.sum(found * true, axis=1))
    norms = np.linalg.norm(found, axis=1) * np.linalg.norm(true, axis=1)
    return float(np.mean(product / np.maximum(norms, 1e-300)))
