"""What entries of sweeps and equilibria in `discovery.json` may hold."""

from __future__ import annotations

from hiddenlaw.results.schema import (
    COUNT,
    FINITE,
    LOSS,
    entries,
    flag,
    maybe,
    number,
    several,
    text,
)
from hiddenlaw.results.theory_entries import MOST_VARIABLES

_one = number(1, MOST_VARIABLES, whole=True)

SWEEP = entries(
    {
        "dimension": _one,
        "readout": text(),
        "seed": COUNT,
        "train_loss": LOSS,
        "heldout_loss": LOSS,
    },
    needed=("dimension", "readout"),
)

DIRECT = entries(
    {
        "dimension": _one,
        "readout": text(),
        "form": text(),
        "terms": COUNT,
        "validation_error": LOSS,
        "heldout_error": LOSS,
        "notes": several(text()),
    },
    needed=("dimension", "readout"),
)

_size = {"hidden": COUNT, "degree": COUNT, "heldout_error": LOSS}
FREE_TRANSLATOR = entries(
    {**_size, "failed": flag, "tried": several(entries(_size))}, needed=("hidden", "degree")
)

TARGET = entries(
    {
        "readout": text(),
        "target": text(),
        "dimension": maybe(_one),
        "heldout_error": LOSS,
        "decided": flag,
    }
)

EQUILIBRIUM = entries(
    {
        "state": several(FINITE, 1, MOST_VARIABLES),
        "input": several(FINITE, 1, 64),
        "poles": several(several(FINITE, 2, 2), 1, MOST_VARIABLES),
        "stable": flag,
    },
    needed=("state", "poles", "stable"),
)
