"""A law in C99, its expressions by SymPy's code generation."""

from __future__ import annotations

from typing import Any

from hiddenlaw.theory.export.in_python import _starts_at_first, about
from hiddenlaw.theory.export.stepping import Stepping, stepping_of
from hiddenlaw.theory.export.tableau import INNER_ROWS, NODE_VALUES, OUTER_ROW

_EXPONENTIAL = """
static void exponential(double m[D][D], double result[D][D])
{
    double norm = 0, product[D][D];
    int halvings = 0;
    for (int r = 0; r < D; r++) {
        double sum = 0;
        for (int c = 0; c < D; c++) sum += fabs(m[r][c]);
        if (sum > norm) norm = sum;
    }
    while (norm > 0.25 && halvings < 1000) { norm /= 2; halvings++; }
    for (int r = 0; r < D; r++)
        for (int c = 0; c < D; c++) { m[r][c] = ldexp(m[r][c], -halvings); result[r][c] = r == c; }
    for (int order = 16; order > 0; order--) {
        for (int r = 0; r < D; r++)
            for (int c = 0; c < D; c++) {
                product[r][c] = 0;
                for (int k = 0; k < D; k++) product[r][c] += m[r][k] * result[k][c];
            }
        for (int r = 0; r < D; r++)
            for (int c = 0; c < D; c++) result[r][c] = (r == c) + product[r][c] / order;
    }
    for (; halvings > 0; halvings--) {
        for (int r = 0; r < D; r++)
            for (int c = 0; c < D; c++) {
                product[r][c] = 0;
                for (int k = 0; k < D; k++) product[r][c] += result[r][k] * result[k][c];
            }
        memcpy(result, product, sizeof product);
    }
}
"""


def c_source(theory: Any) -> str:
    """`law_rate`, `law_step`, `law_read`, `law_run`; `law_start` where runs share their start."""
    found = stepping_of(theory)
    head = "\n".join(f" * {line}" for line in about(theory, found))
    sizes = {"D": len(found.state), "INPUTS": len(found.input), "SHOWN": len(found.shown),
             "RESPONSES": len(found.read)}  # fmt: skip
    parts = [
        f"/* {head[3:]}\n */",
        "#include <math.h>\n#include <string.h>",
        "\n".join(f"#define {name} {size}" for name, size in sizes.items()),
    ]
    if found.start is not None:
        parts.append(f"const double law_start[D] = {_numbers(found.start.tolist())};")
    parts.append(
        "/* dz/dx of a state under an input. */\n"
        + _function(
            "law_rate",
            "const double *z, const double *u, double *out",
            found.rate,
            _names(found, "u"),
        )
    )
    parts.append("/* The state behind one cell, in place. */\n" + _step(found))
    parts.append(
        "/* The responses. */\n"
        + _function("law_read", "const double *z, double *out", found.read, _names(found, None))
    )
    still = "i > 0" if found.varies and _starts_at_first(theory) else "1"
    parts.append(
        "/* Along a run: shown (sites, SHOWN), z from start to end, y (sites, RESPONSES). */\n"
        "void law_run(int sites, const double *shown, double *z, double *y)\n{\n"
        "    for (int i = 0; i < sites; i++) {\n"
        f"        if ({still}) law_step(z, shown + i * SHOWN);\n"
        "        law_read(z, y + i * RESPONSES);\n    }\n}\n"
    )
    return "\n\n".join(parts)


def _names(found: Stepping, other: str | None) -> dict[Any, str]:
    """What symbols are called in C."""
    names = {symbol: f"z[{k}]" for k, symbol in enumerate(found.state)}
    symbols = {"u": found.input, "shown": found.shown}.get(other or "", [])
    return names | {symbol: f"{other}[{k}]" for k, symbol in enumerate(symbols)}


def _function(name: str, arguments: str, expressions: list[Any], names: dict[Any, str]) -> str:
    return f"void {name}({arguments})\n{{\n{_assigned(expressions, names, 'out[{}]')}\n}}"


def _assigned(expressions: list[Any], names: dict[Any, str], place: str) -> str:
    import sympy

    called = {symbol: sympy.Symbol(name) for symbol, name in names.items()}
    shared, plain = sympy.cse(expressions)
    lines = [
        f"    const double {sympy.ccode(value.subs(called), assign_to=str(symbol))}"
        for symbol, value in shared
    ]
    lines += [
        f"    {sympy.ccode(sympy.sympify(value).subs(called), assign_to=place.format(k))}"
        for k, value in enumerate(plain)
    ]
    return "\n".join(lines)


def _numbers(values: Any) -> str:
    if isinstance(values, list):
        return "{" + ", ".join(map(_numbers, values)) + "}"
    return repr(float(values))


def _step(found: Stepping) -> str:
    names = _names(found, "shown")
    if found.kind == "map":
        body = _assigned(found.over_cell, names, "after[{}]")
        return (
            "void law_step(double *z, const double *shown)\n{\n    double after[D];\n"
            f"{body}\n    memcpy(z, after, sizeof after);\n}}"
        )
    if found.kind == "matrix":
        d = len(found.state)
        entries = [found.over_cell[k // d, k % d] for k in range(d * d)]
        body = _assigned(entries, names, "m[{}]").replace("m[", "flat[")
        return _EXPONENTIAL.strip() + (
            "\n\nvoid law_step(double *z, const double *shown)\n{\n"
            "    double m[D][D], result[D][D], after[D], *flat = &m[0][0];\n"
            f"{body}\n    exponential(m, result);\n"
            "    for (int r = 0; r < D; r++) {\n        after[r] = 0;\n"
            "        for (int c = 0; c < D; c++) after[r] += result[r][c] * z[c];\n    }\n"
            "    memcpy(z, after, sizeof after);\n}"
        )
    return _rates(found)


def _rates(found: Stepping) -> str:
    n, limits = found.substeps, found.limits
    inner = [row + [0.0] * (6 - len(row)) for row in INNER_ROWS]
    tables = f"    static const double nodes[6] = {_numbers(NODE_VALUES)};\n"
    tables += f"    static const double outer[6] = {_numbers(OUTER_ROW)};\n"
    tables += f"    static const double inner[6][6] = {_numbers(inner)};\n"
    clip_state = clip_shown = ""
    if limits is not None:
        tables += f"    static const double low[D + SHOWN] = {_numbers(limits[:, 0].tolist())};\n"
        tables += f"    static const double high[D + SHOWN] = {_numbers(limits[:, 1].tolist())};\n"
        clip_state = "at[r] = fmin(fmax(at[r], low[r]), high[r]);\n"
        clip_shown = "v[c] = fmin(fmax(v[c], low[D + c]), high[D + c]);"
    here = (
        "u[0] = (v[0] + v[1]) / 2 + sqrt(3.0) * (v[1] - v[0]) * place;"
        if found.varies
        else "for (int c = 0; c < INPUTS; c++) u[c] = v[c];"
    )
    return (
        "void law_step(double *z, const double *shown)\n{\n"
        f"{tables}"
        "    double v[SHOWN], u[INPUTS], at[D], k[6][D];\n"
        f"    for (int c = 0; c < SHOWN; c++) {{ v[c] = shown[c]; {clip_shown} }}\n"
        f"    for (int part = 0; part < {n}; part++) {{\n"
        "        for (int i = 0; i < 6; i++) {\n"
        f"            double place = (part + nodes[i]) / {n} - 0.5;\n            (void)place;\n"
        f"            {here}\n"
        "            for (int r = 0; r < D; r++) {\n"
        "                at[r] = z[r];\n"
        "                for (int j = 0; j < i; j++) at[r] += inner[i][j] * k[j][r];\n"
        f"                {clip_state}            }}\n"
        "            law_rate(at, u, k[i]);\n"
        f"            for (int r = 0; r < D; r++) k[i][r] *= {found.dx!r} / {n};\n        }}\n"
        "        for (int i = 0; i < 6; i++)\n"
        "            for (int r = 0; r < D; r++) z[r] += outer[i] * k[i][r];\n    }\n}"
    )
