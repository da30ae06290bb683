"""Arrays that a theory is asked about, in any of the shapes that people have."""

from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from hiddenlaw.data.instrument import Instrument
from hiddenlaw.errors import DataError, LawError


def as_runs(input: ArrayLike, channels: int) -> tuple[Float[np.ndarray, "run site channel"], bool]:
    """The input as (run, site, channel), and whether its channel axis was left out.

    Raises `DataError` for another number of channels, and for what is not finite.
    """
    array = np.asarray(input, float)
    squeeze = array.ndim < 3
    if array.ndim == 1:
        array = array[None]
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[2] != channels:
        raise DataError(
            f"input has shape {np.shape(input)} and the law takes {channels} channel(s); "
            "give (runs, sites, channels)"
        )
    if not np.isfinite(array).all():
        run, site, _ = np.argwhere(~np.isfinite(array))[0]
        raise DataError(f"input is not finite in run {run} at site {site}; mend or drop the run")
    return array, squeeze


def check_given(
    given: ArrayLike | None, runs: int, sites: int, outputs: int
) -> Float[np.ndarray, "run site response"]:
    """What is known of the response, NaN elsewhere.

    Raises `DataError` where nothing is given, of any run, or the shape is another one.
    """
    known = np.full((runs, sites, outputs), np.nan)
    if given is None:
        raise DataError(
            "every run of this law starts from a state of its own; give samples of its "
            "response to find it: predict(input, given=response)"
        )
    values = np.asarray(given, float)
    values = values[None] if np.ndim(given) == 1 else values
    values = values[..., None] if values.ndim == 2 else values
    wrong = values.ndim != 3 or (values.shape[0], values.shape[2]) != (runs, outputs)
    if wrong or values.shape[1] > sites:
        raise DataError(
            f"given has shape {np.shape(given)} and the input is of {runs} runs and {sites} "
            f"sites; give ({runs}, at most {sites}, {outputs})"
        )
    known[:, : values.shape[1]] = values
    empty = ~np.isfinite(known).any(axis=(1, 2))
    if empty.any():
        raise DataError(
            f"nothing is given of run {int(np.argmax(empty))}; some samples of its response "
            "are needed to find where it starts: predict(input, given=response), NaN where nothing "
            "was measured"
        )
    return known


def without_background(given: ArrayLike | None, instrument: Instrument) -> ArrayLike | None:
    """Given responses, (run, site, output) or without the last axis, less the background."""
    if given is None or not instrument.background:
        return given
    values = np.asarray(given, float)
    three = values[..., None] if values.ndim == 2 else values
    background = replace(instrument, blur=0.0).seen(np.zeros_like(three))
    return (three - background).reshape(values.shape)


def check_without_constants(theory: Any) -> None:
    """Raise `LawError` where numbers of each run take part in the law all along."""
    if theory.law.preparation.constants.size:
        raise LawError(
            "every run of this law has constants of its own, which only samples of its response "
            "tell; use predict(input, given=response)"
        )
