"""Plain sentences as HTML."""

from __future__ import annotations

import html
from collections.abc import Iterable

from hiddenlaw.report.names import prose
from hiddenlaw.report.values import typeset


def escaped(text: str) -> str:
    """Text with its numbers and Greek names typeset; whatever it holds, it starts no tag."""
    return html.escape(prose(typeset(text)))


def paragraph(text: str) -> str:
    return f"<p>{escaped(text)}</p>"


def sentence(text: str, stop: str = ".") -> str:
    """With a capital, unless it starts with a name such as psi, and a full stop."""
    first = text.split(" ", 1)[0].rstrip(",:;")
    if first.isalpha() and prose(first) == first and len(first) > 1:
        text = text[:1].upper() + text[1:]
    return text if not stop or text.endswith((".", "!", "?")) else text + stop


def bullets(sentences: Iterable[str]) -> list[str]:
    """A list of sentences; nothing where there is none."""
    items = "".join(f"<li>{escaped(sentence(text))}</li>" for text in sentences)
    return [f"<ul>{items}</ul>"] if items else []


def labelled(lines: Iterable[tuple[str, str]]) -> str:
    """Labels with what they stand for, both as HTML."""
    entries = (f"<dt>{label}</dt><dd>{content}</dd>" for label, content in lines)
    return f"<dl>{''.join(entries)}</dl>"
