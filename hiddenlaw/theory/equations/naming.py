"""Names of terms, in text and LaTeX: psi, V*psi, V'*rho, V**2*psi.

Factors in alphabetical order joined by `*`, powers as `**n`, derivatives by primes, the constant
as `1`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda",
    "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
_DIGITS = 6

ONE = "1"
"""The name of the constant, as a term and as a variable."""


def derivative(name: str, order: int) -> str:
    """rho, rho', rho'', …"""
    return name + "'" * order


def without_primes(name: str) -> tuple[str, int]:
    """The inverse of `derivative`."""
    base = name.rstrip("'")
    return base, len(name) - len(base)


def term_name(factors: Iterable[str]) -> str:
    """The name of a product; repeated factors become powers, and a factor 1 says nothing."""
    counts = Counter(name for name in factors if name != ONE)
    parts = [name if n == 1 else f"{name}**{n}" for name, n in sorted(counts.items())]
    return "*".join(parts) or ONE


def product(powers: Sequence[int], inputs: Sequence[str], state: Iterable[str]) -> str:
    """The name of V^powers times variables of the state."""
    factors = [name for name, power in zip(inputs, powers, strict=True) for _ in range(power)]
    return term_name([*factors, *state])


def factors_of(term: str) -> list[tuple[str, int]]:
    """The inverse of `term_name`: (factor, power) in order; nothing for the constant."""
    if term == ONE:
        return []
    parts = []
    for part in term.replace("**", "^").split("*"):
        name, _, power = part.partition("^")
        parts.append((name, int(power or 1)))
    return parts


def latex_name(name: str) -> str:
    """ψ″ from psi'', V₁ from V1, Temp from Temp."""
    base, order = without_primes(name)
    stem = base.rstrip("0123456789")
    index = base[len(stem) :]
    stem = stem.rstrip("_")
    if stem.lower() in _GREEK:
        symbol = "\\" + stem
    elif len(stem) == 1:
        symbol = stem
    else:
        symbol = "\\mathrm{" + stem.replace("_", "\\_") + "}"
    return derivative(symbol + (f"_{{{index}}}" if index else ""), order)


def latex_term(term: str) -> str:
    """A product in LaTeX; empty for the constant."""
    pieces = []
    for name, power in factors_of(term):
        symbol = latex_name(name)
        if power > 1:
            symbol = (f"({symbol})" if "'" in name else symbol) + f"^{{{power}}}"
        pieces.append(symbol)
    return "\\,".join(pieces)


def rounded(value: float, stderr: float = 0.0) -> str:
    """As many digits as the error leaves certain, six at most; without exponent where possible."""
    if value == 0:
        return "0"
    certain = _DIGITS
    if stderr > 0:
        certain = 1 + math.floor(math.log10(abs(value))) - math.floor(math.log10(stderr))
        certain = min(max(certain, 1), _DIGITS)
    written = f"{value:.{certain}g}"
    if "e" in written and 1e-4 <= abs(value) < 1e6:
        written = f"{float(written):g}"
    return written


def with_error(value: float, stderr: float | None, unit: str = "") -> str:
    """`0.370 ± 0.002 1/m²`: as many digits as the standard error leaves certain, and the unit.

    Without an error where that is 0, or not known.
    """
    error = stderr if stderr is not None and math.isfinite(stderr) else 0.0
    reach = f" ± {error:.1g}" if error else ""
    return f"{rounded(value, error)}{reach}{f' {unit}' if unit else ''}"


def latex_number(digits: str) -> str:
    """2e-07 as a product with a power of ten."""
    if "e" not in digits:
        return digits
    mantissa, power = digits.split("e")
    return f"{mantissa}\\cdot 10^{{{int(power)}}}"
