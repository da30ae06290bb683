"""Systems whose law is linear in the state: s' = G(u) s, with any input u between the sites."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float64, Num

from hiddenlaw.holds import hold_called
from hiddenlaw.systems._base import Array
from hiddenlaw.systems._collocation import STAGES, gauss
from hiddenlaw.systems._states import StateSystem
from hiddenlaw.systems.drive import FINE, Drive

# Runs taken across a cell at once, so that memory stays bounded.
_CHUNK = 200


class LinearSystem(StateSystem):
    """A system s' = G(u) s with state s of n numbers, real or complex.

    Beside what a `StateSystem` says of itself it gives the generator G.
    """

    @abc.abstractmethod
    def generator(self, input: Float64[Array, "*cells"]) -> Float64[Array, "*cells n n"]:
        """G(u) for every input."""

    def transfer(self, input: Float64[Array, "*cells"], dx: float) -> Float64[Array, "*cells n n"]:
        """The matrices that take states across cells of width dx, the input constant in each."""
        return matrix_exponential(dx * self.generator(input))

    def respond(
        self, input: Float64[Array, "run site"], dx: float
    ) -> tuple[Float64[Array, "run site response_channel"], dict[str, Array]]:
        initial = self.begun(len(input), None)
        return self.read(walk(self.transfer(input, dx), initial)[:, 1:])

    def answer(
        self, drive: Drive, rng: np.random.Generator | None
    ) -> tuple[Float64[Array, "run site response_channel"], dict[str, Array]]:
        initial = self.begun(len(drive.input), rng)
        if not hold_called(drive.hold).varies:
            return self.read(walk(self.transfer(drive.input, drive.dx), initial)[:, 1:])
        return self.read(walk(transfer_of_drive(self.generator, drive), initial))


def walk(
    matrices: Float64[Array, "run cell n n"], initial: Num[Array, "run n"]
) -> Num[Array, "run cell_plus_1 n"]:
    """The states from the initial one through every cell."""
    state, states = initial, [initial]
    for cell in range(matrices.shape[1]):
        state = np.einsum("rij,rj->ri", matrices[:, cell], state)
        states.append(state)
    return np.stack(states, axis=1)


def transfer_of_drive(
    generator: Callable[[Array], Array], drive: Drive
) -> Float64[Array, "run cell n n"]:
    """The matrices across the cells of a drive that varies within them.

    Gauss's collocation of order 6 on 8 steps a cell, which for the cubic hold are the pieces of the
    spline. One step makes an error of about 5e-7 (k h)⁷ for a wave number k and a step h: 1e-12
    over 64 cells of 0.2 with k = 2.5. Source: Hairer, Nørsett and Wanner, Solving Ordinary
    Differential Equations I, section II.7.
    """
    nodes, weights, stages = gauss(STAGES)
    step = drive.dx / FINE
    runs = len(drive.input)
    first = generator(drive.within(0.0)[:1, :1])
    n = first.shape[-1]
    result = np.empty((runs, drive.within(0.0).shape[1], n, n))
    result[:] = np.eye(n)
    chunks = [slice(start, start + _CHUNK) for start in range(0, runs, _CHUNK)]
    for piece in range(FINE):
        inputs = [drive.within((piece + node) / FINE) for node in nodes]
        for chunk in chunks:
            generators = np.stack([generator(u[chunk]) for u in inputs], axis=2)
            result[chunk] = _collocate(step * generators, weights, stages) @ result[chunk]
    return result


def _collocate(
    generators: Float64[Array, "*cells stage n n"], weights: Array, stages: Array
) -> Float64[Array, "*cells n n"]:
    """One step of collocation: Y_i = 1 + Σ_j a_ij G_j Y_j, then 1 + Σ_j b_j G_j Y_j."""
    *cells, s, n, _ = generators.shape
    coupling = np.einsum("ij,...jab->...iajb", stages, generators).reshape(*cells, s * n, s * n)
    start = np.broadcast_to(np.tile(np.eye(n), (s, 1)), (*cells, s * n, n))
    inner = np.linalg.solve(np.eye(s * n) - coupling, start).reshape(*cells, s, n, n)
    return np.eye(n) + np.einsum("j,...jab,...jbc->...ac", weights, generators, inner)


def matrix_exponential(matrices: Float64[Array, "*cells n n"]) -> Float64[Array, "*cells n n"]:
    """exp of every matrix, by its series of order 14 with scaling and squaring, all at once."""
    norm = float(np.abs(matrices).sum(axis=-1).max(initial=0.0))
    halvings = max(0, math.ceil(math.log2(2 * norm))) if 0 < norm < math.inf else 0
    scaled, unit = matrices / 2.0**halvings, np.eye(matrices.shape[-1])
    result = np.broadcast_to(unit, matrices.shape)
    for order in range(14, 0, -1):
        result = unit + scaled @ result / order
    for _ in range(halvings):
        result = result @ result
    return result


def random_waves(
    rng: np.random.Generator, runs: int, wave_number: float
) -> Float64[Array, "run 2"]:
    """Values and slopes of waves of that wave number, of amplitude 0.7 to 1.3 and any phase."""
    amplitude, phase = rng.uniform(0.7, 1.3, runs), rng.uniform(0, 2 * np.pi, runs)
    return np.stack([amplitude * np.cos(phase), wave_number * amplitude * np.sin(phase)], axis=1)


def second_order(curvature: Float64[Array, "*cells"]) -> Float64[Array, "*cells 2 2"]:
    """The generator of ψ'' = q ψ for the state (ψ, ψ')."""
    matrix = np.zeros((*curvature.shape, 2, 2))
    matrix[..., 0, 1] = 1.0
    matrix[..., 1, 0] = curvature
    return matrix
