"""Latent states of the sample runs, and the true ones where a simulation knew them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.style import finite
from hiddenlaw.report.found import in_order

RUNS = 4


def is_wave_function(theory: Mapping[str, Any]) -> bool:
    """Whether the state is (ψ, ψ′) of one real wave function."""
    return list(theory.get("state_names") or ()) == ["psi", "psi'"]


def first_with_states(
    record: Mapping[str, Any], arrays: Mapping[str, np.ndarray], *, wave_only: bool
) -> int | None:
    """Index of the most parsimonious theory whose states were kept; a wave function goes first."""
    known = [pair for pair in in_order(record) if len(arrays.get(f"latent/{pair[0]}/states", ()))]
    waves = [index for index, theory in known if is_wave_function(theory)]
    if waves or wave_only:
        return waves[0] if waves else None
    return known[0][0] if known else None


def true_states(arrays: Mapping[str, np.ndarray], names: list[str]) -> np.ndarray | None:
    """The true states (runs, sites, d) by the names of the latent ones; None if one is unknown."""
    if not all(f"truth/{name}" in arrays for name in names):
        return None
    return finite(np.stack([arrays[f"truth/{name}"] for name in names], axis=-1))


def align(
    states: np.ndarray, truth: np.ndarray | None, *, signed: bool
) -> tuple[np.ndarray, np.ndarray | None, float]:
    """Latent states with the sign of the truth, run by run, and the truth in their scale.

    ψ and -ψ give the same density, and the scale of ψ is convention, so a sign per run and one
    factor for all runs are free. Returns the factor too; it is 1 where nothing is known.
    """
    if truth is None:
        return states, None, 1.0
    if signed:
        overlap = np.nansum(states * truth, axis=(1, 2), keepdims=True)
        states = np.where(overlap < 0, -states, states)
    norm = float(np.nansum(truth**2))
    factor = float(np.nansum(states * truth)) / norm if norm > 0 else 1.0
    if not factor > 0:
        factor = 1.0
    return states, truth * factor, factor


def scale_note(factor: float) -> str:
    """Says so, where the truth is not drawn in its own scale."""
    if abs(factor - 1) < 1e-3:
        return ""
    return f" The true one is drawn times {factor:.4g}: its scale is convention."
