"""Families by their names, the poorest first; one of somebody else's joins with `insert`."""

from __future__ import annotations

from hiddenlaw.errors import SettingsError
from hiddenlaw.families._base import AbstractFamily
from hiddenlaw.families.driven import Driven
from hiddenlaw.families.multiplied import Multiplied
from hiddenlaw.families.polynomial import Polynomial
from hiddenlaw.settings import Settings

FAMILIES: list[AbstractFamily] = [Driven(), Multiplied(), Polynomial()]
AUTO = "auto"


def families_for(chosen: Settings) -> list[AbstractFamily]:
    """The families to be tried, the poorest first. Raises `SettingsError` for an unknown one."""
    if chosen.family == AUTO:
        return [family for family in FAMILIES if family.serves(chosen)]
    named = [family for family in FAMILIES if family.name == chosen.family]
    if not named:
        known = ", ".join(repr(family.name) for family in FAMILIES)
        raise SettingsError(f"family must be 'auto' or one of {known}, not {chosen.family!r}")
    if not named[0].serves(chosen):
        raise SettingsError(
            f"family {chosen.family} does not go with the cell, readout, initial state or "
            "run_constants that are asked for; drop one of them"
        )
    return named
