"""Names of terms as a reader sees them: ψ″ for psi'', V ψ for V*psi, ρ³ for rho**3, V₁ for V1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hiddenlaw.report.values import superscript, typeset

_GREEK: dict[str, str] = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "upsilon": "υ",
    "phi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
}
_PRIMES = {1: "′", 2: "″", 3: "‴"}
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_FILE = re.compile(r"([^\s'\"(\[]*\w\.[A-Za-z][A-Za-z0-9]{0,7}(?=[\s,;:)\]'\"?!…]|\.(?:\s|$)|$))")
_SYMBOL = re.compile(r"(?<![A-Za-z0-9_])([A-Za-z][A-Za-z0-9_]*)('*)")


def pretty(text: str) -> str:
    """A term or a whole equation in Unicode: ψ″ = V ψ − 0.37 ψ."""
    text = re.sub(r"\*\*(\d+)", lambda power: superscript(power[1]), text)
    text = _SYMBOL.sub(lambda found: _symbol(found[1]) + _prime(len(found[2])), text)
    return typeset(text.replace("*", " ")).replace("-", "−")


def prose(text: str) -> str:
    """A sentence with its Greek names, primes, powers and products typeset; words stay words, and
    files are called what they are called.
    """
    return "".join(
        part if place % 2 else _typeset_words(part) for place, part in enumerate(_FILE.split(text))
    )


def _typeset_words(text: str) -> str:
    text = re.sub(r"\*\*(\d+)", lambda power: superscript(power[1]), text)
    text = _SYMBOL.sub(
        lambda found: _symbol(found[1]) + _prime(len(found[2])) if found[1] in _GREEK else found[0],
        text,
    )
    return re.sub(r"(?<=[\w)′″‴²³])\*(?=[\w(])", " ", text)


def mathtext(name: str) -> str:
    """A single name, such as psi'', for Matplotlib: italic where it is one letter."""
    base = name.rstrip("'")
    found = re.fullmatch(r"([A-Za-z]+?)_?(\d*)", base)
    stem, index = (found[1], found[2]) if found else (base, "")
    if stem in _GREEK:
        symbol = f"\\{stem}"
    elif len(stem) == 1:
        symbol = stem
    else:
        symbol = "\\mathrm{" + stem.replace("_", "\\_").replace("$", "") + "}"
    return f"${symbol}{f'_{{{index}}}' if index else ''}{name[len(base) :]}$"


def unit_of(units: Mapping[str, Any] | None, *path: str) -> str:
    """The unit at `path` of a nested table, typeset (nm^2 as nm²); empty where there is none."""
    found: object = units
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    if not isinstance(found, str):
        return ""
    return re.sub(r"(?:\^|\*\*)([-−]?\d+)", lambda power: superscript(power[1]), found)


def axis_label(name: str, units: Mapping[str, str] | None) -> str:
    """`name` with its unit, for an axis: ρ (1/nm)."""
    unit = unit_of(units, name).replace("$", r"\$")
    return f"{mathtext(name)} ({unit})" if unit else mathtext(name)


def verbatim(text: str) -> str:
    """Any text for Matplotlib, so that a dollar sign in it starts no formula."""
    return text.replace("$", r"\$")


def _symbol(name: str) -> str:
    found = re.fullmatch(r"([A-Za-z]+?)_?(\d*)", name)
    if not found or (found[1] not in _GREEK and len(found[1]) > 1):
        return name
    return _GREEK.get(found[1], found[1]) + found[2].translate(_SUBSCRIPTS)


def _prime(count: int) -> str:
    return _PRIMES.get(count, "′" * count) if count else ""
