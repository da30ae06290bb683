"""Is the input rich enough to tell a law's terms apart?

A coefficient can be known only if its term does something that no other term does. This is asked
of the inputs alone, before any fit: which of the monomials 1, V, V² (and products of channels) are
sums of the others over all sites and runs, whether runs repeat each other, and what each channel by
itself excites (see `excitation`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from jaxtyping import Float

from hiddenlaw.advice.excitation import Channel, channel_of
from hiddenlaw.advice.smoothness import advise_hold as advise_hold
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.discoverable import RUNS_FOR_DISCOVERY
from hiddenlaw.data.thresholds import SAME, TINY

_SMALL = 1e-3  # a term that differs from a sum of others by less than this share is that sum
_DEGREE = 2


@dataclass(frozen=True)
class Richness:
    """What the inputs of a dataset can tell apart.

    - `channels`: each channel by itself.
    - `terms`: the monomials of the inputs, `1` first; `singular_values`: those of the matrix of
      their values over sites and runs, of standardised inputs and in columns of unit norm, over
      the largest; 0 for every term that is a sum of others.
    - `inseparable`: terms that are sums of others, with the terms they are sums of.
    - `distinct_runs`: how many different inputs the runs have.
    - `warnings`: a sentence for whatever cannot be known from such inputs; none if all is well.
    """

    channels: tuple[Channel, ...]
    terms: tuple[str, ...]
    singular_values: Float[np.ndarray, " term"]
    inseparable: dict[str, tuple[str, ...]]
    distinct_runs: int
    warnings: tuple[str, ...]


def richness(dataset: Dataset) -> Richness:
    """What the inputs of `dataset` can tell apart; the responses are not looked at."""
    names, input = dataset.input_names, dataset.input
    channels = tuple(channel_of(name, input[:, :, c], dataset.dx) for c, name in enumerate(names))
    terms, values, inseparable = _terms(names, input.reshape(-1, len(names)))
    span = np.maximum(np.ptp(input, axis=(0, 1)), TINY)
    distinct = _distinct(((input - input.min(axis=(0, 1))) / span).reshape(len(input), -1))
    warnings = [w for c, channel in enumerate(channels) for w in _of(channel, input[:, :, c])]
    warnings += _of_terms(channels, input, inseparable)
    if dataset.runs > 1 and distinct < min(dataset.runs, RUNS_FOR_DISCOVERY):
        shared = "one input" if distinct == 1 else f"{distinct} inputs"
        warnings.append(
            f"{dataset.runs} runs share {shared}: they are repetitions, and what is held out was "
            "seen in training"
        )
    return Richness(channels, terms, values, inseparable, distinct, tuple(warnings))


def _terms(
    names: tuple[str, ...], input: Float[np.ndarray, "sample channel"]
) -> tuple[tuple[str, ...], Float[np.ndarray, " term"], dict[str, tuple[str, ...]]]:
    """Names of the monomials, singular values of their matrix, and which are sums of which."""
    spread = input.std(axis=0)
    constant = np.ptp(input, axis=0) <= SAME * np.abs(input).max(axis=0)
    standard = np.where(constant, 0, input - input.mean(axis=0)) / np.where(constant, 1, spread)
    count = len(standard)
    kept, basis, columns, every = ["1"], [np.ones(count) / np.sqrt(count)], [], ["1"]
    inseparable: dict[str, tuple[str, ...]] = {}
    alone: set[int] = set()  # channels that no earlier ones make up
    for degree in range(1, _DEGREE + 1):
        for chosen in combinations_with_replacement(range(len(names)), degree):
            name = _name(names, chosen)
            every.append(name)
            if degree > 1 and not set(chosen) <= alone:
                continue  # follows from what is said of its channels
            column = np.prod(standard[:, list(chosen)], axis=1)
            centred = column - column.mean()
            known = np.stack(basis, axis=1)
            rest = column - known @ (known.T @ column)
            size = float(np.linalg.norm(column))
            # A term that is constant to rounding leaves nothing but rounding.
            scale = max(float(np.linalg.norm(centred)), 1e-6 * size)
            if np.linalg.norm(rest) <= _SMALL * scale:
                factors = {names[c] for c in chosen if degree > 1}
                inseparable[name] = _made_of(column, columns, kept, factors)
                continue
            if degree == 1:
                alone.add(chosen[0])
            kept.append(name)
            columns.append(column / size)
            basis.append(rest / np.linalg.norm(rest))
    table = np.stack([np.ones(count) / np.sqrt(count), *columns], axis=1)
    values = np.linalg.svd(table, compute_uv=False)
    values = np.concatenate([values, np.zeros(len(every) - len(values))])
    return tuple(every), values / values[0], inseparable


def _name(names: tuple[str, ...], chosen: tuple[int, ...]) -> str:
    powers = sorted((names[c], chosen.count(c)) for c in set(chosen))
    return "*".join(name if power == 1 else f"{name}**{power}" for name, power in powers)


def _made_of(
    column: np.ndarray, columns: list[np.ndarray], kept: list[str], factors: set[str]
) -> tuple[str, ...]:
    """Which of the terms kept so far the column is a sum of.

    Its own factors are always among them: whether they enter depends on where the input is counted
    from.
    """
    table = np.stack([np.ones(len(column)) / np.sqrt(len(column)), *columns], axis=1)
    weights = np.linalg.lstsq(table, column, rcond=None)[0]
    size = _SMALL * np.linalg.norm(column)
    pairs = zip(kept[1:], weights[1:], strict=True)
    found = [name for name, w in pairs if abs(w) > size or name in factors]
    return (*found, "1")


def _distinct(flat: Float[np.ndarray, "run value"]) -> int:
    """How many runs differ from all before them; values are over their range."""
    # Equal runs are neighbours when sorted by a projection; those few are compared in full.
    order = np.argsort(flat @ np.linspace(1, 2, flat.shape[1]), kind="stable")
    steps = np.abs(np.diff(flat[order], axis=0)).max(axis=1) if len(flat) > 1 else np.zeros(0)
    return 1 + int((steps > SAME).sum())


def _of(channel: Channel, values: Float[np.ndarray, "run site"]) -> list[str]:
    """What one channel lacks."""
    name, span = channel.name, channel.high - channel.low
    if span <= SAME * max(abs(channel.low), abs(channel.high)):
        return [f"{name} never varies: {name}*psi and psi cannot be told apart, only their sum"]
    said = []
    if span < 1e-3 * abs(channel.mean):
        said.append(
            f"{name} varies by less than a thousandth of its mean: the errors of {name}*psi and "
            "psi will go together; count it from its mean, and vary it more"
        )
    if np.ptp(values, axis=1).max() <= SAME * span:
        said.append(
            f"{name} is constant within every run: a term with {name}' cannot be told apart from "
            "nothing; vary it along the run"
        )
    if channel.tone is not None:
        varying = values - values.mean(axis=1, keepdims=True)
        weights = np.linalg.svd(varying, compute_uv=False)
        phase = " and phase" if len(values) > 1 and weights[1] < 1e-3 * weights[0] else ""
        said.append(
            f"{name} is a single tone of the same wavelength{phase} in all runs "
            f"({channel.tone:.3g}): how the response follows other wavelengths is not seen"
        )
    return said


def _of_terms(
    channels: tuple[Channel, ...],
    input: Float[np.ndarray, "run site channel"],
    inseparable: dict[str, tuple[str, ...]],
) -> list[str]:
    """Which terms cannot be told apart; constant channels have been spoken of."""
    said = []
    for term, others in inseparable.items():
        names = [channel.name for channel in channels]
        if term in names:
            if others != ("1",):
                said.append(
                    f"{term} follows {' and '.join(others[:-1])}: {term}*psi cannot be told apart "
                    f"from {', '.join(f'{o}*psi' for o in others[:-1])} and psi"
                )
            continue
        why = ""
        base = term.removesuffix("**2")
        if base in names:
            column = input[:, :, names.index(base)]
            scaled = np.round((column - column.min()) / np.ptp(column) * 1e6)
            why = f"{base} takes two values only: " if len(np.unique(scaled)) == 2 else ""
        listed = ", ".join("psi" if o == "1" else f"{o}*psi" for o in others)
        said.append(f"{why}{term}*psi cannot be told apart from {listed}; only sums are known")
    return said
