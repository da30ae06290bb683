"""Start and constant of a new run of a law that is not linear; the oracle is the ground state."""

from dataclasses import replace

import numpy as np

from hiddenlaw.cells import Coefficient, PolynomialCell
from hiddenlaw.data.visible import visible
from hiddenlaw.holds import applied_to
from hiddenlaw.law import Law
from hiddenlaw.preparations import RunConstants, hold_back
from hiddenlaw.readouts import Quadratic
from hiddenlaw.systems import InteractingTrap, measure
from hiddenlaw.training.new_runs import answer_to

G = 0.006


def known_law(data, energies):
    """ψ″ = (V − E) ψ + g ψ³ over sites, ψ² read in units of the density's scale."""
    scale = float(np.sqrt(data.variance[0]))
    preparation = RunConstants(np.zeros((len(energies), 2)), energies[:, None], (0,))
    span = preparation.span(applied_to(data).span)
    terms = [Coefficient(0, (1,), (0,), 1.0), Coefficient(1, (0,), (1,), data.dx**2)]
    terms += [Coefficient(1, (0, 0, 0), (0,), G * scale * data.dx**2)]
    cell = PolynomialCell.of(terms, 2, span).reaching(np.full(2, -3.0), np.full(2, 3.0))
    weights = np.zeros((6, 1))
    weights[3] = 1.0
    readout = Quadratic(weights, np.zeros(0))
    return Law(preparation, replace(cell, substeps=1), readout, np.array([scale]))


def test_a_trap_that_was_never_seen_is_answered_along_all_of_its_cloud():
    """Along it ψ rises and falls tenfold, and what is wrong only grows."""
    clean = InteractingTrap().simulate(runs=8, sites=64, seed=8, with_truth=True)
    assert clean.truth is not None
    energies, clean = clean.truth.states["E"][:, 0], clean.without_truth()
    data = measure(clean, noise="gaussian:0.01", blur=0.0, missing=0.0, seed=0)
    law = known_law(clean, energies[:6])
    begins = np.array([np.flatnonzero(row)[0] for row in visible(data)])
    data, _ = RunConstants.seen(data)
    heldout = hold_back(data.select_runs(np.arange(6, 8)), RunConstants)
    answer, judged = answer_to(law, heldout), heldout.judged
    for run in (6, 7):
        seen = np.flatnonzero(judged.observed[run - 6, :, 0])
        truth = clean.response[run, begins[run] + seen, 0]
        apart = np.sqrt(np.mean((answer[run - 6, seen, 0] - truth) ** 2))
        assert apart < 0.01 * np.sqrt(clean.variance[0])  # closer than the samples it was told
