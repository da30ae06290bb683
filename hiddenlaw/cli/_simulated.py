"""The options by which commands say what to simulate and how it is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hiddenlaw.data.dataset import Dataset
    from hiddenlaw.settings import Settings
    from hiddenlaw.systems import Experiment

_CONSTANTS = "Constants of the law, and what is observed"
_MEASURED = "How the response is measured"

Potentials = Annotated[
    str | None,
    typer.Option(
        help="Family of inputs, or shape of traps; `hiddenlaw systems` lists them. "
        "By default fourier, and mixed for traps."
    ),
]
Hold = Annotated[
    str | None,
    typer.Option(
        help="How the input runs between sites: zero (constant over each cell; the default), first "
        "(linear) or cubic (a spline; the only one for traps)."
    ),
]
Preparation = Annotated[
    str | None,
    typer.Option(
        help="Where runs start: shared (all alike; the default) or random (each from its own "
        "state). Traps know neither: they are in their ground states."
    ),
]
Noise = Annotated[
    str | None,
    typer.Option(
        metavar="NAME:NUMBER",
        help="gaussian:0.02 is noise of 2 % of the response's pooled standard deviation; "
        "poisson:1000 counts 1000 a sample at the mean response. Both: comma between.",
        rich_help_panel=_MEASURED,
    ),
]
Blur = Annotated[
    float,
    typer.Option(
        help="Imaging resolution: a Gaussian's standard deviation, in units of x.",
        rich_help_panel=_MEASURED,
    ),
]
Missing = Annotated[
    float,
    typer.Option(help="Fraction of the samples that are lost.", rich_help_panel=_MEASURED),
]


def _constant(text: str):
    return typer.Option(help=text, rich_help_panel=_CONSTANTS)


Energy = Annotated[float | None, _constant("E of psi'' = (kappa*V - E) psi.")]
Kappa = Annotated[float | None, _constant("kappa = 2m/hbar**2.")]
Scale = Annotated[float | None, _constant("Factor of the response.")]
WaveNumber = Annotated[float | None, _constant("Current: k of the start psi = 1, psi' = i k.")]
Detuning = Annotated[float | None, _constant("Components: delta, which tells the two apart.")]
Coupling = Annotated[float | None, _constant("Components: Omega, which mixes them.")]
Observe = Annotated[str | None, _constant("Components: density that is seen, total, one or both.")]
K0 = Annotated[float | None, _constant("Helmholtz: wave number in vacuum.")]
Gamma = Annotated[float | None, _constant("Oscillator, pendulum: rate of damping.")]
Omega0 = Annotated[float | None, _constant("Oscillator: angular frequency where u = 0.")]
Atoms = Annotated[float | None, _constant("Traps: number of atoms, or its mean.")]

Constants = Annotated[
    list[str] | None,
    typer.Option(
        "--constant",
        metavar="NAME=VALUE",
        help="Any constant of the system, as `hiddenlaw systems` lists them; may be repeated.",
        rich_help_panel=_CONSTANTS,
    ),
]


def named(constants: list[str] | None) -> dict[str, float | str]:
    """Constants by name from texts NAME=VALUE.

    Raises `SettingsError` for a text that is none, or a name that stands there twice.
    """
    from hiddenlaw.errors import SettingsError

    found: dict[str, float | str] = {}
    for text in constants or ():
        name, sign, value = (part.strip() for part in text.partition("="))
        if not (name and sign and value):
            raise SettingsError(f"--constant {text!r} is no NAME=VALUE, such as beta=0.8")
        if name in found:
            raise SettingsError(f"--constant gives {name} twice; give it once")
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = value
    return found


def make_system(name: str, constants: dict[str, float | str | None]) -> Experiment:
    """The system of that name with these constants; None leaves a default.

    Raises `SettingsError` for an unknown system, or a constant that it does not have.
    """
    from dataclasses import fields

    from hiddenlaw.errors import SettingsError
    from hiddenlaw.systems import get_system

    kind = get_system(name)
    given = {constant: value for constant, value in constants.items() if value is not None}
    known = [item.name for item in fields(kind)]
    for constant in given:
        if constant not in known:
            raise SettingsError(f"{name} has no constant {constant!r}; it has {', '.join(known)}")
    for item in fields(kind):
        value = given.get(item.name, item.default)
        if isinstance(value, str) != isinstance(item.default, str):
            wanted = "a name" if isinstance(item.default, str) else "a number"
            raise SettingsError(f"{item.name} is {value!r}; it must be {wanted}")
    return kind(**given)


def simulated(experiment: dict[str, Any], settings: Settings, sites: int) -> Dataset:
    """The data of an experiment described by its options, measured, with their truth."""
    from hiddenlaw.cells import CELLS
    from hiddenlaw.systems import measure

    clean = make_system(experiment["--system"] or "schroedinger", {}).simulate(
        runs=experiment["--runs"] or CELLS[settings.cell].runs,
        sites=sites,
        dx=experiment["--dx"],
        seed=settings.seed,
        potentials=experiment["--potentials"],
        hold=None if settings.hold == "auto" else settings.hold,
        preparation=experiment["--preparation"],
        with_truth=True,
    )
    return measure(
        clean,
        noise=experiment["--noise"],
        blur=experiment["--blur"],
        missing=experiment["--missing"],
        seed=settings.seed,
    )
