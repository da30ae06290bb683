"""What a simulation knows of its data beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float64

from hiddenlaw.data.checks import as_numbers, frozen
from hiddenlaw.data.described import Described


@dataclass(frozen=True, eq=False)
class Truth(Described):
    """What a simulation knows and a measurement does not. Discovery never reads it.

    - `system`: name of the simulated system.
    - `states`: hidden states by name, each of shape (runs, sites).
    - `parameters`: the constants of the law by name.
    """

    system: str
    states: Mapping[str, Float64[np.ndarray, "run site"]] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self):
        states = {name: frozen(as_numbers(name, state)) for name, state in self.states.items()}
        parameters = {name: float(value) for name, value in self.parameters.items()}
        object.__setattr__(self, "states", states)
        object.__setattr__(self, "parameters", parameters)

    def select_runs(self, indices: np.ndarray) -> Truth:
        """The truth of these runs, in this order."""
        return replace(self, states={name: state[indices] for name, state in self.states.items()})
