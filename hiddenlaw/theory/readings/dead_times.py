"""Dead times among what is read off a law, and their errors in what the law answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.theory.readings._base import unit_of_x
from hiddenlaw.theory.readings.reading import Reading
from hiddenlaw.theory.theory import Theory
from hiddenlaw.translator.dead_time import DeadTime


def with_dead_times(theory: Theory, found: Iterable[DeadTime], data: Dataset) -> Theory:
    """The theory with what is known of the dead times that it was derived with."""
    found = tuple(found)
    if not any(theory.dead_time):
        return theory
    read = [
        Reading.of(f"dead time of {each.input}", each.value, each.stderr, unit_of_x(data))
        for each in found
        if each.value and np.isfinite(each.stderr)
    ]
    statement = theory.statement
    statement = replace(statement, readings=(*statement.readings, *read))
    errors = tuple(float(each.stderr) for each in found)
    return replace(theory, statement=statement, dead_time_stderr=errors)
