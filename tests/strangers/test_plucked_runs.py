"""A preparation of somebody else's: every run is let go at rest, from a displacement of its own.

A pendulum of which the input stretches the string: y″ = −(1.5 + 0.8 u) y − 0.2 y′. Its start in run
r is s_r (1, 0), one number a run; in whatever basis the law is found, the starts of all runs point
in one direction, and that they are at rest is found. Of a new run every third of the first dozen
samples is given. The oracle is the exponential of the law's own matrix, cell by cell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from jaxtyping import Float
from scipy.linalg import expm

import hiddenlaw as hl
from hiddenlaw._typing import AnyArray
from hiddenlaw.preparations import PREPARATIONS, AbstractPreparation

STIFFNESS, STRETCH, DAMPING, DX = 1.5, 0.8, 0.2, 0.2
RUNS, SITES = 30, 40


@dataclass(frozen=True, eq=False)
class Plucked(AbstractPreparation):
    """Run r starts from s_r times one state, `along`, which all runs share."""

    name: ClassVar[str] = "plucked"
    per_run: ClassVar[bool] = True
    said: ClassVar[str] = "Every run is plucked: it starts from a multiple of one state."
    predicted_from: ClassVar[str] = "from the input and a few of the first samples"

    numbers: Float[AnyArray, "run one"]
    along: Float[AnyArray, " d"]
    held: tuple[float | None, ...] = ()

    @classmethod
    def random(cls, dimension, runs, *, rng):
        return cls(rng.normal(size=(runs, 1)), np.eye(dimension)[0])  # any basis is as good

    @property
    def slopes(self):
        return np.asarray(self.along)[:, None]

    def in_basis(self, transform):
        return replace(self, along=transform @ self.along)

    def holding(self, held):
        free = np.array([value is None for value in held])
        return replace(self, along=np.where(free, self.along, 0.0), held=held)

    def started(self, states):
        of_runs, sizes, directions = np.linalg.svd(np.asarray(states), full_matrices=False)
        return replace(self, numbers=of_runs[:, :1] * sizes[0], along=directions[0], held=())

    @property
    def kept(self):
        return {**super().kept, "along": np.asarray(self.along).tolist()}

    @classmethod
    def read(cls, arrays, kept):
        return cls(arrays["initial"].T, np.array(kept["along"], float))

    @classmethod
    def given(cls, data, context=None):
        first = np.arange(data.sites)
        return np.broadcast_to((first < 12) & (first % 3 == 0), (data.runs, data.sites))


@pytest.fixture
def plucked():
    PREPARATIONS[Plucked.name] = Plucked
    yield Plucked
    del PREPARATIONS[Plucked.name]


def swung(seed: int, runs: int = RUNS):
    """Inputs, displacements, and how far each run was pulled."""
    rng = np.random.default_rng(seed)
    u, pulled = rng.uniform(-1, 1, (runs, SITES)), rng.uniform(0.5, 2.0, runs)
    y = np.zeros_like(u)
    for run in range(runs):
        state = np.array([pulled[run], 0.0])
        for site in range(SITES):
            curvature = -(STIFFNESS + STRETCH * u[run, site])
            state = expm(DX * np.array([[0.0, 1.0], [curvature, -DAMPING]])) @ state
            y[run, site] = state[0]
    return u, y, pulled


def test_plucked_runs_are_found_to_start_at_rest_and_read_back_as_such(plucked, tmp_path):
    u, y, _ = swung(0)
    found = hl.discover(
        u,
        y,
        dx=DX,
        initial_state=plucked,
        dimension=2,
        readout="linear",
        hidden=3,
        translator_seeds=2,
        seeds=2,
    )
    (terms,) = found.theory.record["law"]["terms"].values()
    values = {name: entry["value"] for name, entry in terms.items()}
    expected = {"y": -STIFFNESS, "u*y": -STRETCH, "y'": -DAMPING}
    assert values == pytest.approx(expected, abs=1e-6)
    preparation = found.theory.law.preparation
    assert isinstance(preparation, Plucked)
    assert preparation.numbers.shape == (24, 1)
    units = found.theory.state_units
    y0, slope = (np.asarray(preparation.along) * units).tolist()
    assert abs(slope) < 1e-6 * abs(y0)

    found.save(tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "Every run is plucked" in page
    assert "predicted from the input and a few of the first samples" in page
    again = hl.load_discovery(tmp_path / "run")
    assert isinstance(again.theory.law.preparation, Plucked)
    new, answered, _ = swung(1, runs=5)
    for law in (found.theory, again.theory):
        some = np.where(np.arange(SITES) < 4, answered, np.nan)
        np.testing.assert_allclose(law.predict(new, some), answered, atol=1e-6)
    told = again.predict_runs(hl.Dataset.from_arrays(new, answered, dx=DX))
    assert told.errors.max() < 1e-10


def test_a_run_directory_says_which_part_it_needs(plucked, tmp_path):
    u, y, _ = swung(0, runs=10)
    theory = {"dimension": 2, "readout": "linear", "hidden": 2, "translator_seeds": 1, "seeds": 1}
    hl.discover(u, y, dx=DX, initial_state=plucked, **theory).save(tmp_path, report=False)
    kind = PREPARATIONS.pop(plucked.name)
    with pytest.raises(hl.FormatError, match="import the module that adds it") as refused:
        hl.load_discovery(tmp_path)
    assert "no initial state called 'plucked'" in str(refused.value)
    PREPARATIONS[plucked.name] = kind
