"""A run directory that was changed ends in one line within seconds, or in what it says now."""

import json
import os
import random
import warnings
from pathlib import Path

import numpy as np
import pytest
from runs import ROOT, WRITTEN, a_discovery
from tampering import changes

import hiddenlaw as hl
from hiddenlaw.report.page import fragment
from hiddenlaw.report.summary import as_text
from hiddenlaw.results.rundir import read, write

CHANGES = changes(WRITTEN)
ARRAYS = sorted(name for name in CHANGES if name.startswith(("array theory", "file: ")))
OTHERS = random.Random(0).sample(sorted(set(CHANGES) - set(ARRAYS)), 150)
CASES = ROOT.parent / "shared" / "data" / "cases"


def look_at(place: Path) -> str:
    """All that a reader asks of a run directory; what it is told where that is refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of numbers that overflow
            found = hl.load_discovery(place)
            as_text(found.record)
            fragment(found.record)
            for theory in found.theories:
                theory.predict(np.full((2, 6), -1.0))
    except hl.HiddenlawError as refusal:
        return str(refusal)
    return ""


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("names", [ARRAYS, OTHERS[::2], OTHERS[1::2]])
def test_what_was_changed_is_refused_in_one_line_or_makes_sense(names, tmp_path):
    for number, name in enumerate(names):
        place = tmp_path / str(number)
        place.mkdir()
        CHANGES[name](place)
        said = look_at(place)
        assert said.isprintable(), name
        assert len(said) < 2000, name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("theories/0/model/exponents/2/0 is huge", "exponents/2/0 is 1000000000; it must be betw"),
        ("theories/0/model/dx is minus", "theories/0/model/dx is -1; it must be above 0"),
        ("theories/0/model/dx is missing", "theories/0/model/dx is missing"),
        (
            "theories/0/model/hold is text",
            "model/hold: hold is 'no such thing'; it must be one of zero, fi",
        ),
        ("theories/0/readout is text", "readout: no readout or decoder called 'no such thing'"),
        ("theories/0/model is lists", "theories/0/model is a list; it must be an object"),
        (
            "initial_state/choice is text",
            "no such thing'; choose from shared, per-run, context; import the",
        ),
        ("selected is huge", "selected is 1000000000 and there are 1 theories"),
        ("theories is list", "there are 0 theories"),
        ("theories/0/dimension is huge", "theories/0/dimension is 1000000000; it must be between"),
        ("dataset/dx is NaN", "NaN is no number"),
        ("dataset/dx is infinite", "Infinity is no number"),
        ("dataset/dx is long", "is a number of more than 30 digits; it must be finite"),
        ("array theory/0/matrices: complex", "matrices holds complex128 values; it must hold real"),
        ("array theory/0/matrices: objects", "pickled objects, which could run code"),
        ("array theory/0/matrices: NaN", "matrices has numbers that are not finite"),
        ("array theory/0/matrices: flat", "matrices has the shape (12,); it must be (3, 2, 2)"),
        ("array theory/0/weights: missing", "theory/0/weights is missing"),
        ("array theory/0/initial: one more", "initial has the shape (3,); it must be of 2 vari"),
        ("array error/0: minus", "models.npz is not of this discovery.json"),
        ("file: record deep", "nested more than 40 deep"),
        ("file: record deeper", "is damaged"),
        ("file: record no UTF-8", "codec can't decode byte"),
        ("file: record an entry twice", "selected stands in it twice"),
        ("file: arrays a bomb", "too large"),
        ("file: arrays declared huge", "has less than the"),
        ("file: arrays empty", "is damaged"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(name, reason, tmp_path):
    CHANGES[name](tmp_path)
    assert reason in look_at(tmp_path)


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    record, arrays = read(WRITTEN)
    record["verdict"], record["heldout_runs"], record["dataset"]["dx"] = "maybe", -3, 0
    write(record, arrays, tmp_path)
    said = look_at(tmp_path)
    for reason in ("verdict is 'maybe'", "heldout_runs is -3", "dataset/dx is 0"):
        assert reason in said


def test_two_files_of_different_discoveries_are_refused(tmp_path):
    one, other = (a_discovery(tmp_path / name, name) for name in ("one", "other"))
    os.replace(other / "models.npz", one / "models.npz")
    with pytest.raises(hl.FormatError, match=r"is not of this discovery\.json: they carry diffe"):
        hl.load_discovery(one)


def test_a_record_that_was_changed_is_refused(tmp_path):
    place = a_discovery(tmp_path / "run", "found")
    path = place / "discovery.json"
    path.write_text(path.read_text().replace("0.37*psi", "0.38*psi"))
    with pytest.raises(hl.FormatError, match="was changed after it was written"):
        hl.load_discovery(place)


def test_a_directory_without_digest_is_read_and_one_with_half_of_it_is_not(tmp_path):
    assert hl.load_discovery(WRITTEN).verdict == "law"
    place = a_discovery(tmp_path / "run", "found")
    path = place / "discovery.json"
    record = json.loads(path.read_text())
    del record["digest"]
    path.write_text(json.dumps(record))
    with pytest.raises(hl.FormatError, match="they carry different digests"):
        hl.load_discovery(place)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("mixed-run-dir", "models.npz is not of this discovery.json"),
        ("exponents-hang", "exponents/2/0 is 100000; it must be between 0 and 12"),
    ],
)
def test_directories_that_were_met(case, reason):
    if not (CASES / case).is_dir():
        pytest.skip(f"{CASES / case} is not here")
    assert reason in look_at(CASES / case)
