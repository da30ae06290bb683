"""What the pictures show: some held-out runs, states, update matrices, residuals, the truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.cells import AbstractLinearCell
from hiddenlaw.data.dataset import Dataset, Truth
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import run_errors
from hiddenlaw.data.thresholds import TINY
from hiddenlaw.results.static_points import static_points
from hiddenlaw.theory.statement import RunConstant
from hiddenlaw.theory.theory import Theory
from hiddenlaw.translator.fit import TranslatorFit

_SAMPLES = 4  # held-out runs
_INPUTS = 101  # at which the update matrix is drawn


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
    behind = _behind(heldout)
    states = [theory.states_of(heldout) for theory in theories]
    inputs = _across(data)
    arrays = _samples(data, heldout, fit, behind) | {"transfer/input": inputs[:, 0]}
    for t, theory in enumerate(theories):
        arrays |= _of_theory(t, theory, heldout, states[t], behind)
        if isinstance(theory.law.cell, AbstractLinearCell):
            arrays[f"transfer/{t}/matrix"] = theory.transition(inputs)
    arrays |= {} if theories else static_points(data, heldout)
    constants = theories[0].statement.run_constants if theories else ()
    for k, constant in enumerate(constants):
        arrays |= _of_constant(_place(k), constant)
    if truth is None:
        return arrays, None
    of_training, of_heldout = truth
    known, compared = _compared_constants(constants, of_training)
    for name, values in of_heldout.states.items():
        known[f"truth/{name}"] = np.asarray(values)[:_SAMPLES]
    return arrays | known, {
        "system": of_training.system,
        "parameters": dict(of_training.parameters),
        "overlap": _overlaps(theories, states, of_heldout, behind),
        "run_constants": compared,
    }


def _samples(
    data: Dataset, heldout: Heldout, fit: TranslatorFit, behind: Bool[np.ndarray, "run site"]
) -> dict[str, np.ndarray]:
    """A few held-out runs as measured and as translated."""
    some = heldout.select_runs(np.arange(min(_SAMPLES, heldout.runs)))
    return {
        "sample/x": data.x,
        "sample/input": some.input,
        "sample/response": some.whole.response,
        "sample/translator": _shown(fit.answer(some), behind),
    }


def _across(data: Dataset) -> Float[np.ndarray, "sample channel"]:
    """Inputs from the lowest to the highest of the data, all channels together."""
    low, high = np.asarray(data.input_range).T
    return low + (high - low) * np.linspace(0, 1, _INPUTS)[:, None]


def _of_theory(
    t: int,
    theory: Theory,
    heldout: Heldout,
    states: Float[np.ndarray, "run site d"],
    behind: Bool[np.ndarray, "run site"],
) -> dict[str, np.ndarray]:
    """What theory number t answers to the held-out runs, and through which states."""
    answer = theory.answer_to(heldout)
    return {
        f"sample/{t}/predicted": _shown(answer, behind),
        f"latent/{t}/states": _shown(states, behind),
        f"residual/{t}": answer - heldout.judged.response,
        f"error/{t}": run_errors(answer, heldout.judged),
    }


def _place(k: int) -> str:
    """Where the arrays of constant k of the runs are: the first without a number."""
    return f"constants/{k}" if k else "constants"


def _of_constant(place: str, constant: RunConstant) -> dict[str, np.ndarray]:
    """A constant of the training runs as found, and its standard errors."""
    arrays = {f"{place}/found": np.array(constant.values)}
    if constant.stderr is not None:
        arrays[f"{place}/error"] = np.array(constant.stderr)
    return arrays


def _compared_constants(
    constants: Sequence[RunConstant], truth: Truth
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """The true constants of the training runs, and how far those found are from them.

    Relative to their standard deviation; nothing of those that the simulation does not know.
    """
    known, apart = {}, {}
    for k, constant in enumerate(constants):
        if constant.stderr is not None and constant.name in truth.states:
            true = np.asarray(truth.states[constant.name])[:, 0]
            error = np.sqrt(np.mean((np.array(constant.values) - true) ** 2))
            known[f"{_place(k)}/true"] = true
            apart[constant.name] = float(error / np.std(true))
    return known, apart


def _overlaps(
    theories: tuple[Theory, ...],
    states: list[np.ndarray],
    truth: Truth,
    behind: Bool[np.ndarray, "run site"],
) -> dict[str, float]:
    """The overlap of the first ψ that was found with the true one, over the held-out runs."""
    for theory, found in zip(theories, states, strict=True):
        names = theory.statement.state_names
        if "psi" in names and "psi" in truth.states:
            psi, true = found[..., names.index("psi")], np.asarray(truth.states["psi"])
            return {"psi": _overlap(np.where(behind, 0, psi), np.where(behind, 0, true))}
    return {}


def _overlap(found: Float[np.ndarray, "run site"], true: Float[np.ndarray, "run site"]) -> float:
    """|⟨found|true⟩| / (|found| |true|), averaged over runs."""
    product = np.abs(np.sum(found * true, axis=1))
    norms = np.linalg.norm(found, axis=1) * np.linalg.norm(true, axis=1)
    return float(np.mean(product / np.maximum(norms, TINY)))


def _behind(heldout: Heldout) -> Bool[np.ndarray, "run site"]:
    """Sites behind the last that was measured: runs may have been cut to what is visible.

    There a law whose solutions grow tells nothing.
    """
    measured = np.isfinite(heldout.whole.response).any(axis=2)
    return ~np.flip(np.maximum.accumulate(np.flip(measured, axis=1), axis=1), axis=1)


def _shown(values: np.ndarray, behind: Bool[np.ndarray, "run site"]) -> np.ndarray:
    """Of the first runs, what does not lie behind their last measured sample."""
    few = values[:_SAMPLES]
    return np.where(behind[: len(few), :, None], np.nan, few)
