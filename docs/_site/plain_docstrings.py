"""Docstrings as they are written here: plain text whose indented lines are code or equations.

reStructuredText takes indented lines for a quotation unless a double colon announces them, and |y|
for a name to be replaced. Both are put right here, so that a docstring reads well in an editor.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_CODE = re.compile(r"(`[^`]*`)")
_ITEM = re.compile(r"\s*(-|\d+\.) ")


def announced(lines: list[str]) -> list[str]:
    """The lines, with `::` before those that are indented behind a paragraph."""
    made: list[str] = []
    inside = item = False
    for number, line in enumerate(lines):
        indented = line.startswith("    ")
        if line and not indented:
            inside, item = False, bool(_ITEM.match(line)) or (item and line.startswith(" "))
        starts = indented and not inside and not item and number and not lines[number - 1]
        if starts:
            made += ["::", ""]
            inside = True
        made.append(line if inside else _barred(line))
    return made


def _barred(line: str) -> str:
    """The line with its bars as they are, but for code."""
    return "".join(
        part if part.startswith("`") else part.replace("|", "\\|") for part in _CODE.split(line)
    )


def _processed(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    lines[:] = announced(lines)


def _named(
    app: Sphinx, what: str, name: str, obj: object, options: object, signature: str, returned: str
) -> tuple[str, str]:
    """The signature with NumPy's ArrayLike by its name, not as all that it stands for."""
    from numpy.typing import ArrayLike
    from sphinx.util.typing import stringify_annotation

    written = stringify_annotation(ArrayLike, "smart")
    return tuple(part and part.replace(written, "ArrayLike") for part in (signature, returned))  # type: ignore[return-value]


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-signature", _named)
    app.connect("autodoc-process-docstring", _processed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
