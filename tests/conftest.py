"""Data and a discovery that many tests share, so that what is compiled is compiled once.

Shapes, dtypes and types in all signatures of the package are checked while the tests run, in each
test at the first calls of every function, and at some of those that follow.
"""

import os

# Tests run in as many processes as there are cores: more threads in each would only wait.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections import Counter
from pathlib import Path

import jax
import pytest
import type_checks
from hypothesis import HealthCheck, settings

# Workers, the programs they start, and later sessions share what was compiled.
CACHE = {
    "jax_compilation_cache_dir": str(Path(__file__).parents[1] / ".pytest_cache" / "xla"),
    "jax_persistent_cache_min_compile_time_secs": 0.1,
}
for name, value in CACHE.items():
    os.environ[name.upper()] = str(value)
    jax.config.update(name, value)

type_checks.install()

settings.register_profile(
    "reproducible",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("reproducible")


def pytest_runtest_setup():
    type_checks.another_test()


_MANY = 20_000  # memory maps, of the 65530 that Linux grants a process


def pytest_collection_modifyitems(items):
    """Files with most whole discoveries first, so that workers end together.

    Files stay whole: their discoveries share what is compiled.
    """
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


@pytest.fixture(scope="module", autouse=True)
def few_memory_maps():
    """Compiled code takes maps and keeps them; when these run out the process dies."""
    yield
    maps = Path("/proc/self/maps")
    if maps.exists() and len(maps.read_bytes().splitlines()) > _MANY:
        jax.clear_caches()


@pytest.fixture(scope="session")
def dataset():
    """Densities of one particle at E = 0.37 in 40 random potentials, 40 sites, with the truth."""
    from shared_example import ENERGY, RUNS, SITES

    from hiddenlaw.systems import Schroedinger

    system = Schroedinger(energy=ENERGY)
    return system.simulate(runs=RUNS, sites=SITES, dx=0.2, seed=0, with_truth=True)


@pytest.fixture(scope="session")
def small():
    """Settings of a small discovery."""
    from shared_example import SMALL

    return dict(SMALL)


@pytest.fixture(scope="session")
def discovery(dataset, small):
    """A discovery with few seeds and narrow bottlenecks."""
    from hiddenlaw.discovery import discover

    return discover(dataset, **small)
