"""Pages that are read in git as well: their links to files outside docs/ become links of the site.

README, CONTRIBUTING and CHANGELOG lie at the top of the project, where a reader of the repository
looks for them. The last two are pages of the site, too; other files are named without a link.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PAGES = {
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changes.md",
    "README.md": "index.md",
}
_UP = re.compile(r"\]\((?:\.\./)+(" + "|".join(map(re.escape, PAGES)) + r")(#[\w-]+)?\)")
_DOWN = re.compile(r"\]\(docs/([\w/-]+\.\w+)(#[\w-]+)?\)")


def of_the_site(text: str, depth: int = 0) -> str:
    """The text of a page `depth` folders below docs/, with links that lead to pages of the site."""
    up = "../" * depth
    text = _UP.sub(lambda found: f"]({up}{PAGES[found[1]]}{found[2] or ''})", text)
    return _DOWN.sub(lambda found: f"]({up}{found[1]}{found[2] or ''})", text)


def _read(app: Sphinx, name: str, source: list[str]) -> None:
    source[0] = of_the_site(source[0], name.count("/"))


def _included(app: Sphinx, path: object, parent: str, source: list[str]) -> None:
    source[0] = of_the_site(source[0], parent.count("/"))


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("source-read", _read)
    app.connect("include-read", _included)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
