"""What an entry of `theories` in `discovery.json` may hold."""

from __future__ import annotations

from hiddenlaw.cells import cell_class
from hiddenlaw.holds import hold_called
from hiddenlaw.preparations import preparation_class
from hiddenlaw.readouts import readout_class
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
    nested,
    number,
    one_or_several,
    part,
    scalar,
    several,
    text,
)

MOST_VARIABLES = 64  # of a state
_MOST_POWER = 12  # of an input in a law

_term = entries(
    {
        "value": FOUND,
        "stderr": number(0.0, null=True),
        "stderr_bootstrap": number(0.0, null=True),
        "ci95": maybe(several(FOUND, 2, 2)),
    },
    needed=("value",),
)
_terms = by_name(by_name(_term))

_law = entries(
    {
        "equation": text(),
        "latex": text(),
        "terms": _terms,
        "with_errors": maybe(text()),
        "with_errors_latex": maybe(text()),
    },
    needed=("equation", "terms"),
)

_system = entries(
    {
        "equations": WORDS,
        "latex": WORDS,
        "terms": _terms,
        "definitions": WORDS,
        "definitions_latex": WORDS,
    }
)

_discrete = entries(
    {
        "equation": text(),
        "latex": text(),
        "definitions": WORDS,
        "definitions_latex": WORDS,
        "leading_order": maybe(text()),
        "leading_order_latex": maybe(text()),
    }
)

_run_constant = entries(
    {
        "name": text(),
        "meaning": text(),
        "values": several(FOUND),
        "stderr": maybe(several(LOSS)),
    },
    needed=("name", "values"),
)

_model = entries(
    {
        "exponents": several(several(number(0, _MOST_POWER, whole=True), 1, 64), 1, 1000),
        "offset": several(FINITE, 1, 64),
        "scale": several(POSITIVE, 1, 64),
        "low": several(FINITE, 1, 64),
        "high": several(FINITE, 1, 64),
        "response_scale": POSITIVE,
        "dx": POSITIVE,
        "hold": part(hold_called),
        "dead_time": several(number(0.0), 0, 64),
        "dead_time_stderr": several(LOSS, 0, 64),
        "instrument": entries(
            {
                "alignment": several(FINITE, 0, 64),
                "background": several(several(FINITE, 2, 2), 0, 64),
                "blur": number(0.0, 1000.0),
                "friction": maybe(
                    entries(
                        {
                            "level": number(0.0),
                            "derivative": number(0, 1, whole=True),
                            "width": number(0.0),
                        },
                        needed=("level", "derivative", "width"),
                    )
                ),
            },
            needed=("alignment", "background", "blur"),
        ),
        "step": maybe(number(0.0)),
        "cell": part(cell_class),
        "fields": by_name(nested(scalar)),
        "preparation": part(preparation_class),
        "held": several(maybe(FINITE), 0, MOST_VARIABLES),
        "offset_of": several(maybe(COUNT), 0, 64),
    },
    needed=("low", "high", "response_scale", "dx"),
)

THEORY = entries(
    {
        "dimension": number(1, MOST_VARIABLES, whole=True),
        "readout": part(readout_class),
        "rank": COUNT,
        "reason": maybe(text()),
        "parameters": COUNT,
        "state_names": several(text(), 0, MOST_VARIABLES),
        "canonical": flag,
        "derivatives": maybe(several(number(0, MOST_VARIABLES, whole=True), 0, MOST_VARIABLES)),
        "several": maybe(text()),  # the name of a gauge, perhaps of somebody else
        "unknowable": WORDS,
        "run_constants": maybe(one_or_several(_run_constant)),
        "law": maybe(_law),
        "fit": maybe(
            entries(
                {
                    "loss": LOSS,
                    "samples": number(0.0),
                    "criterion": FOUND,
                    "chi_square": LOSS,
                    "floor": LOSS,
                    "effective": LOSS,
                },
                needed=("loss", "samples", "criterion"),
            )
        ),
        "confirmed": maybe(
            entries(
                {"translator_error": LOSS, "chance": CHANCE, "as_good": flag},
                needed=("translator_error", "chance", "as_good"),
            )
        ),
        "system": _system,
        "distilled": maybe(_terms),
        "readout_law": _law,
        "discrete": maybe(_discrete),
        "born": maybe(entries({"eigenvalue_ratio": FOUND, "constant": FOUND, "linear": FOUND})),
        "invariants": several(
            entries(
                {"name": text(), "latex": maybe(text()), "value": FOUND, "meaning": text()},
                needed=("name", "value"),
            )
        ),
        "readings": several(
            entries(
                {
                    "name": text(),
                    "value": FINITE,
                    "stderr": LOSS,
                    "ci95": several(FINITE, 2, 2),
                    "unit": text(),
                },
                needed=("name", "value", "stderr", "ci95"),
            )
        ),
        "units": by_name(by_name(text())),
        "reconstruction_loss": LOSS,
        "encoder": maybe(
            entries(
                {"sites": COUNT, "heldout_loss": LOSS, "train_loss": LOSS},
                needed=("sites", "heldout_loss"),
            )
        ),
        "heldout_error": LOSS,
        "heldout_error_median": LOSS,
        "heldout_error_worst": LOSS,
        "model": _model,
    },
    needed=("dimension", "readout", "model"),
)
