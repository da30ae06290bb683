"""What a reader of a driven law should not take for certain, though it fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.records import Records
from hiddenlaw.report.values import compact
from hiddenlaw.results.sine import as_sine
from hiddenlaw.theory.adequacy import Adequacy
from hiddenlaw.theory.theory import Theory
from hiddenlaw.translator.dead_time import DeadTime

_LONG = 0.5  # of the longest run: who moves more slowly was not seen to come to rest
_SITE, _SURE = 0.02, 2.0  # sites, and standard errors: a dead time that is one site
_LITTLE = 1e-6  # of the variance: what is left of an exact law


def cautions(
    theory: Theory,
    found: Adequacy,
    data: Dataset,
    records: Records | None,
    late: Sequence[DeadTime],
) -> list[str]:
    """Of the first theory. If it is driven: slow states, what is left, delays by convention; if it
    is a polynomial: the sine whose beginning it is.

    `data` are the runs, windows of `records` if these are records.
    """
    if (sine := as_sine(theory, data)) is not None:
        return [sine]
    if not isinstance(theory.law.cell, DrivenCell):
        return []
    sites = data.sites if records is None else int(records.ends.max())
    unit = data.units.get(data.x_name, "")
    return [
        *_slow(theory, sites * data.dx, f" {unit}" if unit else ""),
        *_little_left(found),
        *_one_site(data, late),
    ]


def _slow(theory: Theory, longest: float, unit: str) -> Iterator[str]:
    d = theory.dimension
    rates = np.array(theory.law.cell.rates)[:, :d] / theory.dx  # type: ignore[attr-defined]
    slowest = float(np.max(np.linalg.eigvals(rates).real))
    if slowest < 0 and -1 / slowest <= _LONG * longest:
        return
    time = compact(abs(1 / slowest), 2) if slowest else "infinite"
    state = "grows by a factor e in" if slowest > 0 else "has the time constant"
    yield (
        f"One of the states {state} {time}{unit}, and the longest run takes "
        f"{compact(longest, 3)}{unit}: a response that drifts for reasons of its own looks the "
        "same, and a gain at rest, which would be reached only after that, was never measured."
    )


def _little_left(found: Adequacy) -> Iterator[str]:
    if found.approximate or not found.memory > 0 or found.left < _LITTLE:
        return
    yield (
        f"The {compact(100 * found.left, 2)} % of the variance that are left remember themselves, "
        f"with a correlation of {compact(found.memory, 2)}: noise that lasts looks like that, and "
        "so does a law that is a little more than linear. Standard errors allow for it; "
        "predictions beyond the inputs of these data may be worse than it says."
    )


def _one_site(data: Dataset, late: Sequence[DeadTime]) -> Iterator[str]:
    for each in late:
        sites = each.value / data.dx
        error = each.stderr / data.dx if np.isfinite(each.stderr) else 0.0
        if each.value and abs(sites - 1) <= max(_SITE, _SURE * error):
            yield (
                f"The dead time of {each.input} is one sample. So it comes out, too, where a value "
                f"of {each.input} acts from its own sample on: here each acts up to its sample, "
                "from the one before. If yours are written down that way, there is no dead time."
            )
