"""`hiddenlaw simulate`: data of a system whose law is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hiddenlaw.cli import _simulated as options


def simulate(
    system: Annotated[str, typer.Argument(help="Which system; `hiddenlaw systems` lists them.")],
    out: Annotated[
        Path,
        typer.Option("--out", help="Where to write; the suffix is the format: .nc, .npz, .csv."),
    ],
    runs: Annotated[int, typer.Option(min=1, help="Number of runs.")] = 200,
    sites: Annotated[int, typer.Option(min=2, help="Sites a run.")] = 64,
    dx: Annotated[
        float | None,
        typer.Option(help="Step of the grid: by default 0.2 for most, and 0.15 for traps."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal data.")] = 0,
    potentials: options.Potentials = None,
    hold: options.Hold = None,
    preparation: options.Preparation = None,
    with_truth: Annotated[
        bool,
        typer.Option("--with-truth", help="Keep the hidden states; discovery never reads them."),
    ] = False,
    noise: options.Noise = None,
    blur: options.Blur = 0.0,
    missing: options.Missing = 0.0,
    energy: options.Energy = None,
    kappa: options.Kappa = None,
    scale: options.Scale = None,
    wave_number: options.WaveNumber = None,
    detuning: options.Detuning = None,
    coupling: options.Coupling = None,
    observe: options.Observe = None,
    k0: options.K0 = None,
    gamma: options.Gamma = None,
    omega0: options.Omega0 = None,
    atoms: options.Atoms = None,
    constant: options.Constants = None,
) -> None:
    """Simulate runs of a known system and write them as data.

    The response can be measured as in a laboratory: blurred, then noisy, then with samples missing.
    """
    from hiddenlaw.errors import SettingsError
    from hiddenlaw.io import check_writable, format_of, save
    from hiddenlaw.systems import measure

    format = format_of(out, writing=True)
    if with_truth and not format.carries_truth:
        raise SettingsError(f"{out}: {format.name} carries no truth; write .nc or .npz")
    check_writable(out)
    constants = {
        "energy": energy,
        "kappa": kappa,
        "scale": scale,
        "wave_number": wave_number,
        "detuning": detuning,
        "coupling": coupling,
        "observe": observe,
        "k0": k0,
        "gamma": gamma,
        "omega0": omega0,
        "atoms": atoms,
    } | options.named(constant)
    clean = options.make_system(system, constants).simulate(
        runs=runs,
        sites=sites,
        dx=dx,
        seed=seed,
        potentials=potentials,
        hold=hold,
        preparation=preparation,
        with_truth=with_truth,
    )
    dataset = measure(clean, noise=noise, blur=blur, missing=missing, seed=seed)
    save(dataset, out)
    lost = int((~dataset.observed).sum())
    typer.echo(
        f"wrote {out}: {runs} runs × {sites} sites, input {', '.join(dataset.input_names)}, "
        f"response {', '.join(dataset.response_names)}"
        + (f", {lost} of {dataset.response.size} samples missing" if lost else "")
    )
