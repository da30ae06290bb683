"""What a theory gives: tables, symbols, answers in the kind of what was asked, figures, code."""

import numpy as np
import pandas as pd
import pytest
import sympy
import xarray as xr
from driven_example import OSCILLATOR, respond

import hiddenlaw as hl
from hiddenlaw.cli import main
from hiddenlaw.errors import DataError

DX = 0.1


@pytest.fixture(scope="module")
def found():
    """y'' = u - 1.5 y - 0.2 y', with units."""
    u, y = respond(OSCILLATOR, [0.0, 0.0], DX)
    return hl.discover(u, y, dx=DX, family="driven", dimension=2, readout="linear", hidden=3,
                       seeds=1, translator_seeds=1,
                       units={"x": "s", "u": "V", "y": "m"})  # fmt: skip


@pytest.fixture
def theory(found):
    return found.theory


@pytest.fixture(scope="module")
def new():
    return respond(OSCILLATOR, [0.0, 0.0], DX, seed=9)


def test_coefficients_are_a_table_with_units(theory):
    table = theory.coefficients.set_index(["equation", "term"])
    np.testing.assert_allclose(table.loc["y''", "value"], [1, -1.5, -0.2], atol=1e-8)
    assert list(table.loc["y''", "unit"]) == ["m V^-1 s^-2", "s^-2", "s^-1"]
    low, high = table.loc[("y''", "y"), "ci95"]
    assert low <= -1.5 + 1e-8
    assert high >= -1.5 - 1e-8
    np.testing.assert_array_equal(theory.to_xarray()["value"], table["value"])
    assert theory._repr_html_().count("<tr>") == 1 + len(table)


def test_the_equation_in_sympy_has_the_oscillator_s_solution(theory):
    x = sympy.Symbol("x", real=True)
    u, y = (sympy.Function(name)(x) for name in "uy")
    equation = theory.sympy()
    assert equation.lhs == y.diff(x, 2)
    numbers = [equation.rhs.expand().coeff(part) for part in (u, y, y.diff(x))]
    np.testing.assert_allclose([float(n) for n in numbers], [1, -1.5, -0.2], atol=1e-8)
    assert r"y''" in theory.latex


def test_what_is_asked_in_labels_is_answered_in_them(theory, new):
    u, y = new
    t = DX * np.arange(1, u.shape[1] + 1)
    plain = theory.predict(u)
    array = xr.DataArray(u.T, dims=("time", "run"), coords={"time": t}, name="u")
    answer = theory.predict(array)
    assert answer.dims == array.dims
    assert answer.attrs == {"units": "m"}
    np.testing.assert_array_equal(answer.values.T, plain)
    assert theory.score(array, xr.DataArray(y, dims=("run", "time"))) == pytest.approx(1)
    np.testing.assert_array_equal(theory.predict(array.to_dataset())["y"], answer)
    frame = pd.DataFrame({"u": u.ravel(), "run": np.repeat(np.arange(len(u)), len(t))})
    np.testing.assert_allclose(theory.predict(frame)["y"], plain.ravel(), atol=1e-13)
    wide = pd.DataFrame(u.T, index=t)
    np.testing.assert_array_equal(theory.predict(wide), plain.T)
    assert theory.predict(wide).index.equals(wide.index)
    pieces = theory.predict([u[0], u[1, :12]])
    np.testing.assert_allclose(pieces[1], plain[1, :12])
    assert theory.score(u, y + 1) < 1
    for other in (array.assign_coords(time=2 * t), wide.set_axis(2 * t)):
        with pytest.raises(DataError, match=r"the step 0\.2 and the law was found at 0\.1"):
            theory.predict(other)


def test_a_free_run_from_any_state(theory, new):
    u, _ = new
    np.testing.assert_allclose(theory.simulate(u, [0, 0]), theory.predict(u), atol=1e-8)
    moved = respond(OSCILLATOR, [0.7, -0.3], DX, seed=9)[1]
    np.testing.assert_allclose(theory.simulate(u, [0.7, -0.3]), moved, atol=1e-7)
    with pytest.raises(DataError, match="start has shape"):
        theory.simulate(u, [1, 2, 3])


def test_figures_are_drawn_in_the_place_of_axes(found, theory):
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    assert {"step_response", "samples"} <= set(dir(theory.plot))
    figure, axes = plt.subplots(1, 2, layout="constrained")
    drawn = theory.plot.step_response(axes[0])
    assert drawn.figure.figure is figure
    assert len(found.plot.samples(axes[1])) > 1
    figure.canvas.draw()
    plt.close(figure)
    with pytest.raises(AttributeError, match="no figure is called 'botleneck'"):
        theory.plot.botleneck()


def test_a_run_directory_is_exported(found, tmp_path, capsys):
    found.save(tmp_path / "run", report=False)
    for language in ("sympy", "python", "c", "latex"):
        out = tmp_path / f"law.{language}"
        assert main(["export", str(tmp_path / "run"), "--to", language, "--out", str(out)]) == 0
        assert out.read_text() == hl.load_discovery(tmp_path / "run").theory.code(language)
    assert main(["export", str(tmp_path / "run"), "--to", "fortran"]) == 2
    assert "a law is written in sympy, python, c, latex" in capsys.readouterr().err
    spaces: dict = {}
    exec(compile((tmp_path / "law.sympy").read_text(), "law", "exec"), spaces)
    (equation,), same = spaces["equations"], hl.load_discovery(tmp_path / "run").theory.sympy()
    assert equation.lhs == same.lhs
    numbers = [sorted(map(float, each.rhs.atoms(sympy.Float))) for each in (equation, same)]
    assert numbers[0] == numbers[1]
