"""The site of documents: what it is made of is listed, and its checks see what is wrong."""

import importlib
import re
from pathlib import Path

import pytest

import hiddenlaw as hl

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
TUTORIALS = sorted(path for path in (DOCS / "tutorials").glob("*.md") if path.stem != "index")
_HEAD = """\
---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
language_info:
  name: python
  pygments_lexer: ipython3
---
"""
_CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PIN = re.compile(r"^([\w.-]+)==(\S+)([^\\\n]*)", re.MULTILINE)


@pytest.fixture
def helper(monkeypatch):
    """A module of the site's own by its name."""
    monkeypatch.syspath_prepend(str(DOCS))
    monkeypatch.syspath_prepend(str(DOCS / "_site"))
    return importlib.import_module


def written(folder: Path, pages: dict[str, str]) -> Path:
    for name, body in pages.items():
        (folder / name).write_text(f"<html><body>{body}</body></html>", encoding="utf-8")
    return folder


def test_every_tutorial_is_listed_and_told_of():
    index = (DOCS / "tutorials" / "index.md").read_text(encoding="utf-8")
    toctree = re.search(r"```\{toctree\}\n(.*?)```", index, re.DOTALL)
    assert toctree
    listed = [line for line in toctree[1].split() if not line.startswith(":")]
    assert sorted(listed) == [path.stem for path in TUTORIALS]
    assert set(re.findall(r"\]\(([\w-]+)\.md\)", index)) == set(listed)
    assert len(TUTORIALS) >= 6


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_is_a_notebook_without_outputs(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith(_HEAD)
    cells = _CELL.findall(text)
    assert any("hl.discover(" in cell for cell in cells)
    for output in ("data:image", "{glue}", "cell_output", "<svg", "```{image}"):
        assert output not in text
    assert "Now you" in text, "a tutorial ends with what the reader can try"
    assert "Look" in text, "a tutorial says what to look at"


def test_no_executed_notebook_or_picture_of_one_is_kept():
    kept = {path for path in DOCS.rglob("*") if "_build" not in path.parts and path.is_file()}
    assert not [path for path in kept if path.suffix == ".ipynb"]
    assert not [path for path in kept if path.suffix in (".png", ".svg")
                and path.parent != DOCS / "images"]  # fmt: skip


def test_the_reference_has_every_public_name_once():
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    named = re.findall(r"^\.\. auto(?:function|class|exception):: (\w+)$", page, re.MULTILINE)
    assert sorted(named) == sorted(hl.__all__)


def test_the_site_s_lock_agrees_with_the_other_and_names_no_host():
    both = {
        name: (ROOT / name).read_text() for name in ("requirements.lock", "requirements-docs.lock")
    }
    for text in both.values():
        assert "://" not in text
        assert not re.search(r"^--?(index|extra-index|find-links)", text, re.MULTILINE)
    main, site = (
        {(name, where.strip()): version for name, version, where in _PIN.findall(text)}
        for text in both.values()
    )
    assert {name for name, _ in site} >= {"sphinx", "myst-nb", "pydata-sphinx-theme", "ipykernel"}
    shared = set(main) & set(site)
    assert "numpy" in {name for name, _ in shared}
    assert {key: main[key] for key in shared} == {key: site[key] for key in shared}
    assert not {name for name, _ in main} & {"sphinx", "myst-nb"}, "a first search needs no Sphinx"


def test_links_that_lead_somewhere_are_no_faults(helper, tmp_path):
    check = helper("check_links")
    (tmp_path / "picture.png").write_bytes(b"")
    written(tmp_path, {
        "one.html": '<h2 id="here">Here</h2><a href="#here">a</a> <a href="two.html#%C3%A9">b</a>'
        '<a href="https://elsewhere.example/x">c</a> <img alt="what" src="picture.png?v=1">',
        "two.html": '<p id="é"><a href="./one.html">d</a></p>',
    })  # fmt: skip
    assert list(check.faults(tmp_path)) == []
    assert check.main([str(tmp_path)]) == 0


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="three.html">a</a>', "points to three.html, which is not there"),
        ('<a href="one.html#there">a</a>', "points to one.html#there, which is not there"),
        ('<a href="#there">a</a>', "points to #there, which is not there"),
        ('<img alt="a" src="lost.png">', "points to lost.png, which is not there"),
        ('<script src="https://cdn.example/x.js"></script>', "from elsewhere"),
        ('<link rel="stylesheet" href="//cdn.example/x.css">', "from elsewhere"),
        ('<img src="data:image/png;base64,AA">', "without words"),
    ],
)
def test_a_link_that_leads_nowhere_and_a_file_from_elsewhere_are_faults(
    body, fault, helper, tmp_path, capsys
):
    check = helper("check_links")
    written(tmp_path, {"one.html": body})
    (said,) = check.faults(tmp_path)
    assert said.startswith("one.html ")
    assert said.endswith(fault) or fault in said
    assert check.main([str(tmp_path)]) == 1
    assert said in capsys.readouterr().err


def test_a_style_sheet_that_needs_the_network_is_a_fault(helper, tmp_path):
    written(tmp_path, {"one.html": ""})
    (tmp_path / "own.css").write_text("a { background: url('dot.png') } b { mask: url(data:x) }")
    (tmp_path / "far.css").write_text('@import "https://fonts.example/css";')
    assert list(helper("check_links").faults(tmp_path)) == [
        "far.css loads https://fonts.example/css from elsewhere"
    ]


def test_a_folder_without_pages_is_a_fault(helper, tmp_path):
    (said,) = helper("check_links").faults(tmp_path)
    assert "holds no page" in said


def test_links_to_the_top_of_the_project_become_pages_of_the_site(helper):
    turned = helper("pages_in_git").of_the_site
    assert turned("[a](../CONTRIBUTING.md#part)") == "[a](contributing.md#part)"
    assert turned("[a](../../CHANGELOG.md)", depth=1) == "[a](../changes.md)"
    assert turned("[a](docs/formats.md#csv)") == "[a](formats.md#csv)"
    assert (
        turned("[a](settings.md) `../CONTRIBUTING.md`") == "[a](settings.md) `../CONTRIBUTING.md`"
    )


def test_indented_lines_of_a_docstring_are_announced_as_code(helper):
    announced = helper("plain_docstrings").announced
    equation = ["A law:", "", "    y'' = -y", "    z' = |y|", "", "Behind |y| and `|x|`."]
    assert announced(equation) == [
        "A law:", "", "::", "", "    y'' = -y", "    z' = |y|", "", r"Behind \|y\| and `|x|`.",
    ]  # fmt: skip
    items = ["- `x`: a grid,", "  of sites.", "", "    more of it", "", "Done."]
    assert announced(items) == items
