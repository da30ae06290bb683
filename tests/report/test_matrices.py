"""Matrices on the sheet of equations: rows below each other between brackets, never lists."""

from hiddenlaw.report.figures.equation_sheet import draw


def sheet(*definitions):
    discrete = {
        "equation": "z[i] = exp(dx*(A + B*u[i])) z[i-1]",
        "latex": r"z_i = \exp\left[\Delta x\,(A + B\,u_i)\right] z_{i-1}",
        "definitions": list(definitions),
        "definitions_latex": [r"A = \begin{pmatrix} 0 & 1 \end{pmatrix}" for _ in definitions],
    }
    theory = {"dimension": 2, "readout": "linear", "discrete": discrete}
    record = {"dataset": {"input": ["u"], "response": ["y"], "hold": "zero"}, "theories": [theory]}
    picture = draw(record, {})
    assert picture is not None
    return [text.get_text() for text in picture.figure.texts]


def test_a_matrix_has_its_rows_below_each_other():
    texts = sheet("A = [[0, 1], [-4.25, -0.8]]", "C = [[0, 1.5e-07, 2]]", "c = cos(k*dx)")
    assert "A = ⎛     0     1 ⎞\n    ⎝ −4.25  −0.8 ⎠" in texts
    assert "C = ( 0  1.5×10⁻⁷  2 )" in texts
    assert not any("[[" in text for text in texts)


def test_the_name_of_a_tall_matrix_stands_at_its_middle():
    (tall,) = [text for text in sheet("B = [[1], [2], [3]]") if "⎛" in text]
    assert tall.splitlines() == ["    ⎛ 1 ⎞", "B = ⎜ 2 ⎟", "    ⎝ 3 ⎠"]
