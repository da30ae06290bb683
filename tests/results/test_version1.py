"""A run directory of format version 1, as an earlier hiddenlaw wrote it, keeps its meaning.

`version1/` is from `discover --runs 12 --sites 16 --max-dimension 2 --seeds 2`: one particle at
E = 0.37, κ = 1, from ρ = ψ² in random potentials, cells of 0.2.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.cli import main
from hiddenlaw.results.rundir import read
from hiddenlaw.systems import Schroedinger

WRITTEN = Path(__file__).with_name("version1")
V = np.stack([np.cos(0.3 * (run + 1) * np.arange(16)) - 2 for run in range(2)])
# What the version that wrote it answered to V, at these sites.
SITES = [0, 5, 15]
ANSWERED = [
    [0.9461937278223266, 0.008897555849892496, 0.06205404971614069],
    [0.9461937278223266, 0.0022441834278253405, 0.12319513987385385],
]
STATE = [-0.3509916521426882, 1.6045650502490822]  # psi and psi' of run 1 at site 15
CROSSED = [[0.952973278707439, 0.1968549446360874], [-0.466546218787527, 0.952973278707438]]


def test_its_record_and_arrays_are_read():
    record, arrays = read(WRITTEN)
    assert (record["format"], record["version"]) == ("hiddenlaw.discovery", 1)
    assert record["dimension"] == {"linear": None, "quadratic": 2}
    assert arrays["theory/0/matrices"].shape == (3, 2, 2)
    assert arrays["sample/response"].shape == (2, 16, 1)


def test_its_theory_predicts_as_it_did():
    found = hl.load_discovery(WRITTEN)
    law = found.theory
    assert law.equation == "psi'' = V*psi - 0.37*psi"
    np.testing.assert_allclose(law.predict(V)[:, SITES], ANSWERED, rtol=1e-10)
    np.testing.assert_allclose(law.states(V)[1, 15], STATE, rtol=1e-9)
    np.testing.assert_allclose(law.transition(np.array([-2.0]))[0], CROSSED, rtol=1e-9)
    # And as the Schrödinger equation does.
    exact, _ = Schroedinger().respond(V, 0.2)
    np.testing.assert_allclose(law.predict(V), exact[..., 0], atol=1e-8)


def assert_said(old, new, at=""):
    """All that `old` says `new` says too, whatever else it may say."""
    if isinstance(old, dict):
        for key, value in old.items():
            assert key in new, f"{at} lacks {key}"
            assert_said(value, new[key], f"{at}/{key}")
    elif isinstance(old, list):
        assert len(old) == len(new), at
        for place, (one, other) in enumerate(zip(old, new, strict=True)):
            assert_said(one, other, f"{at}/{place}")
    else:
        assert old == new, at


def test_written_again_it_says_all_that_it_said(tmp_path):
    hl.load_discovery(WRITTEN).save(tmp_path / "again", report=False)
    old, new = read(WRITTEN), read(tmp_path / "again")
    assert_said(old[0], new[0])
    for name, values in old[1].items():
        np.testing.assert_array_equal(new[1][name], values)


def test_its_report_is_made_again(tmp_path):
    shutil.copytree(WRITTEN, tmp_path / "run")
    assert main(["report", str(tmp_path / "run")]) == 0
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "A law was found" in page
    assert page.count("data:image/") >= 5
    assert len(list((tmp_path / "run" / "figures").glob("*.png"))) >= 5


def test_a_damaged_theory_is_refused(tmp_path):
    shutil.copytree(WRITTEN, tmp_path / "run")
    path = tmp_path / "run" / "discovery.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    del record["theories"][0]["model"]["scale"]
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(hl.FormatError, match="is damaged"):
        hl.load_discovery(tmp_path / "run")
