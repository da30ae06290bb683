"""A number read off a law, with its standard error and interval."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from hiddenlaw.data.described import Described, Rows
from hiddenlaw.theory.equations import plain
from hiddenlaw.theory.equations.intervals import NORMAL
from hiddenlaw.theory.equations.naming import with_error


@dataclass(frozen=True)
class Reading(Described):
    """A number read off a law, with its standard error and 95 % interval, in `unit` if it has one.

    Of an integrator the gain is not finite: there is no such reading.
    """

    name: str
    value: float
    stderr: float
    ci95: tuple[float, float]
    unit: str = ""

    @classmethod
    def of(cls, name: str, value: float, stderr: float, unit: str = "") -> Reading:
        """With 95 % of a normal distribution."""
        value, stderr = float(value), float(stderr)  # NumPy's print as np.float64(…)
        reach = NORMAL * stderr
        return cls(name, value, stderr, (value - reach, value + reach), unit)

    def _said(self) -> tuple[str, Rows]:
        return f"Reading({self.name} = {with_error(self.value, self.stderr, self.unit)})", []

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"ci95": list(self.ci95)}

    @classmethod
    def from_json(cls, entry: Any) -> Reading:
        """From plain data. Raises `KeyError`, `TypeError` or `ValueError` for others."""
        entry = plain.mapping(entry)
        low, high = plain.several(plain.number, entry["ci95"])
        value, stderr = plain.number(entry["value"]), plain.number(entry["stderr"])
        unit = plain.text(entry.get("unit", ""))
        return cls(plain.text(entry["name"]), value, stderr, (low, high), unit)
