"""A response without memory is shown as the map that it is."""

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.report.figures import draw_figures
from hiddenlaw.report.words import verdict
from hiddenlaw.results.shapes import wrong_shapes
from hiddenlaw.results.static_points import static_points

RNG = np.random.default_rng(0)


def points(channels):
    u = RNG.uniform(-2, 2, (12, 60, channels))
    y = np.sum(u**3 - u, axis=2)
    data = Dataset.from_arrays(u, y, dx=0.1)
    return static_points(data, Heldout(data.select_runs([0, 1])))


def record(channels, said="memoryless"):
    names = [f"u{k}" for k in range(channels)]
    data = {"input": names, "response": ["y"], "x": "x", "units": {"y": "V"}}
    return {"dataset": data, "verdict": said, "theories": [], "translator": {"static_error": 2e-4}}


def test_the_map_of_a_cubic_is_that_cubic_at_every_point():
    found = points(1)
    u, answer = found["static/input"][:, 0], found["static/answer"][:, 0]
    assert u.shape == (120,)
    np.testing.assert_allclose(answer, u**3 - u, atol=1e-9)
    np.testing.assert_allclose(found["static/measured"][:, 0], u**3 - u, atol=1e-12)
    assert not list(wrong_shapes(found, record(1)))


def test_one_input_is_drawn_along_it_and_several_along_what_the_map_says():
    for channels, label in ((1, "$u_{0}$"), (2, "$y$ (V) by the map")):
        found = points(channels)
        (panel,) = draw_figures(record(channels), found)["static_map"].figure.axes
        dots, line = panel.lines
        assert (panel.get_xlabel(), panel.get_ylabel()) == (label, "$y$ (V)")
        assert (np.diff(line.get_xdata()) >= 0).all()
        assert np.shape(dots.get_xdata()) == (120,)
    assert "static_map" not in draw_figures(record(1, "none"), found)


def test_the_verdict_says_how_much_the_map_explains():
    assert verdict(record(1))[1].endswith(
        "The best map from u0 to y explains 99.980 % of the variance."
    )
