"""Results that are kept as they come, so that a benchmark that was cut off goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

Result = dict[str, Any]


def kept(save: Path | None) -> list[Result]:
    """What the file holds, a result a line; nothing where there is no file."""
    if save is None or not save.is_file():
        return []
    return [json.loads(line) for line in save.read_text().splitlines()]


def going_on(
    one: Callable[..., Result], tasks: Sequence[tuple], workers: int, save: Path | None
) -> Iterator[Result]:
    """`one(*task)` of each task in its order, by so many workers of one thread each; every result
    is a line of the file before it is given.
    """
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for result in pool.map(one, *zip(*tasks, strict=True)) if tasks else ():
            if save is not None:
                with save.open("a") as file:
                    print(json.dumps(result), file=file)
            yield result
