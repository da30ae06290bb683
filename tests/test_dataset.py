"""A dataset keeps what it is given, and refuses what it cannot mean."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiddenlaw.data.dataset import Dataset, Truth
from hiddenlaw.data.discoverable import check_discoverable
from hiddenlaw.data.records import lengths_of
from hiddenlaw.errors import DataError, FormatError, HiddenlawError, SettingsError


def arrays(runs=5, sites=10, inputs=1, responses=1, seed=0):
    rng = np.random.default_rng(seed)
    return (
        rng.standard_normal((runs, sites, inputs)),
        rng.standard_normal((runs, sites, responses)),
    )


def refused(text, *args, error: type[HiddenlawError] = DataError, **kwargs):
    """The message of the error, which must be one line that holds `text`."""
    with pytest.raises(error) as caught:
        Dataset.from_arrays(*args, **kwargs)
    message = str(caught.value)
    assert text in message
    assert "\n" not in message


def test_two_axes_mean_one_channel():
    input, response = arrays()
    dataset = Dataset.from_arrays(input[:, :, 0], response[:, :, 0], dx=0.2)
    np.testing.assert_array_equal(dataset.input, input)
    assert (dataset.runs, dataset.sites) == (5, 10)
    assert (dataset.input_names, dataset.response_names) == (("u",), ("y",))


def test_several_channels_are_numbered():
    dataset = Dataset.from_arrays(*arrays(inputs=2, responses=3))
    assert dataset.input_names == ("u1", "u2")
    assert dataset.response_names == ("y1", "y2", "y3")


def test_the_initial_state_of_a_grid_given_by_its_step_sits_at_zero():
    dataset = Dataset.from_arrays(*arrays(), dx=0.2)
    assert dataset.x[0] - dataset.dx == 0
    assert Dataset.from_arrays(*arrays()).dx == 1


@given(
    dx=st.floats(1e-6, 1e6).map(lambda value: float(f"{value:.6g}")),
    start=st.integers(-1000, 1000),
    sites=st.integers(2, 300),
)
def test_dx_is_the_decimal_that_made_the_grid(dx, start, sites):
    x = dx * (start + np.arange(sites))
    ones = np.ones((1, sites))
    assert Dataset.from_arrays(ones, ones, x=x).dx == pytest.approx(dx, rel=1e-12)
    if start == 0:
        assert Dataset.from_arrays(ones, ones, x=x).dx == dx


def test_every_real_type_becomes_float64():
    input, _ = arrays()
    dataset = Dataset.from_arrays(input.astype(np.float32), np.ones((5, 10), dtype=int))
    assert dataset.input.dtype == dataset.response.dtype == np.float64


def test_a_dataset_cannot_be_changed():
    input, response = arrays()
    dataset = Dataset.from_arrays(input, response)
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.hold = "first"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValueError, match="read-only"):
        dataset.input[0] = 0
    input[:] = 7  # the caller's array is its own
    assert (dataset.input != 7).all()


def test_input_range_and_variance_are_pooled_over_runs_and_sites():
    dataset = Dataset.from_arrays([[0, 1], [5, 2]], [[0, 0], [2, 2]])
    np.testing.assert_array_equal(dataset.input_range, [[0, 5]])
    np.testing.assert_array_equal(dataset.variance, [1])


def test_split_holds_out_whole_runs_and_at_least_one():
    input = np.arange(5.0)[:, None] * np.ones(10)
    dataset = Dataset.from_arrays(input, input)
    train, heldout = dataset.split(0.01, seed=3)
    assert (train.runs, heldout.runs) == (4, 1)
    assert {*train.input[:, 0, 0], *heldout.input[:, 0, 0]} == {0, 1, 2, 3, 4}
    again, _ = dataset.split(0.01, seed=3)
    np.testing.assert_array_equal(again.input, train.input)
    assert dataset.split(0.99, seed=0)[0].runs == 1
    with pytest.raises(SettingsError, match="between 0 and 1"):
        dataset.split(1.0, seed=0)
    with pytest.raises(DataError, match="1 run"):
        dataset.select_runs([0]).split(0.5, seed=0)


def test_truth_follows_its_runs_and_can_be_taken_away():
    input, response = arrays()
    truth = Truth("toy", {"psi": input[:, :, 0]}, {"kappa": 1.0})
    dataset = Dataset.from_arrays(input, response, truth=truth)
    chosen = dataset.select_runs([3, 1])
    assert chosen.truth is not None
    np.testing.assert_array_equal(chosen.truth.states["psi"], input[[3, 1], :, 0])
    assert dataset.without_truth().truth is None
    refused("truth psi has shape", input[:2], response[:2], truth=truth)


def test_xarray_and_back():
    input, response = arrays(inputs=2)
    truth = Truth("toy", {"psi'": input[:, :, 0]}, {"kappa": 1.0})
    dataset = Dataset.from_arrays(
        input,
        response,
        dx=0.1,
        x_name="t",
        units={"u2": "V", "t": "s"},
        hold="first",
        truth=truth,
    )
    table = dataset.to_xarray()
    assert table["input"].dims == ("run", "site", "input_channel")
    assert table["response"].dims == ("run", "site", "response_channel")
    assert table["t"].attrs["units"] == "s"
    back = Dataset.from_xarray(table.transpose())
    np.testing.assert_array_equal(back.input, input)
    assert back.units == {"u2": "V", "t": "s"}
    assert back.truth is not None
    np.testing.assert_array_equal(back.truth.states["psi'"], input[:, :, 0])
    assert (back.x_name, back.hold) == ("t", "first")


def test_a_newer_or_damaged_xarray_is_refused_and_a_foreign_one_read_by_its_names():
    table = Dataset.from_arrays(*arrays()).to_xarray()
    with pytest.raises(FormatError, match="newer than 1"):
        Dataset.from_xarray(table.assign_attrs(version=2))
    foreign = Dataset.from_xarray(table.drop_attrs())
    np.testing.assert_array_equal(foreign.input, table["input"].values)
    np.testing.assert_array_equal(foreign.x, table["x"].values)
    with pytest.raises(FormatError, match="damaged"):
        Dataset.from_xarray(table.drop_vars("response"))


def test_repr_is_one_readable_paragraph():
    text = repr(Dataset.from_arrays(*arrays(), dx=0.2, input_names="V", units={"V": "nK"}))
    assert text.startswith("Dataset of 5 runs × 10 sites, x from 0.2 to 2 in steps of 0.2")
    assert "V [nK]" in text
    assert "\n" not in text


def test_what_is_not_finite_is_named_by_run_and_site():
    input, response = arrays(runs=20)
    response[17, 4:7] = np.nan
    refused("response has 3 NaN in run 17 (first at site 4); drop the run", input, response)
    input[3, 2, 0] = np.inf
    refused("input has 1 infinite in run 3 (first at site 2)", input, response)
    response[18, 0] = np.nan
    input[3, 2, 0] = 0
    refused("and 1 more runs are not finite; drop", input, response)
    two = np.concatenate([np.zeros_like(response), response], axis=2)
    refused("response rho2 has 3 NaN", input, two, response_names=("rho1", "rho2"))
    masked = np.ma.masked_array(np.ones((20, 10)), mask=False)
    masked[2, 3] = np.ma.masked
    refused("response has 1 NaN in run 2 (first at site 3)", input, masked)


def test_what_has_no_shape_of_runs_and_sites_is_refused():
    input, response = arrays()
    refused("has shape (10,); give (runs, sites)", input[0, :, 0], response)
    refused("no rectangular array", [[[1, 2], [1]], [[1, 2], [1]]], response)
    refused("input has 5 runs but response has 4", input, response[:4])
    refused("input has 10 sites a run but response has 9", input, response[:, :9])
    refused("1 site a run", input[:, :1], response[:, :1])
    refused("empty", input[:0], response[:0])
    refused("2 input names for 1 channels", input, response, input_names=("a", "b"))


def test_what_is_no_real_number_is_refused():
    input, response = arrays()
    refused("complex", input + 1j, response)
    refused("real numbers", [["a", "b"]], response)
    refused("not numbers", [[{}, None]], response)


def test_a_grid_that_is_not_uniform_is_refused():
    input, response = arrays()
    x = 0.2 * np.arange(10)
    refused("shape (9,)", input, response, x=x[:9])
    refused("not increasing: 1.8 at site 0", input, response, x=x[::-1])
    twice = np.where(np.arange(10) == 4, x[3], x)
    refused("0.6 at site 3 and again at the next, one of 1 such", input, response, x=twice)
    refused("x is nan at site 3", input, response, x=np.where(np.arange(10) == 3, np.nan, x))
    x[6:] += 0.03
    refused("the step from site 5 to 6 is 0.23, where most are 0.2", input, response, x=x)
    refused("give one of them", input, response, x=x, dx=0.2)
    refused("dx is -1", input, response, dx=-1.0)


def test_a_grid_far_from_zero_may_round():
    x = 1.7e9 + 0.001 * np.arange(10)
    assert Dataset.from_arrays(*arrays(), x=x).dx == pytest.approx(0.001, rel=1e-4)


@pytest.mark.parametrize("name", ["2x", "rho [m]", "", "ψ", "a-b", "_a", "rho'"])
def test_a_name_that_cannot_stand_in_an_equation_is_refused(name):
    refused("cannot stand in an equation; rename it", *arrays(), response_names=[name])


@pytest.mark.parametrize("name", ["psi", "psi1", "psi12", "run", "site"])
def test_a_reserved_name_is_refused(name):
    refused("reserved", *arrays(), input_names=[name])


def test_names_units_and_hold_must_mean_something():
    refused("used twice", *arrays(), input_names="a", response_names="a")
    refused("used twice", *arrays(), input_names="x")
    refused("units name 'V'", *arrays(), units={"V": "nK"})
    refused("zero, first, cubic", *arrays(), hold="second")


def test_discovery_needs_runs_to_hold_out_and_channels_that_change():
    input, response = arrays()
    check_discoverable(Dataset.from_arrays(input, response))
    for dataset, reason in (
        (Dataset.from_arrays(input[:1], response[:1]), "the data hold 1 run; .* at least 4"),
        (Dataset.from_arrays(input[:3], response[:3]), "3 runs"),
        (Dataset.from_arrays(input[:, :7], response[:, :7]), "7 sites a run.* at least 8"),
        (Dataset.from_arrays(np.full_like(input, 0.3), response), "input u is constant"),
        (Dataset.from_arrays(input, np.zeros_like(response)), "response y is constant"),
    ):
        with pytest.raises(DataError, match=reason):
            check_discoverable(dataset)


def test_missing_samples_are_taken_only_where_the_user_says_so():
    input, response = arrays()
    response[1, 3] = np.nan
    refused("allow_missing=True", input, response)
    dataset = Dataset.from_arrays(input, response, allow_missing=True)
    assert dataset.observed.sum() == 49
    np.testing.assert_array_equal(dataset.weight, dataset.observed)
    np.testing.assert_allclose(dataset.variance, np.nanvar(response))
    assert "1 of 50 samples missing" in repr(dataset)
    response[1] = np.nan
    refused("missing altogether in run 1", input, response, allow_missing=True)
    response[1] = np.inf
    refused("infinite", input, response, allow_missing=True)


def test_a_sample_counts_by_the_inverse_square_of_its_error():
    input, response = arrays()
    error = np.ones_like(response)
    error[:, ::2] = 2.0
    response[0, 0] = np.nan
    dataset = Dataset.from_arrays(input, response, response_error=error, allow_missing=True)
    weight = dataset.weight
    assert weight[0, 0, 0] == 0
    assert weight[1, 1, 0] == pytest.approx(4 * weight[1, 0, 0])
    assert weight.sum() == pytest.approx(dataset.observed.sum())
    some = dataset.select_runs([3, 1])
    np.testing.assert_array_equal(some.response_error, error[[3, 1]])
    again = Dataset.from_xarray(dataset.to_xarray(), allow_missing=True)
    np.testing.assert_array_equal(again.response_error, error)


def test_errors_must_be_positive_where_something_was_seen():
    input, response = arrays()
    error = np.ones_like(response)
    refused("response_error has shape", input, response, response_error=error[:, 1:])
    error[2, 4] = 0
    refused("in run 2 at site 4", input, response, response_error=error)


def test_runs_of_unequal_lengths_come_as_lists():
    """They are what a table of the same runs is: filled up, and the response missing there."""
    lengths = (6, 10, 7)
    pieces = [arrays(1, n, inputs=2, seed=n) for n in lengths]
    inputs, responses = [u[0] for u, _ in pieces], [y[0, :, 0] for _, y in pieces]
    errors = [np.full(n, 0.1) for n in lengths]
    data = Dataset.from_arrays(inputs, responses, dx=0.5, response_error=errors)
    assert (data.runs, data.sites, data.dx) == (3, 10, 0.5)
    assert data.input_names == ("u1", "u2")
    for run, n in enumerate(lengths):
        np.testing.assert_array_equal(data.input[run, :n], inputs[run])
        np.testing.assert_array_equal(data.input[run, n:], inputs[run][-1:].repeat(10 - n, 0))
        np.testing.assert_array_equal(data.response[run, :n, 0], responses[run])
        assert (data.weight[run, n:] == 0).all()
    np.testing.assert_array_equal(lengths_of(data), lengths)
    assert data.weight.sum() == pytest.approx(sum(lengths))
    equal = Dataset.from_arrays(inputs[:1] * 2, responses[:1] * 2)
    assert equal.observed.all()


def test_runs_whose_input_and_response_disagree_are_named_at_once():
    u = [np.zeros(n) for n in (5, 6, 7)]
    y = [np.zeros(n) for n in (5, 7, 9)]
    refused("unequal numbers of samples (run 1: input 6, response 7; run 2: input 7, response 9)",
            u, y)  # fmt: skip
    refused("input has 3 runs but response has 2", u, y[:2])
    refused("response_error have unequal numbers of samples (run 2", u, u,
            response_error=[*u[:2], np.ones(8)])  # fmt: skip
    refused("response of run 1 has 2 channels and that of run 0 has 1", u,
            [np.zeros((5, 1)), np.zeros((6, 2)), np.zeros((7, 1))])  # fmt: skip
    refused("input of run 1 has shape (0,)", [np.zeros(5), np.zeros(0)], y[:2])
    refused("input of run 0 holds", [["a", "b"], [1.0]], y[:2])
    gap = [np.zeros(5), np.where(np.arange(6) == 2, np.nan, 0), np.zeros(7)]
    refused("response has 1 NaN in run 1 (first at site 2)", u, gap)
    kept = Dataset.from_arrays(u, gap, allow_missing=True)
    assert kept.observed.sum() == 17
