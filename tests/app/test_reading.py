"""What is proposed for a file, what a user says in its place, and files that try to be clever."""

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.app.files import Files, Shelf, shown_name
from hiddenlaw.app.reading import Reading, examined, read
from hiddenlaw.app.words import on_page
from hiddenlaw.errors import FormatError


@pytest.fixture
def table(tmp_path):
    """A file with headers that say nothing of their parts but the grid's."""
    rng = np.random.default_rng(0)
    rows = ["time [s],U (V),speed,remark"]
    for _ in range(4):
        voltage = rng.normal(size=20)
        speed = np.convolve(voltage, 0.8 ** np.arange(20))[:20]
        rows += [f"{0.1 * k:.1f},{voltage[k]:.6f},{speed[k]:.6f},ok" for k in range(20)]
    path = tmp_path / "file-1.csv"
    path.write_text("\n".join(rows) + "\n")
    return Files((path,), ("motor.csv",))


def one_record(tmp_path, header):
    path = tmp_path / "file-2.csv"
    values = np.random.default_rng(1).normal(size=(200, 3))
    values[:, 0] = 0.5 * np.arange(200)
    np.savetxt(path, values, delimiter=",", header=header, comments="")
    return Files((path,), ("mine.csv",))


def test_what_check_would_ask_for_is_proposed(tmp_path):
    found = examined(one_record(tmp_path, "hours,heater (W),room (K)"))
    assert found.reading.roles == {"hours": "x", "heater (W)": "input", "room (K)": "response"}
    assert found.reading.units == {"hours": "", "heater": "W", "room": "K"}
    assert found.ready
    assert found.hold in ("zero", "first", "cubic")
    assert ("sites", "200; cut into windows for a discovery") in found.found


def test_columns_are_corrected_by_hand(tmp_path):
    files = one_record(tmp_path, "t,a,b")
    proposed = examined(files).reading
    assert proposed.roles == {"t": "x", "a": "input", "b": "response"}
    swapped = Reading({"t": "x", "a": "response", "b": "input"}, {"a": "mm", "t": "s"})
    data = read(files, examined(files, swapped).reading)
    assert (data.input_names, data.response_names) == (("b",), ("a",))
    assert data.units == {"a": "mm", "t": "s"}
    assert data.source == "mine.csv"


def test_a_grid_that_starts_anew_is_told_in_words_of_the_page(table):
    found = examined(table)
    assert not found.ready
    assert found.proposal is not None
    assert found.reading.roles == {"time [s]": "x", "U (V)": "input", "speed": "response"}
    said = " ".join(found.problems)
    assert said.startswith("time is not increasing: 1.9 at site 19, then 0")
    assert str(table.paths[0]) not in said
    assert "--" not in said


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ({"t": "x", "a": "input"}, "No column is the response yet"),
        ({"t": "x", "b": "response"}, "No column is the input yet"),
        ({"t": "x", "c": "x", "a": "input", "b": "response"}, "Two columns are the grid: t, c"),
    ],
)
def test_what_is_lacking_is_said_before_anything_is_read(table, roles, said):
    found = examined(table, Reading(roles))
    assert not found.ready
    assert found.problems[0].startswith(said)


def test_files_of_our_own_say_their_hold_and_units(tmp_path):
    x = 0.2 * np.arange(1, 41)
    rng = np.random.default_rng(2)
    values = rng.normal(size=(2, 6, 40))
    data = hl.Dataset.from_arrays(*values, x=x, hold="cubic", units={"u": "V"})
    hl.save(data, tmp_path / "file-3.nc")
    found = examined(Files((tmp_path / "file-3.nc",), ("own.nc",)))
    assert found.reading.roles == {"u": "input", "y": "response"}
    assert found.reading.units["u"] == "V"
    assert (found.hold, found.why_hold) == ("cubic", "so says the file")
    assert found.ready


def test_what_is_no_data_is_refused_by_the_name_that_the_user_knows(tmp_path):
    path = tmp_path / "file-4.mat"
    path.write_bytes(b"\x80\x04\x95 this is no MATLAB file")
    found = examined(Files((path,), ("motor.mat",)))
    assert (found.proposal, found.dataset) == (None, None)
    assert "motor.mat" in found.problems[0]
    assert str(tmp_path) not in found.problems[0]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/cron.d/evil.csv", "evil.csv"),
        ("C:\\data\\motor.csv", "motor.csv"),
        ("a\nb.csv", "a b.csv"),
        ("\x1b[31m.csv", "\\x1b[31m.csv"),
        ("/", ""),
    ],
)
def test_names_of_files_are_shown_and_never_paths(name, shown):
    assert shown_name(name) == shown


def test_the_shelf_gives_names_of_its_own_and_forgets_what_is_let_go():
    shelf = Shelf()
    first, second = shelf.free("../../up.CSV.GZ"), shelf.free("x.mat")
    folder = first.parent
    assert (first.name, second.name) == ("file-1.csv.gz", "file-2.mat")
    for path in (first, second):
        path.write_text("x")
    shelf.keep_only([second])
    assert list(folder.iterdir()) == [second]
    with pytest.raises(FormatError, match=r"run\.pkl has the unknown suffix"):
        shelf.free("run.pkl")
    shelf.close()
    assert not folder.exists()


def test_options_of_the_command_line_become_things_on_the_page():
    text = "t.csv is uneven; --resample 0.1 mends it, or --x other, or --allow-missing"
    assert on_page(text) == (
        "t.csv is uneven; “Put on an even grid of step” 0.1 mends it, or the part “grid” other, or "
        "“Empty fields are missing samples”"
    )
