"""A discovery for the terminal: what was looked at, what was found, what to beware of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hiddenlaw.report import tables, words
from hiddenlaw.report.blocks import Role, equations_of, main_equations
from hiddenlaw.report.found import in_order, of_its_runs
from hiddenlaw.report.names import pretty, prose

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.padding import Padding
    from rich.table import Table


def summary(record: Mapping[str, Any]) -> RenderableType:
    """Everything of a discovery that a physicist wants to read first. Fits 80 columns and more."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.text import Text

    headline, sentence = words.verdict(record)
    found = record.get("verdict") == "law"
    parts: list[RenderableType] = [
        Panel(
            Text(prose(sentence)),
            title=Text(headline, style="bold"),
            title_align="left",
            border_style="green" if found else "yellow",
        ),
        Text(),
        _labelled(words.looked_at(record)),
        Text(),
    ]
    families = tables.families_table(record)
    if families is not None:
        parts += [tables.to_rich(families), Text()]
    parts += _variables(record)
    if record.get("theories"):
        table = tables.to_rich(tables.theories_table(record))
        short = of_its_runs(record, words.ERRORS_IN_SHORT)
        parts += [table, Text(short, style="dim"), Text()]
    rivals = tables.evidence_table(record)
    if rivals is not None:
        parts += [tables.to_rich(rivals), _item(of_its_runs(record, words.EVIDENCE)), Text()]
    for place, (_, theory) in enumerate(in_order(record)):
        parts += _theory(record, theory, place)
    known = words.truth(record)
    if known:
        parts += [Text("Against the truth", style="bold"), *map(_item, known), Text()]
    if record.get("notes"):
        parts += [Text("Beware", style="bold"), *map(_item, record["notes"])]
    return Group(*parts)


def as_text(record: Mapping[str, Any], width: int = 100) -> str:
    """The summary as plain text."""
    from rich.console import Console

    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as captured:
        console.print(summary(record))
    return captured.get()


def _variables(record: Mapping[str, Any]) -> list[RenderableType]:
    from rich.text import Text

    parts: list[RenderableType] = []
    needed = tables.dimension_table(record)
    if needed.rows:
        parts.append(tables.to_rich(needed))
        parts += map(_item, [*words.reasons(record), *words.answers(record)])
    parts += map(_item, filter(None, [words.seeds_saved(record), words.spectrum(record)]))
    return [*parts, Text()] if parts else []


def _theory(record: Mapping[str, Any], theory: Mapping[str, Any], place: int) -> list[Any]:
    from rich.text import Text

    heading = Text.assemble((words.heading(theory, place), "bold"))
    if theory.get("reason"):
        heading.append(f"; {prose(theory['reason'])}", style="dim")
    parts: list[RenderableType] = [heading]
    for equation in main_equations(record, theory):
        parts.append(_indented(Text(pretty(equation.text), style="bold cyan"), 4))
    for role, note in ((Role.SMOOTH, words.SMOOTH), (Role.UNCERTAIN, "95 %")):
        for equation in equations_of(record, theory, role):
            line = Text.assemble((pretty(equation.text), "cyan"), (f" ({note})", "dim"))
            parts.append(_indented(line, 4))
    table = tables.coefficient_table(theory, "law") or tables.coefficient_table(theory, "system")
    if table is not None:
        parts.append(_indented(tables.to_rich(table), 2))
    readings = tables.readings_table(theory)
    if readings is not None:
        parts.append(_indented(tables.to_rich(readings), 2))
    rests = None if place else tables.equilibria_table(record, theory)
    if rests is not None:
        parts.append(_indented(tables.to_rich(rests), 2))
    rule = words.born(theory)
    if rule:
        parts.append(_item(rule))
    for entry in theory.get("invariants") or ():
        name, value, meaning = words.invariant(entry)
        parts.append(_item(f"{name} = {value}" + (f": {meaning}" if meaning else "")))
    return [*parts, Text()]


def _labelled(lines: list[tuple[str, str]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in lines:
        grid.add_row(Text(label, style="dim"), Text(prose(text)))
    return grid


def _item(sentence: str) -> Table:
    """A sentence behind a dot, its further lines indented with it."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1)
    grid.add_column(overflow="fold")
    grid.add_row(Text("•", style="dim"), Text(prose(sentence)))
    return grid


def _indented(part: RenderableType, columns: int) -> Padding:
    from rich.padding import Padding

    return Padding(part, (0, 0, 0, columns))
