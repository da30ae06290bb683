"""A law of the direct sweep as a theory: its normal form is its gauge, and what it says follows.

In y = z₁, z_i′ = z_{i+1} + u g_i(z₁, …, z_i) every number is a coefficient (Gauthier and Bornard,
IEEE Trans. Autom. Control 26, 922 (1981)). Where inputs act on the last row alone the law is one
equation, y^(d) = polynomial; else it is the system.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.theory.describe import describe
from hiddenlaw.theory.gauges._base import AbstractGauge, Gauged
from hiddenlaw.theory.gauges.choose import Chosen
from hiddenlaw.theory.selection.forward import free_numbers
from hiddenlaw.theory.selection.result import DirectFit
from hiddenlaw.theory.statement import Statement
from hiddenlaw.theory.theory import Theory


class NormalForm(AbstractGauge):
    """The observability coordinates in which a law was fitted from the first."""

    name: ClassVar[str] = "normal form"
    thrifty: ClassVar[bool] = False

    def fix(self, law: Law, shown: Shown) -> Iterator[Gauged]:
        del shown
        if not isinstance(law.cell, PolynomialCell):
            return
        free = free_numbers(law)
        terms = free & layout(law).mask(cell=True)
        yield Gauged(law, free, terms, tuple(range(law.dimension)))


def theory_of(found: DirectFit, train: Dataset, span: Span) -> Theory:
    """The theory of that law; `train` are the runs it was fitted to, `span` all inputs."""
    fit, gauge = found.fit, NormalForm()
    shown = Shown.measured(train, fit.law.scale)
    gauged = next(iter(gauge.fix(fit.law, shown)))
    bare = Statement(found.dimension, found.readout, derivatives=gauged.orders)
    theory = Theory(fit.law, train.dx, span, train.hold, bare, train.dead_time)
    said = describe(theory, Chosen(gauge, gauged, fit), None, None, found.readout, train)
    return replace(theory, statement=replace(said.with_intervals(), fit=found.quality))
