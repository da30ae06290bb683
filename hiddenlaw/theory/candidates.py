"""Which widths become theories: what each class of decoder chose, confirmed on measured responses.

The bottleneck compares reconstructions of hidden states, and a width that reconstructs well may yet
predict badly, or one that looks poor on short noisy pieces well. So every theory is asked to
predict held-out runs as well as the translator it came from, and its neighbours in width where it
does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from hiddenlaw.distiller.bottleneck import Bottleneck
from hiddenlaw.distiller.dimension import Choice, choose_dimension
from hiddenlaw.distiller.distillation import encoder_check
from hiddenlaw.law import Shown
from hiddenlaw.readouts import Linear
from hiddenlaw.settings import Settings
from hiddenlaw.theory.beginnings import Runs
from hiddenlaw.theory.derive import derive_theory
from hiddenlaw.theory.fits.refit import Data
from hiddenlaw.theory.fits.thrift import is_misfit
from hiddenlaw.theory.judgement import EncoderCheck
from hiddenlaw.theory.ranking import (
    as_good_as_translator,
    error_of,
    floor_of,
    rank,
    with_errors,
)
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.progress import Progress
from hiddenlaw.training.watching import keeps
from hiddenlaw.translator.translation import Translation

_HALF = 0.5  # of what is left
_CLEARLY = 0.8  # of the same: less by no mere luck
_WORTHLESS = 0.9  # of the variance
_LITTLE = 0.01  # of the variance: left by a law that may not be given up for an unknown one
_KNOWN = 2.0  # standard errors: a coefficient that is told from none
_HARDLY = 1e-6  # of the variance: what that is beside an exact theory
_PLAUSIBLE = 0.1  # of the variance: what a width must reconstruct to be asked for its theory


def choose_dimensions(bottleneck: Bottleneck, chosen: Settings, junk: float) -> dict[str, Choice]:
    """The width of every class of decoder: what was asked for, or where its loss jumps.

    `junk` is the loss that counts as nothing lost.
    """
    if chosen.dimension is not None:
        return dict.fromkeys(bottleneck.decoders(), Choice(chosen.dimension, "asked for"))
    return {name: choose_dimension(bottleneck.of(name), junk) for name in bottleneck.decoders()}


def worth(richer: Theory, plainer: Theory, *, fits: bool = True) -> bool:
    """Whether a theory of more variables explains so much more that it is worth its numbers.

    Significance alone buys nothing: on long records anything is significant. Each further variable
    has to halve what is left of unseen samples. It may bring as many constants as a law of its own
    has, one for the state, one for each input and one for the surroundings; those beyond have to
    halve it, too, unless all is explained to rounding. So a misfit that dozens of numbers soak up
    makes no law. A theory of no more constants is richer in variables alone, and where it `fits`,
    leaving what looks like noise, it has to be better clearly and no more (three poles explain what
    two poles and a zero do not).

    Nor is a law that leaves little given up for one whose numbers the data do not tell: it predicts
    such data, and says nothing of others.
    """
    if error_of(plainer) <= _LITTLE and is_known(plainer) and not is_known(richer):
        return False
    further = richer.dimension - plainer.dimension
    constants = richer.statement.parameters - plainer.statement.parameters
    if constants <= 0 and fits and _clearly_better(richer, plainer):
        return True
    beyond = max(constants - further * (2 + len(richer.low)), 0)
    left, floor = error_of(richer), floor_of(richer)
    if left <= floor:
        beyond = 0
    return max(left, floor) <= _HALF ** (further + beyond) * error_of(plainer)


def _clearly_better(ours: Theory, theirs: Theory) -> bool:
    """Whether less is left of unseen samples, and the criterion of the refits says so, too."""
    fit, other = ours.statement.fit, theirs.statement.fit
    if fit is None or other is None or error_of(ours) > _CLEARLY * error_of(theirs):
        return False
    return bool(fit.criterion < other.criterion_of(fit.independent))


def is_known(theory: Theory) -> bool:
    """Whether the data tell most of a law's coefficients from none, and most of what is read off it
    (a gain may be unknown although each coefficient is not); so where errors are not known.

    Those that are as they are by definition have no error.
    """
    rows = theory.statement.system.terms.values()
    terms = [(term.value, term.stderr) for row in rows for term in row.values()]
    read = [(reading.value, reading.stderr) for reading in theory.statement.readings]
    return all(_mostly_known(values) for values in (terms, read))


def _mostly_known(values: Iterable[tuple[float, float | None]]) -> bool:
    sizes = [abs(value) / stderr for value, stderr in values if stderr]
    return not sizes or float(np.median(sizes)) > _KNOWN


@dataclass(frozen=True)
class Theories:
    """What theories are derived from: widths that were swept, and the translator's runs."""

    bottleneck: Bottleneck
    translation: Translation
    runs: Runs
    chosen: Settings
    _derived: dict[tuple[str, int], Theory] = field(default_factory=dict, compare=False)

    def derive(self, choices: dict[str, Choice], progress: Progress) -> tuple[Theory, ...]:
        """The theory of each decoder class that explains anything, most parsimonious first.

        None where all leave nine tenths of held-out runs: that is no law.
        """
        progress.start("theory", len(choices))
        found: list[Theory] = []
        in_pieces = self.runs.preparation.in_pieces
        # Where runs have constants a linear basis may turn with these, and squares come first.
        for name in sorted(choices, key=lambda name: (name == Linear.name) == in_pieces):
            width = choices[name].dimension
            if width is None:
                continue
            idle = self._idle(found, name, width)
            if idle is None:
                try:
                    theory = self._narrower(name, width) if in_pieces else None
                    theory = theory or self._thriftier(name, self._or_wider(name, choices[name]))
                except KeyboardInterrupt:
                    if found and keeps(progress, f"the theory of {name} decoders"):
                        break
                    raise
                found.append(theory)
                idle = theory.equation
            progress.advance("theory", idle)
        explaining = [theory for theory in found if error_of(theory) < _WORTHLESS]
        return tuple(rank(explaining, self.translation.heldout))

    def _idle(self, found: list[Theory], decoder: str, width: int) -> str | None:
        """Why a theory of this class would add nothing to those there are; None if it might."""
        good = [theory for theory in found if as_good_as_translator(theory)]
        if self.runs.preparation.in_pieces:
            fewer = any(theory.dimension < width for theory in good)
            return f"{decoder}: a theory of fewer variables is there" if fewer else None
        # Its own readout would be a linear one, with squares of no meaning beside it.
        linear = any(t.readout == Linear.name and t.dimension <= width for t in good)
        if decoder != Linear.name and linear:
            return f"{decoder}: no fewer variables than a linear readout"
        return None

    def _narrower(self, decoder: str, width: int) -> Theory | None:
        """A theory of fewer variables than `width` that predicts as its translator does, if any.

        Short pieces of noisy runs say little of where they start, and narrow widths look worse than
        they are; the measured response knows.
        """
        for distillation in self.bottleneck.of(decoder):
            d = distillation.dimension
            if d >= width or distillation.heldout_loss[distillation.best] > _PLAUSIBLE:
                continue
            reason = f"{d} predict the measured response as well as the translator, after the refit"
            theory = self._theory(decoder, Choice(d, reason))
            if as_good_as_translator(theory):
                return theory
        return None

    def _thriftier(self, decoder: str, theory: Theory) -> Theory:
        """The fewest variables beyond which a theory would not be worth its numbers (`worth`)."""
        if self.chosen.dimension is not None:
            return theory
        best: Theory | None = None
        # What is exact is not given up for a width that does not even reconstruct.
        exact = error_of(theory) <= floor_of(theory)
        plausible = _HARDLY if exact else _PLAUSIBLE
        for distillation in self.bottleneck.of(decoder):
            d, loss = distillation.dimension, distillation.heldout_loss[distillation.best]
            if d > theory.dimension or (d < theory.dimension and loss > plausible):
                continue
            reason = f"further variables do not halve what {d} leave of unseen samples"
            trial = theory if d == theory.dimension else self._theory(decoder, Choice(d, reason))
            if best is None or worth(trial, best, fits=self._fits(trial)):
                best = trial
        return best or theory

    def _or_wider(self, decoder: str, choice: Choice) -> Theory:
        """The theory of this width, or the first wider one that is confirmed.

        Where none is, the widest of those that are worth their numbers.
        """
        theory = self._theory(decoder, choice)
        assert choice.dimension is not None
        wider, best = choice.dimension + 1, theory
        reason = f"{choice.dimension} reconstruct as well, but predict the response worse"
        while not as_good_as_translator(theory):
            if (wider, decoder) not in self.bottleneck.distillations:
                return best
            theory = self._theory(decoder, Choice(wider, reason))
            best = theory if worth(theory, best, fits=self._fits(theory)) else best
            wider += 1
        return theory

    def _fits(self, theory: Theory) -> bool:
        """Whether what it leaves of the runs that it was fitted to may be noise."""
        there, fit, starts = self.runs.from_zero, theory.statement.fit, theory.law.preparation
        if fit is None or (starts.per_run and starts.count != there.data.runs):
            return True
        shown = Shown.measured(there.data, theory.law.scale)
        return not is_misfit(theory.law, fit.loss, Data(shown, reached=self.runs.reached))

    def _theory(self, decoder: str, choice: Choice) -> Theory:
        """The theory of one width and class, with all that is said of it; derived once."""
        assert choice.dimension is not None
        known = self._derived.get((decoder, choice.dimension))
        if known is not None:
            return known.judged(reason=choice.reason)
        distillation = self.bottleneck.distillations[choice.dimension, decoder]
        pieces = self.runs.preparation.in_pieces
        theory = derive_theory(
            distillation.distiller,
            decoder,
            self.runs,
            others=distillation.others if pieces else distillation.distinct,
            bootstrap=self.chosen.bootstrap,
            seed=self.chosen.seed,
        )
        best = distillation.best
        encoder = encoder_check(distillation.distiller, self.bottleneck.heldout)
        theory = theory.judged(
            reason=choice.reason,
            reconstruction_loss=float(distillation.heldout_loss[best]),
            encoder=EncoderCheck(*encoder, float(distillation.train_loss[best])),
        )
        theory = with_errors(theory, self.translation.fit, self.translation.heldout)
        self._derived[decoder, choice.dimension] = theory
        return theory
