"""Which widths become theories: what each class of decoder chose, confirmed on measured responses.

The bottleneck compares reconstructions of hidden states, and a width that reconstructs well may yet
predict badly, or one that looks poor on short noisy pieces well. So every theory is asked to
predict held-out runs as well as the translator it came from, and its neighbours in width where it
does not.
"""

from dataclasses import dataclass

from hiddenlaw.distiller.bottleneck import Bottleneck
from hiddenlaw.distiller.dimension import Choice, choose_dimension
from hiddenlaw.distiller.distiller import encoder_check
from hiddenlaw.settings import Settings
from hiddenlaw.theory.derive import Before, derive_theory
from hiddenlaw.theory.ranking import attach_errors, confirmed, rank
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.progress import Progress
from hiddenlaw.translator.translation import Translation

_PLAUSIBLE = 0.1  # of the variance: what a width must reconstruct to be asked for its theory


def choose_dimensions(bottleneck: Bottleneck, chosen: Settings, junk: float) -> dict[str, Choice]:
    """The width of every class of decoder: what was asked for, or where its loss jumps.

    `junk` is the loss that counts as nothing lost.
    """
    if chosen.dimension is not None:
        return dict.fromkeys(bottleneck.decoders(), Choice(chosen.dimension, "asked for"))
    return {name: choose_dimension(bottleneck.of(name), junk) for name in bottleneck.decoders()}


@dataclass(frozen=True)
class Theories:
    """What theories are derived from: widths that were swept, and the translator's runs.

    `before` are the hidden coordinates in which every training run starts where these differ.
    """

    bottleneck: Bottleneck
    translation: Translation
    before: Before
    chosen: Settings

    def derive(self, choices: dict[str, Choice], progress: Progress) -> tuple[Theory, ...]:
        """The theory of each decoder class that explains anything, most parsimonious first."""
        progress.start("theory", len(choices))
        found: list[Theory] = []
        constants = bool(self.chosen.run_constants)
        # Where runs have constants a linear basis may turn with these, and squares come first.
        for name in sorted(choices, key=lambda name: (name == "linear") == constants):
            width = choices[name].dimension
            if width is None:
                continue
            if constants and any(_needs_fewer(theory, width) for theory in found):
                progress.advance("theory", f"{name}: a theory of fewer variables is there")
            elif name != "linear" and any(_says_it_all(theory, width) for theory in found):
                # Its own readout would be the same one, with squares of no meaning beside it.
                progress.advance("theory", f"{name}: no fewer variables than a linear readout")
            else:
                theory = self._narrower(name, width) if constants else None
                theory = theory or self._or_wider(name, choices[name])
                found.append(theory)
                progress.advance("theory", theory.equation)
        return tuple(rank(found, self.translation.heldout))

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
            if _as_good(theory):
                return theory
        return None

    def _or_wider(self, decoder: str, choice: Choice) -> Theory:
        """The theory of this width, or of the next where only that one is confirmed."""
        theory = self._theory(decoder, choice)
        assert choice.dimension is not None
        wider = choice.dimension + 1
        if _as_good(theory) or (wider, decoder) not in self.bottleneck.distillations:
            return theory
        reason = f"{choice.dimension} reconstruct as well, but predict the response worse"
        trial = self._theory(decoder, Choice(wider, reason))
        return trial if _as_good(trial) else theory

    def _theory(self, decoder: str, choice: Choice) -> Theory:
        """The theory of one width and class, with all that is said of it."""
        assert choice.dimension is not None
        fit, heldout = self.translation.fit, self.translation.heldout
        distillation = self.bottleneck.distillations[choice.dimension, decoder]
        theory = derive_theory(
            distillation.distiller,
            decoder,
            self.translation.train,
            heldout.judged,
            others=distillation.others if self.chosen.run_constants else (),
            before=self.before,
            bootstrap=self.chosen.bootstrap,
            seed=self.chosen.seed,
        )
        encoder = encoder_check(distillation.distiller, self.bottleneck.heldout)
        theory.record["reason"] = choice.reason
        theory.record["reconstruction_loss"] = float(distillation.heldout_loss[distillation.best])
        theory.record["encoder"] = encoder | {
            "train_loss": float(distillation.train_loss[distillation.best])
        }
        attach_errors(theory, heldout)
        theory.record["confirmed"] = confirmed(theory, fit, heldout)
        return theory


def _as_good(theory: Theory) -> bool:
    """Whether this theory predicts as its translator does."""
    return theory.record["confirmed"]["as_good"]


def _needs_fewer(theory: Theory, dimension: int) -> bool:
    return theory.dimension < dimension and _as_good(theory)


def _says_it_all(theory: Theory, dimension: int) -> bool:
    """Whether this is a linear theory of no more variables that predicts as its translator does."""
    return theory.readout == "linear" and theory.dimension <= dimension and _as_good(theory)
