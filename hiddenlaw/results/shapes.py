"""What `models.npz` may hold: arrays by name, and which of their lengths are the same.

A length is named by a word; the same word is the same number everywhere, and some are known from
the record: `input` and `response` (channels), `d0`, `d1`, … (variables of theory 0, 1, …).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

_SHAPES = {
    r"sample/x": "site",
    r"sample/input": "sample site input",
    r"sample/(response|translator)": "sample site response",
    r"sample/(?P<t>\d+)/predicted": "sample site response",
    r"latent/(?P<t>\d+)/states": "sample site d{t}",
    r"transfer/input": "across",
    r"transfer/(?P<t>\d+)/matrix": "across d{t} d{t}",
    r"residual/(?P<t>\d+)": "held behind response",
    r"error/(?P<t>\d+)": "held",
    r"constants/(\d+/)?(found|error|true)": "trained",
    r"truth/.+": "sample site",
    r"theory/(?P<t>\d+)/covariance": "numbers{t} numbers{t}",
    r"free_run/(?P<t>\d+)/x": "free{t}",
    r"free_run/(?P<t>\d+)/(measured|predicted)": "free{t} response",
    r"phase/first": "phase_x",
    r"phase/second": "phase_y",
    r"phase/field": "phase_y phase_x d0",
    r"static/input": "point input",
    r"static/(measured|answer)": "point response",
    r"step/x": "instant",
    r"step/(values|stderr)": "instant response input",
    r"frequency/omega": "frequency",
    r"frequency/(magnitude|log_stderr|phase|phase_stderr)": "frequency response input",
    r"correlation/lags": "lag",
    r"correlation/(auto|auto_bound)": "lag response",
    r"correlation/shifts": "shift",
    r"correlation/(cross|cross_bound)": "shift response input",
}
_PATTERNS = [(re.compile(pattern), shape) for pattern, shape in _SHAPES.items()]
# NaN says that there is nothing to show; what a law is made of has none.
_FINITE = re.compile(
    r"theory/.*|sample/(x|input)|static/.*|transfer/.*|free_run/\d+/x|step/x|frequency/omega"
    r"|correlation/(lags|shifts)"
)


def wrong_shapes(arrays: Mapping[str, np.ndarray], record: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the arrays, by the lengths above and those of the record."""
    known = {name: len(record["dataset"][name]) for name in ("input", "response")}
    known |= {f"d{t}": entry["dimension"] for t, entry in enumerate(record["theories"])}
    for name in sorted(arrays):
        array = arrays[name]
        if array.dtype.kind not in "fiub":
            yield f"{name} holds {array.dtype} values; it must hold real numbers"
        elif _FINITE.fullmatch(name) and not np.isfinite(array).all():
            yield f"{name} has numbers that are not finite"
        else:
            yield from _wrong_lengths(name, array.shape, known)


def _wrong_lengths(name: str, shape: tuple[int, ...], known: dict[str, int]) -> Iterator[str]:
    for pattern, declared in _PATTERNS:
        found = pattern.fullmatch(name)
        if found is None:
            continue
        words = declared.format(**found.groupdict()).split()
        if len(words) != len(shape):
            yield f"{name} has the shape {shape}; it must have {len(words)} axes"
            return
        for word, length in zip(words, shape, strict=True):
            if known.setdefault(word, length) != length:
                wanted = " × ".join(str(known.get(other, "…")) for other in words)
                yield f"{name} has the shape {shape}; it must be {wanted}"
                return
