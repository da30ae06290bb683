"""Responses that nothing explains: channels of noise, which would only hide what others say.

A response tells something where the best static map of the input predicts it better than its mean,
or where the samples around, its own and those of the other responses, say what that map leaves;
each on so many unseen runs that luck would do it once in a thousand.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Bool

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.translator.luck import chance_that_no_better, luck
from hiddenlaw.translator.static_map import static_answer
from hiddenlaw.translator.verdict import around


def telling(data: Dataset, parts: tuple[float, int]) -> Bool[np.ndarray, " response"]:
    """Which responses tell something; all of them where none does, and of a single one always."""
    count = len(data.response_names)
    if count == 1:
        return np.ones(1, bool)
    train, heldout = data.split(*parts)
    static = static_answer(train, heldout)[0]
    allowed, found = luck(heldout.runs), np.zeros(count, bool)
    squares, explained = around(train, heldout)
    for k in range(count):
        measured = heldout.response[..., k]
        mean = np.nanmean(train.response[..., k])
        by_map, by_mean = (
            np.nansum((measured - answer) ** 2, axis=1) for answer in (static[..., k], mean)
        )
        mapped = chance_that_no_better(by_map, by_mean) <= allowed
        told = chance_that_no_better(explained[:, k], squares[:, k]) <= allowed
        found[k] = mapped or told
    return found if found.any() else np.ones(count, bool)


def without_silent(data: Dataset, parts: tuple[float, int]) -> tuple[Dataset, tuple[str, ...]]:
    """The data with the responses that tell something, and the names of the others."""
    tells = telling(data, parts)
    if tells.all():
        return data, ()
    named = list(zip(data.response_names, tells, strict=True))
    silent = tuple(name for name, kept in named if not kept)
    error = data.response_error
    return replace(
        data,
        response=data.response[..., tells],
        response_names=tuple(name for name, kept in named if kept),
        response_error=None if error is None else error[..., tells],
        units={name: unit for name, unit in data.units.items() if name not in silent},
    ), silent
