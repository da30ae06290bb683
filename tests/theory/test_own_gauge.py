"""A gauge of somebody else's joins the registry, and theories are told in it."""

from collections.abc import Iterator

import numpy as np
import pytest
from distilled_example import distilled, theory_of

from hiddenlaw.cells import GeneratorCell, Monomials
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.equations.naming import derivative
from hiddenlaw.theory.equations.system import FirstOrderSystem, term_of
from hiddenlaw.theory.equations.term import Term, ordered
from hiddenlaw.theory.gauges._base import AbstractGauge, Gauged, basis_of
from hiddenlaw.theory.gauges.choose import GAUGES
from hiddenlaw.theory.gauges.companion import Companion
from hiddenlaw.theory.invariants import Invariant

DX = 0.2


class Relaxations(AbstractGauge):
    """A stranger's gauge: variables that relax on their own, each read with the factor one.

    A is then diagonal, the slowest first. Fixed are d² − d entries and d weights: a basis.
    """

    name = "relaxations"

    def fix(self, law: Law, shown: Shown) -> Iterator[Gauged]:
        if not (isinstance(law.cell, GeneratorCell) and isinstance(law.readout, Linear)):
            return
        values, vectors = np.linalg.eig(np.asarray(law.cell.matrices)[0])
        if np.iscomplexobj(values):
            return
        order = np.argsort(-values)
        rows = basis_of(np.linalg.inv(vectors)[order])
        read = (np.asarray(law.readout.weights)[:, 0] @ vectors)[order]
        if rows is None or np.abs(read).min() < 1e-6:
            return
        turned = law.in_basis(rows * read[:, None])
        d, matrices = law.dimension, np.array(turned.cell.matrices)
        apart = ~np.eye(d, dtype=bool)
        matrices[0, apart] = 0.0
        free = np.ones(matrices.shape, bool)
        free[0, apart] = False
        exact = turned.but(
            cell=turned.cell.with_matrices(matrices),
            readout=turned.readout.with_weights(np.ones((d, 1))),
        )
        prunable = layout(exact).mask(cell=free)
        yield Gauged(
            exact, prunable | layout(exact).mask(starts=True), prunable, (0,) * d, kind=self.name
        )

    def system(self, gauged, found, errors, variable, channels):
        names = tuple(f"{variable}{k + 1}" for k in range(len(gauged.orders)))
        rows = {derivative(name, 1): {} for name in names}
        for c, error in zip(found, errors, strict=True):
            rows[derivative(names[c.row], 1)][term_of(c, channels, names)] = Term(c.value, error)
        return FirstOrderSystem(names, {left: ordered(row) for left, row in rows.items()}, {})

    def scalar(self, gauged, found, covariance, variable, channels, varying):
        return None

    def law_of(self, system, scalar):
        return system.equations

    def unknowable(self, gauged, response, variable):
        return ["Which relaxation counts as the first is convention."]

    def invariants(self, gauged, raw):
        return [Invariant("slowest rate", None, float(-raw[0].diagonal().max()), "of relaxation")]


RATES, PUSHED, BEGUN = (0.3, 1.1), (0.5, -0.2), (1.0, 2.0)


@pytest.fixture(scope="module")
def relaxing():
    """y = z1 + z2 with z_k′ = (−rate_k + pushed_k V) z_k."""
    response = np.empty((30, 25))
    input = np.random.default_rng(1).uniform(-1, 1, response.shape)
    z = np.tile(BEGUN, (len(input), 1))
    for site in range(input.shape[1]):
        z = z * np.exp(DX * (-np.array(RATES) + np.outer(input[:, site], PUSHED)))
        response[:, site] = z.sum(axis=1)
    return Dataset.from_arrays(input, response, dx=DX, input_names="V", response_names="y")


def test_a_stranger_s_gauge_joins_in_one_place_and_theories_are_told_in_it(relaxing, monkeypatch):
    matrices = np.stack([-np.diag(RATES), np.diag(PUSHED)])
    found = distilled(matrices, BEGUN, relaxing, error=1e-5, seed=2)
    train, heldout = relaxing.split(0.2, 0)
    plain = theory_of(found, "linear", train, heldout)
    assert plain.statement.several is None
    monkeypatch.setattr("hiddenlaw.theory.gauges.choose.GAUGES", [*GAUGES, Relaxations()])

    theory = theory_of(found, "linear", train, heldout)

    assert theory.statement.several == "relaxations"
    assert theory.statement.parameters < plain.statement.parameters
    assert theory.equation == "y1' = 0.5*V*y1 - 0.3*y1; y2' = -0.2*V*y2 - 1.1*y2"
    values = [term.value for row in theory.statement.law.terms.values() for term in row.values()]
    assert values == pytest.approx([0.5, -0.3, -0.2, -1.1], abs=1e-9)
    assert theory.statement.readout_law.equation == "y = y1 + y2"
    assert len(theory.statement.unknowable) == 1
    assert [i.value for i in theory.statement.invariants] == [pytest.approx(0.3)]
    np.testing.assert_allclose(theory.predict(heldout.input), heldout.response, atol=1e-8)
    np.testing.assert_allclose(
        theory.states(heldout.input)[:, -1].sum(axis=1), heldout.response[:, -1, 0]
    )


def test_a_stranger_s_gauge_is_counted_as_those_that_are_there():
    rng, d = np.random.default_rng(3), 3
    matrices = rng.normal(size=(2, d, d))
    matrices[0] = np.diag([-0.2, -0.5, -1.0])
    cell = GeneratorCell.over(DX * matrices, Monomials.plain(((0,), (1,))), (-1.0,), (1.0,))
    readout = Linear(np.ones((d, 1)), np.zeros(0))
    law = Law(Shared(rng.normal(size=d)), cell, readout, np.ones(1))
    law, shown = law.in_basis(rng.normal(size=(d, d))), Shown.unanswered(np.zeros((1, 1, 1)))
    (own,) = Relaxations().fix(law, shown)
    (companion,) = Companion().fix(law, shown)
    assert own.free.sum() == companion.free.sum() == layout(law).size - d**2
