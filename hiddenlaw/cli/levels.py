"""`hiddenlaw levels`: the energy levels that a discovered law gives a trap."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import numpy as np

    from hiddenlaw.levels.bound_states import BoundStates
    from hiddenlaw.levels.curvature import CurvatureLaw
    from hiddenlaw.levels.known_traps import Trap

_PANEL = "Columns of the trap"
_SHOWN = 10
FORMAT, VERSION = "hiddenlaw.levels", 1


def levels(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="A discovery's directory.")],
    trap: Annotated[
        str,
        typer.Argument(
            metavar="TRAP",
            help="A .csv or .npz with x and the input, or harmonic:omega=1, "
            "poschl_teller:lambda=4,a=1, morse:depth=10,a=1.",
        ),
    ],
    count: Annotated[
        int | None, typer.Option(min=1, help="How many levels; the lowest 10, or all there are.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the levels as data, too: a .json file.")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option("--figure", help="Draw trap, levels and wave functions: a .png.")
    ] = None,
    theory: Annotated[
        int, typer.Option(min=0, help="Which theory of the table; 0 is the most parsimonious.")
    ] = 0,
    input: Annotated[
        str | None,
        typer.Option(
            "--input", metavar="NAME", help="Column of the input.", rich_help_panel=_PANEL
        ),
    ] = None,
    x: Annotated[
        str | None,
        typer.Option("--x", metavar="NAME", help="Column of the grid.", rich_help_panel=_PANEL),
    ] = None,
) -> None:
    """Find the energies at which a discovered law binds a particle in a trap V(x).

    The law was found at one energy; a particle of energy E obeys it with V - E in place of V.
    """
    from rich.console import Console

    from hiddenlaw.discovery import load_discovery
    from hiddenlaw.errors import SettingsError
    from hiddenlaw.io import check_writable
    from hiddenlaw.levels.curvature import curvature_law

    for option, path, suffix in (("--out", out, ".json"), ("--figure", figure, ".png")):
        if path is not None and path.suffix.lower() != suffix:
            raise SettingsError(f"{option} {path}: the file is a {suffix}; call it so")
        if path is not None:
            check_writable(path)
    found = load_discovery(run_dir)
    found.theory  # noqa: B018  says so where no law was found
    if theory >= len(found.theories):
        raise SettingsError(f"--theory {theory}: {run_dir} has {len(found.theories)} of them")
    chosen = found.theories[theory]
    law = curvature_law(chosen.statement, chosen.low, chosen.high)
    sites, values, known = _trap(trap, law, count, input, x)
    states = chosen.bound_states(values, sites, count=count)
    if count is None and states.number > _SHOWN:
        states = chosen.bound_states(values, sites, count=_SHOWN)
    closed = None
    if known is not None and law.is_linear:
        exact = list(map(float, known.levels(law.kappa, states.number)))
        # At the very edge there may be one more, or one less.
        closed = [*exact, *[None] * (states.number - len(exact))]
    described = found.record["dataset"]
    units = {**described["units"]}
    if out is not None:
        _write(out, trap, chosen.equation, law, states, closed, units)
    if figure is not None:
        from hiddenlaw.io import write_whole
        from hiddenlaw.report.figures.levels import levels_figure

        picture = levels_figure(
            states,
            x_name=described["x"],
            input_name=law.input,
            variable=law.variable,
            units=units,
            trap=trap,
        )
        write_whole(figure, lambda path: path.write_bytes(picture.png()))
    console = Console(markup=False, highlight=False)
    _print(console, chosen.equation, law, states, closed, units)
    if known is not None:
        console.print(f"{trap}: {known.formula}")
    for path in filter(None, (out, figure)):
        console.print(f"wrote {path}")


def _trap(
    trap: str, law: CurvatureLaw, count: int | None, input: str | None, x: str | None
) -> tuple[np.ndarray, np.ndarray, Trap | None]:
    """The grid and the potential that the argument names, and the built-in trap it is."""
    from hiddenlaw.errors import FormatError, SettingsError
    from hiddenlaw.io.profile import load_profile
    from hiddenlaw.levels.known_traps import TRAPS, parse_trap

    known = parse_trap(trap)
    if known is not None:
        if law.kappa < 0:
            raise SettingsError(
                f"{trap} traps where kappa is positive and this law has {law.kappa:g}; give a trap "
                "of your own as a file"
            )
        sites = known.grid(law.kappa, count or _SHOWN)
        return sites, known.potential(sites), known
    if Path(trap).suffix == "" and not Path(trap).exists():
        raise FormatError(
            f"no trap is called {trap!r}; there are {', '.join(TRAPS)}, or give a .csv or .npz"
        )
    sites, values = load_profile(trap, x=x, input=input, usual=law.input)
    return sites, values, None


def _print(
    console: Any,
    equation: str,
    law: CurvatureLaw,
    states: BoundStates,
    closed: list[float | None] | None,
    units: dict[str, str],
) -> None:
    from rich.table import Table

    unit = f" [{units[law.input]}]" if law.input in units else ""
    table = Table(title=equation, title_justify="left")
    headings = ["n", f"E_n{unit}", "stderr", "numerical error", "kappa*E_n"]
    for heading in [*headings, *(["closed form", "difference"] if closed is not None else [])]:
        table.add_column(heading, justify="right", overflow="fold")
    for n, energy in enumerate(states.energies):
        row = [
            str(n),
            f"{energy:.7g}",
            f"{states.stderr[n]:.1e}",
            f"{states.numerical_errors[n]:.1e}",
            f"{states.curvatures[n]:.7g}",
        ]
        if closed is not None:
            exact = closed[n]
            row += ["-", "-"] if exact is None else [f"{exact:.7g}", f"{energy - exact:.1e}"]
        table.add_row(*row)
    console.print(table)
    for line in _remarks(law, states):
        console.print(line)


def _remarks(law: CurvatureLaw, states: BoundStates) -> list[str]:
    """What to know about these levels, a line each."""
    if not states.below_edge:
        return [
            f"Nothing is bound: no level lies below the edge of the trap, {states.edge:.6g}. A "
            "well that x cuts off may bind on a wider x."
        ]
    every = states.number == states.below_edge
    share = "All" if every else f"{states.number} of the"
    said = [f"{share} {states.below_edge} levels below the edge of the trap, {states.edge:.6g}."]
    if states.unsettled and states.number + states.unsettled == states.below_edge:
        said.append(
            f"The highest {states.unsettled} of these reach the ends of x and are not given; a "
            "wider x settles them."
        )
    least, most = law.found_at
    found_at = f"E = {least + 0.0:.6g}"
    if least != most:
        found_at = f"energies from {least:.6g} to {most:.6g}, one in each run"
    said.append(
        f"E is counted as {law.input} is: {law.variable}'' = kappa*({law.input} - E)*"
        f"{law.variable}, kappa = {law.kappa:.6g}; the law was found at {found_at}."
        if law.is_linear
        else f"kappa*E_n takes the place of the law's constant; kappa = {law.kappa:.6g}."
    )
    (least, most), (low, high) = states.found_between, states.used_between
    room = 1e-3 * (most - least)
    if low < least - room or high > most + room:
        said.append(
            f"The law was found where {law.variable}''/{law.variable} lay between {least:.4g} and "
            f"{most:.4g}; these levels use it from {low:.4g} to {high:.4g}: that is extrapolated."
        )
    return said


def _write(
    path: Path,
    trap: str,
    equation: str,
    law: CurvatureLaw,
    states: BoundStates,
    closed: list[float | None] | None,
    units: dict[str, str],
) -> None:
    """levels.json, whole or not at all."""
    import json

    from hiddenlaw.io import write_whole

    entries = [
        {
            "n": n,
            "energy": float(energy),
            "stderr": float(states.stderr[n]),
            "numerical_error": float(states.numerical_errors[n]),
            "kappa_energy": float(states.curvatures[n]),
            "closed_form": None if closed is None else closed[n],
        }
        for n, energy in enumerate(states.energies)
    ]
    kappa, error = law.coefficients[1]
    record = {
        "format": FORMAT,
        "version": VERSION,
        "law": equation,
        "trap": trap,
        "units": units,
        "kappa": {"value": kappa, "stderr": error},
        "edge": states.edge,
        "below_edge": states.below_edge,
        "unsettled": states.unsettled,
        "found_between": list(states.found_between),
        "used_between": list(states.used_between),
        "levels": entries,
    }
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(path, lambda temporary: temporary.write_text(text + "\n", encoding="utf-8"))
