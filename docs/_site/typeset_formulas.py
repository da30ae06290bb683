"""Formulas of the pages as drawings, typeset by ziamath as in a report: no script, no network."""

from __future__ import annotations

import html
import re
from itertools import count
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util import logging

from hiddenlaw.report.formulas import typeset_latex

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_log = logging.getLogger(__name__)
_numbers = count(1)  # glyphs get ids that no other formula of a page has


def _drawn(node: Any) -> str:
    """A formula as SVG; a warning, and its LaTeX, where ziamath does not understand it."""
    latex = node.astext()
    svg = typeset_latex(latex)
    if svg is None:
        _log.warning("ziamath does not understand %s", latex, location=node)
        return f"<code>{html.escape(latex)}</code>"
    prefix = f"m{next(_numbers)}-"
    svg = re.sub(r'(id="|href="#)', rf"\g<1>{prefix}", svg)
    label = html.escape(latex, quote=True)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def _inline(writer: Any, node: Any) -> None:
    writer.body.append(f'<span class="formula">{_drawn(node)}</span>')
    raise nodes.SkipNode


def _display(writer: Any, node: Any) -> None:
    writer.body.append(f'<div class="formula">{_drawn(node)}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("ziamath", (_inline, None), (_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
