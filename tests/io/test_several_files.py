"""Several files are the runs of one dataset, and what is wrong with any of them is said at once."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from hiddenlaw.data.dataset import Dataset, Truth
from hiddenlaw.data.joined import joined
from hiddenlaw.data.records import in_windows, lengths_of
from hiddenlaw.errors import DataError, FormatError
from hiddenlaw.io import load, save, surveyed

MOTOR = Path(__file__).parents[2].parent / "shared" / "data" / "dc-motor.csv"
LENGTHS = (9, 12, 7)
rng = np.random.default_rng(0)
RUNS = [rng.standard_normal((length, 2)).round(3) for length in LENGTHS]


def rows(values, dt=0.5):
    return [f"{dt * k},{u},{y}" for k, (u, y) in enumerate(values)]


def as_text(path, values, header="t,u,y", **options):
    path.write_text("\n".join([header, *rows(values, **options)]) + "\n")
    return path


def as_mat(path, values):
    savemat(path, {"t": 0.5 * np.arange(len(values)), "u": values[:, 0], "y": values[:, 1]})
    return path


def as_nc(path, values):
    save(Dataset.from_arrays(values[None, :, 0], values[None, :, 1], dx=0.5, x_name="t"), path)
    return path


@pytest.fixture
def one_table(tmp_path):
    table = [f"{run},{row}" for run, values in enumerate(RUNS) for row in rows(values)]
    (tmp_path / "all.csv").write_text("\n".join(["run,t,u,y", *table]) + "\n")
    return load(tmp_path / "all.csv")


@pytest.mark.parametrize(
    ("write", "suffix"), [(as_text, "csv"), (as_mat, "mat"), (as_nc, "nc"), (as_nc, "npz")]
)
def test_files_are_what_one_table_of_all_runs_is(write, suffix, one_table, tmp_path):
    paths = [write(tmp_path / f"{k}.{suffix}", values) for k, values in enumerate(RUNS)]
    data = load(paths)
    np.testing.assert_array_equal(data.input, one_table.input)
    np.testing.assert_array_equal(data.response, one_table.response)
    np.testing.assert_array_equal(data.weight, one_table.weight)
    np.testing.assert_array_equal(lengths_of(data), LENGTHS)
    assert data.dx == one_table.dx
    assert data.source == ", ".join(map(str, paths))
    back = load([str(path) for path in paths[::-1]])
    np.testing.assert_array_equal(back.response, data.response[::-1])
    assert load(paths[:1]).runs == 1


@pytest.mark.skipif(not MOTOR.exists(), reason="measured records are not beside the project")
def test_the_experiments_with_a_motor(tmp_path):
    columns = {"x": "Zeit", "input": "Motorspannung", "response": "Geschwindigkeit"}
    whole = load(MOTOR, **columns)
    lines = MOTOR.read_text().splitlines()
    paths = []
    for run in dict.fromkeys(line.partition(",")[0] for line in lines[1:]):
        own = [line.partition(",")[2].split(",") for line in lines if line.startswith(f"{run},")]
        vectors = np.array(own, float).T
        paths.append(tmp_path / f"{run}.mat")
        savemat(paths[-1], dict(zip(columns.values(), vectors, strict=True)))
    data = load(paths, **columns)
    assert data.runs == 3
    np.testing.assert_allclose(data.x, whole.x, rtol=1e-12)
    for name in ("input", "response"):
        np.testing.assert_array_equal(getattr(data, name), getattr(whole, name))


def test_channels_go_by_their_names_and_a_file_may_hold_several_runs(one_table, tmp_path):
    swapped = RUNS[0][:, ::-1]
    path = as_text(tmp_path / "swapped.csv", swapped, header="t,y,u")
    data = load([tmp_path / "all.csv", path])
    assert data.runs == 4
    np.testing.assert_array_equal(data.input[3], data.input[0])
    np.testing.assert_array_equal(data.response[3], data.response[0])
    two = ("u", "w")
    inputs = np.stack([RUNS[0][None, :, 0], RUNS[0][None, :, 1]], axis=2)
    parts = [
        Dataset.from_arrays(inputs[..., order], RUNS[0][None, :, 1], input_names=names)
        for order, names in (([0, 1], two), ([1, 0], two[::-1]))
    ]
    np.testing.assert_array_equal(joined(parts).input[0], joined(parts).input[1])


def test_all_disagreements_are_told_at_once(tmp_path):
    paths = [
        as_text(tmp_path / "a.csv", RUNS[0], header="t,u [V],y"),
        as_text(tmp_path / "b.csv", RUNS[1], header="t,u [A],y", dt=0.25),
        as_text(tmp_path / "c.csv", RUNS[2], header="t,V,y"),
    ]
    names = [str(path) for path in paths]
    with pytest.raises(DataError) as caught:
        joined([load(paths[0]), load(paths[1]), load(paths[2], input="V", response="y")])
    a, b, c = names
    assert str(caught.value) == (
        f"{b} has the step 0.25, where {a} has 0.5; {b} has the unit A of u, where {a} has V; "
        f"{c} has the input V, where {a} has u; runs of one law need the same in all files"
    )
    with surveyed() as survey, pytest.raises(DataError, match=r"b\.csv has the step 0\.25"):
        load(paths[:2])
    assert len(survey.problems) == 1
    first = joined([load(paths[0])])
    other = Dataset.from_arrays(
        first.input, first.response, dx=0.5, hold="first", response_error=np.ones((1, 9))
    )
    with pytest.raises(DataError, match=r"hold first, where .* zero; .* errors, where .* none"):
        joined([first, other])


def test_what_is_wrong_with_each_file_is_told_at_once(tmp_path):
    good = as_text(tmp_path / "a.csv", RUNS[0])
    text = tmp_path / "b.csv"
    text.write_text("t,u,y\n0,1,2\n0.5,oops,3\n1,2,\n")
    gone = tmp_path / "c.csv"
    with surveyed() as survey, pytest.raises(FormatError) as caught:
        load([good, text, gone])
    assert [str(problem).partition(": ")[0] for problem in survey.problems] == [
        str(text),
        str(text),
        "no such file",
    ]
    for said in ("line 3, column u: 'oops'", f"{text}: y has 1 NaN", f"no such file: {gone}"):
        assert said in str(caught.value)
    with pytest.raises(FormatError, match="named twice"):
        load([good, good])
    with pytest.raises(FormatError, match="no file is named"):
        load([])
    asked = [as_text(tmp_path / f"{k}.csv", RUNS[0], header="t,V,rho") for k in range(2)]
    with pytest.raises(FormatError, match=r"name those to use") as caught:
        load(asked)
    assert str(caught.value).count("name those to use") == 1
    assert str(caught.value).endswith(f"(so in {asked[0]}, {asked[1]})")


def test_notes_are_told_once_or_with_their_file(tmp_path):
    first = as_text(tmp_path / "a.csv", RUNS[0], header="t,u,y (m)")
    second = tmp_path / "b.csv"
    table = [row + ",hm" for row in rows(RUNS[1])]
    second.write_text("\n".join(["t,u,y (m),said", *table]) + "\n")
    with surveyed() as survey:
        data = load([first, second])
    assert data.units == {"y": "m"}
    assert survey.notes == [f"{second}: not read, text: said"]
    assert survey.options == ["--x", "t", "--input", "u", "--response", "y (m)"]


def test_truth_is_kept_where_all_is_of_one_law():
    def part(length, constant):
        states = {"psi": np.arange(float(length))[None]}
        truth = Truth("toy", states, {"kappa": constant})
        ones = np.ones((1, length))
        return Dataset.from_arrays(ones, ones, truth=truth)

    together = joined([part(4, 1.0), part(3, 1.0)])
    assert together.truth is not None
    np.testing.assert_array_equal(together.truth.states["psi"], [[0, 1, 2, 3], [0, 1, 2, 2]])
    assert joined([part(4, 1.0), part(4, 2.0)]).truth is None


def test_runs_are_called_by_their_files_and_labels(tmp_path):
    rows = "".join(f"{k},{k % 7},{k % 5}\n" for k in range(300))
    for folder in ("mon", "tue"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "log.csv").write_text("t,u,y\n" + rows)
    (tmp_path / "b.csv").write_text("t,u,y\n" + rows)
    labelled = "".join(f"{run},{row}\n" for run in ("up", "down") for row in rows.split())
    (tmp_path / "c.csv").write_text("run,t,u,y\n" + labelled)
    assert load(tmp_path / "b.csv").run_names == ()
    assert load(tmp_path / "c.csv").run_names == ("run up", "run down")
    both = load([tmp_path / "b.csv", tmp_path / "c.csv"])
    assert both.run_names == ("b.csv", "c.csv, run up", "c.csv, run down")
    assert both.select_runs([2, 0]).run_names == ("c.csv, run down", "b.csv")
    assert in_windows(both, 0.3).windows.run_names == ()
    alike = [tmp_path / folder / "log.csv" for folder in ("mon", "tue")]
    assert load(alike).run_names == tuple(map(str, alike))
    assert both.resampled(2.0).run_names == both.run_names


def test_units_can_be_given_and_taken_away(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("t (ms),u (V),y\n0,1,2\n1,2,1\n2,1,1\n")
    one, both = load(tmp_path / "a.csv"), [tmp_path / "a.csv", tmp_path / "b.csv"]
    assert one.units == {"t": "ms", "u": "V"}
    given = {"t": "s", "y": "rpm", "u": ""}
    assert load(tmp_path / "a.csv", units=given).units == {"t": "s", "y": "rpm"}
    assert load(both, units=given).units == {"t": "s", "y": "rpm"}
    with pytest.raises(DataError, match="T"):
        load(tmp_path / "a.csv", units={"T": "K"})
