"""How each response reads the state, as an equation."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from hiddenlaw.theory.equations.naming import term_name
from hiddenlaw.theory.equations.term import Equations, Term
from hiddenlaw.theory.equations.written import WrittenLaw


def readout_law(
    responses: tuple[str, ...],
    names: Sequence[str],
    features: Sequence[tuple[int, ...]],
    weights: Float[np.ndarray, "feature response"],
    errors: Float[np.ndarray, "feature response"],
    units: Float[np.ndarray, " d"],
    scale: float,
) -> WrittenLaw:
    """Each response as a sum of features of the state; weights that are zero are left out.

    A feature is the product of the state variables that it lists, () the constant. `weights` and
    their standard `errors` are those of the response over `scale`, for state variables over their
    `units`. The scale of the state is convention and fixes one weight.
    """
    rows: Equations = {}
    for output, response in enumerate(responses):
        rows[response] = {}
        for index, feature in enumerate(features):
            if weights[index, output]:
                factor = scale / np.prod([units[k] for k in feature])
                value, error = weights[index, output] * factor, errors[index, output] * factor
                name = term_name(names[k] for k in feature)
                rows[response][name] = Term(float(value), float(error))
    return WrittenLaw.of(rows)
