"""A translator whose runs have constants of their own: generators A + B V + Σ C_k e_k, e by run.

Multiple shooting. One pass along a run can be hopeless: in a trap |∂ρ/∂E| reaches 1e13 over 64
sites of tunnelling. So runs are first cut into short windows, each with a start of its own that is
eliminated, all windows of a run sharing its constants. The basis is the observability basis of the
response, in which A is a companion matrix; B and C begin in its last row, where laws of higher
order have them. C stays there: e would else be known only up to a change of basis that depends on
it.

Where that explains too little a variable that is constant is added, so that the last row may hold
terms free of the state: a law that is driven.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.cells import AbstractGeneratorCell, Monomials, generator_over
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import relative_error
from hiddenlaw.data.visible import noise_of
from hiddenlaw.errors import TrainingError
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import filled, layout
from hiddenlaw.preparations import RunConstants
from hiddenlaw.readouts import Linear
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.training.least_squares import LeastSquares
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt
from hiddenlaw.training.new_runs import answer_to
from hiddenlaw.training.progress import Progress
from hiddenlaw.training.windows import windowed
from hiddenlaw.translator.fit import TranslatorFit, best_fit
from hiddenlaw.translator.growth import BETTER, grown
from hiddenlaw.translator.search import joint_span, scale_of

_WINDOW = 13  # sites
_GENTLE = 0.1  # of a random last row, in units of the data's x
_RANGE = 4.0  # of e, in standard deviations: what cells are made for
_STEPS = (30, 80, 250)  # with the last rows free; with all of B; over whole runs
_NARROWEST = 2
_NOISE = 1.5  # times the variance of the noise: nothing is left to explain
_SPREAD = 1e-12  # the least deviation that constants are scaled by


@dataclass(frozen=True)
class _Shape:
    """What is trained: how many variables move, and whether one more is constant."""

    moving: int
    driven: bool

    @property
    def dimension(self) -> int:
        return self.moving + self.driven

    @property
    def held(self) -> tuple[float | None, ...]:
        return (*[None] * self.moving, 1.0) if self.driven else ()

    def free(self, terms: int, inputs: int) -> tuple[Bool[np.ndarray, "t d d"], ...]:
        """The entries of the last row alone, and with them all that the input multiplies."""
        last = np.zeros((terms, self.dimension, self.dimension), bool)
        last[:, self.moving - 1] = True
        wider = last.copy()
        wider[1 : 1 + inputs, : self.moving] = True
        return last, wider


def train_run_constants(
    train: Dataset,
    heldout: Heldout,
    *,
    count: int,
    widest: int,
    seeds: int,
    seed: int,
    progress: Progress,
) -> TranslatorFit:
    """The best translator up to `widest` hidden variables, with `count` constants of each run.

    Raises `TrainingError` where every seed diverged.
    """
    rng, scale = np.random.default_rng(seed), scale_of(train)
    outputs, span = len(scale), joint_span(train, heldout.judged)
    floor = max(ROUNDING, _NOISE * float(np.mean(noise_of(train) ** 2 / train.variance)))
    narrowest, most = max(outputs, _NARROWEST), max(widest, outputs, _NARROWEST)

    def trained(shape: _Shape) -> tuple[list[Law], float]:
        laws = [
            _trained(_begun(train, span, scale, shape, count, rng), train) for _ in range(seeds)
        ]
        errors = [relative_error(answer_to(law, heldout), heldout.judged) for law in laws]
        error = float(np.min(np.where(np.isfinite(errors), errors, np.inf)))
        what = f"{shape.moving} hidden variables" + (" and a constant" if shape.driven else "")
        progress.advance("translator", f"{what}: held-out error {error:.1e}")
        return laws, error

    widths = range(narrowest, most + 1)
    progress.start("translator", len(widths))
    laws, least = grown(lambda d: trained(_Shape(d, False)), widths, floor=floor)
    if not least < floor:
        driven, error = grown(
            lambda d: trained(_Shape(d, True)), range(max(outputs, 1), most), floor=floor
        )
        laws = driven if error < BETTER * least else laws
        least = min(least, error)
    if not np.isfinite(least):
        raise TrainingError(
            f"all {seeds} seeds diverged; try another seed, or more runs: constants of the runs "
            "are the harder the fewer there are"
        )
    progress.finish("translator", f"held-out error {least:.1e}")
    return best_fit(laws, train, heldout, seeds)


def _begun(
    train: Dataset,
    span: Span,
    scale: Float[np.ndarray, " response"],
    shape: _Shape,
    count: int,
    rng: np.random.Generator,
) -> Law:
    """A law in companion form with a gentle random last row, and random constants."""
    ends = (_RANGE,) * count
    span = Span((*span.low, *(-end for end in ends)), (*span.high, *ends), span.step)
    monomials = Monomials.spanning(span.low, span.high, 1)
    d, moving = shape.dimension, shape.moving
    matrices = np.zeros((len(monomials.exponents), d, d))
    matrices[0, :moving, :moving] = np.eye(moving, k=1)
    units = train.dx ** np.arange(moving, 0, -1)
    if shape.driven:
        units = np.append(units, train.dx**moving)
    matrices[:, moving - 1] = _GENTLE * rng.normal(size=(len(matrices), d)) * units
    cell = generator_over(matrices, monomials, span)
    readout = Linear(np.eye(d)[:, : len(scale)], np.zeros(0))
    values = rng.normal(size=(train.runs, count))
    preparation = RunConstants.beside(np.zeros((train.runs, moving)), values)
    return Law(preparation.but_held(shape.held), cell, readout, scale)


def _trained(law: Law, train: Dataset) -> Law:
    """Three stages: over short windows with few entries free, with more, and over whole runs."""
    cell = law.cell
    assert isinstance(cell, AbstractGeneratorCell)
    inputs, terms = train.input.shape[2], len(cell.monomials.exponents)
    moving = len(law.preparation.slopes.T)
    shape = _Shape(moving, moving < law.dimension)
    last, wider = shape.free(terms, inputs)
    short = windowed(train, _WINDOW, law.scale)
    whole = windowed(train, train.sites, law.scale)
    for free, shown, steps in zip((last, wider, wider), (short, short, whole), _STEPS, strict=True):
        law = _fit(_normalised(law), shown, free, steps)
    return _normalised(law)


def _fit(law: Law, shown: Shown, free: Bool[np.ndarray, "term d d"], steps: int) -> Law:
    numbers = np.zeros((shown.runs, law.preparation.numbers.shape[1]))
    law = law.but(preparation=law.preparation.with_numbers(numbers))
    mask = layout(law).mask(cell=free, constants=True)
    problem = LeastSquares(law, shown, mask, eliminate_starts=True)
    found = levenberg_marquardt(problem, problem.start(), max_steps=steps, scaled=True)
    return filled(law, found.numbers) if np.isfinite(found.loss) else law


def _normalised(law: Law) -> Law:
    """The same law with constants of mean 0 and deviation 1 that do not go together."""
    cell, e = law.cell, law.preparation.constants
    assert isinstance(cell, AbstractGeneratorCell)
    count = e.shape[1]
    mean = e.mean(axis=0)
    if not np.isfinite(e).all():
        return law
    spread = np.atleast_2d(np.cov(e.T, bias=True)) + _SPREAD**2 * np.eye(count)
    root = np.linalg.cholesky(spread)
    matrices = np.array(cell.matrices)
    of_constants = matrices[-count:]
    # The monomial of e is e over its range.
    matrices[0] += np.einsum("k,kab->ab", mean, of_constants) / _RANGE
    matrices[-count:] = np.einsum("jk,jab->kab", root, of_constants)
    values = np.linalg.solve(root, (e - mean).T).T
    preparation = law.preparation.with_constants(values)
    return law.but(cell=cell.with_matrices(matrices), preparation=preparation)
