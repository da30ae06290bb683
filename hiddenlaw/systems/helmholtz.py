"""Light in a layered medium: a standing wave at normal incidence, and the intensity it makes.

    E'' = -k0² n(x)² E,        I = E²,

the Helmholtz equation for a real field (no absorption, a perfect mirror somewhere). The law is
quadratic in the input, the refractive index n. Source: Born and Wolf, Principles of Optics,
section 1.6, wave propagation in a stratified medium.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hiddenlaw.systems._base import Array
from hiddenlaw.systems._linear import LinearSystem, random_waves, second_order
from hiddenlaw.systems.schroedinger import transfer_matrix


@dataclass(frozen=True)
class Helmholtz(LinearSystem):
    """A real field in a medium of varying refractive index; the law is E'' = -k0² n² E, I = E².

    - `k0`: wave number in vacuum, in 1/length; positive.

    The index runs from 1 to 2, so k0 n dx stays below 0.5 at the default dx of 0.2: some 13 sites a
    wavelength at least. The shared preparation is E = 1, E' = 0. States are named `E` and `E'`.
    """

    name = "helmholtz"
    summary = "light in a layered medium: E'' = -k0**2 n**2 E, intensity = E**2"
    input_name = "n"
    response_names = ("intensity",)

    k0: float = 1.2

    def __post_init__(self):
        self._check(positive=("k0",))

    def input_range(self) -> tuple[float, float]:
        return 1.0, 2.0

    def generator(self, input: Float64[Array, "*cells"]) -> Float64[Array, "*cells 2 2"]:
        return second_order(-((self.k0 * input) ** 2))

    def transfer(self, input: Float64[Array, "*cells"], dx: float) -> Float64[Array, "*cells 2 2"]:
        return transfer_matrix(-((self.k0 * input) ** 2), dx)

    def initial_state(self) -> Float64[Array, " 2"]:
        return np.array([1.0, 0.0])

    def random_states(self, rng: np.random.Generator, runs: int) -> Float64[Array, "run 2"]:
        return random_waves(rng, runs, 1.5 * self.k0)

    def read(
        self, states: Float64[Array, "run site 2"]
    ) -> tuple[Float64[Array, "run site 1"], dict[str, Array]]:
        field, slope = states[:, :, 0], states[:, :, 1]
        return field[:, :, np.newaxis] ** 2, {"E": field, "E'": slope}
