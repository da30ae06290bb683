"""What the pictures show: some held-out runs, states, update matrices, residuals, the truth."""

from typing import Any

import numpy as np

from hiddenlaw.dataset import Dataset, Truth
from hiddenlaw.misfit import run_errors
from hiddenlaw.theory.theory import Theory
from hiddenlaw.translator import TranslatorFit, answer_to

_SAMPLES = 4


def showcase(
    data: Dataset,
    heldout: Dataset,
    fit: TranslatorFit,
    theories: tuple[Theory, ...],
    truth: Truth | None,
    seed: int,
) -> tuple[dict[str, np.ndarray], dict[str, Any] | None]:
    """Arrays for the pictures, and the comparison with a simulation's truth, if there is one."""
    count = min(_SAMPLES, heldout.runs)
    some = heldout.select_runs(np.arange(count))
    arrays = {
        "sample/x": data.x,
        "sample/input": some.input,
        "sample/response": some.response,
        "sample/translator": answer_to(fit.translator, some),
    }
    low, high = np.asarray(data.input_range).T
    inputs = low + (high - low) * np.linspace(0, 1, 101)[:, None]
    arrays["transfer/input"] = inputs[:, 0]
    for t, theory in enumerate(theories):
        arrays[f"sample/{t}/predicted"] = theory.predict(some.input)
        arrays[f"latent/{t}/states"] = theory.states(some.input)
        arrays[f"transfer/{t}/matrix"] = theory.transition(inputs)
        answer = theory.predict(heldout.input)
        arrays[f"residual/{t}"] = answer - heldout.response
        arrays[f"error/{t}"] = run_errors(answer, heldout)
    if truth is None:
        return arrays, None
    places = [_place(data, some, k) for k in range(count)]
    for name, states in truth.states.items():
        arrays[f"truth/{name}"] = np.asarray(states)[places]
    overlap = {}
    for theory in theories:
        names = theory.record["state_names"]
        if "psi" in names and "psi" in truth.states and not overlap:
            states = theory.states(data.input)[..., names.index("psi")]
            overlap["psi"] = _overlap(states, np.asarray(truth.states["psi"]))
    return arrays, {
        "system": truth.system,
        "parameters": dict(truth.parameters),
        "overlap": overlap,
    }


def _place(data: Dataset, some: Dataset, k: int) -> int:
    """Which run of `data` the k-th of `some` is."""
    same = np.all(data.input == some.input[k], axis=(1, 2))
    answers = np.isclose(data.response, some.response[k], rtol=0, atol=0, equal_nan=True)
    return int(np.argmax(same & np.all(answers, axis=(1, 2))))


def _overlap(found: np.ndarray, true: np.ndarray) -> float:
    """|⟨found|true⟩| / (|found| |true|), averaged over runs."""
    product = np.abs(np.sum(found * true, axis=1))
    norms = np.linalg.norm(found, axis=1) * np.linalg.norm(true, axis=1)
    return float(np.mean(product / np.maximum(norms, 1e-300)))
