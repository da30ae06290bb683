"""Reading an equation such as psi'' = (V - E)*psi, without ever running it.

Python's own grammar is borrowed for the right-hand side (`ast.parse` builds a tree and executes
nothing); only sums, products, quotients, powers, names with primes and numbers are let through, and
an input that acts late, u(t - tau).
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hiddenlaw.errors import LawError
from hiddenlaw.theory.equations.naming import derivative

if TYPE_CHECKING:
    import sympy as sp

_PRIMED = re.compile(r"([A-Za-z][A-Za-z0-9_]*)('+)")
_LEFT = re.compile(r"([A-Za-z][A-Za-z0-9_]*)('*)")
_LONGEST, _LARGEST_POWER = 2000, 16
_MOST_TERMS, _MOST_BITS = 10_000, 4096
_OPERATIONS: dict[type[ast.operator], Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True)
class Late:
    """What was written `input`(`at` - `by`): an input that acts late by a constant or a number."""

    input: str
    at: str
    by: str | float

    @property
    def name(self) -> str:
        """What its symbol is called."""
        by = self.by if isinstance(self.by, str) else f"{self.by:g}"
        return f"{self.input}({self.at} - {by})"


@dataclass(frozen=True)
class ParsedEquation:
    """`name` differentiated `order` times equals `right`, in symbols called as they are written.

    `late`: the inputs in it that act late.
    """

    name: str
    order: int
    right: sp.Expr
    late: tuple[Late, ...] = ()

    @property
    def left(self) -> str:
        return derivative(self.name, self.order)


def symbol(name: str) -> sp.Symbol:
    """The symbol of a name, primes included."""
    import sympy as sp

    return sp.Symbol(name)


def parse_equation(text: str) -> ParsedEquation:
    """The equation that `text` says. Raises `LawError` naming what cannot be read."""
    if len(text) > _LONGEST:
        raise LawError(f"the equation has {len(text)} characters; at most {_LONGEST} are read")
    left, equals, right = text.partition("=")
    if not equals or "=" in right:
        raise LawError(f"{text!r} is no equation; write one such as psi'' = (V - E)*psi")
    match = _LEFT.fullmatch(left.strip())
    if not match:
        raise LawError(f"the left side {left.strip()!r} is no name with primes, such as psi''")
    reading = _Reading(right.strip())
    expression = _parse_expression(reading)
    return ParsedEquation(match[1], len(match[2]), expression, tuple(reading.late.values()))


@dataclass(frozen=True)
class _Reading:
    """The text that is read, the names with primes by their stand-ins, and inputs that are late."""

    text: str
    primes: dict[str, str] = field(default_factory=dict)
    late: dict[str, Late] = field(default_factory=dict)


def _parse_expression(reading: _Reading) -> sp.Expr:
    import sympy as sp

    text, primes = reading.text, reading.primes

    def stand_in(match: re.Match) -> str:
        name = f"{match[1]}__d{len(match[2])}"
        primes[name] = match[0]
        return name

    try:
        tree = ast.parse(_PRIMED.sub(stand_in, text), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise LawError(f"cannot read {text!r}; write products with * and powers with **") from None
    try:
        expression = _walk(tree, reading)
        if _terms(expression) > _MOST_TERMS:
            raise LawError(f"{text!r} has too many terms when multiplied out")
        expression = sp.expand(expression)
    except RecursionError:
        raise LawError(f"cannot read {text!r}: too deep") from None
    if expression.has(sp.zoo, sp.nan, sp.oo):
        raise LawError(f"{text!r} divides by zero")
    return expression


def _walk(node: ast.AST, reading: _Reading) -> sp.Expr:
    """The expression of a tree."""
    text = reading.text
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return _number(value)
        case ast.Name(id=name):
            return symbol(reading.primes.get(name, name))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_walk(operand, reading)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _walk(operand, reading)
        case ast.BinOp(left=a, op=ast.Pow(), right=b):
            return _power(_walk(a, reading), _walk(b, reading), text)
        case ast.BinOp(left=a, op=operation, right=b) if type(operation) in _OPERATIONS:
            apply = _OPERATIONS[type(operation)]
            return apply(_walk(a, reading), _walk(b, reading))
        case ast.BinOp(op=ast.BitXor()):
            raise LawError(f"write ** for powers, not ^, in {text!r}")
        case ast.Call():
            late = _late(node, reading)
            reading.late[late.name] = late
            return symbol(late.name)
    raise LawError(f"cannot read {text!r}; only + - * / ** names and numbers are understood")


def _late(node: ast.Call, reading: _Reading) -> Late:
    """The input that is written with its dead time; no other function is read."""
    match node:
        case ast.Call(
            func=ast.Name(id=name),
            args=[ast.BinOp(left=ast.Name(id=at), op=ast.Sub(), right=ast.Name(id=by))],
            keywords=[],
        ) if not {name, at, by} & reading.primes.keys():
            return Late(name, at, by)
        case ast.Call(
            func=ast.Name(id=name),
            args=[ast.BinOp(ast.Name(id=at), ast.Sub(), ast.Constant(int() | float() as by))],
            keywords=[],
        ) if not {name, at} & reading.primes.keys() and not isinstance(by, bool) and by < math.inf:
            return Late(name, at, float(by))
    raise LawError(
        f"functions cannot be read in {reading.text!r}; write a polynomial, and an input that acts "
        "late as u(t - tau)"
    )


def _number(value: int | float) -> sp.Expr:
    import sympy as sp

    return sp.Float(value) if isinstance(value, float) else sp.Integer(value)


def _power(base: sp.Expr, power: sp.Expr, text: str) -> sp.Expr:
    if not power.is_Integer or abs(int(power)) > _LARGEST_POWER:
        raise LawError(f"powers in {text!r} must be whole numbers up to {_LARGEST_POWER}")
    if base.is_Integer and int(base).bit_length() * abs(int(power)) > _MOST_BITS:
        raise LawError(f"a number in {text!r} is too large")
    return base**power


def _terms(expression: sp.Basic) -> int:
    """At most how many terms the expression has when multiplied out, told without doing so."""
    import sympy as sp

    if isinstance(expression, sp.Add):
        return sum(_terms(part) for part in expression.args)
    if isinstance(expression, sp.Mul):
        return math.prod(_terms(part) for part in expression.args)
    if isinstance(expression, sp.Pow):
        base, exponent = expression.args
        power = abs(int(exponent))  # `_walk` lets no other through
        return math.comb(_terms(base) + power - 1, power)
    return 1
