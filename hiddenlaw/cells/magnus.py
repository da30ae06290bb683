"""A law linear in its state whose input varies inside a cell: Magnus's fourth-order step."""

import math
from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells.chebyshev import cardinal_functions, grid_on, widened
from hiddenlaw.cells.generator import AbstractGeneratorCell, Ends, exponential
from hiddenlaw.cells.monomials import Monomials
from hiddenlaw.errors import SettingsError

_NODES, _STEP_NODES = 10, 4
_CONSTANTS = 1  # of a run, beside the input


class MagnusCell(AbstractGeneratorCell):
    """h ← exp((G₁ + G₂)/2 + √3/12 [G₂, G₁]) h, with G₁ and G₂ at the two Gauss points of the cell.

    Fourth order in dx for an input that is smooth there: Iserles, Munthe-Kaas, Nørsett and Zanna,
    Acta Numerica 9, 215 (2000), equation (5.14) truncated. Its input is (V₁, V₂, moves), the values
    at the Gauss points and 1; at the site where a run begins nothing has moved yet, and `moves` is
    0 (`hiddenlaw.holds.applied` makes these). As a function of the mean of V₁ and V₂ and of their
    difference it is interpolated at Chebyshev nodes; `step` bounds that difference. Channels beyond
    the first are constants of a run, shown behind these three.
    """

    matrices: Float[AnyArray, "term d d"]
    monomials: Monomials
    low: Float[AnyArray, " channel"]
    high: Float[AnyArray, " channel"]
    step: Float[AnyArray, ""]
    nodes: int = eqx.field(static=True)

    @classmethod
    def over(
        cls,
        matrices: Float[AnyArray, "term d d"],
        monomials: Monomials,
        low: Ends,
        high: Ends,
        step: float,
    ) -> "MagnusCell":
        """A cell for inputs between `low` and `high` whose Gauss points differ by up to `step`."""
        if len(low) > 1 + _CONSTANTS:
            raise SettingsError(
                f"an input that varies inside a cell must be one channel and these data have "
                f"{len(low)}; take hold zero"
            )
        low, high = widened(low, high)
        step = max(step, 1e-9 * float(high[0] - low[0]))
        return cls(
            matrices=matrices,
            monomials=monomials,
            low=low,
            high=high,
            step=np.asarray(step),
            nodes=_NODES,
        )

    def with_range(self, low: Ends, high: Ends, step: float | None = None) -> "MagnusCell":
        step = float(self.step) if step is None else step
        cell = MagnusCell.over(self.matrices, self.monomials, low, high, step)
        count = max(cell.nodes, cell.nodes_needed(low, high))
        return replace(cell, nodes=count)

    @property
    def shown(self) -> int:
        return 2 + self.low.shape[-1]

    @property
    def level(self) -> Float[np.ndarray, " shown"]:
        return np.eye(self.shown)[:2].sum(axis=0)

    def _box(self) -> tuple[Array, Array, tuple[int, ...]]:
        """Mean and difference at the Gauss points, constants: where from, where to, nodes."""
        low = jnp.concatenate([self.low[:1], jnp.array([-self.step]), self.low[1:]])
        high = jnp.concatenate([self.high[:1], jnp.array([self.step]), self.high[1:]])
        return low, high, (self.nodes, _STEP_NODES, *[_STEP_NODES] * (self.low.shape[-1] - 1))

    def basis(self, input: Float[AnyArray, "*batch shown"]) -> Float[Array, "*batch n"]:
        first, second, moves = input[..., 0], input[..., 1], input[..., 2:3]
        inner = jnp.stack([(first + second) / 2, second - first], axis=-1)
        values = jnp.concatenate([inner, input[..., 3:]], axis=-1)
        moving = cardinal_functions(values, *self._box()) * moves
        return jnp.concatenate([moving, 1 - moves], axis=-1)

    def coefficients(self) -> Float[Array, "n d d"]:
        grid = grid_on(*self._box())
        half, rest = grid[:, 1:2] / 2, grid[:, 2:]
        first = self.generator(jnp.concatenate([grid[:, :1] - half, rest], axis=-1))
        second = self.generator(jnp.concatenate([grid[:, :1] + half, rest], axis=-1))
        turn = math.sqrt(3) / 12 * (second @ first - first @ second)
        moved = exponential((first + second) / 2 + turn)
        return jnp.concatenate([moved, jnp.eye(self.dimension)[None]])
