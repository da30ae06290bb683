"""What the direct sweep found of one dimension."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hiddenlaw.cells import Coefficient, PolynomialCell
from hiddenlaw.law import Law
from hiddenlaw.parameters import layout
from hiddenlaw.theory.fits.refit import Fitted
from hiddenlaw.theory.selection.centring import put_back
from hiddenlaw.theory.selection.forms import Form
from hiddenlaw.theory.selection.forward import free_numbers
from hiddenlaw.theory.selection.stated import Stated, stated
from hiddenlaw.theory.statement import Quality
from hiddenlaw.training.curriculum import ROUNDING

_HALF = 0.5  # of what is left: what each further variable has to come down to
_NEARLY = 0.9  # of the samples count: their residuals hardly know of one another


@dataclass(frozen=True, eq=False)
class Compared:
    """A form that was tried: what it leaves of the validation block, with how many terms."""

    form: Form
    error: float
    terms: int


@dataclass(frozen=True, eq=False)
class DirectFit:
    """A law of one dimension that was fitted to the response itself.

    - `centred`: the law of the response less `middle`, in observability coordinates, with the
      covariance of its numbers; `middle` is 0 but where the response is far from zero.
    - `quality`: of that fit. `fit`: the law of the response itself.
    - `form`: what was on offer, as the validation block chose it among those `compared`.
    - `validation_error`: of the law fitted without that block; `heldout_error`: of runs that no
      training saw. Both are mean squares of free runs over the variance of the response.
    - `notes`: what failed or was refused on the way.
    """

    centred: Fitted
    quality: Quality
    middle: float
    dimension: int
    readout: str
    form: Form
    compared: tuple[Compared, ...]
    validation_error: float
    heldout_error: float
    seconds: float
    notes: tuple[str, ...] = ()

    @cached_property
    def fit(self) -> Fitted:
        return put_back(self.centred, self.middle)

    @property
    def law(self) -> Law:
        return self.fit.law

    @property
    def found(self) -> bool:
        """Whether there is a law at all."""
        return bool(np.isfinite(self.fit.loss) and np.isfinite(self.heldout_error))

    @property
    def all_told(self) -> bool:
        """Whether what is left of what it was fitted to is noise that knows nothing of itself, or
        no more than the integrator's own error.
        """
        plain = self.quality.independent > _NEARLY * self.quality.samples
        exact = self.fit.loss <= max(self.quality.floor, ROUNDING)
        return self.found and (plain or exact) and self.heldout_error < 1.0

    @property
    def terms_told(self) -> int:
        """How many terms it has beside z_i′ = z_{i+1}."""
        return int(free_numbers(self.law)[layout(self.law).cell].sum())

    @property
    def terms_if_linear(self) -> int:
        """How many a law linear in its state could have in one equation: one for each variable, for
        each input and for a constant.
        """
        cell = self.law.cell
        assert isinstance(cell, PolynomialCell)
        return self.dimension + cell.channels + 1

    def record(self) -> dict[str, Any]:
        """Its entry of the sweep in `discovery.json`; null for what is not finite."""
        losses = {"train_loss": self.fit.loss, "heldout_loss": self.heldout_error}
        return {"dimension": self.dimension, "readout": self.readout, "seed": 0} | {
            name: float(loss) if np.isfinite(loss) else None for name, loss in losses.items()
        }

    def stated(self, dx: float) -> list[Stated]:
        """The terms with standard errors, in y − `middle`, its derivatives and the inputs."""
        return stated(self.centred, dx)

    def terms(self, dx: float) -> list[Coefficient]:
        """All terms, z_i′ = z_{i+1} included, over x in the data's unit."""
        assert isinstance(self.law.cell, PolynomialCell)
        return self.law.cell.terms(dx)


def narrowest(fits: Iterable[DirectFit]) -> DirectFit | None:
    """The one beyond which each further variable does not halve what is left of unseen runs; None
    where all leave more than the mean.
    """
    explaining = [fit for fit in fits if fit.heldout_error < 1.0]
    chosen: DirectFit | None = None
    for fit in sorted(explaining, key=lambda each: each.dimension):
        further = 0 if chosen is None else fit.dimension - chosen.dimension
        if chosen is None or fit.heldout_error < _HALF**further * chosen.heldout_error:
            chosen = fit
    return chosen
