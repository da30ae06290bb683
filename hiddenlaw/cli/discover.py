"""`hiddenlaw discover`: from data to a run directory with the law in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hiddenlaw.cli._data import (
    AllowMissing,
    ErrorNames,
    InputNames,
    ResponseNames,
    RunName,
    XName,
    load_data,
)

if TYPE_CHECKING:
    from hiddenlaw.dataset import Dataset

_MODEL = "Translator and distiller"
_SIMULATED = "Where the data are simulated"


def discover(
    data: Annotated[
        Path | None,
        typer.Argument(metavar="[DATA]", help="The data: .nc or .h5, .npz, or .csv."),
    ] = None,
    system: Annotated[
        str | None,
        typer.Option(
            "--system",
            help="Simulate this system in place of DATA (schroedinger by default).",
            rich_help_panel=_SIMULATED,
        ),
    ] = None,
    runs: Annotated[
        int | None,
        typer.Option(
            min=4,
            help="Runs to simulate: 200 by default, 2000 for a GRU.",
            rich_help_panel=_SIMULATED,
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="The run directory to write.")] = Path(
        "runs/discovery"
    ),
    seed: Annotated[int, typer.Option(min=0, help="All randomness follows from it.")] = 0,
    cell: Annotated[
        str,
        typer.Option(help="Of the translator: generator, taylor or gru.", rich_help_panel=_MODEL),
    ] = "generator",
    hidden: Annotated[
        int | None,
        typer.Option(help="Hidden variables of the translator.", rich_help_panel=_MODEL),
    ] = None,
    decoders: Annotated[
        str,
        typer.Option(
            help="Classes of decoder, comma between: linear, quadratic, neural.",
            rich_help_panel=_MODEL,
        ),
    ] = "linear,quadratic",
    max_dimension: Annotated[
        int, typer.Option(help="Widest bottleneck to try.", rich_help_panel=_MODEL)
    ] = 4,
    seeds: Annotated[
        int, typer.Option(help="Independent starts of each distiller.", rich_help_panel=_MODEL)
    ] = 8,
    dimension: Annotated[
        int | None,
        typer.Option(help="Ask for one theory only, of this dimension…", rich_help_panel=_MODEL),
    ] = None,
    readout: Annotated[
        str | None,
        typer.Option(help="… and this class of readout.", rich_help_panel=_MODEL),
    ] = None,
    input: InputNames = None,
    response: ResponseNames = None,
    x: XName = None,
    run: RunName = None,
    response_error: ErrorNames = None,
    allow_missing: AllowMissing = False,
) -> None:
    """Find the hidden variables and their law in DATA, or in simulated data.

    Without DATA: rediscover quantum mechanics from densities in random potentials.
    """
    from rich.console import Console

    from hiddenlaw.cli._output import check_writable
    from hiddenlaw.dataset import check_discoverable
    from hiddenlaw.errors import SettingsError
    from hiddenlaw.settings import settings

    names = tuple(part.strip() for part in decoders.split(",") if part.strip())
    options = {
        "cell": cell,
        "seed": seed,
        "hidden": hidden,
        "decoders": names,
        "max_dimension": max_dimension,
        "seeds": seeds,
        "dimension": dimension,
        "readout": readout,
    }
    settings(**options)
    if data is not None and (system is not None or runs is not None):
        raise SettingsError("give either DATA or --system and --runs, not both")
    check_writable(out)
    if data is not None:
        dataset = load_data(data, input, response, x, run, response_error, allow_missing)
    else:
        dataset = _simulated(
            system or "schroedinger", runs or (2000 if cell == "gru" else 200), seed
        )

    check_discoverable(dataset)

    from hiddenlaw.discovery import discover as find
    from hiddenlaw.report import summary
    from hiddenlaw.training.progress import RichProgress

    with RichProgress() as progress:
        found = find(dataset, progress=progress, **options)
        progress.start("report", 1)
        found.save(out)
        progress.finish("report", str(out / "report.html"))
    console = Console()
    console.print(summary(found.record))
    console.print(f"Everything is in {out}; open {out / 'report.html'}", highlight=False)


def _simulated(system: str, runs: int, seed: int) -> Dataset:
    from hiddenlaw.systems import get_system

    return get_system(system)().simulate(
        runs=runs, sites=64, dx=0.2, seed=seed, potentials="fourier", with_truth=True
    )
