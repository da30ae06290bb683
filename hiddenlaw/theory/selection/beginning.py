"""Where a search begins: a law with nothing but what is linear in the state, or a narrower law."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hiddenlaw.cells import Coefficient, DrivenCell, PolynomialCell
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import AbstractPreparation, Own
from hiddenlaw.readouts import Linear, Quadratic, readout_class
from hiddenlaw.theory.gauges.observability import Observability
from hiddenlaw.theory.selection.forms import Form, chain
from hiddenlaw.theory.selection.placing import span_of
from hiddenlaw.translator.realization import realization

Place = tuple[int, ...]
Key = tuple[Place, Place]  # variables and powers of the inputs

_FORGETS = 0.5  # a site: how fast a wider law forgets where its last variable began


def nothing_moves(
    dimension: int,
    span: Span,
    form: Form,
    readout: str,
    scale: np.ndarray,
    kind: type[AbstractPreparation],
    runs: int,
) -> Law:
    """z_i′ = z_{i+1}, and the linear terms of the `form` at zero."""
    channels = len(span.low)
    cell = PolynomialCell.empty(dimension, span).offering(*chain(dimension, channels))
    cell = replace(cell.with_parameters(np.ones(dimension - 1)), clip=None, substeps=1)
    cell = cell.offering(*form.linear.offered(dimension, channels))
    numbers = np.zeros((runs, dimension) if kind.per_run else dimension)
    preparation = kind(numbers)  # type: ignore[call-arg]  # a start and nothing else
    return Law(preparation, cell, _reading(dimension, readout), scale)


def realized(nothing: Law, shown: Shown, form: Form) -> Law | None:
    """The driven law that linear algebra reads off the samples, in observability coordinates.

    None where it has no answer, and where squares are read.
    """
    d, cell = nothing.dimension, nothing.cell
    assert isinstance(cell, PolynomialCell)
    if not isinstance(nothing.readout, Linear):
        return None
    span = span_of(cell)
    driven = DrivenCell.random(d, span, rng=np.random.default_rng(0))
    driven = realization(driven, shown)
    if driven is None:
        return None
    starts = Own(np.zeros((shown.runs, d)))
    law = Law(starts, driven.with_span(span), nothing.readout, nothing.scale)
    gauged = next(Observability().fix(law, shown), None)
    if gauged is None:
        return None
    found = PolynomialCell.of(gauged.law.cell.terms(1.0), d, span)  # type: ignore[attr-defined]
    found = found.offering(*form.linear.offered(d, cell.channels))
    return nothing.but(cell=replace(found, clip=None, substeps=1))


def _reading(dimension: int, readout: str) -> Linear | Quadratic:
    """The first variable, or its square."""
    if readout_class(readout) is Linear:
        return Linear(np.eye(dimension)[:, :1], np.zeros(0))
    blank = Quadratic.blank(dimension, 1, rng=np.random.default_rng(0))
    weights = np.zeros_like(blank.weights)
    weights[blank.fixed()[1]] = 1.0
    return Quadratic(weights, np.zeros(0))


def widened(law: Law) -> Law:
    """The same law with one variable more: what moves the last one without the input.

    For z_d′ = f(z) + u g(z) that is w = f(z). With z_d′ = w + u g(z) it moves by
    w′ = Σ ∂f/∂z_i z_i′ − λ (w − f(z)) for any λ, and forgets at that rate where it began otherwise.
    """
    cell, d = law.cell, law.dimension
    assert isinstance(cell, PolynomialCell)
    channels, last = cell.channels, d - 1
    span = span_of(cell)
    terms = cell.terms(1.0)
    own = [each for each in terms if each.row == last and not any(each.input)]
    pushed = [each for each in terms if each.row == last and any(each.input)]
    above = [each for each in terms if each.row < last]
    nothing = (0,) * channels
    moves = {row: [each for each in above if each.row == row] for row in range(last)}
    moves[last] = [*pushed, Coefficient(last, (d,), nothing, 1.0)]
    found: dict[Key, float] = {((d,), nothing): -_FORGETS}
    for each in own:
        _add(found, each.state, each.input, _FORGETS * each.value)
        for place, variable in enumerate(each.state):
            rest = each.state[:place] + each.state[place + 1 :]
            for rate in moves[variable]:
                state = tuple(sorted((*rest, *rate.state)))
                _add(found, state, rate.input, each.value * rate.value)
    new = [Coefficient(d, state, input, value) for (state, input), value in found.items() if value]
    wide = PolynomialCell.of([*above, *moves[last], *new], d + 1, span)
    wide = replace(wide, substeps=cell.substeps, clip=None)
    starts = law.preparation.starts(law.preparation.count)
    value = sum(each.value * np.prod(starts[:, list(each.state)], axis=1) for each in own)
    starts = np.concatenate([starts, np.broadcast_to(value, len(starts))[:, None]], axis=1)
    shared = not law.preparation.per_run
    preparation = law.preparation.started(starts[0] if shared else starts)
    kind = "linear" if isinstance(law.readout, Linear) else "quadratic"
    return Law(preparation, wide, _reading(d + 1, kind), law.scale)


def _add(
    found: dict[tuple[tuple[int, ...], tuple[int, ...]], float],
    state: tuple,
    input: tuple,
    value: float,
) -> None:
    found[state, input] = found.get((state, input), 0.0) + value
