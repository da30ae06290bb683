"""Remedies are written as whoever reads them would type them."""

import re
from pathlib import Path

import numpy as np
import pytest

import hiddenlaw
import hiddenlaw as hl
from hiddenlaw.cli import main
from hiddenlaw.errors import DataError, at_the_command_line, option

UNEVEN = "run,x,u,y\n" + "".join(f"0,{k * k},{k},{k % 3}\n" for k in range(12))


@pytest.mark.parametrize(
    ("named", "value", "typed", "called"),
    [
        ("resample", 0.01, "--resample 0.01", "resample=0.01"),
        ("resample", 0.1 + 0.2, "--resample 0.3", "resample=0.3"),
        ("dx", np.float64(2.0), "--dx 2", "dx=2"),
        ("input", "u [V]", '--input "u [V]"', 'input="u [V]"'),
        ("input", 'say "u"', "--input 'say \"u\"'", r'input="say \"u\""'),
        ("allow_missing", True, "--allow-missing", "allow_missing=True"),
        ("response_error", None, "--response-error", "response_error="),
    ],
)
def test_an_option_is_written_for_the_command_line_and_for_python(named, value, typed, called):
    assert option(named, value) == called
    with at_the_command_line():
        assert option(named, value) == typed
    assert option(named, value) == called


def test_the_same_fault_has_the_remedy_of_whoever_asked(tmp_path, capsys):
    path = tmp_path / "uneven.csv"
    path.write_text(UNEVEN)
    with pytest.raises(DataError, match=r"with resample=\d"):
        hl.load(path)
    assert main(["check", str(path)]) == 2
    said = capsys.readouterr()
    assert re.search(r"with --resample \d", said.err)
    assert "resample=" not in said.err + said.out
    with pytest.raises(DataError, match=r"with resample=\d"):
        hl.load(path)


def test_no_message_below_the_command_line_has_an_option_of_it():
    """What is written out as `--option` is told in Python, too; the app is started by a command."""
    root = Path(hiddenlaw.__file__).parent
    found = [
        f"{path.relative_to(root)}: {text}"
        for path in sorted(root.rglob("*.py"))
        if not {"cli", "app"} & set(path.parts) and path.name != "errors.py"
        for text in re.findall(r'"[^"\n]*--[a-z][^"\n]*"', path.read_text(encoding="utf-8"))
        if not text.startswith('"""')
    ]
    assert not found, "; ".join(found)
