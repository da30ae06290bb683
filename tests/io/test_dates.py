"""Dates become seconds since the first of each run, and what may mean two days is refused."""

from datetime import UTC, datetime, timedelta

import h5py
import numpy as np
import pytest
import xarray
from hypothesis import given
from hypothesis import strategies as st

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError, FormatError
from hiddenlaw.io import load, surveyed
from hiddenlaw.io._dates import nanoseconds_in

U = np.array([1.0, -1, 0.5, 2, 0, 1])
SECONDS = 0.25 * np.arange(6)
TOLD = "the dates of t are taken as seconds since the first sample of each run"


@pytest.fixture
def write(tmp_path):
    def write(dates, header="t,u,y", rows=U):
        path = tmp_path / "data.csv"
        lines = [f"{date},{u},{2 * u}" for date, u in zip(dates, rows, strict=False)]
        path.write_text("\n".join([header, *lines]) + "\n")
        return path

    return write


def dates(form, start="2024-02-29 23:59:59.500", step=0.25):
    first = datetime.fromisoformat(start)
    return [form(first + timedelta(seconds=step * k)) for k in range(6)]


FORMS = {
    "blank": lambda d: d.isoformat(" ", "milliseconds"),
    "T": lambda d: d.isoformat("T", "microseconds"),
    "Z": lambda d: d.isoformat("T", "milliseconds") + "Z",
    "zone": lambda d: d.isoformat(" ", "milliseconds") + "+02:00",
    "short zone": lambda d: d.isoformat(" ", "milliseconds") + " -0530",
    "slashes": lambda d: d.isoformat(" ", "milliseconds").replace("-", "/"),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_dates_with_the_year_first_are_seconds(form, write):
    path = write(dates(form))
    with surveyed() as survey:
        data = load(path)
    np.testing.assert_allclose(data.x, SECONDS, atol=1e-12)
    assert (data.dx, data.units) == (0.25, {"t": "s"})
    assert survey.notes == [TOLD]
    assert data.remarks == (TOLD,)


@given(
    moment=st.datetimes(datetime(1600, 1, 1), datetime(9000, 1, 1)),
    minutes=st.integers(-23 * 60, 23 * 60),
)
def test_every_date_is_the_moment_that_python_takes_it_for(moment, minutes):
    sign, size = "-" if minutes < 0 else "+", abs(minutes)
    text = f"{moment.isoformat(' ')}{sign}{size // 60:02}:{size % 60:02}"
    expected = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    found = nanoseconds_in(text)
    assert found == (expected // timedelta(microseconds=1) * 1000, True)


def test_days_are_seconds_too_and_runs_are_counted_each_from_its_first(write, tmp_path):
    data = load(write([f"2024-02-{26 + k}" for k in range(4)] + ["2024-03-01", "2024-03-02"]))
    np.testing.assert_array_equal(data.x, 86400.0 * np.arange(6))
    path = tmp_path / "runs.csv"
    first, second = dates(FORMS["Z"]), dates(FORMS["Z"], "2024-05-01 08:00:00")
    rows = [f"{run},{d},{u},{u}" for run, own in enumerate((first, second))
            for d, u in zip(own, U, strict=True)]  # fmt: skip
    path.write_text("\n".join(["run,Time (UTC),u,y", *rows]) + "\n")
    runs = load(path)
    np.testing.assert_allclose(runs.x, SECONDS, atol=1e-12)
    assert runs.units == {"Time": "s"}
    assert len(runs.remarks) == 1
    both = load([write(first), write(first)][:1])
    assert both.runs == 1


def test_dates_are_the_grid_by_whatever_name_and_without_a_header(write):
    path = write(dates(FORMS["T"]), header="Logged at,u,y")
    with surveyed() as survey:
        data = load(path)
    assert data.x_name == "Logged_at"
    assert survey.options[:2] == ["--x", "Logged at"]
    path.write_text(path.read_text().partition("\n")[2])
    data = load(path, x="c1", input="c2", response="c3")
    np.testing.assert_allclose(data.x, SECONDS, atol=1e-12)
    numbers = write(dates(FORMS["T"]), header="when,u,y")
    lines = numbers.read_text().splitlines()
    numbers.write_text("\n".join(f"{k},{line}" for k, line in enumerate(["t", *lines][1:])))
    text = numbers.read_text().replace("0,when", "t,when")
    numbers.write_text(text)
    with surveyed() as survey:
        assert load(numbers).dx == 1
    assert "not read, dates: when" in survey.notes
    two = write([f"{d},{d}" for d in dates(FORMS["T"])], header="made,seen,u,y")
    with pytest.raises(FormatError, match=r"has the dates made, seen; name the one .*x="):
        load(two)


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([f"0{k}.03.2024 12:00" for k in range(1, 7)], "line 2, column t: '01.03.2024 12:00' is"),
        ([f"03/0{k}/2024" for k in range(1, 7)], "line 2, column t: '03/01/2024' is no certain"),
        ([f"12:00:0{k}" for k in range(6)], "column t: '12:00:00' is no certain date"),
        (["2024-03-01 12:00:00", *["01.03.2024 12:00:01"] * 5], "line 3, column t: '01.03.2024 12"),
        (["2024-03-01", *["oops"] * 5], "line 3, column t: 'oops' is not a date"),
        (["2024-02-28", "2024-02-29", *["2024-02-30"] * 4], "line 4, column t: '2024-02-30' is no"),
    ],
)
def test_what_may_mean_two_days_is_refused_with_the_remedy(entries, reason, write):
    with pytest.raises(FormatError) as caught:
        load(write(entries))
    assert reason in str(caught.value)
    if "oops" not in entries:
        assert str(caught.value).endswith(
            "write dates with the year first, and day and time in one column, as "
            "2024-03-01 12:00:00"
        )


def test_a_date_among_numbers_is_called_that(write):
    path = write(["0", "0.25", "2024-03-01", "0.75"])
    with pytest.raises(FormatError, match="'2024-03-01' is a date and not a number; correct that"):
        load(path)


def test_a_zone_for_some_dates_only_is_refused(write):
    entries = dates(FORMS["blank"])
    entries[3] += "Z"
    with pytest.raises(DataError, match=r"t have a time zone \(line 5\) and none \(line 2\);"):
        load(write(entries))
    entries = dates(FORMS["blank"])
    entries[4] = ""
    with pytest.raises(DataError, match=r"t has 1 NaN in run 0 \(first at site 4\)"):
        load(write(entries))


def test_gaps_and_uneven_dates_have_their_remedy(write):
    entries = [f"2024-03-01 12:{m:02}:00" for m in (0, 1, 2, 5, 6, 7)]
    with pytest.raises(DataError, match=r"t has gaps: 2 samples are missing.*resample=60 puts"):
        load(write(entries))
    data = load(write(entries), resample=60.0)
    assert (data.sites, data.dx, int(data.observed.sum())) == (8, 60.0, 6)
    assert data.remarks[0] == TOLD


UNITS = {
    "seconds since 2024-03-01": 0.25 * np.arange(6) + 7,
    "days since 2000-01-01 00:00:00": 8800 + 0.25 / 86400 * np.arange(6),
    "milliseconds since 1970-01-01": 1_709_251_200_000 + 250 * np.arange(6),
    "nanoseconds since 1970-01-01": 1_709_251_200_000_000_000 + 250_000_000 * np.arange(6),
}


@pytest.mark.parametrize("units", UNITS)
def test_dates_of_netcdf_are_seconds(units, tmp_path):
    with h5py.File(tmp_path / "a.nc", "w") as file:
        file["t"], file["u"], file["y"] = UNITS[units], U, 2 * U
        file["t"].make_scale("t")
        for name in "uy":
            file[name].dims[0].attach_scale(file["t"])
        file["t"].attrs["units"] = units
    data = load(tmp_path / "a.nc", input="u", response="y", x="t")
    np.testing.assert_allclose(data.x, SECONDS, atol=1e-6 if units.startswith("days") else 1e-12)
    assert data.dx == pytest.approx(0.25, rel=1e-5)
    assert data.units == {"t": "s"}
    assert TOLD in data.remarks


def test_datetime64_in_arrays_and_in_xarray(tmp_path):
    stamps = np.datetime64("2024-02-29T23:59:59.500", "ns") + (1e9 * SECONDS).astype("m8[ns]")
    data = Dataset.from_arrays(U[None], U[None], x=stamps, x_name="t", units={"u": "V"})
    np.testing.assert_allclose(data.x, SECONDS, atol=1e-12)
    assert (data.units, data.remarks) == ({"u": "V", "t": "s"}, (TOLD,))
    objects = dates(lambda d: d.replace(tzinfo=UTC))
    aware = Dataset.from_arrays(U[None], U[None], x=objects, x_name="t")
    np.testing.assert_allclose(aware.x, SECONDS, atol=1e-12)
    runs = Dataset.from_arrays(
        [U, U[:4]], [U, U[:4]], x=[stamps, stamps[:4] + np.timedelta64(10, "ns")], x_name="t"
    )
    np.testing.assert_allclose(runs.x, SECONDS, atol=1e-12)
    objects[2] = objects[2].replace(tzinfo=None)
    with pytest.raises(DataError, match="some dates have a time zone"):
        Dataset.from_arrays(U[None], U[None], x=objects)
    table = data.to_xarray().assign_coords(t=("site", stamps))
    np.testing.assert_allclose(Dataset.from_xarray(table).x, SECONDS, atol=1e-12)
    table.to_netcdf(tmp_path / "own.nc", engine="h5netcdf")
    own = load(tmp_path / "own.nc")
    np.testing.assert_allclose(own.x, SECONDS, atol=1e-12)
    assert own.units == data.units
    foreign = xarray.Dataset({"u": ("t", U), "y": ("t", 2 * U)}, coords={"t": stamps})
    foreign.to_netcdf(tmp_path / "foreign.nc", engine="h5netcdf")
    seen = load(tmp_path / "foreign.nc", input="u", response="y")
    np.testing.assert_allclose(seen.x, SECONDS, atol=1e-12)
    assert (seen.x_name, seen.units, seen.remarks) == ("t", {"t": "s"}, (TOLD,))
