"""A driven discovery of records speaks of states and windows; its axes go by its data."""

import numpy as np
import pytest

from hiddenlaw.data.describe import of_windows
from hiddenlaw.report.figures import draw_figures
from hiddenlaw.report.page import page
from hiddenlaw.report.words import verdict


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("on runs that no training saw", "on windows that no training saw"),
        ("Every run starts; of a held-out run", "Every window starts; of a held-out window"),
        ("over the free run", "over the free run"),
        ("Free run over what no training saw", "Free run over what no training saw"),
        ("the others were not run", "the others were not run"),
        ("has to run freely over it", "has to run freely over it"),
    ],
)
def test_runs_are_called_windows_and_free_runs_are_not(said, told):
    assert of_windows(said) == told


STATES = 293.0 + np.sin(np.arange(40.0))[None, :, None] + np.zeros((4, 1, 2))
STATES[..., 1] -= 293.0
ARRAYS = {
    "latent/0/states": STATES,
    "sample/x": np.arange(40.0),
    "residual/0": np.ones((3, 40, 1)),
    "error/0": np.array([0.1, 0.2, 0.3]),
}


def record(**more):
    theory = {"dimension": 2, "readout": "linear", "state_names": ["T", "T'"]}
    data = {"input": ["u"], "response": ["T"], "x": "t", "hold": "zero", "runs": 9, "sites": 40}
    theory |= {"heldout_error": 1e-3}
    return {"dataset": data, "verdict": "law", "theories": [theory], "selected": 0, **more}


def test_the_figure_of_a_state_that_is_no_wave_is_called_by_what_it_shows():
    pictures = draw_figures(record(), ARRAYS)
    assert "wave_function" not in pictures
    assert pictures["hidden_state"].title == "The hidden variables"


def test_a_state_far_from_zero_fills_its_panel():
    panels = draw_figures(record(), ARRAYS)["hidden_state"].figure.axes
    assert all(panel.get_ylim()[0] > 290 for panel in panels[:4])
    assert all(panel.get_ylim()[0] < 0 < panel.get_ylim()[1] for panel in panels[4:])


def test_windows_of_records_are_never_called_runs():
    cut = record(records={"said": "1 record of 500 samples", "window": 40})
    assert "on windows that no training saw" in verdict(cut)[1]
    assert "on runs that no training saw" in verdict(record())[1]
    pictures = draw_figures(cut, ARRAYS)
    assert "along the sample windows" in pictures["hidden_state"].caption
    assert pictures["residuals"].figure.axes[1].get_xlabel() == "held-out window, sorted"
    assert "each held-out window over its own variance" in pictures["residuals"].caption
    assert "on windows that no training saw: pooled, the median window" in page(cut, {})
