"""Small laws with random everything, in every combination of cell, readout and preparation."""

import numpy as np
from toy_kinds import LeakyCell, Waves

from hiddenlaw.cells import GeneratorCell, GRUCell, MagnusCell, TaylorCell
from hiddenlaw.holds import applied
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Context, Own, RunConstants, Shared
from hiddenlaw.readouts import Linear, Neural, Quadratic
from hiddenlaw.training.least_squares import LeastSquares

RUNS, SITES, D, OUTPUTS = 5, 7, 2, 2
OWNER = np.array([0, 0, 1, 2, 2])
LOW, HIGH, MOST = -2.0, 1.5, 1.0  # of the input, and of constants

# What cells are made for, given the channels of the input and the constants behind them.
CELLS = {
    "generator": GeneratorCell,
    "magnus": MagnusCell,
    "taylor": TaylorCell,
    "gru": GRUCell,
    "leaky": LeakyCell,
}
READOUTS = {kind.name: kind for kind in (Linear, Quadratic, Neural, Waves)}
HELD = (None, 0.7)


def shared(rng):
    return Shared(rng.normal(size=D))


def own(rng):
    return Own(rng.normal(size=(RUNS, D)))


def constants(rng, *offset_of):
    values = rng.uniform(-MOST, MOST, (int(OWNER.max()) + 1, len(offset_of)))
    return RunConstants(rng.normal(size=(RUNS, D)), values, offset_of)


PREPARATIONS = {
    "shared": shared,
    "shared, one held": lambda rng: shared(rng).holding(HELD),
    "own": own,
    "own, one held": lambda rng: own(rng).holding(HELD),
    "context": lambda rng: Context(rng.normal(size=(RUNS, D))),
    "a constant as channel": lambda rng: constants(rng, None),
    "a constant as offset": lambda rng: constants(rng, 0),
    "both, one held": lambda rng: constants(rng, 0, None).holding(HELD),
}
# Only generators know what an offset does to what they are shown.
GENERATORS = "generator", "magnus"
OFFSETS = "a constant as offset", "both, one held"
COMBINATIONS = [
    (cell, preparation)
    for cell in CELLS
    for preparation in PREPARATIONS
    if cell in GENERATORS or preparation not in OFFSETS
]


def problem(
    cell="generator",
    readout="quadratic",
    preparation="shared",
    *,
    outputs=OUTPUTS,
    weightings=1,
    seed=7,
    gentle=1.0,
):
    """The law and what it is shown; two windows of one run where runs have constants."""
    # The inputs are the same whatever the rest is, so that the oracle is compiled once a cell.
    inputs, rng = np.random.default_rng(seed), np.random.default_rng(seed + 1)
    values = inputs.uniform(LOW, HIGH, (RUNS, SITES, 1))
    shown = applied(values, "cubic" if cell == "magnus" else "zero")
    begun = PREPARATIONS[preparation](rng)
    made = CELLS[cell].random(D, begun.span(shown.span), rng=rng)
    made = made.with_parameters(gentle * np.asarray(made.parameters))
    read = READOUTS[readout]
    blank = read.blank(D, outputs, rng=rng)
    blank = blank.with_weights(rng.normal(size=blank.weights.shape))
    target = rng.normal(size=(RUNS, SITES, outputs))
    weight = rng.uniform(0.2, 2.0, (RUNS, SITES, weightings))
    weight[1, 3] = 0.0
    owner = OWNER if begun.constants.size else None
    return Law(begun, made, blank, np.ones(outputs)), Shown.of(shown.values, target, weight, owner)


def at_itself(law, shown, free, **options):
    """The misfit of the law at its own numbers."""
    asked = LeastSquares(law, shown, free, **options)
    return asked.at(asked.start())


def assembled(equations):
    """Gradient and matrix in all numbers, from the blocks of an arrow."""
    gradient, matrix = np.zeros(equations.size), np.zeros((equations.size,) * 2)
    dense, own = equations.dense, equations.own
    gradient[dense] = equations.gradient
    matrix[np.ix_(dense, dense)] = equations.matrix
    for run in range(len(own.gradient) if own else 0):
        mine = np.append(own.starts[run], own.constants[own.owner[run]])
        gradient[mine] += own.gradient[run]
        matrix[np.ix_(mine, mine)] += own.matrix[run]
        matrix[np.ix_(mine, dense)] += own.cross[run]
        matrix[np.ix_(dense, mine)] += own.cross[run].T
    return gradient, matrix
