"""Which dimension: by held-out loss over runs, never by significance alone.

A wider latent state fits the translator's junk, significantly. Per decoder class, with e_d the
held-out reconstruction loss relative to the variance and e_0 = 1, the dimension is the smallest d
with e_d − e_best ≤ max(2 standard errors over runs, 0.01 (e_{d−1} − e_d), junk, 1e-12), where junk
is what the translator's own fit to noise leaves in its hidden states. The standard
errors count only for a width that at least halves the loss, and only while the best width does not
halve what this one leaves, run by run and beyond luck: where few heavy runs carry the variance they
are so wide that a width which explains nothing would pass.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hiddenlaw.distiller.distillation import Distillation
from hiddenlaw.translator.luck import chance_that_no_better, luck

_WORTHLESS = 0.9  # of the variance: a distiller that explains less explains nothing
_HALF = 0.5  # of the loss: what matters, whatever the standard errors


@dataclass(frozen=True)
class Choice:
    """The dimension of one decoder class (None where no width explains the response) and why."""

    dimension: int | None
    reason: str


def choose_dimension(distillations: list[Distillation], junk: float = 0.0) -> Choice:
    """Apply the rule to the distillations of one class, narrowest first."""
    losses = [min(float(d.heldout_loss[d.best]), 1.0) for d in distillations]
    best = int(np.argmin(losses))
    if losses[best] > _WORTHLESS:
        widest = distillations[-1].dimension
        return Choice(
            None, f"no width up to {widest} reconstructs more than a tenth of the variance"
        )
    by_run = [d.heldout_by_run[d.best] for d in distillations]
    for index, distillation in enumerate(distillations):
        before = losses[index - 1] if index else 1.0
        drop = before - losses[index]
        paired = by_run[index] - by_run[best]
        standard_error = float(np.std(paired) / np.sqrt(len(paired)))
        excess = losses[index] - losses[best]
        halves = losses[index] <= _HALF * before and not _halved(by_run[index], by_run[best])
        noise = 2 * standard_error if halves else 0.0
        if excess <= max(noise, 0.01 * drop, junk, 1e-12):
            jump = before / max(losses[index], 1e-300)
            return Choice(
                distillation.dimension,
                f"the loss falls {jump:.1e}-fold at d = {distillation.dimension}, to "
                f"{losses[index]:.1e} of the variance, and gains nothing that matters beyond",
            )
    raise AssertionError("the best width satisfies its own criterion")


def _halved(own: Float[np.ndarray, " run"], best: Float[np.ndarray, " run"]) -> bool:
    """Whether the best leaves less than half, on more runs than luck explains."""
    return chance_that_no_better(best, _HALF * own) <= luck(len(own))
