"""Figures of driven laws: what is drawn is what the arrays say, on axes an engineer reads."""

import copy

import numpy as np
import pytest
from example import driven_arrays, driven_record

from hiddenlaw.report.figures import draw_figures, registered
from hiddenlaw.report.words.data import looked_at

NAMES = ["step_response", "frequency_response", "free_run", "correlations"]
FIGURES = [figure for figure in registered() if figure.name in NAMES]


def drawn(record, arrays):
    return draw_figures(record, arrays, FIGURES)


@pytest.fixture(scope="module")
def pictures():
    return drawn(driven_record(), driven_arrays())


def line(panel, label):
    (found,) = (line for line in panel.lines if line.get_label() == label)
    return found.get_xdata(), found.get_ydata()


def test_all_are_drawn_where_the_arrays_are_there_and_none_without(pictures):
    assert list(pictures) == NAMES
    assert drawn(driven_record(), {}) == {}


def test_a_step_is_drawn_with_its_band_its_gain_and_its_dead_time(pictures):
    (panel,) = pictures["step_response"].figure.axes
    arrays = driven_arrays()
    x, y = line(panel, "by the law")
    np.testing.assert_array_equal(x, arrays["step/x"])
    np.testing.assert_array_equal(y, arrays["step/values"][:, 0, 0])
    band = panel.collections[0].get_paths()[0].get_extents()
    assert band.y1 == pytest.approx(np.max(y + 1.96 * arrays["step/stderr"][:, 0, 0]))
    assert line(panel, "gain at rest")[1][0] == 2.0
    assert line(panel, "dead time")[0][0] == 0.3
    assert panel.get_xlabel() == "$t$ (s)"
    assert panel.get_ylabel() == "$y$ for $u$ (rpm/V)"


def test_a_frequency_response_has_both_frequencies_decibels_and_ends_at_nyquist(pictures):
    panels = pictures["frequency_response"].figure.axes
    above, below = panels[:2]
    assert above.get_ylabel() == "$y$ for $u$ (rpm/V)"
    assert below.get_ylabel() == "phase (°)"
    assert below.get_xlabel() == "frequency (rad/s)"
    others = {panel.get_ylabel() or panel.get_xlabel(): panel for panel in panels[2:]}
    assert set(others) == {"dB", "frequency (Hz)"}
    radians, hertz = above.get_xlim(), others["frequency (Hz)"].get_xlim()
    assert radians[1] == pytest.approx(np.pi / 0.1)
    np.testing.assert_allclose(np.array(hertz) * 2 * np.pi, radians)
    decibels = others["dB"].get_ylim()
    np.testing.assert_allclose(decibels, 20 * np.log10(above.get_ylim()))
    np.testing.assert_array_equal(
        line(above, "by the law")[1], driven_arrays()["frequency/magnitude"][:, 0, 0]
    )


def test_without_seconds_there_are_no_hertz():
    record = driven_record()
    record["dataset"]["units"] = {}
    panels = drawn(record, driven_arrays())["frequency_response"].figure.axes
    assert not [panel for panel in panels if "Hz" in panel.get_xlabel()]
    assert panels[1].get_xlabel() == "angular frequency (radians per unit of $t$)"
    assert panels[0].get_ylabel() == "$y$ for $u$"


def test_a_free_run_shows_what_is_left_below_and_the_worst_part_beside(pictures):
    picture = pictures["free_run"]
    run, left, close, left_close = picture.figure.axes
    arrays = driven_arrays()
    x, measured, predicted = (
        arrays[f"free_run/0/{name}"] for name in ("x", "measured", "predicted")
    )
    np.testing.assert_array_equal(line(run, "measured")[0], x)
    np.testing.assert_array_equal(line(run, "by the law and the input alone")[1], predicted[:, 0])
    residual = left.lines[-1].get_ydata()
    assert np.isnan(residual[:20]).all()  # given, to find the start
    np.testing.assert_allclose(residual[20:], (measured - predicted)[20:, 0])
    # The fault at sample 500 is in the middle of what is drawn larger.
    shown = line(close, "measured")[0]
    assert abs(shown[len(shown) // 2] - x[500]) < 10 * 0.1
    assert left.get_xlabel() == left_close.get_xlabel() == "$t$ (s)"
    assert left.get_ylabel() == "residual (rpm)"
    assert "98.5 % of y" in picture.caption


def test_a_short_free_run_has_no_part_beside_it():
    record, arrays = driven_record(), driven_arrays()
    arrays |= {name.replace("0", "1"): v[:300] for name, v in arrays.items() if "free_run" in name}
    record["simulation"].append(record["simulation"][0] | {"record": 1})
    picture = drawn(record, arrays)["free_run"]
    assert [panel.get_title() for panel in picture.figure.axes] == [
        *("record 0", "", "the part where it does worst", ""),
        *("record 1", ""),
    ]
    record["simulation"][1] |= {"name": "day_2.csv", "samples": 280}
    record["simulation"][0]["samples"] = 280
    picture = drawn(record, arrays)["free_run"]
    assert picture.figure.axes[4].get_title() == "day_2.csv"
    assert "% of y of day_2.csv" in picture.caption
    record["dataset"] |= {"dx": 0.1, "source": ""}
    (said,) = [text for label, text in looked_at(record) if label == "free run"]
    assert "record 0: off by" in said
    assert "; day_2.csv: off by" in said


@pytest.mark.parametrize(("end", "drifts"), [(0.02, False), (30.0, True), (None, True)])
def test_windows_are_called_the_fairer_test_where_a_free_run_drifts(end, drifts):
    record = driven_record()
    record["theories"][0]["heldout_error"] = 0.01
    record["records"] = {"said": "1 record", "window": 64}
    record["simulation"][0] |= {"error": end, "samples": 280}
    record["dataset"] |= {"dx": 0.1, "source": ""}
    (said,) = [text for label, text in looked_at(record) if label == "free run"]
    assert ("Over windows of 64 samples it is off by 0.1 of the standard" in said) is drifts


def test_correlations_outside_their_bounds_are_filled(pictures):
    picture = pictures["correlations"]
    alone, crossed = picture.figure.axes
    arrays = driven_arrays()
    outside = np.abs(arrays["correlation/cross"]) > arrays["correlation/cross_bound"]
    np.testing.assert_array_equal(
        line(crossed, "outside")[0], arrays["correlation/shifts"][outside[:, 0, 0]]
    )
    assert 0 not in alone.lines[-1].get_xdata()  # each is itself
    assert (
        "those of y over the free run are white (chance 0.4) and go with u (0.5, 3 samples after "
        "it; chance below 1e-12)" in picture.caption
    )


def several(record, arrays):
    """Four responses and two inputs; the first is constant over what is correlated."""
    record["dataset"] |= {"input": ["u1", "u2"], "response": ["y1", "y2", "y3", "y4"], "units": {}}
    for name, values in arrays.items():
        if values.ndim == 3:
            arrays[name] = np.repeat(np.repeat(values, 4, axis=1), 2, axis=2)
        elif name.endswith(("measured", "predicted", "auto", "auto_bound")):
            arrays[name] = np.repeat(values, 4, axis=1)
    arrays["correlation/cross"][..., 0] = np.nan
    arrays["correlation/cross_bound"][..., 0] = np.nan


def unknown_errors(record, arrays):
    for name in ("step/stderr", "frequency/log_stderr", "frequency/phase_stderr"):
        arrays[name] = np.full_like(arrays[name], np.nan)


def runs_away(record, arrays):
    arrays["free_run/0/predicted"][100:] = np.inf
    arrays["step/values"][50:] = np.inf
    arrays["frequency/magnitude"][:] = 0.0
    arrays["frequency/phase"][:] = np.nan
    record["simulation"][0]["fit"] = {"y": None}


@pytest.mark.parametrize("change", [several, unknown_errors, runs_away])
def test_they_bear_what_discoveries_bring(change):
    record, arrays = driven_record(), {k: np.array(v) for k, v in driven_arrays().items()}
    change(record, arrays)
    pictures = drawn(copy.deepcopy(record), arrays)
    assert {"step_response", "correlations", "free_run"} <= set(pictures)
    for picture in pictures.values():
        assert picture.png()[:4] == b"\x89PNG"
        assert picture.caption.rstrip(".") + "." == picture.caption
    if change is several:
        assert "first 3 of 4 responses" in pictures["step_response"].caption
        assert len(pictures["correlations"].figure.axes) == 6  # none for a constant input
        assert "The first 4 of 4" not in pictures["free_run"].caption
