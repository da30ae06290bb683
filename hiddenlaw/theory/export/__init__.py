"""A theory as text for other programs: SymPy, Python, C, LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hiddenlaw.errors import SettingsError
from hiddenlaw.theory.export.in_c import c_source
from hiddenlaw.theory.export.in_python import python_source
from hiddenlaw.theory.export.in_sympy import latex_source, sympy_source

LANGUAGES: dict[str, Callable[[Any], str]] = {
    "sympy": sympy_source,
    "python": python_source,
    "c": c_source,
    "latex": latex_source,
}


def written(theory: Any, language: str) -> str:
    """The theory in one of `LANGUAGES`. Raises `SettingsError` and `LawError`."""
    if language not in LANGUAGES:
        raise SettingsError(f"no language {language!r}; a law is written in {', '.join(LANGUAGES)}")
    return LANGUAGES[language](theory)
