"""A gauge of somebody else's: compartments of which each passes on to the next.

A drug is absorbed from a store and eliminated from the blood (H. Bateman, Proc. Camb. Phil. Soc.
15, 423, 1910), y′ = ζ − (k_e + k V) y and ζ′ = −k_a ζ, where V helps elimination and y, the blood,
is measured. In the companion form, whose second variable is y′ at V = 0, the same law takes one
number more. Which of two rates is the first is not known beforehand ("flip-flop kinetics"): the
gauge offers both ways, and V tells. The oracle is the exponential of the law's matrix, cell by
cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np
import pytest
from scipy.linalg import expm

import hiddenlaw as hl
from hiddenlaw.cells import GeneratorCell
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.gauges._base import AbstractGauge, Gauged, basis_of
from hiddenlaw.theory.gauges.choose import GAUGES

pytestmark = pytest.mark.slow

ABSORBED, ELIMINATED, HELPED, DX = 1.1, 0.4, 0.25, 0.2
RUNS, SITES = 24, 40


class Compartments(AbstractGauge):
    """A has rates on its diagonal and 1 above it: each variable feeds the one before, unmixed."""

    name = "compartments"

    def fix(self, law: Law, shown: Shown) -> Iterator[Gauged]:
        if not (isinstance(law.cell, GeneratorCell) and isinstance(law.readout, Linear)):
            return
        a, d = np.asarray(law.cell.matrices)[0], law.dimension
        rates = np.linalg.eigvals(a)
        if d < 2 or np.iscomplexobj(rates) or np.shape(law.readout.weights)[1] > 1:
            return
        for order in permutations(rates):
            rows = [np.asarray(law.readout.weights)[:, 0]]
            for rate in order[:-1]:
                rows.append(rows[-1] @ (a - rate * np.eye(d)))
            basis = basis_of(np.stack(rows))
            if basis is not None:
                yield self._fixed(law.in_basis(basis))

    def _fixed(self, law: Law) -> Gauged:
        d, matrices = law.dimension, np.array(law.cell.matrices)
        rates = np.eye(d, dtype=bool)
        matrices[0] = np.where(rates, matrices[0], np.eye(d, k=1))
        free = np.ones(matrices.shape, bool)
        free[0] = rates
        exact = law.but(
            cell=law.cell.with_matrices(matrices),
            readout=law.readout.with_weights(np.eye(d)[:, :1]),
        )
        prunable = layout(exact).mask(cell=free)
        starts = layout(exact).mask(starts=True)
        return Gauged(exact, prunable | starts, prunable, tuple(range(d)), kind=self.name)

    def law_of(self, system, scalar):
        return system.equations

    def unknowable(self, gauged, response, variable):
        return [f"A store that is not measured counts in units of what it gives to {response}."]


@pytest.fixture
def compartments():
    GAUGES.append(Compartments())
    yield
    GAUGES.pop()


def taken(seed: int = 0, runs: int = RUNS):
    """Help and blood level of runs that all begin with the same dose in the store."""
    v = np.random.default_rng(seed).uniform(-1, 1, (runs, SITES))
    y = np.zeros_like(v)
    for run in range(runs):
        state = np.array([0.0, 2.0])
        for site in range(SITES):
            out = -(ELIMINATED + HELPED * v[run, site])
            state = expm(DX * np.array([[out, 1.0], [0.0, -ABSORBED]])) @ state
            y[run, site] = state[0]
    return hl.Dataset.from_arrays(v, y, dx=DX, input_names="V", response_names="y")


SETTINGS = {
    "family": "multiplied",
    "dimension": 2,
    "readout": "linear",
    "translator_seeds": 1,
    "seeds": 2,
}


def test_where_it_is_the_shortest_the_law_is_told_in_it(compartments, tmp_path, capsys):
    data = taken()
    found = hl.discover(data, **SETTINGS)
    theory = found.theory
    assert theory.statement.several == "compartments"
    assert theory.equation == "y' = -0.25*V*y - 0.4*y + zeta; zeta' = -1.1*zeta"
    assert theory.statement.parameters == 3
    assert theory.record["heldout_error"] < 1e-12

    found.save(tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert 'aria-label="zeta&#x27; = -1.1*zeta"' in page
    assert "A store that is not measured counts in units of what it gives to y." in page
    print(found)
    assert "ζ′ = −1.1 ζ" in capsys.readouterr().out
    again = hl.load_discovery(tmp_path / "run").theory
    assert (again.equation, again.statement.several) == (theory.equation, "compartments")
    new = taken(1, runs=4)
    np.testing.assert_allclose(again.predict(new.input), new.response, atol=1e-8)
    # The store empties as it is fed by nothing, whatever V does.
    store = again.states(new.input)[..., 1]
    x = DX * np.arange(1, SITES + 1)
    np.testing.assert_allclose(store, np.tile(2.0 * np.exp(-ABSORBED * x), (4, 1)), atol=1e-7)


def test_without_it_the_same_law_takes_one_number_more():
    theory = hl.discover(taken(), **SETTINGS).theory
    assert theory.statement.several is None
    assert theory.statement.parameters == 4
    assert theory.record["heldout_error"] < 1e-12


def test_a_pendulum_is_told_as_ever_though_the_gauge_is_there(compartments):
    """Its rates are complex: nothing is passed on."""
    rng = np.random.default_rng(0)
    v, y = rng.uniform(-1, 1, (RUNS, SITES)), np.zeros((RUNS, SITES))
    for run in range(RUNS):
        state = np.array([1.0, 0.0])
        for site in range(SITES):
            law = np.array([[0.0, 1.0], [-1.5 - 0.8 * v[run, site], -0.2]])
            state = expm(DX * law) @ state
            y[run, site] = state[0]
    theory = hl.discover(v, y, dx=DX, **SETTINGS).theory
    assert theory.statement.several is None
    assert theory.equation == "y'' = -0.8*u*y - 1.5*y - 0.2*y'"
