"""Is the input rich enough to tell a law's terms apart?

A coefficient can be known only if its term does something that no other term does. This is asked
of the inputs alone, before any fit: which of the monomials 1, V, V² (and products of channels) are
sums of the others over all sites and runs; whether runs repeat each other; what tones are there.
Persistence of excitation is that of Ljung, System Identification (2nd ed., 1999), § 13.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from jaxtyping import Float

from hiddenlaw.dataset import RUNS_FOR_DISCOVERY, Dataset
from hiddenlaw.smoothness import advise_hold as advise_hold

_SAME = 1e-9  # of a channel's range: two values closer than this are one
_SMALL = 1e-3  # a term that differs from a sum of others by less than this share is that sum
_TONE = 1e-2  # share of the variance that a single tone may leave
_WINDOW = 16
_DEGREE = 2


@dataclass(frozen=True)
class Channel:
    """One channel of the input over all runs.

    - `low`, `high`, `mean`: in the input's unit.
    - `within`: standard deviation about the mean of its run; `between`: that of the runs' means.
    - `wave_numbers` (k,), in cycles per unit of x, and `power` (k,): the share of the variance
      within runs at each, the mean of the runs' periodograms; all zero where nothing varies.
    - `modes`: the effective number of these, (Σp)²/Σp².
    - `order`: order of persistence of excitation: how many directions stretches of up to 16 sites
      take (over a millionth of the largest amplitude), of `window` possible.
    - `tone`: the wavelength, where all runs are one tone of the same wavelength; else None.
    """

    name: str
    low: float
    high: float
    mean: float
    within: float
    between: float
    wave_numbers: Float[np.ndarray, " k"]
    power: Float[np.ndarray, " k"]
    modes: float
    order: int
    window: int
    tone: float | None


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
    channels = tuple(_channel(name, input[:, :, c], dataset) for c, name in enumerate(names))
    terms, values, inseparable = _terms(names, input.reshape(-1, len(names)))
    span = np.maximum(np.ptp(input, axis=(0, 1)), 1e-300)
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


def _channel(name: str, values: Float[np.ndarray, "run site"], dataset: Dataset) -> Channel:
    mean = values.mean(axis=1, keepdims=True)
    varying = values - mean
    if np.ptp(values) <= _SAME * np.abs(values).max():
        varying = np.zeros_like(varying)
    periodogram = np.mean(np.abs(np.fft.rfft(varying, axis=1)) ** 2, axis=0)
    total = periodogram.sum()
    power = periodogram / total if total else periodogram
    window = min(_WINDOW, dataset.sites)
    return Channel(
        name,
        float(values.min()),
        float(values.max()),
        float(values.mean()),
        float(varying.std()),
        float(mean.std()),
        np.fft.rfftfreq(dataset.sites, dataset.dx),
        power,
        float(1 / (power**2).sum()) if total else 0.0,
        _order(values, window),
        window,
        _tone(varying, dataset.dx),
    )


def _order(values: Float[np.ndarray, "run site"], window: int) -> int:
    """The rank of the covariance of all stretches of `window` sites, about the overall mean."""
    spread = np.ptp(values)
    if spread <= _SAME * np.abs(values).max():
        return 0
    pieces = np.lib.stride_tricks.sliding_window_view(
        (values - values.mean()) / spread, window, axis=1
    ).reshape(-1, window)
    # The squares of singular values: a millionth in amplitude is 1e-12 here.
    found = np.linalg.eigvalsh(pieces.T @ pieces)
    return int((found > 1e-12 * found[-1]).sum())


def _tone(varying: Float[np.ndarray, "run site"], dx: float) -> float | None:
    """The wavelength of the one tone that all runs are, amplitudes, phases and means aside.

    A run must hold a whole wave, or a stretch of a parabola would pass for a tone.
    """
    sites = varying.shape[1]
    variance = float((varying**2).sum())
    if not variance or sites < 8:
        return None
    i = np.arange(sites)

    def left(cycles: float) -> float:
        phase = 2 * np.pi * cycles * i / sites
        basis, _ = np.linalg.qr(np.stack([np.ones(sites), np.cos(phase), np.sin(phase)], axis=1))
        return 1 - float(((varying @ basis) ** 2).sum()) / variance

    peak = int(np.argmax((np.abs(np.fft.rfft(varying, axis=1)) ** 2).sum(axis=0)))
    best = min(np.linspace(max(peak - 1, 1), peak + 1, 41), key=left)
    best = min(np.linspace(max(best - 0.05, 1), best + 0.05, 41), key=left)
    return float(sites * dx / best) if left(best) < _TONE else None


def _terms(
    names: tuple[str, ...], input: Float[np.ndarray, "sample channel"]
) -> tuple[tuple[str, ...], Float[np.ndarray, " term"], dict[str, tuple[str, ...]]]:
    """Names of the monomials, singular values of their matrix, and which are sums of which."""
    spread = input.std(axis=0)
    constant = np.ptp(input, axis=0) <= _SAME * np.abs(input).max(axis=0)
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
    return 1 + int((steps > 1e-9).sum())


def _of(channel: Channel, values: Float[np.ndarray, "run site"]) -> list[str]:
    """What one channel lacks."""
    name, span = channel.name, channel.high - channel.low
    if span <= _SAME * max(abs(channel.low), abs(channel.high)):
        return [f"{name} never varies: {name}*psi and psi cannot be told apart, only their sum"]
    said = []
    if span < 1e-3 * abs(channel.mean):
        said.append(
            f"{name} varies by less than a thousandth of its mean: the errors of {name}*psi and "
            "psi will go together; count it from its mean, and vary it more"
        )
    if np.ptp(values, axis=1).max() <= _SAME * span:
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
