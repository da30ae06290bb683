"""`hiddenlaw systems`: what can be simulated."""

from __future__ import annotations


def systems() -> None:
    """List the systems that `simulate` knows, and the families of potentials."""
    from dataclasses import fields

    from rich.console import Console
    from rich.table import Table

    from hiddenlaw.systems import POTENTIALS, SYSTEMS

    known = Table("system", "what it is", "constants", title="Systems", title_justify="left")
    for name, system in SYSTEMS.items():
        constants = ", ".join(f"{item.name} = {item.default}" for item in fields(system))
        known.add_row(name, system.summary, constants)
    families = Table("family", "what it is", title="Potentials", title_justify="left")
    for name, family in POTENTIALS.items():
        families.add_row(name, (family.__doc__ or "").strip().splitlines()[0])
    console = Console(markup=False)
    console.print(known)
    console.print(families)
