"""The documents say what the program does: generated pages are fresh, links lead somewhere."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

import hiddenlaw as hl
from hiddenlaw.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
# [text](target) and ![text](target "title"), not inside code.
_LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_INLINE_CODE = re.compile(r"`[^`\n]*`")


def prose(page: Path) -> str:
    return _INLINE_CODE.sub("", _FENCED.sub("", page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ +(.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}


def test_the_command_line_page_is_what_help_says():
    place = DOCS / "make_command_line.py"
    spec = importlib.util.spec_from_file_location("make_command_line", place)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.PAGE.read_text(encoding="utf-8") == script.page(), (
        "docs/command-line.md is out of date; run `python docs/make_command_line.py`"
    )


def test_commits_are_held_to_what_lint_runs():
    """Every command of `./run lint` is a local hook; ruff then sees the changed files alone."""
    lint = re.search(r"^ +lint\)\n(.*?);;", (ROOT / "run").read_text(), re.DOTALL | re.MULTILINE)
    assert lint
    commands = re.findall(r"\.venv/bin/.*", lint[1])
    hooks = re.findall(r"entry: (.*)", (ROOT / ".pre-commit-config.yaml").read_text())
    assert [hook.removesuffix(" --force-exclude") for hook in hooks] == [
        command.removesuffix(" .") for command in commands
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_local_links_and_images_lead_somewhere(page):
    broken = []
    for target in _LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert not broken, f"{page.name} links to {', '.join(broken)}, which is not there"


def test_every_setting_is_explained():
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^#+ +`(\w+)`", text, re.MULTILINE))
    assert explained == set(Settings.model_fields)


def test_the_defaults_in_the_settings_page_are_the_program_s():
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        section = re.split(rf"^#+ +`{name}`.*$", text, flags=re.MULTILINE)[1]
        stated = re.search(r"Default: `([^`]*)`", section)
        assert stated, f"settings.md gives no default of {name}"
        assert ast.literal_eval(stated[1]) == field.default, name


def test_names_in_the_readme_s_python_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert blocks
    for block in blocks:
        for node in ast.walk(ast.parse(block)):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "hl"
            ):
                assert node.attr in hl.__all__, f"README calls hl.{node.attr}"
                assert getattr(hl, node.attr) is not None
