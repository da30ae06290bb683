"""`hiddenlaw predict`: responses to new inputs, by the discovered law alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hiddenlaw.cli._data import (
    AllowMissing,
    DataPath,
    ErrorNames,
    InputNames,
    ResponseNames,
    RunName,
    XName,
    load_data,
)


def predict(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="A discovery's directory.")],
    data: DataPath,
    out: Annotated[
        Path,
        typer.Option("--out", help="Where to write; the suffix is the format: .nc, .npz, .csv."),
    ],
    theory: Annotated[
        int, typer.Option(min=0, help="Which theory of the table; 0 is the most parsimonious.")
    ] = 0,
    input: InputNames = None,
    response: ResponseNames = None,
    x: XName = None,
    run: RunName = None,
    response_error: ErrorNames = None,
    allow_missing: AllowMissing = False,
) -> None:
    """Predict the responses to the inputs of DATA by the law, not the translator.

    Where DATA has measured responses, each run's error over its own variance is printed. A law
    whose runs start each from a state of its own needs them: the state is found from every other
    sample, or from the first ones, as in the discovery, and the error is that of the samples left.
    """
    from dataclasses import replace

    import numpy as np
    from rich.console import Console
    from rich.table import Table

    from hiddenlaw.data.heldout import given_sites, measured_at
    from hiddenlaw.data.misfit import run_errors
    from hiddenlaw.data.visible import cut_to_visible, uncut
    from hiddenlaw.errors import DataError, SettingsError
    from hiddenlaw.io import format_of, save
    from hiddenlaw.results.rundir import load_discovery

    format_of(out)
    found = load_discovery(run_dir)
    found.theory  # noqa: B018  says so where no law was found
    if theory >= len(found.theories):
        raise SettingsError(f"--theory {theory}: {run_dir} has {len(found.theories)} of them")
    law = found.theories[theory]
    dataset = load_data(data, input, response, x, run, response_error, allow_missing)
    if abs(dataset.dx - law.dx) > 1e-6 * law.dx:
        raise DataError(
            f"{data} has dx = {dataset.dx:.9g} and the law was found at {law.dx:.9g}: the initial "
            "state is that of the runs it was found from, so bring data on the same grid"
        )
    names = found.record["dataset"]["response"]
    if len(names) != dataset.response.shape[2]:
        raise DataError(f"the law predicts {', '.join(names)}; name as many with --response")
    preparation = found.record.get("initial_state", {}).get("choice", "shared")
    context = found.record["settings"].get("context")
    measured, unseen = dataset, 0
    if found.record["settings"].get("run_constants"):
        dataset, unseen = cut_to_visible(dataset, fewest=1)
    given = given_sites(dataset, preparation if law.own_starts else "shared", context)
    shown = np.where(given[..., None], dataset.response, np.nan)
    answer = law.predict(dataset.input, shown if law.own_starts else None)
    outside = law.out_of_range(dataset.input)
    error = np.full(dataset.runs, np.nan)
    left = np.flatnonzero((dataset.observed.any(axis=2) & ~given).any(axis=1))
    if len(left):
        judged = measured_at(dataset.select_runs(left), ~given[left])
        error[left] = run_errors(answer[left], judged)
    predicted = replace(dataset, response=answer, response_error=None, truth=None, hold=law.hold)
    if dataset is not measured:
        # On the grid of the data again; what cannot be seen of them cannot be predicted.
        whole = uncut(answer, measured)
        predicted = replace(
            measured, response=whole, response_error=None, truth=None, allow_missing=True
        ).select_runs(np.flatnonzero(np.isfinite(whole).any(axis=(1, 2))))
    save(predicted, out)

    console = Console(markup=False, highlight=False)
    if law.own_starts and len(left) < dataset.runs:
        alone = _listed(np.setdiff1d(np.arange(dataset.runs), left).tolist())
        console.print(f"all samples were needed to find the start, none is left to judge: {alone}")
    if unseen:
        console.print(f"{unseen} runs stand above their noise at too few sites and were left out")
    if dataset.hold != law.hold:
        console.print(f"the input is taken with the law's hold, {law.hold}, not {dataset.hold}")
    table = Table(title=law.equation, title_justify="left")
    for heading in ("runs", "in the trained range", "outside it (flagged)"):
        table.add_column(heading, justify="right")

    def figures(which: np.ndarray, of: np.ndarray) -> str:
        if not np.isfinite(of[which]).any():
            return "-"
        return f"{np.nanmedian(of[which]):.1e}, worst {np.nanmax(of[which]):.1e}"

    table.add_row("number", str(int((~outside).sum())), str(int(outside.sum())))
    table.add_row("error over variance, median", figures(~outside, error), figures(outside, error))
    console.print(table)
    if outside.any():
        low, high = law.low, law.high
        ranges = "; ".join(
            f"{name} from {a:.6g} to {b:.6g}"
            for name, a, b in zip(dataset.input_names, low, high, strict=True)
        )
        console.print(
            f"outside the trained range ({ranges}): {_listed(np.flatnonzero(outside).tolist())}"
        )
    console.print(f"wrote {out}")


def _listed(runs: list[int]) -> str:
    """Numbers of runs, the first twenty of them."""
    more = " …" if len(runs) > 20 else ""
    return f"runs {', '.join(map(str, runs[:20]))}{more}, counted from 0"
