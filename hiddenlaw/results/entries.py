"""What `discovery.json` may hold: every entry, its kind and its range.

An entry that is declared is looked at wherever it stands; one that is not is let through, so that
a later version may say more. What is needed is what a law is read from and a page is made of.
"""

from __future__ import annotations

from hiddenlaw.holds import hold_called
from hiddenlaw.preparations import preparation_class
from hiddenlaw.results.schema import (
    CHANCE,
    COUNT,
    FINITE,
    FOUND,
    LOSS,
    POSITIVE,
    WORDS,
    by_name,
    entries,
    flag,
    maybe,
    number,
    part,
    scalar,
    several,
    text,
)
from hiddenlaw.results.sweep_entries import (
    DIRECT,
    EQUILIBRIUM,
    FREE_TRANSLATOR,
    SWEEP,
    TARGET,
)
from hiddenlaw.results.theory_entries import MOST_VARIABLES, THEORY

LAWS = ("law", "approximate")
"""Verdicts that come with theories."""

_VERDICTS = (*LAWS, "memoryless", "none")

_one = number(1, MOST_VARIABLES, whole=True)
_hold = part(hold_called)

_dataset = entries(
    {
        "runs": COUNT,
        "sites": COUNT,
        "dx": POSITIVE,
        "x": text(),
        "x_start": FINITE,
        "input": several(text(), 1, 64),
        "response": several(text(), 1, 64),
        "hold": _hold,
        "units": by_name(text()),
        "input_range": several(several(FINITE, 2, 2), 1, 64),
        "source": text(),
    },
    needed=("runs", "sites", "input", "response"),
)

_family = entries(
    {
        "family": text(),
        "dimension": maybe(_one),
        "readout": maybe(text()),
        "constants": maybe(COUNT),
        "heldout_error": LOSS,
        "criterion": FOUND,
        "selected": flag,
        "reason": text(),
    },
    needed=("family",),
)

_dead_time = entries(
    {
        "input": text(),
        "value": number(0.0),
        "stderr": LOSS,
        "ci95": several(number(0.0, null=True), 2, 2),
    },
    needed=("input", "value", "stderr", "ci95"),
)

_estimate = {"value": FINITE, "stderr": LOSS, "ci95": several(FINITE, 2, 2)}

_estimated = entries(_estimate, needed=("value", "stderr", "ci95"))

_instrument = entries(
    {
        "alignment": several(entries({"input": text(), **_estimate}, needed=("input", "value"))),
        "blur": several(_estimated, 0, 1),
        "background": several(
            entries(
                {"response": text(), "x": FINITE, "constant": _estimated, "slope": _estimated},
                needed=("response", "constant", "slope"),
            )
        ),
        "friction": several(
            entries(
                {"input": text(), "against": text(), "width": _estimated, **_estimate},
                needed=("input", "against", "value"),
            ),
            0,
            1,
        ),
    }
)

_records = entries(
    {
        "said": text(),
        "samples": several(COUNT),
        "held_out_from": several(COUNT),
        "window": COUNT,
    }
)

_simulation = entries(
    {
        "record": COUNT,
        "name": text(),
        "context": COUNT,
        "from": FINITE,
        "to": FINITE,
        "samples": COUNT,
        "error": LOSS,
        "rmse": by_name(LOSS),
        "relative": by_name(LOSS),
        "fit": by_name(number(most=1.0, null=True)),
    },
    needed=("record", "context", "rmse", "relative"),
)

_tested = entries(
    {
        "response": text(),
        "input": text(),
        "statistic": number(0.0),
        "degrees": COUNT,
        "chance": number(0.0, 1.0),
        "samples": COUNT,
        "largest": FINITE,
        "lag": COUNT,
    },
    needed=("response", "chance", "largest", "lag"),
)

_settings = entries(
    {
        "seed": number(0, whole=True),
        "run_constants": number(0, 64, whole=True),
        "context": maybe(number(1, 1_000_000, whole=True)),
        "bootstrap": COUNT,
    }
)

DISCOVERY = entries(
    {
        "dataset": _dataset,
        "initial_state": entries(
            {"choice": part(preparation_class), "reason": text(), "predicted_from": text()},
            needed=("choice",),
        ),
        "heldout_runs": COUNT,
        "verdict": text(lambda: _VERDICTS),
        "verdict_reason": text(),
        "dimension": by_name(maybe(_one)),
        "reason": by_name(maybe(text())),
        "selected": maybe(COUNT),
        "theories": several(THEORY, 0, 1000),
        "sweep": several(SWEEP),
        "sweep_beside": several(SWEEP),
        "swept": text(),
        "equilibria": several(EQUILIBRIUM),
        "direct": several(DIRECT),
        "targets": several(TARGET),
        "free_translator": FREE_TRANSLATOR,
        "families": several(_family),
        "dead_time": several(_dead_time),
        "instrument": _instrument,
        "records": _records,
        "simulation": several(_simulation),
        "residuals": entries(
            {
                "left": LOSS,
                "translator": LOSS,
                "input_share": number(0.0, 1.0),
                "input_chance": number(0.0, 1.0),
                "memory": number(0.0, 1.0),
                "why": several(text()),
                "of": text(),
                "whiteness": several(_tested),
                "cross_correlation": several(_tested),
            }
        ),
        "stopped": several(
            entries(
                {"dimension": _one, "readout": text(), "run": COUNT, "asked": COUNT},
                needed=("dimension", "readout", "run", "asked"),
            )
        ),
        "spectrum": several(LOSS),
        "translator": entries(
            {
                "cell": text(),
                "readout": text(),
                "hidden": COUNT,
                "train_error": LOSS,
                "heldout_error": LOSS,
                "static_error": LOSS,
                "chance": CHANCE,
                "seed_errors": several(maybe(several(LOSS, 2, 2))),
            }
        ),
        "truth": maybe(
            entries(
                {
                    "system": text(),
                    "parameters": by_name(scalar),
                    "overlap": by_name(FOUND),
                    "run_constants": by_name(FOUND),
                }
            )
        ),
        "noise": maybe(entries({"deviation": by_name(LOSS), "relative": by_name(LOSS)})),
        "evidence": several(
            entries(
                {
                    "rival": text(),
                    "log10_bayes_factor": FOUND,
                    "heldout_error_ratio": FOUND,
                    "heldout_chance": CHANCE,
                    "meaning": text(),
                },
                needed=("rival", "log10_bayes_factor", "heldout_error_ratio", "meaning"),
            )
        ),
        "hold_errors": by_name(LOSS),
        "notes": WORDS,
        "settings": _settings,
        "used": _settings,
        "seconds": by_name(number(0.0)),
        "versions": by_name(text()),
    },
    needed=("dataset", "verdict", "verdict_reason", "theories"),
)
