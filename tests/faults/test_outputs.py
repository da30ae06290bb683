"""Whatever standard output is connected to, a command ends with a documented code."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
from outputs import CONDITIONS, is_wrong
from runs import SMALL, WRITTEN, command, environment, is_whole

from hiddenlaw._letters import as_shown, plain

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with data and the run directory of an earlier version."""
    place = tmp_path_factory.mktemp("outputs")
    shutil.copytree(WRITTEN, place / "run")
    assert command("simulate schroedinger --runs 4 --sites 16 --out data.npz", place).code == 0
    return place


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_prediction_is_written_whoever_reads_what_is_said_of_it(name, folder):
    condition = CONDITIONS[name]
    out = folder / "predicted.npz"
    out.unlink(missing_ok=True)
    line = "predict run data.npz --out predicted.npz"
    ended = command(line, folder, shell=condition.shell, **condition.env)
    assert not is_wrong(condition, ended), ended
    assert np.load(out)["response"].shape == (4, 16, 1)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("stdout full", marks=pytest.mark.slow),
        pytest.param("reader of one line", marks=pytest.mark.slow),
        "ascii",
    ],
)
def test_a_discovery_is_whole_whoever_reads_its_summary(name, tmp_path):
    condition = CONDITIONS[name]
    ended = command(f"discover {SMALL} --out run", tmp_path, shell=condition.shell, **condition.env)
    assert not is_wrong(condition, ended), ended
    assert is_whole(tmp_path / "run")
    assert (tmp_path / "run" / "report.html").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    if name == "ascii":
        assert "psi'" in ended.out
        assert "A law was found" in ended.out
    if name == "stdout full":
        assert "cannot be written: No space left on device; everything is in run" in ended.err


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_discovery_can_be_printed_in_python(encoding):
    program = f"import hiddenlaw as hl; print(hl.load_discovery({str(WRITTEN)!r}))"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(PYTHONIOENCODING=encoding),
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    said = ended.stdout.decode(encoding)
    assert ("ψ″ = V ψ − 0.37 ψ" if encoding == "utf-8" else "psi'' = V psi - 0.37 psi") in said


def test_letters_have_the_names_that_the_program_gives_them():
    assert plain("ψ″ = κ V² ψ − 10⁻⁶ ħ") == "psi'' = kappa V**2 psi - 10**-6 hbar"
    assert plain("λ Ω ₁ é 漢") == "lambda Omega 1 e ?"
    assert as_shown("ψ") == "ψ"
