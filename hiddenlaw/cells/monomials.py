"""Monomials of the input: 1, V, V², and for several channels their products."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.data.described import Described

Exponents = tuple[tuple[int, ...], ...]


def exponents_up_to(degree: int, channels: int) -> Exponents:
    """All exponents of total degree at most `degree`: the constant first, then by degree."""
    every = product(range(degree + 1), repeat=channels)
    return tuple(sorted((e for e in every if sum(e) <= degree), key=lambda e: (sum(e), e[::-1])))


@dataclass(frozen=True, eq=False)
class Monomials(Described):
    """The features Π_c v_c**e_c of the scaled input v = (V − offset) / scale.

    Scaling keeps training well conditioned; `to_raw` says what a law found in v means in V.
    """

    offset: Float[AnyArray, " channel"]
    scale: Float[AnyArray, " channel"]
    exponents: Exponents

    @classmethod
    def spanning(
        cls,
        low: Sequence[float] | Float[np.ndarray, " channel"],
        high: Sequence[float] | Float[np.ndarray, " channel"],
        degree: int,
        *,
        centred: bool = True,
    ) -> Monomials:
        """Monomials up to `degree` with the range [low, high] of each channel scaled to about 1.

        With `centred=False` the input is only scaled, so that one monomial of v is one of V:
        needed where terms are to be told apart and pruned.
        """
        lo, hi = np.asarray(low, float), np.asarray(high, float)
        if centred:
            offset, scale = (lo + hi) / 2, (hi - lo) / 2
        else:
            offset, scale = np.zeros_like(lo), np.maximum(abs(lo), abs(hi))
        scale = np.where(scale > 0, scale, 1.0)
        return cls(offset, scale, exponents_up_to(degree, len(lo)))

    @classmethod
    def plain(cls, exponents: Exponents) -> Monomials:
        """Of the input itself, unscaled."""
        channels = len(exponents[0])
        return cls(np.zeros(channels), np.ones(channels), exponents)

    @property
    def channels(self) -> int:
        return len(self.exponents[0])

    @property
    def sizes(self) -> Float[np.ndarray, " term"]:
        """The scale of every monomial: what V**e is where v**e is 1, for monomials not centred."""
        return np.array([np.prod(np.power(self.scale, e)) for e in self.exponents])

    def __call__(
        self, input: Float[AnyArray, "*batch channel"]
    ) -> Float[np.ndarray, "*batch term"]:
        v = (np.asarray(input) - self.offset) / self.scale
        terms = []
        for exponent in self.exponents:
            term = np.ones(v.shape[:-1])
            for channel, power in enumerate(exponent):
                for _ in range(power):
                    term = term * v[..., channel]
            terms.append(term)
        return np.stack(terms, axis=-1)

    def to_raw(self) -> Float[np.ndarray, "term term"]:
        """R with Σ_t G_t v^{e_t} = Σ_s (Σ_t R_{st} G_t) V^{e_s}: the binomial theorem."""
        index = {e: i for i, e in enumerate(self.exponents)}
        raw = np.zeros((len(index), len(index)))
        offset, scale = np.asarray(self.offset), np.asarray(self.scale)
        for e, column in index.items():
            for lower in product(*(range(p + 1) for p in e)):
                coefficient = 1.0
                for p, q, o, s in zip(e, lower, offset, scale, strict=True):
                    coefficient *= math.comb(p, q) * (-o) ** (p - q) / s**p
                if coefficient:
                    raw[index[lower], column] += coefficient
        return raw
