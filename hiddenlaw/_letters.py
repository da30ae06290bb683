"""Greek letters and signs in plain ones, for a console or a file that cannot show them.

ψ becomes psi, ψ″ psi'', V² V**2: the names by which the program itself calls them.
"""

from __future__ import annotations

import codecs
import sys
import unicodedata

PLAIN = "hiddenlaw.plain"
"""The name of the handler of encoding errors that does this."""

_SIGNS = {
    "′": "'", "″": "''", "‴": "'''", "−": "-", "–": "-", "—": "-", "×": "x", "±": "+/-", "·": "*",
    "…": "...", "•": "*", "→": "->", "≤": "<=", "≥": ">=", "≈": "~", "ħ": "hbar", "‘": "'",
    "’": "'", "“": '"', "”": '"', "│": "|", "─": "-",
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_GREEK = "GREEK SMALL LETTER ", "GREEK CAPITAL LETTER "


def plain(text: str) -> str:
    """`text` in ASCII; a question mark for what has no plain form."""
    said, raised = [], False
    for letter in text:
        digit = letter.translate(_SUPERSCRIPTS)
        said.append(_plain(letter) if digit == letter else digit if raised else f"**{digit}")
        raised = digit != letter
    return "".join(said)


def as_shown(text: str) -> str:
    """`text` as standard output can show it: itself, or with plain letters for what it cannot."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        return text.encode(encoding, PLAIN).decode(encoding)
    except (LookupError, UnicodeError):
        return text


def _plain(letter: str) -> str:
    if letter.isascii():
        return letter
    if letter in _SIGNS:
        return _SIGNS[letter]
    name = unicodedata.name(letter, "")
    if name.startswith(_GREEK):
        spelt = name.rpartition(" ")[2].lower()
        spelt = {"lamda": "lambda"}.get(spelt, spelt)
        return spelt if name.startswith(_GREEK[0]) else spelt.capitalize()
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode("ascii") or "?"


def _replace(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    return plain(problem.object[problem.start : problem.end]), problem.end


codecs.register_error(PLAIN, _replace)
