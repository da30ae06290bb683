"""A cell of somebody else's, nonlinear in its state, goes through a whole discovery.

Logistic growth with a drive, y′ = r y − b y² + k u (Verhulst 1838), one variable. Its derivatives
are JAX's; the oracle is SciPy's integrator, cell by cell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import hiddenlaw as hl
from hiddenlaw.cells import CELLS, AbstractLawCell, Coefficient

RATE, CROWDING, PUSH, DX = 1.2, 0.8, 0.5, 0.2
SUBSTEPS = 8  # of Runge and Kutta's fourth order, a cell


@dataclass(frozen=True, eq=False)
class Logistic(AbstractLawCell):
    """h′ = r h − b h² + k u, `rates` = (r, b, k) dx."""

    name: ClassVar[str] = "logistic"
    trained: ClassVar[tuple[str, ...]] = ("rates",)
    hidden: ClassVar[int] = 1
    seeds: ClassVar[int] = 4

    rates: Any

    @property
    def dimension(self) -> int:
        return 1

    @classmethod
    def random(cls, dimension, span, *, rng):
        assert dimension == 1
        return cls(rng.uniform(0.1, 0.3, 3) * np.array([1.0, 1.0, rng.choice([-1, 1])]))

    def advance(self, state, shown):
        r, b, k = (self.rates[i] / SUBSTEPS for i in range(3))

        def slope(h):
            return r * h - b * h * h + k * shown[:, :1]

        for _ in range(SUBSTEPS):
            one = slope(state)
            two = slope(state + one / 2)
            three = slope(state + two / 2)
            four = slope(state + three)
            state = state + (one + 2 * two + 2 * three + four) / 6
        return state

    def terms(self, dx):
        r, b, k = np.asarray(self.rates) / dx
        return [
            Coefficient(0, (0,), (0,), float(r)),
            Coefficient(0, (0, 0), (0,), float(-b)),
            Coefficient(0, (), (1,), float(k)),
        ]

    def in_basis(self, transform):
        size = float(transform[0, 0])
        return replace(self, rates=np.asarray(self.rates) * np.array([1.0, 1 / size, size]))

    def finer(self):
        return replace(self, rates=np.asarray(self.rates) / 2)

    def with_span(self, span):
        return self


@pytest.fixture
def logistic():
    CELLS[Logistic.name] = Logistic
    yield Logistic
    del CELLS[Logistic.name]


def grown(runs: int = 12, sites: int = 24):
    rng = np.random.default_rng(0)
    u = rng.uniform(-0.5, 1.0, (runs, sites))
    y = np.zeros_like(u)
    for run in range(runs):
        state = 0.4
        for site in range(sites):
            push = PUSH * u[run, site]
            ended = solve_ivp(
                lambda _, z, push=push: RATE * z - CROWDING * z**2 + push,
                (0, DX),
                [state],
                rtol=1e-11,
                atol=1e-12,
            )
            y[run, site] = state = ended.y[0, -1]
    return u, y


@pytest.mark.slow
def test_a_nonlinear_cell_is_discovered_reported_and_read_back(logistic, tmp_path):
    u, y = grown()
    found = hl.discover(
        u, y, dx=DX, cell=logistic, dimension=1, readout="linear", seeds=1, translator_seeds=1
    )
    (terms,) = found.theory.record["law"]["terms"].values()
    values = {name: entry["value"] for name, entry in terms.items()}
    expected = {"y": RATE, "y**2": -CROWDING, "u": PUSH}
    assert values == pytest.approx(expected, abs=1e-4)
    assert found.theory.record["heldout_error"] < 1e-8
    assert "y**2" in found.theory.equation
    found.save(tmp_path / "run")
    assert (tmp_path / "run" / "report.html").stat().st_size > 10_000
    again = hl.load_discovery(tmp_path / "run")
    np.testing.assert_allclose(again.theory.predict(u), found.theory.predict(u), rtol=1e-12)
