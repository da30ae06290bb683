"""Laws as a distiller might have found them: a little wrong, and in a basis of its own."""

import numpy as np

from hiddenlaw.cells import GeneratorCell, Monomials
from hiddenlaw.distiller.distillation import Distiller
from hiddenlaw.distiller.encoder import Encoder
from hiddenlaw.law import Law
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.beginnings import Runs
from hiddenlaw.theory.derive import derive_theory
from hiddenlaw.translator.search import joint_span


def distilled(matrices, start, data, *, error, seed, start_error=0.0):
    """The law dx/dsite = (`matrices`[0] + `matrices`[1] V) z from that start, in a random basis.

    `error` is added to the matrices, which are per site and over the scaled input.
    """
    rng, d = np.random.default_rng(seed), len(start)
    low, high = data.input_range.T
    monomials = Monomials.spanning(low, high, 1)
    free, of_input = data.dx * np.asarray(matrices)
    exact = np.stack([free + of_input * monomials.offset[0], of_input * monomials.scale[0]])
    basis = rng.normal(size=(d, d))
    found = basis @ (exact + error * rng.normal(size=exact.shape)) @ np.linalg.inv(basis)
    start = basis @ (np.array(start) + start_error * rng.normal(size=d))
    cell = GeneratorCell.over(found, monomials, low, high)
    # The refit looks at cell and initial state alone: decoder and encoder are of no use here.
    decoder = Linear(np.zeros((d, 1)), np.zeros(0))
    encoder = Encoder(decoder, np.zeros((1, 1)), np.zeros((1, d)))
    return Distiller(Law(Shared(start), cell, decoder, np.ones(1)), encoder)


def theory_of(distiller, decoder, train, heldout, **options):
    """The theory of runs that share one initial state."""
    runs = Runs(train, joint_span(train, heldout), distiller.law.preparation)
    return derive_theory(distiller, decoder, runs, **options)
