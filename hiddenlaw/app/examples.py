"""Examples that are built in: simulated experiments, written to a file as anybody's data are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Example:
    """A system to simulate: what it is called on the page, and how much of it is measured."""

    title: str
    system: str
    sizes: dict[str, Any]

    def write(self, path: Path) -> None:
        """Simulate it, without its truth, into an .nc file."""
        from hiddenlaw.io import save
        from hiddenlaw.systems import get_system

        save(get_system(self.system)().simulate(seed=0, **self.sizes), path)


EXAMPLES: dict[str, Example] = {
    "quantum": Example(
        "A quantum particle: densities in random potentials",
        "schroedinger",
        {"runs": 200, "sites": 64},
    ),
    "masses": Example(
        "Two coupled masses, of which one is pushed and the other seen",
        "coupled_masses",
        {"runs": 60, "sites": 100},
    ),
    "oscillator": Example(
        "A damped oscillator whose stiffness is modulated",
        "oscillator",
        {"runs": 100, "sites": 64},
    ),
    "duffing": Example(
        "Duffing's oscillator: a spring that stiffens", "duffing", {"runs": 40, "sites": 100}
    ),
}
