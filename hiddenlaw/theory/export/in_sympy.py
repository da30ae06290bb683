"""A law as SymPy reads it back, and in LaTeX."""

from __future__ import annotations

from typing import Any


def sympy_source(theory: Any) -> str:
    """A Python program that builds the equations."""
    import sympy

    found = theory.sympy()
    equations = found if isinstance(found, tuple) else (found,)
    names = sorted({f.func.__name__ for each in equations for f in each.atoms(sympy.Function)})
    # With 17 digits a number reads back as the same float64.
    equations = [
        each.xreplace({n: sympy.Float(float(n), 17) for n in each.atoms(sympy.Float)})
        for each in equations
    ]
    symbols = sorted({str(s) for each in equations for s in each.free_symbols})
    lines = [
        f'"""{theory.equation}"""',
        "",
        "from sympy import Derivative, Eq, Function, Symbol",
        "",
        *(f"{name} = Symbol({name!r}, real=True)" for name in symbols),
        *(f"{name} = Function({name!r})" for name in names),
        "",
        "equations = [",
        *(f"    {sympy.sstr(each, full_prec=True)}," for each in equations),
        "]",
        "",
    ]
    return "\n".join(lines)


def latex_source(theory: Any) -> str:
    """The law and how the response is read, a line each."""
    said = theory.statement
    law = [said.law.latex] if said.law else list(said.system.latex)
    return "\n".join([*law, said.readout_law.latex, ""])
