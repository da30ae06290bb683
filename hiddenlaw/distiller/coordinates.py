"""What of a hidden state matters: coordinates measured by the responses still to come.

An over-wide translator fills its spare hidden units with junk that the response never sees. To
reconstruct raw units would reconstruct the junk and hide the jump, so hidden states are mapped to
coordinates in which distance is distance of future responses:

- cells linear in their state: the observability metric |δh|² = δhᵀ W δh with the Gramian
  W = E[Σ_k J_kᵀ J_k] of J_k = ∂(response k sites on)/∂h, along the data;
- others: the predictive state, the translator's answers from h to a few short probe inputs, reduced
  by singular value decomposition.

Either way the horizon must end inside the length that was trained: beyond it junk grows.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.cells import AbstractLinearCell, DrivenCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Own
from hiddenlaw.readouts import AbstractReadout, Linear

_PROBES, _PROBE_SITES, _STRETCHES = 6, 10, 200
_NEGLIGIBLE = 1e-14  # of the largest eigenvalue of the Gramian: below its rounding


class AbstractHiddenCoordinates(abc.ABC):
    """Maps hidden states to coordinates of unit total variance along the data.

    `horizon` is how many sites of future response they look at, `spectrum` how much each direction
    counts, the largest being 1.
    """

    horizon: int
    spectrum: Float[np.ndarray, " direction"]

    @abc.abstractmethod
    def __call__(
        self, hidden: Float[np.ndarray, "*batch hidden"]
    ) -> Float[np.ndarray, "*batch coordinate"]:
        """The coordinates of hidden states."""


@dataclass(frozen=True, eq=False)
class ObservabilityCoordinates(AbstractHiddenCoordinates):
    """φ(h) ↦ Wᐟ² φ(h): Euclidean distance is the observability metric.

    φ are the features of the translator's readout, h itself where it is linear; of a driven law
    less its `middle`, for there a state that rests away from zero is no variable.
    """

    readout: AbstractReadout
    root: Float[np.ndarray, "feature coordinate"]
    spectrum: Float[np.ndarray, " feature"]
    horizon: int
    middle: Float[np.ndarray, " feature"] | float = 0.0

    def __call__(
        self, hidden: Float[np.ndarray, "*batch hidden"]
    ) -> Float[np.ndarray, "*batch coordinate"]:
        features = self.readout.features(np.asarray(hidden), self.readout.inner)
        return (features - self.middle) @ self.root


@dataclass(frozen=True, eq=False)
class PredictiveState(AbstractHiddenCoordinates):
    """h ↦ the leading components of the translator's answers, from h, to fixed probe inputs."""

    law: Law
    probes: Float[np.ndarray, "probe site channel"]
    components: Float[np.ndarray, "answer coordinate"]
    spectrum: Float[np.ndarray, " answer"]

    @property
    def horizon(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.probes.shape[1]

    def answers(
        self, hidden: Float[np.ndarray, "*batch hidden"]
    ) -> Float[np.ndarray, "*batch answer"]:
        """The responses at every site of every probe, over the law's scale."""
        flat = hidden.reshape(-1, hidden.shape[-1])
        law, answers = self.law.but(preparation=Own(flat)), []
        for probe in self.probes:
            along = np.broadcast_to(probe, (len(flat), *probe.shape))
            answers.append(np.swapaxes(law.outputs(Shown.unanswered(along)), 0, 1))
        found = np.stack(answers, axis=1)
        return found.reshape(*hidden.shape[:-1], -1)

    def __call__(
        self, hidden: Float[np.ndarray, "*batch hidden"]
    ) -> Float[np.ndarray, "*batch coordinate"]:
        return self.answers(hidden) @ self.components


def observability_gramian(
    law: Law, shown: Shown, inside: Bool[np.ndarray, "run site"], horizon: int
) -> Float[np.ndarray, "feature feature"]:
    """W = E[Σ_{k<horizon} J_kᵀ J_k] of a translator with a linear cell, over the sites `inside`.

    With a quadratic readout the response is linear in the features of the state, and these move
    linearly: W is that of the features. Antoulas, Approximation of Large-Scale Dynamical Systems
    (SIAM 2005), §4.3, for an input-driven system: the average runs over the data's inputs. J_k is
    the readout after the product of the k update matrices that follow a site.
    """
    assert isinstance(law.cell, AbstractLinearCell | DrivenCell)
    updates = law.cell.transition(
        law.preparation.show(law.cell, shown.input, shown.owner)
    )  # run site d d
    starts = shown.sites - horizon + 1
    product = np.broadcast_to(np.eye(law.dimension), updates[:, :starts].shape)
    features = len(law.readout.weights)
    total, chosen = np.zeros((features, features)), inside[:, :starts]
    for k in range(horizon):
        seen = law.readout.carried(product)[chosen]
        flat = np.swapaxes(seen, 0, 1).reshape(features, -1)
        total += flat @ flat.T
        if k + 1 < horizon:
            product = updates[:, k + 1 : k + 1 + starts] @ product
    return total / chosen.sum()


def usable(data: Dataset, horizon: int) -> Bool[np.ndarray, "run site"]:
    """The sites, up to the last with a full horizon, where a state is measured by what follows.

    Runs may have been cut to where their response is seen: the whole horizon must be seen.
    """
    count = data.sites - horizon + 1
    seen = np.asarray(data.observed.any(axis=2))
    first, last = seen.argmax(axis=1), data.sites - 1 - seen[:, ::-1].argmax(axis=1)
    sites = np.arange(count)
    return (sites >= first[:, None]) & (sites + horizon - 1 <= last[:, None])


def hidden_coordinates(
    law: Law, data: Dataset, *, error: float, seed: int
) -> ObservabilityCoordinates | PredictiveState:
    """The coordinates fit for this translator, scaled to unit variance over its training `data`.

    `error` is the translator's held-out error: components of a predictive state that carry a
    smaller share of the power than that are the translator's mistakes.

    Raises `DataError` where the runs are too short to look ahead.
    """
    linear = law.cell.presumes_linear
    longest = law.preparation.horizon if linear else _PROBE_SITES
    horizon = min(longest, 3 * data.sites // 8)
    if horizon < 3:
        raise DataError(f"runs of {data.sites} sites are too short to distil; bring at least 8")
    shown = Shown.measured(data, law.scale)
    hidden = np.swapaxes(law.states(shown), 0, 1)[:, : data.sites - horizon]
    if linear:
        return _observability(law, shown, hidden, usable(data, horizon), horizon)
    return _predictive(law, shown, hidden, error, horizon, seed)


def _observability(
    law: Law,
    shown: Shown,
    hidden: Float[np.ndarray, "run site hidden"],
    inside: Bool[np.ndarray, "run starts"],
    horizon: int,
) -> ObservabilityCoordinates:
    hidden = hidden[inside[:, :-1]]
    values, vectors = np.linalg.eigh(observability_gramian(law, shown, inside, horizon))
    kept = values > _NEGLIGIBLE * values[-1]
    root = (vectors * np.sqrt(np.maximum(values, 0)))[:, kept][:, ::-1]
    features = law.readout.features(hidden, law.readout.inner)
    if not isinstance(law.readout, Linear):
        root = root @ _moving(features @ root)
    spread = _total_std(features @ root)
    spectrum = values[::-1] / values[-1]
    # Only a law with terms free of the state is as good about another zero.
    middle = 0.0 if isinstance(law.cell, AbstractLinearCell) else features.mean(axis=0)
    return ObservabilityCoordinates(law.readout, root / spread, spectrum, horizon, middle)


def _predictive(
    law: Law,
    shown: Shown,
    hidden: Float[np.ndarray, "run site hidden"],
    error: float,
    horizon: int,
    seed: int,
) -> PredictiveState:
    probes = _probes(shown.input, horizon, seed)
    count = len(probes) * horizon * len(law.scale)
    state = PredictiveState(law, probes, np.eye(count), np.zeros(count))
    # Uncentred: a linear readout has no constant either.
    answers = state.answers(hidden).reshape(-1, count)
    _, singular, right = np.linalg.svd(answers, full_matrices=False)
    components = right[singular**2 > error * np.sum(singular**2)].T
    spread = _total_std(answers @ components)
    return replace(state, components=components / spread, spectrum=singular / singular[0])


def _moving(
    coordinates: Float[np.ndarray, "*batch coordinate"],
) -> Float[np.ndarray, "coordinate kept"]:
    """A rotation to principal axes, without those along which the data do not vary.

    Products of few variables are many, and where one variable rests all its products do.
    """
    flat = coordinates.reshape(-1, coordinates.shape[-1])
    values, vectors = np.linalg.eigh(flat.T @ flat)
    return vectors[:, values > _NEGLIGIBLE * values[-1]][:, ::-1]


def _total_std(coordinates: Float[np.ndarray, "*batch coordinate"]) -> float:
    flat = coordinates.reshape(-1, coordinates.shape[-1])
    return float(np.sqrt(flat.var(axis=0).sum()))


def _probes(
    input: Float[np.ndarray, "run site channel"], sites: int, seed: int
) -> Float[np.ndarray, "probe sites channel"]:
    """Stretches of the data's own inputs, spread over their range of means."""
    rng = np.random.default_rng(seed)
    runs = rng.integers(0, len(input), _STRETCHES)
    starts = rng.integers(0, input.shape[1] - sites + 1, _STRETCHES)
    pieces = np.stack([input[r, s : s + sites] for r, s in zip(runs, starts, strict=True)])
    order = np.argsort(pieces[..., 0].mean(axis=1))
    return pieces[order[np.linspace(0, len(order) - 1, _PROBES).astype(int)]]
