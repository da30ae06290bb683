"""`hiddenlaw systems`: what can be simulated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table


def systems() -> None:
    """List the systems that `simulate` knows, the families of potentials, and the traps."""
    from dataclasses import fields

    from rich.console import Console
    from rich.table import Table

    from hiddenlaw.systems import POTENTIALS, SYSTEMS, TRAPS

    known = Table("system", "what it is", "constants", title="Systems", title_justify="left")
    for name, system in SYSTEMS.items():
        constants = ", ".join(f"{item.name} = {item.default}" for item in fields(system))
        known.add_row(name, system.summary, constants)
    console = Console(markup=False)
    console.print(known)
    console.print(_families("Potentials", "family", POTENTIALS))
    console.print(
        _families("Traps: potentials of the systems trap and interacting_trap", "shape", TRAPS)
    )


def _families(title: str, kind: str, members: Mapping[str, Callable[..., Any]]) -> Table:
    """A table of names, and what the first lines of their docstrings say."""
    from rich.table import Table

    table = Table(kind, "what it is", title=title, title_justify="left")
    for name, member in members.items():
        table.add_row(name, (member.__doc__ or "").strip().splitlines()[0])
    return table
