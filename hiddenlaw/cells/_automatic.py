"""Cells that do not write out their derivatives: JAX finds them, site by site."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar, Protocol

import numpy as np
from jaxtyping import Float

from hiddenlaw._precision import float64
from hiddenlaw.cells._steps import AbstractSteps


class Moving(Protocol):
    """What of a cell is asked for here."""

    trained: ClassVar[tuple[str, ...]]

    @property
    def parameters(self) -> Any: ...
    def with_parameters(self, flat: Any) -> Any: ...
    def advance(self, state: Any, shown: Any) -> Any: ...
    def advance_with_sensitivities(
        self, state: Any, sensitivities: Any, shown: Any, toward: Any
    ) -> tuple[Any, Any]: ...


def differentiated(cell: Moving, state, sensitivities, shown, toward):
    """See `AbstractCell.advance_with_sensitivities`."""
    by_number, by_state, by_input, after = _slopes(cell, state, shown)
    moved = by_state @ sensitivities
    moved[..., : by_number.shape[-1]] += by_number
    if toward.shape[-1]:
        moved[..., -toward.shape[-1] :] += by_input @ toward
    return after, moved


@float64
def _slopes(cell: Moving, state: np.ndarray, shown: np.ndarray) -> tuple[np.ndarray, ...]:
    """∂F/∂θ (run, d, p), ∂F/∂h (run, d, d), ∂F/∂V (run, d, channel), and F."""
    found = _compiled(_Kind(cell))(np.asarray(cell.parameters), state, shown)
    return tuple(np.array(part) for part in found)


class _Kind:
    """A cell's class with what is not trained; cells that differ in trained numbers are equal."""

    def __init__(self, cell: Moving) -> None:
        self.cell = cell
        fixed = {k: v for k, v in vars(cell).items() if k not in cell.trained}
        shapes = tuple(np.shape(getattr(cell, field)) for field in cell.trained)
        self.key = type(cell), repr(sorted(fixed.items())), shapes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kind) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=64)
def _compiled(kind: _Kind) -> Any:
    import jax

    def one(flat, h, v):
        return kind.cell.with_parameters(flat).advance(h[None], v[None])[0]

    def run(flat, h, v):
        by_number, by_state, by_input = jax.jacfwd(one, argnums=(0, 1, 2))(flat, h, v)
        return by_number, by_state, by_input, one(flat, h, v)

    return jax.jit(jax.vmap(run, in_axes=(None, 0, 0)))


class SiteBySite(AbstractSteps):
    """A cell that is asked at every site in turn."""

    def __init__(self, cell: Moving, shown: Float[np.ndarray, "site run channel"]) -> None:
        self.cell, self.shown = cell, shown

    def states(self, start: Float[np.ndarray, "run d"]) -> Float[np.ndarray, "site run d"]:
        found, h = [], start
        for shown in self.shown:
            h = np.asarray(self.cell.advance(h, shown))
            found.append(h)
        return np.stack(found)

    def sensitivities(self, start, states, initial, columns, toward=None):
        """See `AbstractSteps.sensitivities`."""
        runs, d, count = *start.shape, len(self.cell.parameters)
        sites, _, channels = self.shown.shape
        if toward is None:
            toward = np.zeros((sites, runs, channels, 0))
        c = toward.shape[-1]
        s = np.concatenate([np.zeros((runs, d, count)), initial, np.zeros((runs, d, c))], axis=2)
        kept = np.concatenate([np.asarray(columns), count + np.arange(initial.shape[2] + c)])
        found, h = np.empty((sites, runs, d, len(kept))), start
        for site in range(sites):
            h, s = self.cell.advance_with_sensitivities(h, s, self.shown[site], toward[site])
            found[site] = s[..., kept]
        return found
