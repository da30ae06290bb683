"""Every gauge of the registry says the same of a law in whatever basis it comes."""

from dataclasses import dataclass

import numpy as np
import pytest
from driven_example import OSCILLATOR, over_state_and_one
from hypothesis import given, settings
from hypothesis import strategies as st

from hiddenlaw.cells import DrivenCell, GeneratorCell, Monomials
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import flat, layout
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear, Quadratic
from hiddenlaw.theory.fits.refit import Data, free_refit
from hiddenlaw.theory.gauges._base import AbstractGauge, Gauged
from hiddenlaw.theory.gauges.choose import GAUGES, best_gauge, in_gauge_of
from hiddenlaw.theory.gauges.companion import Companion
from hiddenlaw.theory.gauges.waves import Waves

DX, LOW, HIGH = 0.2, (-2.0,), (1.0,)
RUNS, SITES = 12, 24


@dataclass(frozen=True)
class Example:
    """A law z′ = (A + B V) z that is exactly of a gauge, its start, and the forms it is read by."""

    generators: np.ndarray
    start: tuple[float, ...]
    readout: type
    reads: tuple[dict[tuple[int, ...], float], ...]
    kinds: tuple[str | None, ...] = (None,)

    @property
    def law(self) -> Law:
        d = len(self.start)
        matrices = np.concatenate([DX * self.generators, np.zeros((1, d, d))])
        cell = GeneratorCell.over(matrices, Monomials.plain(((0,), (1,), (2,))), LOW, HIGH)
        names = self.readout.names_of_features(d)
        weights = [[form.get(name, 0.0) for form in self.reads] for name in names]
        readout = self.readout(np.array(weights), np.zeros(0))
        return Law(Shared(np.array(self.start)), cell, readout, np.ones(len(self.reads)))


class DrivenExample(Example):
    """A law z′ = A z + B u + c; `generators` holds (A, B, c) side by side."""

    @property
    def law(self) -> Law:
        cell = DrivenCell(DX * self.generators, np.zeros(1), np.ones(1))
        weights = np.array(
            [[form.get((k,), 0.0) for form in self.reads] for k in range(len(self.start))]
        )
        readout = self.readout(weights, np.zeros(0))
        return Law(Shared(np.array(self.start)), cell, readout, np.ones(len(self.reads)))


def pair(rows, of_input):
    """A and B from their entries."""
    d = len(rows)
    b = np.zeros((d, d))
    for place, value in of_input.items():
        b[place] = value
    return np.stack([np.array(rows, float), b])


TWO_WAVES = pair(
    [[0, 0, 1, 0], [0, 0, 0, 1], [0.13, 0.6, 0, 0], [0.6, -0.87, 0, 0]],
    {(2, 0): 1.3, (3, 1): 1.3},
)
START = (1.0, 0.3, 0.2, -0.4)
EXAMPLES = {
    "wave": ("companion", Example(
        pair([[0, 1], [-0.37, 0]], {(1, 0): 1.3}), (1.0, 0.2), Quadratic, ({(0, 0): 1.0},)
    )),
    "density": ("companion", Example(
        pair([[0, 1, 0], [0, 0, 1], [0, -1.48, 0]], {(1, 0): 2.6, (2, 1): 2.6}),
        (1.0, 0.4, -0.5), Linear, ({(0,): 1.0},),
    )),
    "decay": ("companion", Example(
        pair([[-0.4]], {(0, 0): 0.3}), (2.0,), Linear, ({(0,): 1.0},)
    )),
    "oscillator": ("driven", Example(
        over_state_and_one(OSCILLATOR), (0.3, 0.1, 1.0), Linear, ({(0,): 1.0},)
    )),
    "filter": ("observability", DrivenExample(
        np.array([[0, 1, 0.4, 0], [-1.5, -0.4, 2.0, 0.3]]), (0.3, 0.1), Linear, ({(0,): 1.0},)
    )),
    "total density": ("waves", Example(
        TWO_WAVES, START, Quadratic, ({(0, 0): 1.0, (1, 1): 1.0},), ("modes",)
    )),
    "two densities": ("waves", Example(
        TWO_WAVES, START, Quadratic, ({(0, 0): 1.0}, {(1, 1): 1.0}), ("components", "modes")
    )),
}  # fmt: skip
BY_NAME = {gauge.name: gauge for gauge in GAUGES}
INPUT = np.random.default_rng(0).uniform(*LOW, *HIGH, (RUNS, SITES, 1))
SHOWN = Shown.unanswered(INPUT)
seeds = st.integers(0, 2**32 - 1)
every_example = pytest.mark.parametrize("name", EXAMPLES)


def basis_change(seed: int, d: int) -> np.ndarray:
    """A random basis, stretched up to tenfold."""
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.normal(size=(d, d)))[0] for _ in range(2))
    return left @ np.diag(10 ** rng.uniform(-0.5, 0.5, d)) @ right


def fixed_in(gauge: AbstractGauge, law: Law) -> dict[str | None, Gauged]:
    return {gauged.kind: gauged for gauged in gauge.fix(law, SHOWN)}


def test_every_gauge_of_the_registry_is_tested_here():
    assert {gauge for gauge, _ in EXAMPLES.values()} == set(BY_NAME)


@every_example
def test_what_a_gauge_says_does_not_depend_on_the_basis(name):
    gauge, example = BY_NAME[EXAMPLES[name][0]], EXAMPLES[name][1]
    law = example.law
    plain = fixed_in(gauge, law)
    assert tuple(plain) == example.kinds

    @settings(max_examples=20)
    @given(seed=seeds)
    def check(seed):
        turned = fixed_in(gauge, law.in_basis(basis_change(seed, law.dimension)))
        assert tuple(turned) == example.kinds
        for kind, gauged in turned.items():
            # Signs of waves are convention.
            one, other = (
                np.abs(flat(g.law)) if g.waves > 1 else flat(g.law) for g in (gauged, plain[kind])
            )
            np.testing.assert_allclose(one, other, atol=1e-6)
            np.testing.assert_array_equal(gauged.free, plain[kind].free)

    check()


@every_example
def test_in_a_gauge_the_law_answers_the_same(name):
    gauge, law = BY_NAME[EXAMPLES[name][0]], EXAMPLES[name][1].law
    answer = law.outputs(SHOWN)
    for seed in range(3):
        for gauged in gauge.fix(law.in_basis(basis_change(seed, law.dimension)), SHOWN):
            np.testing.assert_allclose(gauged.law.outputs(SHOWN), answer, rtol=1e-6, atol=1e-6)


@every_example
def test_what_a_gauge_fixes_is_convention_and_starts_are_no_terms(name):
    """Fixed numbers are 0, 1, the sign of a square; starts of a run may be zero, but are kept."""
    gauge, law = BY_NAME[EXAMPLES[name][0]], EXAMPLES[name][1].law
    for gauged in gauge.fix(law.in_basis(basis_change(7, law.dimension)), SHOWN):
        numbers, place = flat(gauged.law), layout(gauged.law)
        assert np.isin(numbers[~gauged.free], [-1.0, 0.0, 1.0]).all()
        assert gauged.free[gauged.prunable].all()
        assert not gauged.prunable[place.starts].any()
        assert gauged.free[place.starts].all()
        assert len(gauged.orders) == law.dimension


@every_example
def test_of_all_gauges_the_simplest_is_chosen_and_holds_the_law_s_own_numbers(name):
    """The law from its answers, a little wrong to begin with and in a basis of its own."""
    expected, example = EXAMPLES[name]
    law = example.law
    data = Data(Shown.of(INPUT, law.outputs(SHOWN).swapaxes(0, 1)))
    turned = law.in_basis(basis_change(3, law.dimension))
    numbers = np.array(turned.cell.parameters)
    numbers += 1e-4 * np.random.default_rng(4).normal(size=numbers.shape)
    refitted, loss = free_refit(turned.but(cell=turned.cell.with_parameters(numbers)), data.shown)
    chosen = best_gauge(refitted, loss, data)
    assert chosen.gauge.name == expected
    assert chosen.gauged.kind == example.kinds[0]
    (exact,) = (g for g in chosen.gauge.fix(law, SHOWN) if g.kind == chosen.gauged.kind)
    found, true = (np.abs(flat(each)) for each in (chosen.fit.law, exact.law))
    np.testing.assert_allclose(found, true, atol=1e-7)
    before = in_gauge_of(chosen, turned, data)
    assert before is not None
    np.testing.assert_allclose(np.abs(flat(before)), true, atol=1e-6)


class Watched(Companion):
    """A companion form that tells whether it was tried."""

    def __init__(self):
        self.tried = False

    def again(self, gauged, fit, shown):
        self.tried = True
        return super().again(gauged, fit, shown)


@pytest.mark.parametrize(("name", "tried"), [("total density", False), ("wave", True)])
def test_where_a_gauge_that_allows_less_explains_no_richer_one_is_tried(name, tried):
    """Several waves are fewer laws than all that have a companion form, which is long to fit."""
    law, companion = EXAMPLES[name][1].law, Watched()
    data = Data(Shown.of(INPUT, law.outputs(SHOWN).swapaxes(0, 1)))
    chosen = best_gauge(law, law.loss(data.shown), data, [companion, Waves()])
    assert companion.tried == tried
    assert chosen.gauge.name == ("companion" if tried else "waves")
