"""What the tests of the command line share."""

import shlex

import pytest

from hiddenlaw.cli import main


@pytest.fixture
def hiddenlaw(capsys, monkeypatch, tmp_path):
    """Runs the command line in a folder of its own: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(line: str) -> tuple[int, str, str]:
        code = main(shlex.split(line))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
