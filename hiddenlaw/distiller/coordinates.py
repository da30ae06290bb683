"""What of a hidden state matters: coordinates measured by the responses still to come.

An over-wide translator fills its spare hidden units with junk that the response never sees. To
reconstruct raw units would reconstruct the junk and hide the jump, so hidden states are mapped to
coordinates in which distance is distance of future responses:

- linear cells: the observability metric |δh|² = δhᵀ W δh with the Gramian W = E[Σ_k J_kᵀ J_k] of
  J_k = ∂(response k sites on)/∂h, along the data;
- black boxes: the predictive state, the translator's answers from h to a few short probe inputs,
  reduced by singular value decomposition.

Either way the horizon must end inside the length that was trained: beyond it junk grows.
"""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import AbstractLinearCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError
from hiddenlaw.holds._base import applied_to
from hiddenlaw.readouts import AbstractReadout, Linear, Quadratic
from hiddenlaw.translator import Translator

_HORIZON = 24
_SHORT_HORIZON = 8  # where responses are seen over short stretches
_PROBES, _PROBE_SITES = 6, 10
_NEGLIGIBLE = 1e-14  # of the largest eigenvalue of the Gramian: below its rounding


class AbstractHiddenCoordinates(eqx.Module):
    """Maps hidden states to coordinates of unit total variance along the data."""

    @property
    @abc.abstractmethod
    def horizon(self) -> int:
        """Sites of future response that the coordinates look at."""

    @abc.abstractmethod
    def __call__(self, hidden: Float[Array, "*batch hidden"]) -> Float[Array, "*batch coordinate"]:
        """The coordinates of hidden states."""


class ObservabilityCoordinates(AbstractHiddenCoordinates):
    """φ(h) ↦ Wᐟ² φ(h): Euclidean distance is the observability metric. Also its spectrum.

    φ are the features of the translator's readout, h itself where it is linear.
    """

    readout: AbstractReadout
    root: Float[Array, "feature coordinate"]
    spectrum: Float[Array, " feature"]
    sites: int = eqx.field(static=True)

    @property
    def horizon(self) -> int:
        return self.sites

    def __call__(self, hidden: Float[Array, "*batch hidden"]) -> Float[Array, "*batch coordinate"]:
        return _features(self.readout, hidden) @ self.root


class PredictiveState(AbstractHiddenCoordinates):
    """h ↦ the leading components of the translator's answers, from h, to fixed probe inputs."""

    translator: Translator
    probes: Float[Array, "probe site channel"]
    components: Float[Array, "answer coordinate"]
    spectrum: Float[Array, " answer"]

    @property
    def horizon(self) -> int:
        return self.probes.shape[1]

    def answers(self, hidden: Float[Array, "*batch hidden"]) -> Float[Array, "*batch answer"]:
        """The responses at every site of every probe, in units of the response's scale."""

        def one(h):
            def under(probe):
                return eqx.tree_at(lambda t: t.initial, self.translator, h)(probe[None])[0]

            return (jax.vmap(under)(self.probes) / self.translator.response_scale).reshape(-1)

        flat = hidden.reshape(-1, hidden.shape[-1])
        return jax.lax.map(one, flat, batch_size=1024).reshape(*hidden.shape[:-1], -1)

    def __call__(self, hidden: Float[Array, "*batch hidden"]) -> Float[Array, "*batch coordinate"]:
        return self.answers(hidden) @ self.components


def _features(
    readout: AbstractReadout, hidden: Float[AnyArray, "*batch hidden"]
) -> Float[Array, "*batch feature"]:
    flat = hidden.reshape(-1, hidden.shape[-1])
    features = jnp.asarray(jax.vmap(lambda h: readout.features(h, readout.inner))(flat))
    return features.reshape(*hidden.shape[:-1], -1)


def observability_gramian(
    translator: Translator, data: Dataset, horizon: int
) -> Float[np.ndarray, "feature feature"]:
    """W = E[Σ_{k<horizon} J_kᵀ J_k] of a translator with linear cell and linear readout.

    With a quadratic readout the response is linear in the features of the state, and these move
    linearly: W is that of the features. Antoulas, Approximation of Large-Scale Dynamical Systems
    (SIAM 2005), §4.3, for an input-driven system: the average runs over the data's inputs. J_k is
    the readout after the product of the k update matrices that follow a site.
    """
    cell, readout = translator.cell, translator.readout
    assert isinstance(cell, AbstractLinearCell)
    assert isinstance(readout, Linear | Quadratic)

    input = jnp.asarray(applied_to(data).values)
    inside = usable(data, horizon)
    return np.asarray(_gramian(cell, readout, input, inside.astype(float), horizon))


def usable(data: Dataset, horizon: int) -> Bool[np.ndarray, "run site"]:
    """The sites, up to the last with a full horizon, where a state is measured by what follows.

    All of them; but where runs have constants of their own and were cut down to where the response
    is seen, those of which the whole horizon is seen.
    """
    count = data.sites - horizon + 1
    if data.constants is None:
        return np.ones((data.runs, count), bool)
    seen = np.asarray(data.observed.any(axis=2))
    last = data.sites - 1 - seen[:, ::-1].argmax(axis=1)
    sites = np.arange(count)
    return (sites >= seen.argmax(axis=1)[:, None]) & (sites + horizon - 1 <= last[:, None])


@eqx.filter_jit
def _gramian(cell, readout, input, inside, horizon):
    transitions = cell.transition(input)  # run site d d
    starts = input.shape[1] - horizon + 1
    identity = jnp.broadcast_to(jnp.eye(cell.dimension), transitions[:, :starts].shape)

    def step(carry, k):
        product, total = carry
        j = jax.vmap(jax.vmap(readout.carried))(product)
        total = total + jnp.einsum("rsfo,rsgo,rs->fg", j, j, inside)
        later = jax.lax.dynamic_slice_in_dim(transitions, k + 1, starts, axis=1)
        return (jnp.einsum("rsab,rsbc->rsac", later, product), total), None

    # The last slice is clipped and its product is not used.
    carry = (identity, jnp.zeros((len(readout.weights), len(readout.weights))))
    (_, total), _ = jax.lax.scan(step, carry, jnp.arange(horizon))
    return total / jnp.sum(inside)


def hidden_coordinates(
    translator: Translator,
    data: Dataset,
    *,
    error: float,
    seed: int,
    starts: Float[np.ndarray, "run hidden"] | None = None,
) -> ObservabilityCoordinates | PredictiveState:
    """The coordinates fit for this kind of translator, scaled to unit variance over `data`.

    `error` is the translator's held-out error: components of a predictive state that carry a
    smaller share of the power than that are the translator's mistakes. `starts` are the initial
    states of the runs where they differ.

    Raises `DataError` where the runs are too short to look ahead.
    """
    linear = isinstance(translator.cell, AbstractLinearCell)
    longest = _HORIZON if data.constants is None else _SHORT_HORIZON
    horizon = min(longest if linear else _PROBE_SITES, 3 * data.sites // 8)
    if horizon < 3:
        raise DataError(f"runs of {data.sites} sites are too short to distil; bring at least 8")
    input = applied_to(data).values
    hidden = translator.hidden_states(jnp.asarray(input), starts)[:, : data.sites - horizon]
    if linear:
        hidden = np.asarray(hidden)[usable(data, horizon)[:, :-1]]
        values, vectors = np.linalg.eigh(observability_gramian(translator, data, horizon))
        kept = values > _NEGLIGIBLE * values[-1]
        # Left out as zeros: so the coordinates are as many whatever was found, and what is
        # compiled for one data set serves the next.
        root = (vectors * np.sqrt(np.maximum(values, 0)) * kept)[:, ::-1]
        readout = translator.readout
        features = np.asarray(_features(readout, hidden))
        if not isinstance(readout, Linear):
            root = root @ _moving(features @ root)
        spread = _total_std(features @ root)
        return ObservabilityCoordinates(
            readout, jnp.asarray(root / spread), jnp.asarray(values[::-1] / values[-1]), horizon
        )
    probes = _probes(input, horizon, seed)
    count = probes.shape[0] * horizon * data.response.shape[2]
    state = PredictiveState(translator, jnp.asarray(probes), jnp.eye(count), jnp.zeros(count))
    # Uncentred: a linear readout has no constant either.
    answers = np.asarray(eqx.filter_jit(lambda s, h: s(h))(state, hidden)).reshape(-1, count)
    _, singular, right = np.linalg.svd(answers, full_matrices=False)
    kept = singular**2 > error * np.sum(singular**2)
    components = right[kept].T
    spread = _total_std(answers @ components)
    return PredictiveState(
        translator,
        jnp.asarray(probes),
        jnp.asarray(components / spread),
        jnp.asarray(singular / singular[0]),
    )


def _moving(
    coordinates: Float[np.ndarray, "run site coordinate"],
) -> Float[np.ndarray, "coordinate kept"]:
    """A rotation to principal axes, without those along which the data do not vary.

    Products of few variables are many, and where one variable rests all its products do.
    """
    flat = coordinates.reshape(-1, coordinates.shape[-1])
    values, vectors = np.linalg.eigh(flat.T @ flat)
    return vectors[:, values > _NEGLIGIBLE * values[-1]][:, ::-1]


def _total_std(coordinates: AnyArray) -> float:
    flat = np.asarray(coordinates).reshape(-1, coordinates.shape[-1])
    return float(np.sqrt(flat.var(axis=0).sum()))


def _probes(
    input: Float[np.ndarray, "run site channel"], sites: int, seed: int
) -> Float[np.ndarray, "probe site channel"]:
    """Stretches of the data's own inputs, spread over their range of means."""
    rng = np.random.default_rng(seed)
    runs = rng.integers(0, len(input), 200)
    starts = rng.integers(0, input.shape[1] - sites + 1, 200)
    pieces = np.stack([input[r, s : s + sites] for r, s in zip(runs, starts, strict=True)])
    order = np.argsort(pieces[..., 0].mean(axis=1))
    return pieces[order[np.linspace(0, len(order) - 1, _PROBES).astype(int)]]
