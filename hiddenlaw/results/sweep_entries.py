"""What entries of the sweeps in `discovery.json` may hold."""

from __future__ import annotations

from hiddenlaw.results.schema import COUNT, LOSS, entries, number, several, text
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
