"""A law written in C and Python, and as a function, answers as the law itself does."""

import ctypes
import shutil
import subprocess

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from hiddenlaw.cells import Coefficient, DrivenCell, Monomials, generator_over
from hiddenlaw.cells.polynomial import PolynomialCell
from hiddenlaw.errors import LawError, SettingsError
from hiddenlaw.holds import applied
from hiddenlaw.law import Law
from hiddenlaw.preparations import Own, RunConstants, Shared
from hiddenlaw.readouts import Linear, Quadratic
from hiddenlaw.theory.statement import Statement
from hiddenlaw.theory.theory import Theory

DX, SITES = 0.2, 40
COMPILER = shutil.which("cc") or shutil.which("gcc")
RNG = np.random.default_rng(0)
INPUT = np.cumsum(RNG.normal(size=(3, SITES, 2)), axis=1) / 3


def theory(cell, hold="zero", late=(), readout=Linear, outputs=1, span=None, preparation=Shared):
    """A law with this cell, read by random weights, of a start that all runs share."""
    d = cell.dimension
    count = readout.blank(d, outputs, rng=RNG).weights.shape[0]
    weights = np.random.default_rng(1).normal(size=(count, outputs))
    start = preparation(np.linspace(0.3, 0.9, d))
    law = Law(start, cell, readout(weights, np.zeros(0)), np.full(outputs, 2.5))
    return Theory(law, DX, span, hold, Statement(d, readout.name), tuple(DX * k for k in late))


def span_of(hold="zero", late=(), channels=1):
    return applied(INPUT[..., :channels], hold, late).span


def driven(hold="zero", late=(), channels=1):
    span = span_of(hold, late, channels)
    cell = DrivenCell.random(2, span, rng=np.random.default_rng(2))
    return theory(cell.with_span(span), hold, late, outputs=2, span=span)


def multiplied(hold="zero", channels=1):
    span = span_of(hold, (), channels)
    monomials = Monomials.spanning(span.low, span.high, 1, centred=False)
    matrices = 0.3 * np.random.default_rng(3).normal(size=(1 + channels, 2, 2))
    return theory(generator_over(matrices, monomials, span), hold, readout=Quadratic, span=span)


def duffing(hold="zero", late=(), low=-1.5):
    """y'' = u - 0.3 y' - y - y**3, whose polynomials end where the state often is."""
    span = span_of(hold, late)
    terms = [
        Coefficient(0, (1,), (0,), 1.0),
        Coefficient(1, (), (1,), 1.0),
        Coefficient(1, (1,), (0,), -0.3),
        Coefficient(1, (0,), (0,), -1.0),
        Coefficient(1, (0, 0, 0), (0,), -1.0),
    ]
    cell = PolynomialCell.of(terms, 2, span, DX).reaching(np.array([low, -1]), np.array([0.2, 0.6]))
    return theory(cell.with_span(span), hold, late, span=span)


LAWS = {
    "driven": driven,
    "driven by two": lambda: driven(channels=2),
    "driven late": lambda: driven(late=(1.3,)),
    "driven late by whole cells": lambda: driven(late=(2.0,)),
    "driven, linear input": lambda: driven("first"),
    "driven, spline": lambda: driven("cubic"),
    "multiplied": multiplied,
    "multiplied by two": lambda: multiplied(channels=2),
    "multiplied, spline": lambda: multiplied("cubic"),
    "polynomial": duffing,
    "polynomial late": lambda: duffing(late=(0.4,)),
    "polynomial, linear input": lambda: duffing("first"),
}


@pytest.fixture(params=list(LAWS))
def law(request):
    return LAWS[request.param]()


@pytest.fixture
def asked(law):
    """The inputs, what the law predicts for them, and what cells are shown."""
    input = INPUT[..., : len(law.low)]
    return input, law.predict(input), law.function().shown(input)


def agree(answers, predicted):
    np.testing.assert_allclose(answers, predicted, atol=1e-10 * np.abs(predicted).max())


def compiled(source, tmp_path):
    """The generated code as a library, warnings counted as errors."""
    (tmp_path / "law.c").write_text(source)
    library = tmp_path / "law.so"
    subprocess.run([COMPILER, "-std=c99", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o",
                    str(library), str(tmp_path / "law.c"), "-lm"], check=True)  # fmt: skip
    return ctypes.CDLL(str(library))


@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
def test_the_law_in_c_predicts_what_the_law_predicts(law, asked, tmp_path):
    _, predicted, shown = asked
    code = compiled(law.code("c"), tmp_path)
    pointer = np.ctypeslib.ndpointer(dtype=float, flags="C_CONTIGUOUS")
    code.law_run.argtypes = (ctypes.c_int, pointer, pointer, pointer)
    answers = np.empty((len(shown), SITES, predicted.shape[2] if predicted.ndim == 3 else 1))
    for run, here in enumerate(shown):
        start = np.array((ctypes.c_double * law.dimension).in_dll(code, "law_start"))
        code.law_run(SITES, np.ascontiguousarray(here), start, answers[run])
    agree(answers.reshape(predicted.shape), predicted)


def test_the_law_in_python_predicts_what_the_law_predicts(law, asked, tmp_path, monkeypatch):
    _, predicted, shown = asked
    (tmp_path / "written_law.py").write_text(law.code("python"))
    found = {}
    exec(compile((tmp_path / "written_law.py").read_text(), "written_law", "exec"), found)
    agree(np.stack([found["run"](here) for here in shown]).reshape(predicted.shape), predicted)


def test_the_function_steps_as_the_law_does(law, asked):
    _, predicted, shown = asked
    function, answers = law.function(), []
    state = np.tile(function.start, (len(shown), 1))
    for site in range(SITES):
        if site or function.moves_at_first:
            state = function.step(state, shown[:, site])
        answers.append(function.read(state))
    agree(np.stack(answers, axis=1).reshape(predicted.shape), predicted)


@pytest.mark.parametrize("name", ["driven", "driven by two", "multiplied", "multiplied by two"])
def test_an_independent_solver_of_the_rate_agrees_where_cells_are_exact(name):
    law = LAWS[name]()
    input = INPUT[:1, :, : len(law.low)]
    function, state, answers = law.function(), law.starts(1)[0], []
    for u in input[0]:
        path = solve_ivp(lambda x, z, u=u: function(z, u), (0, DX), state, method="DOP853",
                         rtol=1e-13, atol=1e-15)  # fmt: skip
        state = path.y[:, -1]
        answers.append(function.read(state))
    predicted = law.predict(input)[0]
    agree(np.array(answers).reshape(predicted.shape), predicted)


def test_the_polynomial_rate_is_the_equation():
    function = duffing().function()
    z, u = np.array([[0.4, -0.2], [0.1, 0.3]]), np.array([[0.7], [-0.1]])
    y, slope = z.T
    rate = np.stack([slope, u[:, 0] - 0.3 * slope - y - y**3], axis=1)
    units = duffing().state_units
    np.testing.assert_allclose(function(z * units, u)[:, 0], rate[:, 0] * units[0])


def test_laws_that_cannot_be_written_are_refused():
    law = driven()
    with pytest.raises(SettingsError, match="no language 'fortran'; a law is written in sympy, py"):
        law.code("fortran")
    constants = RunConstants.beside(np.zeros((3, 2)), np.zeros((3, 1)))
    own = Theory(law.law.but(preparation=constants), DX, law.span, "zero", law.statement)
    with pytest.raises(LawError, match="every run of this law has constants of its own"):
        own.function()
    each = law.law.but(preparation=Own(np.zeros((3, 2))))
    found = Theory(each, DX, law.span, "zero", law.statement).code("c")
    assert "law_start" not in found
    assert "a state of its own: give it" in found
