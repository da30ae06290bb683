"""A believed law that inputs drive: how it is read, and the misfit that is minimised."""

import numpy as np
import pytest
import sympy as sp
from driven_records import second_order
from scipy.signal import cont2discrete

import hiddenlaw as hl
from hiddenlaw.believed.driven_law import Channel, driven_law, is_driven
from hiddenlaw.believed.driven_problem import DrivenProblem
from hiddenlaw.believed.driven_runs import DrivenRuns
from hiddenlaw.errors import LawError
from hiddenlaw.theory.equations.parse import Late, parse_equation

DATA = second_order(0, 0.05, late=2.4, runs=3, sites=24)
LATE = "y'' = K*u(t - tau) - d*y' - k*y + c"


def read(law, readout="y = y", data=DATA):
    return driven_law(parse_equation(law), parse_equation(readout), data)


def test_an_input_with_its_dead_time_is_read():
    law = parse_equation("y' = a*u(t - tau) - u(t - 0.50) + u(t - tau)")
    assert law.late == (Late("u", "t", "tau"), Late("u", "t", 0.5))
    assert {str(s) for s in law.right.free_symbols} == {"a", "u(t - tau)", "u(t - 0.5)"}


@pytest.mark.parametrize(
    "right",
    ["u(t)", "u(t + tau)", "u(t - -1)", "u(t - 1e999)", "u'(t - tau)", "u(t - tau')", "u(t, tau)",
     "u(t - tau*2)", "u(*t)", "u(t - True)"],
)  # fmt: skip
def test_no_other_function_is_read(right):
    with pytest.raises(LawError, match=r"cannot (be )?read"):
        parse_equation(f"y' = {right}")


def test_the_last_row_and_its_channels():
    law = read("y'' = (K*u(t - tau) - y - 2*D*T*y')/T**2 + c + 3*u**2")
    assert set(law.channels) == {Channel((1,), "tau"), Channel((2,))}
    said = dict(zip(law.channels, law.pushes, strict=True))
    T, K, D, c = sp.symbols("T K D c")
    assert said == {Channel((1,), "tau"): K / T**2, Channel((2,)): 3}
    assert (law.state[0] + 1 / T**2).equals(0)
    assert (law.state[1] + 2 * D / T).equals(0)
    assert law.rest == c
    assert (law.constants, law.delays, law.dimension) == (("D", "K", "T", "c"), ("tau",), 2)


def test_which_laws_are_driven():
    for law, driven in (
        ("y' = u - y", True),
        ("y' = c - y", True),
        ("y' = u*y", False),
        ("y'' = -k*y", False),
        ("y' = u(t - 1)*y", True),  # and refused as such
    ):
        assert is_driven(parse_equation(law)) is driven


@pytest.mark.parametrize(
    ("law", "reason"),
    [
        ("y = u", "needs a prime"),
        ("y' = u - u*y", "beside products of an input and y"),
        ("y' = u(t - tau)*y", "beside products of an input and y"),
        ("y' = u - y**2", "term of degree 2"),
        ("y' = a*u' - y", "u' cannot stand"),
        ("y' = u - y''", "y'' cannot stand"),
        ("y' = a/u - y", "polynomial in y and u"),
        ("y' = v(t - tau) - y", "v is no input"),
        ("y' = u(s - tau) - y", "write t in place of s"),
        ("y' = u(t - u) - y", "give it a name of its own"),
        ("y' = u(t - y) - y", "give it a name of its own"),
        ("y' = tau*u(t - tau) - y", "tau is a dead time"),
        ("y' = u*u(t - tau) - y", "must all act at once"),
    ],
)
def test_laws_that_are_out_of_reach_say_why(law, reason):
    with pytest.raises(LawError, match=reason):
        read(law)


@pytest.mark.parametrize("readout", ["y = z**2", "y = z + 1", "y = u*z", "y' = z", "y = 1/z"])
def test_a_driven_law_is_read_linearly(readout):
    with pytest.raises(LawError, match="readout"):
        read("z' = u - z", readout)


def test_powers_of_inputs_are_for_inputs_that_are_held():
    rows = np.zeros((2, 9)) + np.arange(9)
    smooth = hl.Dataset.from_arrays(rows, rows, hold="first")
    with pytest.raises(LawError, match="goes with hold zero"):
        read("y' = u**2 - y", data=smooth)


def test_the_answer_is_that_of_scipy_s_exponential():
    """y″ = K u² − d y′ − k y + c, u being held over cells of the data, whatever they count in."""
    K, d, k, c = 0.7, 0.4, 2.0, -0.3
    records = DrivenRuns.of(read("y'' = K*u**2 - d*y' - k*y + c"), DATA, 0)
    problem = DrivenProblem(read("y'' = K*u**2 - d*y' - k*y + c"), records, False)
    assert problem.system.constants == ("K", "c", "d", "k")
    start = np.array([0.5, -0.2]) / records.scale * np.array([1.0, DATA.dx])
    law = problem.law(np.array([K, c, d, k, *start]), DATA.runs)
    matrix, push = np.array([[0.0, 1.0], [-k, -d]]), np.array([[0.0, 0.0], [K, c]])
    update, pushed, *_ = cont2discrete((matrix, push, np.eye(2), np.zeros((2, 2))), DATA.dx)
    z, exact = np.tile([0.5, -0.2], (DATA.runs, 1)), []
    for site in range(DATA.sites):
        drives = np.stack([DATA.input[:, site, 0] ** 2, np.ones(DATA.runs)], axis=1)
        z = z @ update.T + drives @ pushed.T
        exact.append(z[:, 0])
    answer = law.outputs(problem.shown(()))[..., 0] * records.scale
    np.testing.assert_allclose(answer, exact, atol=1e-10)


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("law", [LATE, "y'' = (K*u(t - tau) - y + c - 2*d*k*y')/k**2"])
def test_the_gradient_is_that_of_the_loss(law, own):
    system = read(law)
    problem = DrivenProblem(system, DrivenRuns.of(system, DATA, 0), own)
    there = np.array([0.9, 0.3, 0.5, 0.8, 2.4, 0.3, -0.2])[: problem.size]
    differences = [
        (problem.at(there + step).loss - problem.at(there - step).loss) / 2e-5
        for step in 1e-5 * np.eye(problem.size)
    ]
    found = 2 * problem.at(there).equations().gradient
    np.testing.assert_allclose(found, differences, rtol=1e-5, atol=1e-6 * np.abs(found).max())


def test_constants_that_allow_of_no_law_have_an_infinite_loss():
    system = read("y' = (u(t - tau) - y)/T")
    problem = DrivenProblem(system, DrivenRuns.of(system, DATA, 0), True)
    for numbers in ([0.0, 1.0], [1.0, -0.1], [1.0, 1e3], [1e-3, 1.0], [-1e-2, 1.0]):
        assert problem.at(np.array(numbers)).loss == np.inf
    assert np.isfinite(problem.at(np.array([1.0, 1.0])).loss)
