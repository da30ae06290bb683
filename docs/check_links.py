"""Whether the links of a built site lead somewhere, and whether its pages are whole by themselves.

    python docs/check_links.py [FOLDER]

Every link and picture within the site has to be a file there, every anchor an id of its page.
Scripts, style sheets, fonts and pictures from elsewhere are faults as well: the site is read
without a network. Links to other sites are not followed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

BUILT = Path(__file__).parent / "_build" / "html"
_LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
_OF_STYLES = re.compile(r"(?:url\(\s*|@import\s+)[\"']?(?!data:|#)([^\"')\s;]+)")


class Page(HTMLParser):
    """What a page points to, what it loads, and the ids that it has."""

    def __init__(self, text: str):
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.nameless: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if given.get(_LOADED.get(tag, "")) and given.get("rel") not in ("canonical", "alternate"):
            self.loaded.append(given[_LOADED[tag]])
        if tag == "img" and not given.get("alt"):
            self.nameless.append(given.get("src", "")[:60])


def faults(folder: Path) -> Iterator[str]:
    """One line for each fault, the page first."""
    pages = {path: Page(path.read_text("utf-8")) for path in _pages_in(folder)}
    if not pages:
        yield f"{folder} holds no page; build the site first"
    for path, page in pages.items():
        name = path.relative_to(folder)
        for target in page.loaded:
            if not target.startswith("data:") and urlsplit(target).netloc:
                yield f"{name} loads {target} from elsewhere"
        for target in (*page.links, *page.loaded):
            if not _leads_somewhere(target, path, pages):
                yield f"{name} points to {target}, which is not there"
        for picture in page.nameless:
            yield f"{name} shows {picture} without words for those who cannot see it"
    for path in sorted(folder.rglob("*.css")):
        for target in _OF_STYLES.findall(path.read_text("utf-8")):
            if urlsplit(target).netloc:
                yield f"{path.relative_to(folder)} loads {target} from elsewhere"


def _pages_in(folder: Path) -> list[Path]:
    """All but templates that a theme leaves beside its styles."""
    return [path for path in sorted(folder.rglob("*.html")) if "_static" not in path.parts]


def _leads_somewhere(target: str, path: Path, pages: dict[Path, Page]) -> bool:
    """Whether a link from the page at `path` is of another site, or of a place in this one."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return True
    there = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
    known = {place.resolve(): page for place, page in pages.items()}
    if there not in known:
        return there.is_file()
    return not parts.fragment or unquote(parts.fragment) in known[there].ids


def main(arguments: list[str]) -> int:
    found = list(faults(Path(arguments[0]) if arguments else BUILT))
    for fault in found:
        print(fault, file=sys.stderr)
    print(f"links: {len(found)} faults" if found else "links: all lead somewhere")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
