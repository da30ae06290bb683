"""What the best map without memory answers, for the picture of a response that has none."""

from __future__ import annotations

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.translator.static_map import static_answer

_POINTS = 2000


def static_points(data: Dataset, heldout: Heldout) -> dict[str, np.ndarray]:
    """Input, response as measured and as the map has it, (point, channel), of held-out samples.

    The map is that of all runs; of many points every so manyth is kept.
    """
    runs = heldout.judged
    answer = static_answer(data, runs)[0]
    seen = np.flatnonzero(runs.observed.all(axis=2))
    kept = seen[:: max(1, -(-len(seen) // _POINTS))]
    found = {"input": runs.input, "measured": runs.response, "answer": answer}
    return {f"static/{name}": v.reshape(-1, v.shape[2])[kept] for name, v in found.items()}
