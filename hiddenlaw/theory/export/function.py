"""A law as plain callables of NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hiddenlaw.data.described import Described, Rows, shortened
from hiddenlaw.holds import applied
from hiddenlaw.theory.export.stepping import Stepping, stepping_of


@dataclass(frozen=True, eq=False, repr=False)
class LawFunction(Described):
    """dz/dx = f(state, input), for any ODE solver; and the law step by step, as `predict` has it.

    States are (…, d) and inputs (…, channel) in the data's units, in the order of the theory's
    `statement.state_names` and inputs; x is in that of the grid.

    - `start` (d,): where all runs start; None where each has a start of its own.
    - `step(state, shown)`: the state behind one cell. What it is shown is the input; where that
      varies inside cells, its values at both Gauss points.
    - `read(state)`: the responses (…, response).
    - `shown(input)`: what the cells of runs (run, site, channel) are shown, dead times included;
      the first site of a run moves nothing where the hold is smooth (`moves` false).
    - `equation`: the law that it is.
    """

    rate: Callable[..., Any]
    read: Callable[..., np.ndarray]
    step: Callable[..., np.ndarray]
    shown: Callable[..., np.ndarray]
    start: np.ndarray | None
    moves_at_first: bool
    equation: str = ""

    def _said(self) -> tuple[str, Rows]:
        start = "each run has a start of its own"
        if self.start is not None:
            start = ", ".join(f"{value:.6g}" for value in self.start)
        title = f"LawFunction(dz/dx = f(state, input) of {shortened(self.equation, 400)})"
        return title, [("start", start)]

    def __call__(self, state: Any, input: Any) -> np.ndarray:
        return self.rate(state, input)

    @classmethod
    def of(cls, theory: Any) -> LawFunction:
        """Raises `LawError` for a law that cannot be written out."""
        found = stepping_of(theory)
        law, units = theory.law_for(theory.span), theory.state_units

        def step(state: Any, shown: Any) -> np.ndarray:
            z = np.atleast_2d(np.asarray(state, float)) / units
            v = np.atleast_2d(np.asarray(shown, float))
            if found.varies:
                v = np.concatenate([v, np.ones((len(v), 1))], axis=1)
            z = np.broadcast_to(z, (len(v), z.shape[1]))
            after = law.cell.advance(z, v) * units
            return after[0] if np.ndim(state) == 1 and np.ndim(shown) == 1 else after

        def shown(input: Any) -> np.ndarray:
            values = applied(np.asarray(input, float), theory.hold, theory.late).values
            return values[..., :2] if found.varies else values

        first = theory.span.step is None or not _smooth(theory.hold)
        rate, read = _callable(found, found.rate), _read(found)
        return cls(rate, read, step, shown, found.start, first, theory.equation)


def _smooth(hold: str) -> bool:
    from hiddenlaw.holds import hold_called

    return hold_called(hold).varies


def _callable(found: Stepping, expressions: list[Any]) -> Callable[..., np.ndarray]:
    """The expressions of state and input."""
    import sympy

    each = [sympy.lambdify([found.state, found.input], e, "numpy", cse=True) for e in expressions]

    def rate(state: Any, input: Any) -> np.ndarray:
        z, u = np.asarray(state, float), np.asarray(input, float)
        u = u[..., None] if u.ndim == 0 else u
        shape = np.broadcast_shapes(z.shape[:-1], u.shape[:-1])
        parts = [f(np.moveaxis(z, -1, 0), np.moveaxis(u, -1, 0)) for f in each]
        return np.stack([np.broadcast_to(part, shape) for part in parts], axis=-1)

    return rate


def _read(found: Stepping) -> Callable[..., np.ndarray]:
    read = _callable(found, found.read)
    return lambda state: read(state, np.zeros(len(found.input)))
