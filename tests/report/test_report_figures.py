"""Every figure is drawn from what a run directory holds, and shows what it says."""

import copy
import struct

import numpy as np
import pytest
from example import DX, ENERGY, KAPPA, cell_matrix, make_arrays, make_record, symmetric_square

from hiddenlaw.report.figures import draw_figures, registered
from hiddenlaw.report.figures.complex_plane import mean_wave_number
from hiddenlaw.report.figures.states import align
from hiddenlaw.report.figures.transfer_matrix import exact_invariants, exact_matrix
from hiddenlaw.report.sweep import sweep_of


@pytest.fixture(scope="module")
def record():
    return make_record()


@pytest.fixture(scope="module")
def arrays():
    return make_arrays()


def size_of(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def test_the_exact_matrix_is_that_of_a_complex_wave_number(record):
    v = np.linspace(-6, 3, 41)
    matrix = exact_matrix(record, v)
    np.testing.assert_allclose(matrix, cell_matrix(v), rtol=0, atol=1e-12)
    k = np.sqrt((ENERGY - KAPPA * v).astype(complex))
    spinor = exact_invariants(matrix, record["theories"][0])
    np.testing.assert_allclose(spinor["trace"], 2 * np.cos(k * DX).real, atol=1e-12)
    np.testing.assert_allclose(spinor["determinant"], 1, atol=1e-12)
    vector = exact_invariants(matrix, record["theories"][1])
    square = symmetric_square(cell_matrix(v))
    np.testing.assert_allclose(vector["trace"], np.trace(square, axis1=1, axis2=2), atol=1e-12)
    np.testing.assert_allclose(vector["determinant"], np.linalg.det(square), atol=1e-12)


def test_where_no_truth_is_known_no_curve_is_called_exact(record):
    unknown = record | {"truth": None}
    assert exact_matrix(unknown, np.zeros(3)) is None
    assert exact_matrix(record | {"truth": {"system": "other"}}, np.zeros(3)) is None


def test_the_sign_of_the_wave_function_is_aligned_run_by_run():
    truth = np.random.default_rng(0).normal(size=(3, 50, 2))
    signs = np.array([1, -1, -1])[:, None, None]
    states, scaled, factor = align(signs * 3 * truth, truth, signed=True)
    np.testing.assert_allclose(states, 3 * truth)
    np.testing.assert_allclose(scaled, 3 * truth)
    assert factor == pytest.approx(3)


def test_kbar_makes_a_free_wave_a_circle():
    x = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    states = np.stack([np.cos(1.7 * x), -1.7 * np.sin(1.7 * x)], axis=-1)[None]
    assert mean_wave_number(states) == pytest.approx(1.7, rel=0.1)


def test_the_jump_is_the_loss_below_over_the_loss_at_the_chosen_dimension():
    entries = [
        {"readout": "linear", "dimension": d, "seed": s, "train_loss": t, "heldout_loss": h}
        for d, s, t, h in [
            (1, 0, 0.9, 0.8),
            (1, 1, 0.5, 0.6),
            (2, 0, 1e-9, 2e-9),
            (2, 1, None, None),
        ]
    ]
    sweep = sweep_of({"sweep": entries, "dimension": {"linear": 2, "quadratic": None}})
    assert sweep.jump("linear") == pytest.approx(0.6 / 2e-9)
    assert sweep.jump("quadratic") is None
    assert sweep.heldout("linear", 2) == [2e-9, None]


def with_run_constants(record, arrays):
    meaning = "its energy, but for what all runs share"
    record["theories"][0]["run_constants"] = {"name": "E", "meaning": meaning}
    true = np.linspace(0.5, 3.0, 20)
    arrays["constants/found"] = true + 0.02 * np.cos(np.arange(20))
    arrays["constants/error"] = np.full(20, 0.02)
    arrays["constants/true"] = true


def test_every_figure_is_a_png_of_a_readable_size(record, arrays):
    driven = {"step_response", "frequency_response", "free_run", "correlations"}
    driven |= {"hidden_state", "static_map", "phase_portrait"}
    names = [figure.name for figure in registered() if figure.name not in driven]
    assert list(draw_figures(record, arrays)) == [n for n in names if n != "run_constants"]
    record, arrays = copy.deepcopy(record), copy.deepcopy(arrays)
    with_run_constants(record, arrays)
    pictures = draw_figures(record, arrays)
    assert list(pictures) == names
    for name, picture in pictures.items():
        png = picture.png()
        width, height = size_of(png)
        assert 1000 < width < 1400, name
        assert 300 < height < 2500, name
        assert len(png) > 20_000, name
        assert picture.caption.endswith("."), name


def test_several_constants_of_runs_have_a_panel_each_by_their_names(record, arrays):
    record, arrays = copy.deepcopy(record), copy.deepcopy(arrays)
    meanings = {"E1": "known up to scale", "E2": "known up to sums", "E3": "known well"}
    record["theories"][0]["run_constants"] = [
        {"name": name, "meaning": meaning} for name, meaning in meanings.items()
    ]
    for k in range(3):
        place = f"constants/{k}" if k else "constants"
        arrays[f"{place}/found"] = np.linspace(k, k + 1, 20)
    picture = draw_figures(record, arrays)["run_constants"]
    assert picture.title == "3 constants of each run"
    panels = [panel for panel in picture.figure.axes if panel.get_visible()]
    assert [panel.get_ylabel() for panel in panels] == [f"$E_{{{k}}}$ as found" for k in (1, 2, 3)]
    for k, panel in enumerate(panels):
        drawn = panel.lines[0].get_ydata()
        np.testing.assert_allclose(np.sort(drawn), np.linspace(k, k + 1, 20))
    assert all(meaning in picture.caption for meaning in meanings.values())
    across = "Constants of the runs are at their mean."
    assert draw_figures(record, arrays)["transfer_matrix"].caption.endswith(across)
    record["theories"][0]["run_constants"] = None
    assert across not in draw_figures(record, arrays)["transfer_matrix"].caption
    assert size_of(picture.png())[1] < 2500


def without_truth(record, arrays):
    record["truth"] = None
    for name in ("truth/psi", "truth/psi'"):
        del arrays[name]


def one_theory_of_a_neural_decoder(record, arrays):
    record["theories"] = record["theories"][:1]
    record["theories"][0] |= {"readout": "neural", "law": None, "state_names": ["g1", "g2"]}


def no_theory(record, arrays):
    record |= {"verdict": "none", "theories": [], "selected": None, "dimension": {"linear": None}}
    for name in [name for name in arrays if "/0/" in name or "/1/" in name]:
        del arrays[name]
    for kind in ("residual", "error"):
        del arrays[f"{kind}/0"], arrays[f"{kind}/1"]


def several_channels_without_units(record, arrays):
    record["dataset"] |= {"input": ["u1", "u2"], "response": ["y1", "Temp_in"], "units": {}}
    record["dataset"] |= {"hold": "first", "input_range": [[0, 1], [0, 1]]}
    for name in arrays:
        if name.startswith("residual") or name.endswith(("input", "response", "predicted")):
            arrays[name] = (
                np.repeat(arrays[name], 2, axis=-1) if arrays[name].ndim > 1 else (arrays[name])
            )
    arrays["sample/translator"] = np.repeat(arrays["sample/translator"], 2, axis=-1)


def zeros_and_infinities(record, arrays):
    arrays["residual/0"] = np.zeros_like(arrays["residual/0"])
    arrays["error/0"] = np.zeros_like(arrays["error/0"])
    arrays["residual/1"][0] = np.inf
    arrays["error/1"][0] = np.inf
    arrays["sample/1/predicted"][1, 30:] = np.nan
    arrays["sample/1/predicted"][2, 30:] = 1e30
    arrays["transfer/1/matrix"][3] = np.nan
    for entry in record["sweep"]:
        if entry["dimension"] == 3:
            entry |= {"train_loss": 0.0, "heldout_loss": 0.0}
        if entry["dimension"] == 4:
            entry |= {"train_loss": None, "heldout_loss": float("inf")}


VARIANTS = [
    without_truth,
    one_theory_of_a_neural_decoder,
    no_theory,
    several_channels_without_units,
    zeros_and_infinities,
]


@pytest.mark.parametrize("change", VARIANTS, ids=lambda change: change.__name__)
def test_figures_bear_what_discoveries_bring(record, arrays, change):
    record, arrays = copy.deepcopy(record), copy.deepcopy(arrays)
    change(record, arrays)
    pictures = draw_figures(record, arrays)
    assert {"samples", "bottleneck"} <= set(pictures)
    assert ("equations" in pictures) == bool(record["theories"])
    for picture in pictures.values():
        size_of(picture.png())


def test_nothing_to_draw_gives_no_figure():
    record = make_record() | {"theories": [], "sweep": []}
    assert draw_figures(record, {}) == {}
