"""`hiddenlaw simulate`: data of a system whose law is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_PANEL = "Constants of the law"


def simulate(
    system: Annotated[str, typer.Argument(help="Which system; `hiddenlaw systems` lists them.")],
    out: Annotated[
        Path,
        typer.Option("--out", help="Where to write; the suffix is the format: .nc, .npz, .csv."),
    ],
    runs: Annotated[int, typer.Option(min=1, help="Number of runs.")] = 200,
    sites: Annotated[int, typer.Option(min=2, help="Sites a run.")] = 64,
    dx: Annotated[float, typer.Option(help="Step of the grid.")] = 0.2,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal data.")] = 0,
    potentials: Annotated[
        str, typer.Option(help="Family of inputs; `hiddenlaw systems` lists them.")
    ] = "fourier",
    with_truth: Annotated[
        bool,
        typer.Option("--with-truth", help="Keep the hidden states; discovery never reads them."),
    ] = False,
    energy: Annotated[
        float | None, typer.Option(help="E of psi'' = (kappa*V - E) psi.", rich_help_panel=_PANEL)
    ] = None,
    kappa: Annotated[
        float | None, typer.Option(help="kappa = 2m/hbar**2.", rich_help_panel=_PANEL)
    ] = None,
    scale: Annotated[
        float | None, typer.Option(help="Factor of the response.", rich_help_panel=_PANEL)
    ] = None,
) -> None:
    """Simulate runs of a known system and write them as data."""
    from dataclasses import fields

    from hiddenlaw.errors import SettingsError
    from hiddenlaw.io import format_of, save
    from hiddenlaw.systems import get_system

    if with_truth and not format_of(out).carries_truth:
        raise SettingsError(f"{out}: {format_of(out).name} carries no truth; write .nc or .npz")
    format_of(out)
    kind = get_system(system)
    given = {"energy": energy, "kappa": kappa, "scale": scale}
    constants = {name: value for name, value in given.items() if value is not None}
    known = [item.name for item in fields(kind)]
    for name in constants:
        if name not in known:
            raise SettingsError(f"{system} has no constant {name!r}; it has {', '.join(known)}")
    dataset = kind(**constants).simulate(
        runs=runs, sites=sites, dx=dx, seed=seed, potentials=potentials, with_truth=with_truth
    )
    save(dataset, out)
    typer.echo(
        f"wrote {out}: {runs} runs × {sites} sites, input {', '.join(dataset.input_names)}, "
        f"response {', '.join(dataset.response_names)}"
    )
