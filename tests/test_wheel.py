"""What is installed: all of the package and nothing else, on every Python that is promised."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ["3.11", "3.12", "3.13"]
_PIN = re.compile(r"^([\w.-]+)==(\S+)([^\\\n]*)\\?$", re.MULTILINE)


def builder(kind):
    """Hatchling's, for wheels or for archives of the source; it lists files and builds nothing."""
    module = pytest.importorskip(f"hatchling.builders.{kind}", reason="hatchling is not there")
    return getattr(module, f"{kind.title()}Builder")(str(ROOT))


def files_of(kind):
    return {Path(file.distribution_path) for file in builder(kind).recurse_included_files()}


def of_the_package():
    every = (path.relative_to(ROOT) for path in (ROOT / "hiddenlaw").rglob("*") if path.is_file())
    return {path for path in every if "__pycache__" not in path.parts}


def test_a_wheel_has_every_file_of_the_package_and_no_other():
    there = files_of("wheel")
    assert there == of_the_package()
    needed = {"py.typed", "report/page.css", "app/page.css", "__main__.py", "cli/__init__.py"}
    assert {Path("hiddenlaw", name) for name in needed} <= there
    assert {path.suffix for path in there} == {".py", ".css", ".typed"}


def test_the_source_can_be_built_and_tested_from_its_archive():
    there = files_of("sdist")
    needed = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "requirements.lock"}
    assert {Path(name) for name in needed} <= there
    assert of_the_package() <= there
    assert Path("tests/conftest.py") in there
    assert not [path for path in there if path.parts[0] in (".venv", "runs", "dist", ".git")]


def test_the_wheel_starts_the_command_and_says_which_pythons_it_is_for():
    core = builder("wheel").metadata.core
    assert core.scripts == {"hiddenlaw": "hiddenlaw.__main__:run"}
    assert core.requires_python == ">=3.11"
    said = [text.rpartition(" ")[2] for text in core.classifiers if "Python :: 3." in text]
    assert said == PYTHONS
    assert {"app", "xlsx", "docs", "dev"} <= set(core.optional_dependencies)


def test_the_lock_pins_each_package_once_for_every_python():
    from packaging.markers import Marker

    text = (ROOT / "requirements.lock").read_text()
    pins = [(name, version, where) for name, version, where in _PIN.findall(text)]
    assert len(pins) > 40
    for python in PYTHONS:
        here = {"python_full_version": f"{python}.5", "python_version": python}
        held = [
            name
            for name, _, where in pins
            if ";" not in where or Marker(where.strip("; \\")).evaluate({**here, "extra": ""})
        ]
        assert len(held) == len(set(held)), f"{python} has two versions of one package"
        assert {"jax", "jaxlib", "numpy", "scipy", "pandas", "contourpy", "hatchling"} <= set(held)
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in block or block.startswith("#"), block.splitlines()[0]
