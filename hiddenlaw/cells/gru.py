"""The black box: a gated recurrent unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractCell
from hiddenlaw.cells._gru_steps import GRUSteps
from hiddenlaw.cells.generator import GeneratorCell
from hiddenlaw.cells.monomials import Monomials
from hiddenlaw.holds import Span


@dataclass(frozen=True, eq=False)
class GRUCell(AbstractCell):
    """A gated recurrent unit (Cho et al., arXiv:1406.1078) fed with the input scaled to about 1.

    r = σ(W_r v + b_r + U_r h), z = σ(W_z v + b_z + U_z h), n = tanh(W_n v + b_n + r (U_n h + c)),
    h ← n + z (h − n). `of_input` (channel, 3 d), `of_state` (d, 3 d) and `bias` (3 d) hold r, z and
    n side by side, `inner` (d) is c. Its arrays may be of NumPy or of JAX.
    """

    name: ClassVar[str] = "gru"
    trained: ClassVar[tuple[str, ...]] = ("of_input", "of_state", "bias", "inner")
    hidden: ClassVar[int] = 8
    seeds: ClassVar[int] = 3
    runs: ClassVar[int] = 2000
    by_adam: ClassVar[bool] = True

    of_input: Float[AnyArray, "channel gates"]
    of_state: Float[AnyArray, "d gates"]
    bias: Float[AnyArray, " gates"]
    inner: Float[AnyArray, " d"]
    offset: Float[AnyArray, " channel"]
    scale: Float[AnyArray, " channel"]

    @classmethod
    def random(cls, dimension: int, span: Span, *, rng: np.random.Generator) -> GRUCell:
        """Uniform weights up to 1/√d."""
        scaling = Monomials.spanning(span.low, span.high, 1)
        offset, scale = np.asarray(scaling.offset), np.asarray(scaling.scale)
        if span.step is not None:
            offset, scale = np.append(np.tile(offset, 2), 0.0), np.append(np.tile(scale, 2), 1.0)
        most = 1 / np.sqrt(dimension)

        def uniform(*shape: int) -> np.ndarray:
            return rng.uniform(-most, most, shape)

        gates = 3 * dimension
        parts = uniform(len(offset), gates), uniform(dimension, gates), uniform(gates)
        return cls(*parts, uniform(dimension), offset, scale)

    @classmethod
    def latent(cls) -> type[AbstractCell]:
        return GeneratorCell

    @property
    def dimension(self) -> int:
        return self.of_state.shape[0]

    def advance(
        self, state: Float[AnyArray, "run d"], shown: Float[AnyArray, "run channel"]
    ) -> Float[AnyArray, "run d"]:
        xp = self.of_state.__array_namespace__()
        d = self.dimension
        fed = (shown - self.offset) / self.scale @ self.of_input + self.bias
        held = state @ self.of_state
        gates = 0.5 + 0.5 * xp.tanh(0.5 * (fed[:, : 2 * d] + held[:, : 2 * d]))
        new = xp.tanh(fed[:, 2 * d :] + gates[:, :d] * (held[:, 2 * d :] + self.inner))
        return new + gates[:, d:] * (state - new)

    def steps(self, prepared: AnyArray) -> GRUSteps:
        return GRUSteps(self, prepared)
