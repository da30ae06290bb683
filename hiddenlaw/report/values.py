"""Numbers as a reader sees them: with their standard error, or rounded; tiny ones in powers of ten.

A value with its error is written in the concise way of the particle and metrology tables:
0.3700000(12) is 0.3700000 ± 0.0000012. The error has one digit, or two where the first is a 1.
"""

from __future__ import annotations

import math
import re
import sys
from decimal import Decimal
from typing import Any

MISSING = "—"

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_POWER = re.compile(r"(?<=[\d)])e([-+]?\d+)")
_MINUS = re.compile(r"(?<![\w)-])-(?=[\w(∞])|(?<= )-(?= )")


def as_float(value: Any) -> float:
    """A number of a record; NaN for null and for whatever is no number."""
    if value is None or isinstance(value, bool):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def rounded(value: Any, digits: int = 2) -> str:
    """To `digits` significant digits: 0.37, 1.2e-26, 0; ∞ for what diverged and — for nothing."""
    value = as_float(value)
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    exponent = int(power)
    if -3 <= exponent < max(4, digits):
        return f"{value:.{max(digits - 1 - exponent, 0)}f}"
    return f"{mantissa}e{exponent}"


def compact(value: Any, digits: int) -> str:
    """To at most `digits` significant digits, with no zeros at the end: 0.2, 3e-9."""
    value = as_float(value)
    if not math.isfinite(value):
        return rounded(value)
    mantissa, e, power = f"{value:.{digits}g}".partition("e")
    return f"{mantissa}e{int(power)}" if e else mantissa


def with_error(value: Any, stderr: Any = None) -> str:
    """A value with its standard error, 0.3700000(12); without one, in up to eight digits.

    No more digits are written than a double holds: a smaller error is shown as that of rounding.
    """
    value, stderr = as_float(value), as_float(stderr)
    if not math.isfinite(value):
        return rounded(value)
    if math.isinf(stderr):
        return f"{rounded(value)} (error unknown)"
    if not stderr > 0:
        return compact(value, 8)
    stderr = max(stderr, abs(value) * sys.float_info.epsilon)
    place, shown = _leading(stderr)
    exponent = _exponent(max(abs(value), stderr))
    shift = 0 if -4 <= exponent < 6 and place <= 0 else exponent
    mantissa = f"{Decimal(value).scaleb(-shift):.{shift - place}f}"
    if not mantissa.strip("-0."):
        mantissa = mantissa.removeprefix("-")
    return f"{mantissa}({shown})" + (f"e{shift}" if shift else "")


def typeset(text: str) -> str:
    """The numbers in a text for print: 1.2×10⁻²⁶ instead of 1.2e-26, and true minus signs."""
    text = _POWER.sub(lambda found: "×10" + superscript(str(int(found[1]))), text)
    return _MINUS.sub("−", text)


def superscript(digits: str) -> str:
    return digits.translate(_SUPERSCRIPTS)


def _leading(stderr: float) -> tuple[int, str]:
    """The place (power of ten) of the last digit that an error shows, and its digits."""
    mantissa, power = f"{stderr:.1e}".split("e")
    if mantissa[0] == "1":
        return int(power) - 1, mantissa.replace(".", "")
    mantissa, power = f"{stderr:.0e}".split("e")
    if mantissa == "1":  # 9.6 rounds to 10: two digits again
        return int(power) - 1, "10"
    return int(power), mantissa


def _exponent(value: float) -> int:
    return int(f"{value:.16e}".split("e")[1])
