"""The black box: a gated recurrent unit."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractCell


class GRUCell(AbstractCell):
    """A gated recurrent unit (Cho et al., arXiv:1406.1078) fed with the input scaled to about 1."""

    unit: eqx.nn.GRUCell
    offset: tuple[float, ...] = eqx.field(static=True)
    scale: tuple[float, ...] = eqx.field(static=True)

    @classmethod
    def random(
        cls,
        offset: tuple[float, ...],
        scale: tuple[float, ...],
        dimension: int,
        *,
        rng: np.random.Generator,
    ) -> "GRUCell":
        return cls(
            eqx.nn.GRUCell(len(offset), dimension, key=jax.random.key(int(rng.integers(2**31)))),
            offset,
            scale,
        )

    @property
    def dimension(self) -> int:
        return self.unit.hidden_size

    def __call__(
        self, state: Float[AnyArray, " d"], input: Float[AnyArray, " channel"]
    ) -> Float[Array, " d"]:
        scaled = (jnp.asarray(input) - jnp.asarray(self.offset)) / jnp.asarray(self.scale)
        return self.unit(scaled, jnp.asarray(state))
