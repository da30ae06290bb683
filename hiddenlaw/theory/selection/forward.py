"""Terms are added one by one, each the one that gains most, as long as they are no luck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import Mask, filled, flat, layout
from hiddenlaw.theory.fits.effective import independence
from hiddenlaw.theory.selection.forms import Form
from hiddenlaw.theory.selection.placing import fixed, normalised, on_offer
from hiddenlaw.theory.selection.score_test import Offered, offered
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.training.least_squares import LeastSquares
from hiddenlaw.training.levenberg_marquardt import Stop, levenberg_marquardt

_STEPS = 40
_ON_THE_WAY = Stop(rounding=ROUNDING, settled=1e-3)
_RIVALS, _NEAR = 3, 0.6  # terms that are tried at a time, and their gain over the best one's
_MOST = 24  # terms that one length adds
_DECAY = 1.0  # times the loss, of a sample: what numbers are taken to be smaller than


@dataclass(frozen=True, eq=False)
class Standing:
    """A law, and what it leaves of what it is shown."""

    law: Law
    loss: float


def free_numbers(law: Law) -> Mask:
    """All but the readout and what is `fixed`: z_i′ = z_{i+1}, and what constants stand beside."""
    return layout(law).mask(cell=~fixed(law), starts=True, constants=True)


def refitted(
    law: Law, shown: Shown, *, decay: float = 0.0, steps: int = _STEPS, stop: Stop = _ON_THE_WAY
) -> Standing:
    """Every number at its best. The law as it was, and an infinite loss, where it overflows."""
    problem = LeastSquares(law, shown, free_numbers(law), decay=decay)
    found = levenberg_marquardt(problem, flat(law), max_steps=steps, scaled=True, stop=stop)
    if not np.isfinite(found.loss):
        return Standing(law, np.inf)
    law = filled(law, found.numbers)
    return Standing(law, law.loss(shown) if decay else found.loss)


def forward(
    begun: Standing,
    shown: Shown,
    form: Form,
    *,
    floor: float = ROUNDING,
    decay: float = 0.0,
    told: Callable[[str], None] = lambda said: None,
) -> Standing:
    """The law with every term of the `form` that the data ask for.

    A term asked for gains more than ln N + 2 ln P of the variance that is left of a sample, for N
    samples and P terms on offer (Chen and Chen, Biometrika 95, 759 (2008)), and a refit bears it
    out.
    """
    here, refused = begun, set()
    cell = here.law.cell
    assert isinstance(cell, PolynomialCell)
    every = on_offer(form, here.law)
    for _ in range(_MOST):
        if not floor < here.loss < np.inf:
            break
        known = independence(here.law, shown)
        samples = max(shown.samples / known.inflation, 2.0)
        threshold = np.log(samples) + 2 * np.log(max(len(every[0]), 1))
        offer = offered(here.law, free_numbers(here.law), shown, *every)
        gains = np.array(
            [
                0.0 if _name(offer, int(place)) in refused else gain
                for place, gain in zip(offer.places, offer.gains, strict=True)
            ]
        )
        least = threshold * here.loss / samples
        rivals = [k for k in np.argsort(-gains)[:_RIVALS] if gains[k] > least]
        rivals = [k for k in rivals if gains[k] >= _NEAR * gains[rivals[0]]]
        if not rivals:
            break
        tried = [
            refitted(_with(offer, int(offer.places[k])), shown, decay=decay * here.loss)
            for k in rivals
        ]
        best = min(range(len(rivals)), key=lambda k: tried[k].loss)
        if not here.loss - tried[best].loss > least / 2:
            names = [_name(offer, int(offer.places[k])) for k in rivals]
            listed = ", ".join(_in_words(name, cell.dimension) for name in names)
            told(f"no gain from {listed}, though the score test promised some")
            refused.update(names)
            continue
        here = tried[best]
    return here


def _with(offer: Offered, place: int) -> Law:
    """The law with its own terms and this one."""
    cell = offer.law.cell
    assert isinstance(cell, PolynomialCell)
    kept = np.ones(len(cell.row), bool)
    kept[offer.places] = False
    kept[place] = True
    return offer.law.but(cell=cell.keeping(kept))


def _name(offer: Offered, place: int) -> tuple[int, ...]:
    cell = offer.law.cell
    assert isinstance(cell, PolynomialCell)
    return (int(cell.row[place]), *map(int, cell.powers[place]))


def _in_words(name: tuple[int, ...], dimension: int) -> str:
    """z1**2*v1 in z2': a term by its row and powers, v being inputs over their scale."""
    row, *powers = name
    symbols = [f"z{k + 1}" for k in range(dimension)]
    symbols += [f"v{k + 1}" for k in range(len(powers) - dimension)]
    factors = [
        symbol if power == 1 else f"{symbol}**{power}"
        for symbol, power in zip(symbols, powers, strict=True)
        if power
    ]
    return f"{'*'.join(factors) or '1'} in z{row + 1}'"


def reaching(law: Law, shown: Shown) -> Law:
    """The law with its limits where its states were, along what it is shown, and constants of runs
    in their own unit. Where nothing tells z from −z the limits do not, either.
    """
    states, cell = law.states(shown), law.cell
    assert isinstance(cell, PolynomialCell)
    seen = states[shown.weight[..., 0] > 0]
    if not np.isfinite(seen).all():
        return law
    low, high = seen.min(axis=0), seen.max(axis=0)
    if not law.readout.knows_sign:
        low, high = np.minimum(low, -high), np.maximum(high, -low)
    return normalised(law.but(cell=replace(cell.reaching(low, high), clip=PolynomialCell.clip)))
