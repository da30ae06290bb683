"""Names of terms, in text and LaTeX: psi, V*psi, V'*rho, V**2*psi.

Factors in alphabetical order joined by `*`, powers as `**n`, derivatives by primes, the constant
as `1`.
"""

from collections import Counter
from collections.abc import Iterable

_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda",
    "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip


ONE = "1"
"""The name of the constant, as a term and as a variable."""


def derivative(name: str, order: int) -> str:
    """rho, rho', rho'', …"""
    return name + "'" * order


def term_name(factors: Iterable[str]) -> str:
    """The name of a product; repeated factors become powers, and a factor 1 says nothing."""
    counts = Counter(name for name in factors if name != ONE)
    parts = [name if n == 1 else f"{name}**{n}" for name, n in sorted(counts.items())]
    return "*".join(parts) or ONE


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
    base = name.rstrip("'")
    primes = "'" * (len(name) - len(base))
    stem = base.rstrip("0123456789")
    index = base[len(stem) :]
    stem = stem.rstrip("_")
    if stem.lower() in _GREEK:
        symbol = "\\" + stem
    elif len(stem) == 1:
        symbol = stem
    else:
        symbol = "\\mathrm{" + stem.replace("_", "\\_") + "}"
    return symbol + (f"_{{{index}}}" if index else "") + primes


def latex_term(term: str) -> str:
    """A product in LaTeX; empty for the constant."""
    pieces = []
    for name, power in factors_of(term):
        symbol = latex_name(name)
        if power > 1:
            symbol = (f"({symbol})" if "'" in name else symbol) + f"^{{{power}}}"
        pieces.append(symbol)
    return "\\,".join(pieces)


def number(value: float, stderr: float = 0.0) -> str:
    """As many digits as the error leaves certain, six at most; without exponent where possible."""
    if value == 0:
        return "0"
    import math

    certain = 6
    if stderr > 0:
        certain = 1 + math.floor(math.log10(abs(value))) - math.floor(math.log10(stderr))
        certain = min(max(certain, 1), 6)
    text = f"{value:.{certain}g}"
    if "e" in text and 1e-4 <= abs(value) < 1e6:
        text = f"{float(text):g}"
    return text


def equation(
    left: str, terms: dict[str, tuple[float, float]], *, latex: bool = False, head: str = ""
) -> str:
    """left = Σ value·term, in the order given; coefficients that round to 1 are not written.

    `terms` maps a term to its value and standard error; `head` is a first term without coefficient.
    """
    minus, dot = " - ", "\\," if latex else "*"
    parts = [("", latex_term(head) if latex else head)] if head else []
    for term, (value, stderr) in terms.items():
        digits = number(abs(value), stderr)
        if latex and "e" in digits:
            mantissa, power = digits.split("e")
            digits = f"{mantissa}\\cdot 10^{{{int(power)}}}"
        name = "" if term == "1" else (latex_term(term) if latex else term)
        body = digits if not name else (name if digits == "1" else f"{digits}{dot}{name}")
        parts.append((minus if value < 0 else " + ", body))
    right = "".join(sign + body for sign, body in parts) or "0"
    right = right.removeprefix(" + ")
    if right.startswith(minus):
        right = "-" + right[len(minus) :]
    return f"{latex_name(left) if latex else left} = {right}"
