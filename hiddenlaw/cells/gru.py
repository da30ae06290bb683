"""The black box: a gated recurrent unit."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from hiddenlaw.cells._base import AbstractCell


class GRUCell(AbstractCell):
    """A gated recurrent unit (Cho et al., arXiv:1406.1078) fed with the input scaled to about 1."""

    unit: eqx.nn.GRUCell
    offset: tuple[float, ...] = eqx.field(static=True)
    scale: tuple[float, ...] = eqx.field(static=True)

    @classmethod
    def random(
        cls, offset: tuple[float, ...], scale: tuple[float, ...], dimension: int, *, key: PRNGKeyArray
    ) -> "GRUCell":
        return cls(eqx.nn.GRUCell(len(offset), dimension, key=key), offset, scale)

    @property
    def dimension(self) -> int:
        return self.unit.hidden_size

    def __call__(
        self, state: Float[Array, " d"], input: Float[Array, " channel"]
    ) -> Float[Array, " d"]:
        return self.unit((input - jnp.asarray(self.offset)) / jnp.asarray(self.scale), state)
