"""`hiddenlaw discover`: from data to a run directory with the law in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hiddenlaw.cli import _simulated as options
from hiddenlaw.cli._data import (
    AllowMissing,
    ErrorNames,
    InputNames,
    Resample,
    ResponseNames,
    RunName,
    XName,
    load_data,
)
from hiddenlaw.cli._loud import Verbose, loud

if TYPE_CHECKING:
    from hiddenlaw.data.dataset import Dataset

_MODEL = "Translator and distiller"
_TRUST = "How sure"
_SIMULATED = "Where the data are simulated"


def discover(
    data: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[DATA]",
            help="The data: .nc, .h5, .npz, .mat, .xlsx, .csv, .txt. Several files are the runs of "
            "one experiment, one after another.",
        ),
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
    family: Annotated[
        str,
        typer.Option(
            help="The kind of law: driven (the input pushes the state), multiplied (it multiplies "
            "it, as a potential does), polynomial (the state multiplies itself), or auto (the "
            "poorest that explains the response).",
            rich_help_panel=_MODEL,
        ),
    ] = "auto",
    cell: Annotated[
        str,
        typer.Option(
            help="Of the translator: generator, driven, taylor, gru, polynomial or "
            "discrete-polynomial.",
            rich_help_panel=_MODEL,
        ),
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
        int | None,
        typer.Option(
            help="Widest bottleneck to try: 4, and 6 for driven laws of records, unless said.",
            rich_help_panel=_MODEL,
        ),
    ] = None,
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
    bootstrap: Annotated[
        int,
        typer.Option(
            help="Resamples of the runs for the 95 % intervals; 0 takes those of the fit.",
            rich_help_panel=_TRUST,
        ),
    ] = 0,
    held_out: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Share of the runs that no training sees, to judge by: 0.2 by default. Of one to "
            "three long records the end of each, 0.3 by default.",
            rich_help_panel=_TRUST,
        ),
    ] = None,
    hold: Annotated[
        str | None,
        typer.Option(
            help="How the input runs between sites: zero (constant over each cell), first "
            "(linear), cubic (a spline), or auto (held-out error decides). By default what the "
            "data say; of simulated data this is also how they are made."
        ),
    ] = None,
    initial_state: Annotated[
        str,
        typer.Option(
            help="Where runs start: shared (all alike), per-run (each from its own state), context "
            "(each its own, for new runs read off their first samples), or auto (shared, unless "
            "held-out error says otherwise)."
        ),
    ] = "auto",
    context: Annotated[
        int | None,
        typer.Option(help="With --initial-state context: how many first samples are read."),
    ] = None,
    run_constants: Annotated[
        int,
        typer.Option(
            help="Numbers that are unknown and different in every run and take part in the law: "
            "none, 1 as for the energy of a trapped cloud, at most 4."
        ),
    ] = 0,
    sites: Annotated[
        int, typer.Option(min=2, help="Sites a run.", rich_help_panel=_SIMULATED)
    ] = 64,
    dx: Annotated[
        float | None,
        typer.Option(
            help="Step of the grid; of DATA only where these do not say where their samples are.",
            rich_help_panel=_SIMULATED,
        ),
    ] = None,
    potentials: options.Potentials = None,
    preparation: options.Preparation = None,
    noise: options.Noise = None,
    blur: options.Blur = 0.0,
    missing: options.Missing = 0.0,
    input: InputNames = None,
    response: ResponseNames = None,
    x: XName = None,
    run: RunName = None,
    response_error: ErrorNames = None,
    allow_missing: AllowMissing = False,
    resample: Resample = None,
    verbose: Verbose = 0,
) -> None:
    """Find the hidden variables and their law in DATA, or in simulated data.

    Without DATA: rediscover quantum mechanics from densities in random potentials.
    """
    from hiddenlaw.data.discoverable import check_discoverable
    from hiddenlaw.errors import SettingsError
    from hiddenlaw.kinds import choose
    from hiddenlaw.results.saving import check_target

    chosen = {
        "cell": cell,
        "family": family,
        "seed": seed,
        "hidden": hidden,
        "decoders": tuple(part.strip() for part in decoders.split(",") if part.strip()),
        "seeds": seeds,
        "dimension": dimension,
        "readout": readout,
        "bootstrap": bootstrap,
        "hold": hold,
        "initial_state": initial_state,
        "context": context,
        "run_constants": run_constants,
    }
    # What has another default of its own for records is not named unless it is given.
    given = {"max_dimension": max_dimension, "held_out": held_out}
    chosen |= {name: value for name, value in given.items() if value is not None}
    settings = choose(**chosen)
    experiment = {
        "--system": system,
        "--runs": runs,
        "--dx": dx,
        "--potentials": potentials,
        "--preparation": preparation,
        "--noise": noise,
        "--blur": blur,
        "--missing": missing,
    }
    simulated = [name for name, value in experiment.items() if value and name != "--dx"]
    if data and simulated:
        raise SettingsError(f"give either DATA or {simulated[0]}, which is for simulated data")
    check_target(out, only_discoveries=True)
    if data:
        dataset = load_data(
            data, input, response, x, run, response_error, allow_missing, resample, dx
        )
    else:
        dataset = options.simulated(experiment, settings, sites)
    check_discoverable(dataset)
    with loud(verbose):
        _find(dataset, chosen, out)


def _find(dataset: Dataset, chosen: dict[str, Any], out: Path) -> None:
    """Search, keep what was found, print it, draw the figures, and put all of it in its place."""
    from hiddenlaw.cli._output import Screen, tell_recovered
    from hiddenlaw.cli._report import report_writer
    from hiddenlaw.results.saving import Saving

    with Saving(out, only_discoveries=True) as saving, report_writer() as write_report:
        tell_recovered(saving.recovered)
        from hiddenlaw.discovery import discover as find
        from hiddenlaw.training.progress import RichProgress

        with RichProgress() as progress:
            found = find(dataset, progress=progress, **chosen)
            saving.keep(found.write)

        from hiddenlaw.report import summary

        screen = Screen()
        screen.print(summary(found.record))
        saving.add(write_report)
        saving.finish()
        screen.print(f"Everything is in {out}; open {out / 'report.html'}", highlight=False)
        screen.end(f"everything is in {out}")
