"""A believed law with powers and products of its state, as terms with constants still open.

y^{(n)} = Σ c · Π (y^{(k)})^p_k · Π u_j^q_j in the variables z = (y, y′, …): the last row says it
all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.driven_law import is_driven
from hiddenlaw.believed.linear_law import Symbols, names_in, readout_weights
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import LawError
from hiddenlaw.theory.equations.parse import ParsedEquation

if TYPE_CHECKING:
    import sympy as sp


@dataclass(frozen=True)
class PolynomialLaw:
    """z_n′ = Σ expression · Π z_k^p_k · Π u_j^q_j.

    `terms`: (powers of state and inputs, expression in the constants); `weights` are the
    expressions of the quadratic features of z that make the response.
    """

    dimension: int
    terms: tuple[tuple[tuple[int, ...], sp.Expr], ...]
    weights: tuple[tuple[int, sp.Expr], ...]
    constants: tuple[str, ...]

    @cached_property
    def affine(self) -> bool:
        """Whether every term is a sum of the constants."""
        import sympy as sp

        return not any(
            names_in(sp.diff(expression, sp.Symbol(name)))
            for _, expression in self.terms
            for name in self.constants
        )

    @cached_property
    def squared(self) -> bool:
        """Whether the response reads squares and products of the state."""
        return any(feature > self.dimension for feature, _ in self.weights)

    @cached_property
    def reading(self) -> frozenset[str]:
        """The constants by which the response is read."""
        return frozenset(names_in(*(expression for _, expression in self.weights)))

    def input(self, data: Dataset) -> Float[np.ndarray, "run site channel"]:
        """The inputs as they are."""
        return data.input


def is_polynomial(law: ParsedEquation, inputs: Sequence[str], *, own: bool) -> bool:
    """Whether powers or products of the state stand in the law, or one that inputs both drive and
    multiply; with `own` starts also one that they multiply.

    So is what is no polynomial of the state at all: `polynomial_law` says what is wrong with it.
    """
    import sympy as sp

    if law.order < 1:
        return False
    symbols = Symbols.of(law, inputs)
    try:
        polynomial = sp.Poly(law.right, *symbols.state)
    except sp.PolynomialError:
        return True
    if polynomial.total_degree() > 1:
        return True
    primed = any("'" in name for name in names_in(*polynomial.coeffs()))
    if law.late or primed:
        return False
    names = set(inputs)
    products = any(
        sum(powers) and names_in(factor) & names for powers, factor in polynomial.terms()
    )
    return products and (own or is_driven(law))


def polynomial_law(
    law: ParsedEquation, readout: ParsedEquation, inputs: tuple[str, ...]
) -> PolynomialLaw:
    """The terms of `law` and the features of `readout`. Raises `LawError`, with the reason, where
    the law is no polynomial.
    """
    import sympy as sp

    n = law.order
    if n < 1:
        raise LawError(f"the left side {law.left} needs a prime: a law says how {law.name} changes")
    if law.late:
        raise LawError(
            f"{law.late[0].name} cannot stand beside powers and products of {law.name}; shift the "
            f"input in the data, and write {law.late[0].input}"
        )
    symbols = Symbols.of(law, inputs)
    known = (*symbols.state, *symbols.levels)
    said = ", ".join(each.name for each in known)
    primed = {name for name in names_in(law.right) if "'" in name}
    if strange := sorted(primed - {each.name for each in known}):
        raise LawError(
            f"{strange[0]} cannot stand on the right of {law.left} = …, which is not linear in "
            f"{law.name}; known are {said} and constants"
        )
    try:
        polynomial = sp.Poly(law.right, *known)
    except sp.PolynomialError:
        raise LawError(
            f"{law.left} = … must be a polynomial in {said}: sums of products of their whole "
            "powers, each times constants; nothing may be divided by them"
        ) from None
    terms = tuple((powers, factor) for powers, factor in polynomial.terms() if factor != 0)
    back = dict(zip(symbols.state, symbols.z, strict=True))
    weights = readout_weights(readout, law.name, symbols, back)
    names = names_in(*(expression for _, expression in (*terms, *weights)))
    return PolynomialLaw(n, terms, weights, tuple(sorted(names)))
