"""A law as a Python program that needs nothing but NumPy."""

from __future__ import annotations

from typing import Any

from hiddenlaw.theory.export.stepping import Stepping, stepping_of
from hiddenlaw.theory.export.tableau import INNER_ROWS, NODE_VALUES, OUTER_ROW

_EXPONENTIAL = """
def _exponential(matrix):
    halvings = max(0, int(np.ceil(np.log2(max(np.abs(matrix).sum(1).max(), 1e-300)))) + 2)
    scaled, result = matrix / 2.0**halvings, np.eye(len(matrix))
    for order in range(16, 0, -1):
        result = np.eye(len(matrix)) + scaled @ result / order
    for _ in range(halvings):
        result = result @ result
    return result
"""


def python_source(theory: Any) -> str:
    """`rate(z, u)`, `step(z, shown)`, `read(z)`, `run(shown, z)`; `START` where runs share it."""
    found = stepping_of(theory)
    parts = [_head(theory, found), _function("rate", found.rate, found, "u")]
    parts.append(_step(found))
    parts.append(_function("read", found.read, found, None))
    still = "i > 0" if found.varies and _starts_at_first(theory) else "True"
    parts.append(
        "def run(shown, z=START):\n"
        '    """The responses (site, response) to what the cells of one run are shown."""\n'
        "    answers = []\n"
        "    for i, here in enumerate(np.asarray(shown, float).reshape(len(shown), -1)):\n"
        f"        z = step(z, here) if {still} else np.asarray(z, float)\n"
        "        answers.append(read(z))\n"
        "    return np.array(answers)\n"
    )
    return "\n\n".join(parts)


def _starts_at_first(theory: Any) -> bool:
    from hiddenlaw.holds import hold_called

    return hold_called(theory.hold).varies


def about(theory: Any, found: Stepping) -> list[str]:
    """What a reader of the code should know."""
    said = [f"{theory.equation}", f"dx = {found.dx!r}, hold {theory.hold}"]
    if found.varies:
        said.append("A cell is shown the input at its two Gauss points, 1/2 -+ sqrt(3)/6 of it.")
    if any(theory.dead_time):
        times = ", ".join(f"{time:.9g}" for time in theory.dead_time)
        said.append(f"The input acts late, by {times}: show cells what acts there.")
    if not theory.instrument.perfect:
        said.append("The law alone: what the instrument does to input and response is not in it.")
    if found.start is None:
        said.append("Every run starts from a state of its own: give it.")
    return said


def _head(theory: Any, found: Stepping) -> str:
    start = "None" if found.start is None else f"np.array({found.start.tolist()!r})"
    body = "\n".join(about(theory, found))
    return f'"""{body}\n"""\n\nimport numpy as np\n\nDX = {found.dx!r}\nSTART = {start}\n'


def _function(name: str, expressions: list[Any], found: Stepping, other: str | None) -> str:
    import sympy

    shared, plain = sympy.cse(expressions)
    lines = [f"def {name}(z{f', {other}' if other else ''}):"]
    lines.append(f"    {', '.join(map(str, found.state))}, = z")
    if other:
        symbols = found.input if other == "u" else found.shown
        lines.append(f"    {', '.join(map(str, symbols))}, = np.atleast_1d({other})")
    lines += [f"    {symbol} = {_written(value)}" for symbol, value in shared]
    lines.append(f"    return np.array([{', '.join(_written(value) for value in plain)}])\n")
    return "\n".join(lines)


def _written(value: Any) -> str:
    import sympy

    return str(sympy.pycode(value, fully_qualified_modules=False))


def _step(found: Stepping) -> str:
    if found.kind == "map":
        return _function("step", found.over_cell, found, "shown")
    if found.kind == "matrix":
        d = len(found.state)
        entries = _function("_exponent", list(found.over_cell), found, "shown")
        entries = entries.replace("return np.array([", "return np.reshape([").replace(
            "])\n", f"], ({d}, {d}))\n"
        )
        step = "def step(z, shown):\n    return _exponential(_exponent(z, shown)) @ z\n"
        return "\n\n".join([_EXPONENTIAL.strip() + "\n", entries, step])
    lines = [
        "def step(z, shown):",
        "    z, shown = np.asarray(z, float), np.asarray(shown, float)",
    ]
    if found.limits is not None:
        low, high = (found.limits[:, k].tolist() for k in (0, 1))
        d = len(found.state)
        lines += [
            f"    low, high = np.array({low!r}), np.array({high!r})",
            f"    shown = np.clip(shown, low[{d}:], high[{d}:])",
        ]
    clip = "np.clip({}, low[:len(z)], high[:len(z)])" if found.limits is not None else "{}"
    here = (
        "(shown[0] + shown[1]) / 2 + np.sqrt(3) * (shown[1] - shown[0]) * place"
        if found.varies
        else "shown"
    )
    n = found.substeps
    lines += [
        f"    nodes, outer = {NODE_VALUES!r}, {OUTER_ROW!r}",
        f"    inner = {INNER_ROWS!r}",
        f"    for part in range({n}):",
        "        k = []",
        "        for i in range(6):",
        "            place = (part + nodes[i]) / " + f"{n} - 0.5",
        "            at = z + sum((a * b for a, b in zip(inner[i], k)), np.zeros(len(z)))",
        f"            k.append(DX / {n} * rate({clip.format('at')}, {here}))",
        "        z = z + sum(a * b for a, b in zip(outer, k))",
        "    return z\n",
    ]
    return "\n".join(lines)
