"""What a user meets who simulates, brings or checks data: one clear line for every mistake."""

import subprocess
import sys

import numpy as np
import pytest

from hiddenlaw.cli import INTERRUPTED
from hiddenlaw.io import load


def csv(rows: list[tuple], header: str = "run,x,V,rho") -> str:
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


NAMED = "--input V --response rho"


def table(runs: int = 5, sites: int = 9) -> list[tuple]:
    rng = np.random.default_rng(0)
    return [(r, s / 4, *rng.standard_normal(2)) for r in range(runs) for s in range(sites)]


@pytest.mark.parametrize("suffix", ["nc", "h5", "npz", "csv"])
def test_simulate_then_check(hiddenlaw, suffix, tmp_path):
    command = f"simulate schroedinger --runs 6 --sites 10 --out new/data.{suffix}"
    code, out, err = hiddenlaw(command)
    assert (code, err) == (0, "")
    assert out == f"wrote new/data.{suffix}: 6 runs × 10 sites, input V, response rho\n"
    code, out, err = hiddenlaw(f"check new/data.{suffix}")
    assert (code, err) == (0, "")
    for word in ("runs", "6", "sites", "10", "0.2", "input V", "response rho", "can use it"):
        assert word in out


def test_check_says_what_the_input_can_tell_apart(hiddenlaw, tmp_path):
    """A rich input raises no warning; one of two values does, and is no obstacle."""
    hiddenlaw("simulate schroedinger --runs 6 --sites 32 --out rich.nc")
    code, out, _ = hiddenlaw("check rich.nc")
    assert code == 0
    assert "warning" not in out
    assert "1, V, V**2" in out
    assert "cubic, unless it is known better: V is smooth" in out
    rows = [(r, x, float(V > 0), rho) for r, x, V, rho in table()]
    (tmp_path / "binary.csv").write_text(csv(rows))
    code, out, _ = hiddenlaw(f"check binary.csv {NAMED}")
    assert code == 0
    assert "V takes two values only: V**2*psi cannot be told apart from V*psi, psi" in out


def test_constants_and_truth_reach_the_file(hiddenlaw, tmp_path):
    code, _, _ = hiddenlaw(
        "simulate schroedinger --runs 4 --sites 8 --dx 0.1 --seed 3 --energy 0.5 --kappa 2 "
        "--scale 3 --potentials wells --with-truth --out data.nc"
    )
    assert code == 0
    truth = load(tmp_path / "data.nc").truth
    assert truth is not None
    assert truth.parameters == {"kappa": 2, "energy": 0.5, "scale": 3}
    assert "not read by discovery" in hiddenlaw("check data.nc")[1]


def test_systems_lists_systems_and_potentials(hiddenlaw):
    code, out, _ = hiddenlaw("systems")
    assert code == 0
    for word in ("schroedinger", "kappa = 1.0", "energy = 0.37", "fourier", "double_well"):
        assert word in out
    for word in ("observe = total", "omega0 = 1.5", "atoms = 1000.0", "smooth", "quartic", "box"):
        assert word in out


@pytest.mark.parametrize(
    ("line", "names", "hold", "parameters"),
    [
        ("current --wave-number 0.8", (("V",), ("rho",)), "zero", {"wave_number": 0.8}),
        (
            "components --observe both --detuning 0 --coupling 2 --hold cubic --potentials smooth",
            (("V",), ("rho1", "rho2")),
            "cubic",
            {"detuning": 0, "coupling": 2},
        ),
        ("helmholtz --k0 1.1 --hold first", (("n",), ("intensity",)), "first", {"k0": 1.1}),
        ("oscillator --gamma 0.1 --omega0 2", (("u",), ("q",)), "zero", {"omega0": 2}),
        (
            "gross_pitaevskii --constant g=-0.8 --kappa 2",
            (("V",), ("rho",)),
            "zero",
            {"g": -0.8, "mu": 0.37, "kappa": 2},
        ),
        ("duffing --constant alpha=-1", (("u",), ("y",)), "zero", {"alpha": -1, "beta": 1}),
        ("van_der_pol --constant mu=2 --hold first", (("u",), ("y",)), "first", {"mu": 2}),
        (
            "pendulum --gamma 0.1 --constant drive=3",
            (("u",), ("theta",)),
            "zero",
            {"gamma": 0.1, "drive": 3, "omega": 1.5},
        ),
        ("coupled_masses --constant spring=2", (("u",), ("x2",)), "zero", {"spring": 2}),
        ("tanks --constant a1=0.6 --dx 0.2", (("u",), ("x2",)), "zero", {"a1": 0.6}),
        (
            "saturating_actuator --constant actuator=clipped --constant limit=0.8",
            (("u",), ("y",)),
            "zero",
            {"limit": 0.8},
        ),
        (
            "interacting_trap --atoms 100 --constant g=0.05 --potentials quartic",
            (("V",), ("rho",)),
            "cubic",
            {"atoms": 100, "g": 0.05},
        ),
        ("trap --atoms 10 --potentials box", (("V",), ("rho",)), "cubic", {"atoms": 10}),
    ],
)
def test_every_system_can_be_simulated(hiddenlaw, line, names, hold, parameters, tmp_path):
    code, _, err = hiddenlaw(f"simulate {line} --runs 4 --with-truth --out data.nc")
    assert (code, err) == (0, "")
    data = load(tmp_path / "data.nc")
    assert (data.input_names, data.response_names) == names
    assert data.hold == hold
    assert data.dx == (0.15 if "trap" in line else 0.2)
    assert data.truth is not None
    assert parameters.items() <= data.truth.parameters.items()


@pytest.mark.parametrize(
    ("constants", "message"),
    [
        ("--constant g", "--constant 'g' is no NAME=VALUE, such as beta=0.8"),
        ("--constant g=1 --constant g=2", "--constant gives g twice; give it once"),
        ("--constant g=much", "g is 'much'; it must be a number"),
        ("--constant h=1", "gross_pitaevskii has no constant 'h'; it has kappa, mu, g"),
        ("--constant g=7", "g is 7; it must be from -4 to 2"),
    ],
)
def test_constants_that_are_none_are_told_in_one_line(hiddenlaw, constants, message, tmp_path):
    code, _, err = hiddenlaw(f"simulate gross_pitaevskii {constants} --runs 4 --out data.nc")
    assert code != 0
    assert message in err
    assert not (tmp_path / "data.nc").exists()


def test_random_preparations_and_measurements_reach_the_file(hiddenlaw, tmp_path):
    command = "simulate schroedinger --runs 20 --preparation random --with-truth --out"
    assert hiddenlaw(f"{command} clean.nc")[0] == 0
    code, out, err = hiddenlaw(f"{command} data.nc --noise gaussian:0.02 --blur 0.1")
    assert (code, err) == (0, "")
    assert "missing" not in out
    clean, data = load(tmp_path / "clean.nc"), load(tmp_path / "data.nc")
    assert clean.truth is not None
    assert data.truth is not None
    psi = clean.truth.states["psi"]
    assert len(np.unique(psi[:, 0])) == 20
    np.testing.assert_array_equal(data.truth.states["psi"], psi)
    np.testing.assert_allclose(clean.response[:, :, 0], psi**2)
    difference = (data.response - clean.response).std() / clean.response.std()
    assert 0.02 < difference < 0.1
    code, out, _ = hiddenlaw(f"{command} gaps.nc --missing 0.05")
    assert code == 0
    assert "of 1280 samples missing" in out


def test_named_columns(hiddenlaw, tmp_path):
    (tmp_path / "data.csv").write_text(csv(table(), "shot,t,drive,motion"))
    code, out, _ = hiddenlaw("check data.csv --input drive --response motion --x t --run shot")
    assert code == 0
    assert "input drive" in out
    assert "response motion" in out


def spoil(rows: list[tuple], row: int, column: int, value: object) -> list[tuple]:
    spoiled = [list(entries) for entries in rows]
    spoiled[row][column] = value
    return [tuple(entries) for entries in spoiled]


BAD_TABLES = {
    "NaN": (csv(spoil(table(), 13, 3, "nan")), "rho has 1 NaN in run 1 (first at site 4); drop"),
    "gap": (
        csv(spoil(table(), 13, 3, "")),
        "NaN and empty fields are missing samples (--allow-mis",
    ),
    "one run": (csv(table(runs=1)), "the data hold 1 run; discovery needs at least 4"),
    "one site": (csv(table(sites=1)), "1 site a run"),
    "few sites": (csv(table(sites=7)), "7 sites a run; discovery needs at least 8"),
    "grid": (
        csv([(r, x + 0.1 * (x == 2), V, rho) for r, x, V, rho in table()]),
        "x is not uniform: the step from site 7 to 8 is 0.35, where most are 0.25, and more",
    ),
    "constant": (csv([(r, x, 0.3, rho) for r, x, _, rho in table()]), "input V is constant (0.3)"),
    "no answer": (csv([(r, x, V, 1) for r, x, V, _ in table()]), "response rho is constant (1)"),
    "text": (csv(spoil(table(), 2, 2, "high")), "line 4, column V: 'high' is not a number"),
    "empty": ("", "data.csv is empty"),
    "header": ("run,x,V,rho\n", "but no rows"),
    "columns": ("run,x,V\n0,1,2\n", "columns run, x, V; name those to use with --input"),
}


def test_check_tells_runs_of_unequal_lengths(hiddenlaw, tmp_path):
    (tmp_path / "data.csv").write_text(csv(table()[:-1]))
    code, out, _ = hiddenlaw(f"check data.csv {NAMED}")
    assert code == 0
    assert "8 to 9" in out


@pytest.mark.parametrize("case", BAD_TABLES)
def test_data_that_cannot_be_used_end_in_one_line(case, hiddenlaw, tmp_path):
    text, reason = BAD_TABLES[case]
    (tmp_path / "data.csv").write_text(text)
    code, _, err = hiddenlaw(f"check data.csv {'' if case == 'columns' else NAMED}")
    assert code == 2
    assert err.startswith("error: ")
    assert reason in err
    assert err.count("\n") == 1


def test_check_counts_missing_samples_and_tells_of_errors(hiddenlaw, tmp_path):
    rows = [(*row, 0.1 + 0.1 * (k % 2)) for k, row in enumerate(table())]
    rows = spoil(spoil(rows, 13, 3, ""), 30, 3, "nan")
    (tmp_path / "data.csv").write_text(csv(rows, "run,x,V,rho,sigma"))
    columns = "--input V --response rho --response-error sigma"
    code, out, err = hiddenlaw(f"check data.csv {columns} --allow-missing")
    assert (code, err) == (0, "")
    lines = {line.split("│")[1].strip(): line.split("│")[2].strip()
             for line in out.splitlines() if line.count("│") == 3}  # fmt: skip
    assert lines["missing samples"] == "2 of 45 (4.44 %), in 2 of 5 runs"
    assert lines["NaN or infinite"] == "none but the missing samples"
    assert lines["errors of the response"] == "given, 0.1 to 0.2"
    assert "nan" not in lines["response rho"]
    assert hiddenlaw(f"check data.csv {columns}")[0] == 2

    (tmp_path / "data.csv").write_text(csv(table()))
    _, out, _ = hiddenlaw(f"check data.csv {NAMED}")
    assert "missing samples" not in out
    assert "not given; all samples count alike" in out


def test_check_still_shows_what_discovery_cannot_use(hiddenlaw, tmp_path):
    (tmp_path / "data.csv").write_text(csv(table(runs=2)))
    code, out, err = hiddenlaw(f"check data.csv {NAMED}")
    assert code == 2
    assert "cannot use it: the data hold 2 runs" in out
    assert err.startswith("error: the data hold 2 runs")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("check data.nc", "no such file: data.nc"),
        ("check .", ". is a folder"),
        ("check text.nc", "text.nc is no NetCDF-4/HDF5 file"),
        ("check text.doc", "unknown suffix '.doc'; known are"),
        ("check pickled.npz", "pickled objects"),
        ("check good.csv --input V --response density", "no column 'density'"),
        ("check", "Missing argument 'DATA'; see hiddenlaw check --help"),
        ("check --fast good.csv", "No such option: --fast; see hiddenlaw check --help"),
        ("chekc good.csv", "No such command 'chekc'"),
        ("simulate schroedinger", "Missing option '--out'"),
        ("simulate bose --out a.nc", "no system is called 'bose'; there are schroedinger"),
        ("simulate schroedinger --out a.xls", "unknown suffix '.xls'; written are .nc"),
        ("simulate schroedinger --out a.mat", ".mat is read but not written; written are .nc"),
        ("simulate schroedinger --out a", "a has no suffix; written are"),
        ("simulate schroedinger --out a.csv --with-truth", "carries no truth; write .nc or .npz"),
        ("simulate schroedinger --out a.nc --potentials cubic", "'cubic'; there are fourier"),
        ("simulate schroedinger --out a.nc --kappa 0", "kappa is 0; it must be a positive number"),
        ("simulate schroedinger --out a.nc --gamma 1", "schroedinger has no constant 'gamma'"),
        ("simulate components --out a.nc --observe two", "it can be total, one, both"),
        ("simulate trap --out a.nc --hold zero", "trap knows no hold 'zero'; only cubic"),
        ("simulate schroedinger --out a.nc --hold cubic --potentials wells", "jumps or kinks"),
        ("simulate schroedinger --out a.nc --preparation mixed", "only shared, random"),
        ("simulate schroedinger --out a.nc --noise pink:1", "no measurement is called 'pink'"),
        ("simulate schroedinger --out a.nc --noise gaussian", "write it as gaussian:0.02"),
        ("simulate schroedinger --out a.nc --missing 2", "missing is 2; it is a fraction"),
        ("simulate schroedinger --out a.nc --blur -1", "blur is -1"),
        ("simulate oscillator --out a.nc --noise poisson:100", "response q goes down to"),
        ("simulate schroedinger --out a.nc --runs 0", "--runs"),
        ("simulate schroedinger --out a.nc --runs many", "--runs"),
        ("simulate schroedinger --out a.nc --dx nan", "dx is nan"),
        ("simulate schroedinger --runs 4 --out text.txt/a.nc", "cannot write text.txt/a.nc"),
    ],
)
def test_wrong_use_ends_in_one_line(line, reason, hiddenlaw, tmp_path):
    (tmp_path / "text.nc").write_text("V, rho")
    (tmp_path / "text.doc").write_text("V, rho")
    (tmp_path / "text.txt").write_text("V, rho")
    (tmp_path / "good.csv").write_text(csv(table()))
    np.savez(tmp_path / "pickled.npz", input=np.array([None]), response=np.zeros((4, 9)))
    code, out, err = hiddenlaw(line)
    assert code == 2
    assert out == ""
    assert err.startswith("error: ")
    assert reason in err
    assert err.count("\n") == 1
    assert not list(tmp_path.glob("a*"))


def test_help_and_version(hiddenlaw):
    for line in ("", "--help", "-h"):
        code, out, _ = hiddenlaw(line)
        assert code == 0
        assert "simulate" in out
    code, out, _ = hiddenlaw("--version")
    assert code == 0
    assert out.startswith("hiddenlaw ")


def test_an_interruption_is_one_line(hiddenlaw, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("hiddenlaw.io.load", interrupt)
    assert hiddenlaw("check data.nc") == (INTERRUPTED, "", "interrupted\n")


def test_a_reader_that_went_away_is_no_error():
    command = f"{sys.executable} -m hiddenlaw systems | true"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert ended.stderr == ""


def test_help_imports_nothing_heavy():
    program = (
        "import sys; from hiddenlaw.cli import main; code = main(['--help']); "
        "heavy = {'numpy', 'xarray', 'pandas', 'scipy', 'jax', 'matplotlib'} & set(sys.modules); "
        "sys.exit(code or ', '.join(heavy) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
