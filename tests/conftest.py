"""Data and a discovery that many tests share, so that what is compiled is compiled once.

Shapes and dtypes in the signatures of the modules below are checked while the tests run.
"""

import pytest
from hypothesis import HealthCheck, settings
from jaxtyping import install_import_hook

CHECKED = [
    "dataset",
    "excitation",
    "richness",
    "smoothness",
    "systems",
    "theory.bound_states",
    "theory.curvature",
    "theory.equation",
    "theory.gauge",
    "theory.invariants",
    "theory.linear_law",
    "theory.naming",
    "theory.parse",
    "theory.selection",
    "theory.sine_dvr",
    "theory.traps",
    "theory.uncertainty",
]
install_import_hook([f"hiddenlaw.{name}" for name in CHECKED], "beartype.beartype")

settings.register_profile(
    "reproducible",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("reproducible")

SMALL = {"max_dimension": 3, "seeds": 3, "translator_seeds": 2, "seed": 0}


@pytest.fixture(scope="session")
def dataset():
    """Densities of one particle at E = 0.37 in 60 random potentials, 48 sites, with the truth."""
    from session_example import ENERGY

    from hiddenlaw.systems import Schroedinger

    system = Schroedinger(energy=ENERGY)
    return system.simulate(runs=60, sites=48, dx=0.2, seed=0, with_truth=True)


@pytest.fixture(scope="session")
def small():
    """Settings of a small discovery."""
    return dict(SMALL)


@pytest.fixture(scope="session")
def discovery(dataset, small):
    """A discovery with few seeds and narrow bottlenecks."""
    from hiddenlaw.discovery import discover

    return discover(dataset, **small)
