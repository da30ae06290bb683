"""`levels`: a run directory and a trap make a table, a file and a picture, or one clear line."""

import json

import numpy as np
import pytest
from levels_example import theory_of, with_law, write_run

X = np.linspace(-8, 8, 401)


@pytest.fixture(autouse=True)
def run_directory(tmp_path):
    """A law with units and an error, written as a run directory."""
    write_run(tmp_path / "run", theory_of(2.0, stderr=0.02), {"V": "eV", "x": "nm"})


def write_table(path, names, *columns):
    rows = [",".join(names), *(",".join(map(repr, row)) for row in np.stack(columns, 1).tolist())]
    path.write_text("\n".join(rows) + "\n")


def test_the_levels_of_textbooks(hiddenlaw, tmp_path):
    """With κ = 2m/ħ² = 2 a harmonic trap has E = ω (n + ½); dE/E = ½ dκ/κ."""
    code, out, err = hiddenlaw(
        "levels run harmonic:omega=1 --count 5 --out new/levels.json --figure new/levels.png"
    )
    assert (code, err) == (0, "")
    for word in ("E_n [eV]", "closed form", "4.5", "kappa = 2", "wrote new/levels.json"):
        assert word in out
    assert "that is extrapolated" in out
    record = json.loads((tmp_path / "new" / "levels.json").read_text(encoding="utf-8"))
    assert (record["format"], record["version"]) == ("hiddenlaw.levels", 1)
    assert record["kappa"] == {"value": 2.0, "stderr": 0.02}
    levels = record["levels"]
    assert [entry["n"] for entry in levels] == list(range(5))
    for entry in levels:
        expected = entry["n"] + 0.5
        assert entry["energy"] == pytest.approx(expected, abs=1e-8)
        assert entry["closed_form"] == pytest.approx(expected, abs=1e-12)
        assert entry["kappa_energy"] == pytest.approx(2 * expected, abs=1e-8)
        assert entry["stderr"] == pytest.approx(expected * 0.005, rel=1e-6)
    picture = (tmp_path / "new" / "levels.png").read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(picture) > 10_000


@pytest.mark.parametrize("form", ["csv", "named csv", "npz", "npz of one run"])
def test_a_trap_from_a_file(hiddenlaw, tmp_path, form):
    """V = x² with κ = 2: E = √½ (2n + 1)."""
    x = X + 0.01 * np.sin(X)  # need not be uniform
    if "csv" in form:
        names = ("place", "height", "junk") if form == "named csv" else ("x", "V", "junk")
        write_table(tmp_path / "trap.csv", names, x, x**2, 0 * x)
        extra = " --x place --input height" if form == "named csv" else ""
        line = "levels run trap.csv --count 3 --out levels.json" + extra
    else:
        one_run = form.endswith("run")
        np.savez(tmp_path / "trap.npz", x=x, input=(x**2)[None, :, None] if one_run else x**2)
        line = "levels run trap.npz --count 3 --out levels.json"
    code, out, err = hiddenlaw(line)
    assert (code, err) == (0, "")
    assert "closed form" not in out
    levels = json.loads((tmp_path / "levels.json").read_text())["levels"]
    energies = [entry["energy"] for entry in levels]
    np.testing.assert_allclose(energies, np.sqrt(0.5) * np.array([1, 3, 5]), atol=1e-8)
    assert [entry["closed_form"] for entry in levels] == [None] * 3


def test_ten_levels_are_shown_unless_more_are_asked_for(hiddenlaw):
    """... and it is said how many there are: here 30 below the edge, the highest too wide for x."""
    rows = [line for line in hiddenlaw("levels run harmonic")[1].splitlines() if "│" in line]
    assert len(rows) == 10
    rows = [
        line for line in hiddenlaw("levels run harmonic --count 12")[1].splitlines() if "│" in line
    ]
    assert len(rows) == 12
    code, out, _ = hiddenlaw("levels run morse:depth=8 --count 50")
    assert code == 0
    assert "All 4 levels below the edge" in out


def test_a_hill_binds_nothing(hiddenlaw, tmp_path):
    write_table(tmp_path / "hill.csv", ("x", "V"), X, -(X**2))
    code, out, err = hiddenlaw("levels run hill.csv --figure hill.png")
    assert (code, err) == (0, "")
    assert "Nothing is bound" in out
    assert (tmp_path / "hill.png").is_file()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("levels nowhere harmonic", "nowhere is no run directory"),
        ("levels run", "Missing argument 'TRAP'"),
        ("levels run harmonic --theory 1", "--theory 1: run has 1 of them"),
        ("levels run harmonic --count 0", "--count"),
        ("levels run harmonic --out levels.csv", "--out levels.csv: the file is a .json"),
        ("levels run harmonic --figure levels.svg", "--figure levels.svg: the file is a .png"),
        ("levels run coulomb:z=1", "no trap is called 'coulomb:z=1'; there are harmonic"),
        ("levels run harmonic:width=2", "harmonic has no constant 'width'; write harmonic:omega=1"),
        ("levels run morse:depth=-1", "depth is '-1'; it must be a positive number"),
        ("levels run no.csv", "no such file: no.csv"),
        ("levels run trap.nc", "trap.nc is no trap: give a .csv or .npz"),
        ("levels run text.npz", "text.npz is no NumPy archive"),
        ("levels run pickled.npz", "pickled objects"),
        ("levels run wide.npz", "holds float64 of shape (2, 401); a trap has one real number"),
        ("levels run trap.csv --x place", "no column 'place'"),
        ("levels run trap.csv --input height", "no column 'height'"),
        ("levels run unnamed.csv", "no column 'V' (it has a, b)"),
        ("levels run nan.csv", "V of the trap is nan at site 400"),
        ("levels run back.csv", "x of the trap is not increasing"),
        ("levels run short.csv", "the trap has 5 sites"),
        ("levels run narrow.csv", "level 0 (counted from 0) of the trap reaches the ends of x"),
        ("levels damped harmonic", "no energy levels follow from psi'' = V*psi + psi'"),
        ("levels negative harmonic", "traps where kappa is positive"),
    ],
)
def test_wrong_use_ends_in_one_line_and_writes_nothing(line, reason, hiddenlaw, tmp_path):
    terms = {"V*psi": {"value": 1, "stderr": 0}, "psi'": {"value": 1, "stderr": 0}}
    damped = {"equation": "psi'' = V*psi + psi'", "terms": {"psi''": terms}}
    write_run(tmp_path / "damped", with_law(theory_of(), damped))
    write_run(tmp_path / "negative", theory_of(-1.0))
    (tmp_path / "text.npz").write_text("x, V")
    (tmp_path / "trap.nc").write_text("x, V")
    np.savez(tmp_path / "pickled.npz", x=np.array([None]), V=X)
    np.savez(tmp_path / "wide.npz", x=X, V=np.stack([X, X]))
    spoiled = np.append(X[:-1] ** 2, np.nan)
    for name, columns in {
        "trap": (X, X**2),
        "nan": (X, spoiled),
        "back": (-X, X**2),
        "short": (X[:5], X[:5]),
        "narrow": (X / 4, X**2 / 16),
    }.items():
        write_table(tmp_path / f"{name}.csv", ("x", "V"), *columns)
    write_table(tmp_path / "unnamed.csv", ("x", "a", "b"), X, X, X)
    before = sorted(tmp_path.iterdir())
    code, out, err = hiddenlaw(line)
    assert code == 2
    assert out == ""
    assert err.startswith("error: ")
    assert reason in err
    assert err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before
