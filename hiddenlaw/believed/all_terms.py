"""What laws with all terms leave: the noise by which one that is not linear in its state is judged.

The law with all terms of the believed one's order and degree contains it. Where what that leaves
remembers what was before, the one of one more order is asked, too. Whichever leaves less says how
large the noise is at most.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hiddenlaw.believed.fit import FittedConstants
from hiddenlaw.believed.noise import Noise
from hiddenlaw.believed.polynomial_fit import fit_polynomial
from hiddenlaw.believed.polynomial_law import PolynomialLaw
from hiddenlaw.cells.monomials import exponents_up_to
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError, TrainingError
from hiddenlaw.readouts import Quadratic

_DEGREE = 3  # at least
_ENOUGH = 4  # samples for each number


def left_by_all_terms(
    system: PolynomialLaw,
    fit: FittedConstants,
    data: Dataset,
    column: int,
    seed: int,
    initial_state: str,
) -> Noise:
    """The noise of that response. Raises `DataError` where it has too few samples to tell."""
    samples, told = int(data.observed[:, :, column].sum()), []
    for more in (0, 1):
        law, begun = _with_all_terms(system, fit, more)
        if samples < _ENOUGH * (len(law.terms) + data.runs * law.dimension):
            continue
        try:
            found = fit_polynomial(law, data, column, seed, initial_state, None, begun)
        except TrainingError:
            continue
        left = found.residuals[np.isfinite(found.residuals)]
        freedom = left.size - found.numbers
        told.append((float(np.sqrt(np.sum(left**2) / freedom)), float(freedom)))
        if found.inflation == 1.0:  # nothing is left that remembers what was before
            break
    if not told:
        raise DataError(
            f"{samples} samples are too few to tell the noise by laws with all terms; give "
            "response_error"
        )
    deviation, judged = min(told)
    everywhere = np.full(data.response.shape[:2], deviation)
    return Noise(everywhere, "left by laws with all terms", judged)


def _with_all_terms(
    system: PolynomialLaw, fit: FittedConstants, more: int
) -> tuple[PolynomialLaw, dict[str, float] | None]:
    """The law of so many more orders, and where it is the one that was fitted, if it can be."""
    import sympy as sp

    values = {name: value for name, (value, _) in fit.constants.items()}
    known = [(sp.Symbol(name), value) for name, value in values.items()]
    there = {powers: float(each.subs(known)) for powers, each in system.terms}  # type: ignore[arg-type]
    n, d = system.dimension, system.dimension + more
    state = max((sum(powers[:n]) for powers in there), default=1)
    inputs = len(system.terms[0][0]) - n if system.terms else 1
    pushed = max((sum(powers[n:]) for powers in there), default=1)
    total = max(_DEGREE, *(sum(powers) for powers in there), 1)
    every = [
        powers
        for powers in exponents_up_to(total, d + inputs)
        if sum(powers[:d]) <= max(state, _DEGREE) and sum(powers[d:]) <= max(pushed, 1)
    ]
    names = [f"all{k:03d}" for k in range(len(every))]
    features, wider = Quadratic.names_of_features(n), Quadratic.names_of_features(d)
    weights = tuple(
        (wider.index(features[k]), sp.Float(each.subs(known)))  # type: ignore[arg-type]
        for k, each in system.weights
    )
    terms = tuple(zip(every, map(sp.Symbol, names), strict=True))
    law = replace(system, dimension=d, terms=terms, weights=weights, constants=tuple(names))
    if more:
        return law, None
    return law, {name: there.get(powers, 0.0) for name, powers in zip(names, every, strict=True)}
