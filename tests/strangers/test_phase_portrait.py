"""A figure of somebody else's: the phase portrait of what was found, in every report from then on.

The data are of a damped pendulum whose string the input stretches; the oracle of the picture is the
exponential of its law, cell by cell.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

import hiddenlaw as hl
from hiddenlaw.cli import main
from hiddenlaw.report import headings
from hiddenlaw.report.figures import Figure, Picture, new_figure, register, unregister

pytestmark = pytest.mark.slow

DX, RUNS, SITES = 0.2, 16, 32
DRAWN = []  # what was drawn last


def portrait(record, arrays):
    """The first two state variables of the selected theory against each other, run by run."""
    theory = record["theories"][record["selected"]] if record["theories"] else None
    if theory is None or theory["dimension"] < 2:
        return None
    states = arrays[f"latent/{record['selected']}/states"]
    figure = new_figure(3.6)
    axes = figure.subplots()
    DRAWN[:] = [axes.plot(*run[:, :2].T)[0].get_xydata() for run in states]
    axes.set_xlabel(theory["state_names"][0])
    axes.set_ylabel(theory["state_names"][1])
    caption = "Held-out runs through the plane of the first two variables."
    return Picture("portrait", "Phase portrait", caption, figure)


@pytest.fixture
def registered():
    register(Figure("portrait", headings.HIDDEN_STATE, portrait, ("latent/",)))
    yield
    unregister("portrait")


def swung():
    """Inputs, and displacement and velocity (run, site, 2) of runs let go alike."""
    u = np.random.default_rng(0).uniform(-1, 1, (RUNS, SITES))
    states = np.zeros((RUNS, SITES, 2))
    for run in range(RUNS):
        state = np.array([1.0, 0.0])
        for site in range(SITES):
            law = np.array([[0.0, 1.0], [-1.5 - 0.8 * u[run, site], -0.2]])
            states[run, site] = state = expm(DX * law) @ state
    return u, states


def test_it_stands_in_the_page_and_beside_it_whoever_writes_the_report(registered, tmp_path):
    u, states = swung()
    theory = {"dimension": 2, "readout": "linear", "translator_seeds": 1, "seeds": 1}
    theory["family"] = "multiplied"
    found = hl.discover(u, states[..., 0], dx=DX, **theory)
    found.save(tmp_path / "run")
    _check(tmp_path / "run", states)
    hl.load_discovery(tmp_path / "run").save(tmp_path / "again", report=False)
    assert main(["report", str(tmp_path / "again")]) == 0
    _check(tmp_path / "again", states)


def _check(run, states):
    """Its file, its place in the page, and that it shows the motion itself."""
    assert (run / "figures" / "portrait.png").read_bytes()[:4] == b"\x89PNG"
    page = (run / "report.html").read_text(encoding="utf-8")
    under = page.split(f"<h2>{headings.HIDDEN_STATE}</h2>")[1].split("<h2>")[0]
    assert "Phase portrait" in under
    assert "Held-out runs through the plane of the first two variables." in under
    assert len(DRAWN) == 3
    for drawn in DRAWN:
        apart = [np.abs(drawn - one).max() for one in states]
        assert min(apart) < 1e-6
    DRAWN.clear()


def test_where_it_has_nothing_to_show_it_is_not_there(registered, tmp_path):
    u, _ = swung()
    found = hl.discover(u, np.sin(u) + u**2, dx=DX, max_dimension=2, seeds=1, translator_seeds=1)
    assert found.verdict == "memoryless"
    found.save(tmp_path / "run")
    assert "Phase portrait" not in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert not (tmp_path / "run" / "figures" / "portrait.png").exists()
