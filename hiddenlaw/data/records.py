"""Records: few long runs, cut into windows, the end of each never trained on.

A record says as much as many runs do, but of one start only. So it is cut into windows, in the
order of time, which start each from a state of its own (multiple shooting: Bock and Plitt, IFAC
Proc. 17, 1603 (1984)). The windows of its end are held out, and when a law is found it has to run
freely over all of that end, from a context at its beginning and the input alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from hiddenlaw.data.cut import cut
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.describe import counted
from hiddenlaw.data.parts import RUNS_FOR_DISCOVERY
from hiddenlaw.errors import DataError, option

_WINDOWS = 64  # in all, if they are long enough then
_SHORTEST, _LONGEST = 64, 256  # samples of a window
_LEAST = 20  # of those of short records
_PER_INPUT = 32  # samples of a short record to train with
_CONTEXT = 4  # windows are this many times as long as what is looked at to find where they start


@dataclass(frozen=True)
class Records:
    """Long runs and the windows they were cut into.

    - `whole`: the records; what is behind the end of a shorter one is missing.
    - `windows`: all windows as runs of one dataset, those of the ends held out.
    - `begins`, `ends` (record,): the first sample of the end that is held out, and the one behind
      it.
    - `context`: how many samples are looked at to find where a window, or an end, starts.
    - `pieces`: of which record and which sites every window is.
    """

    whole: Dataset
    windows: Dataset
    begins: Int[np.ndarray, " record"]
    ends: Int[np.ndarray, " record"]
    context: int
    pieces: tuple[tuple[int, slice], ...] = ()

    def driven_by(self, input: Float[np.ndarray, "record site channel"]) -> Records:
        """The same records with another input."""
        windows = np.stack([input[record, part] for record, part in self.pieces])
        return replace(
            self,
            whole=replace(self.whole, input=input),
            windows=replace(self.windows, input=windows),
        )

    @property
    def said(self) -> str:
        """In words, for whoever reads the result."""
        share = float(np.sum(self.ends - self.begins) / np.sum(self.ends))
        return (
            f"{counted(self.whole.runs, 'record')} of {_range_of(self.ends)} samples, cut into "
            f"windows of {self.windows.sites}, each with a start of its own; the last "
            f"{100 * share:.3g} % held out"
        )

    @property
    def training(self) -> Dataset:
        """What of the records is trained on, as runs; a shorter one is missing behind its end."""
        length = int(self.begins.max())
        part = cut(self.whole, [(record, slice(0, length)) for record in range(self.whole.runs)])
        behind = np.stack([np.arange(length) >= begin for begin in self.begins.tolist()])
        response = np.where(behind[..., None], np.nan, part.response)
        return replace(part, response=response, allow_missing=True)

    @property
    def kept_back(self) -> Dataset:
        """The ends that are held out, as runs; a shorter one is missing behind its end."""
        length = int(np.max(self.ends - self.begins))
        sites = self.begins[:, None] + np.arange(length)
        behind, rows = sites >= self.ends[:, None], np.arange(self.whole.runs)[:, None]
        sites = np.minimum(sites, self.ends[:, None] - 1)
        error = self.whole.response_error
        return replace(
            self.whole,
            x=self.whole.dx * np.arange(1, length + 1),
            input=self.whole.input[rows, sites],
            response=np.where(behind[..., None], np.nan, self.whole.response[rows, sites]),
            response_error=None if error is None else error[rows, sites],
            allow_missing=True,
            truth=None,
        )

    def end(
        self, record: int, before: int = 0
    ) -> tuple[Dataset, Float[np.ndarray, "one sample response"]]:
        """The held-out end of a record as one run, and its response where it is given.

        The run begins so many samples `before`, for inputs that act late; what is given are the
        first samples of the end itself.
        """
        part = slice(int(self.begins[record]) - before, int(self.ends[record]))
        run = cut(self.whole, [(record, part)])
        given = np.array(run.response)
        given[:, :before] = given[:, before + self.context :] = np.nan
        return run, given


def is_record(data: Dataset) -> bool:
    """Whether the runs are too few to learn from whole ones, and long enough to be cut."""
    long = bool(np.max(lengths_of(data)) >= 2 * _SHORTEST)
    return data.runs < RUNS_FOR_DISCOVERY and long


def _length_of_windows(begins: Int[np.ndarray, " record"], ends: Int[np.ndarray, " record"]) -> int:
    """So that there are many, if they are long enough then; of short records few short ones."""
    wanted = int(np.clip(np.sum(ends) // _WINDOWS, _SHORTEST, _LONGEST))
    for length in range(wanted, _LEAST, -1):
        if np.sum(begins // length) >= RUNS_FOR_DISCOVERY and np.max(ends - begins) >= length:
            return length
    return _LEAST


def lengths_of(data: Dataset) -> Int[np.ndarray, " run"]:
    """How many sites every run has, up to the last at which its response was measured."""
    seen = np.any(data.observed, axis=2)
    return data.sites - np.argmax(seen[:, ::-1], axis=1)


def in_windows(data: Dataset, held_out: float, context: int | None = None) -> Records:
    """Cut records into windows of equal length, the last `held_out` of each into held-out ones.

    Raises `DataError` where that leaves too few windows, or too few samples of a short record for
    its inputs.
    """
    ends = lengths_of(data)
    begins = np.round((1 - held_out) * ends).astype(int)
    length, inputs = _length_of_windows(begins, ends), len(data.input_names)
    if length < _SHORTEST and np.sum(begins) < _PER_INPUT * inputs:
        raise DataError(
            f"{counted(data.runs, 'record')} of {_range_of(ends)} samples say too little of "
            f"{counted(inputs, 'input')}: {counted(int(np.sum(begins)), 'sample')} to train with, "
            f"where {_PER_INPUT} are needed for each; measure longer, or leave inputs out"
        )
    trained, kept = [], []
    for record, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        # Windows of the training part end where the held-out end begins.
        first = range(begin % length, begin, length)
        trained += [(record, slice(k, k + length)) for k in first]
        kept += [(record, slice(k, k + length)) for k in range(begin, end - length + 1, length)]
    if len(trained) < RUNS_FOR_DISCOVERY or not kept:
        raise DataError(
            f"{counted(data.runs, 'record')} of {_range_of(ends)} samples make "
            f"{counted(len(trained), 'window')} of {length} to train with and "
            f"{counted(len(kept), 'window')} to hold out; measure longer, or hold out another "
            f"share of them than {held_out:g} ({option('held_out')})"
        )
    pieces = (*trained, *kept)
    windows = cut(data, pieces)
    held = tuple(range(len(trained), windows.runs))
    looked_at = context or length // _CONTEXT
    return Records(data, replace(windows, kept_back=held), begins, ends, looked_at, pieces)


def _range_of(lengths: Int[np.ndarray, " record"]) -> str:
    low, high = int(lengths.min()), int(lengths.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
