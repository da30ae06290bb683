"""Is there a law to find at all? Decided by held-out prediction before any theory is sought.

Three rivals answer the runs that no training saw: the mean, the best map from the input to the
response at the same site, and the translator, which remembers. One is believed over another only
where it is better on so many runs that chance would do it once in a thousand (Wilcoxon's signed
rank test, paired over runs; Biometrics Bulletin 1, 80 (1945); or the ratio of the errors, each run
being one sample), and better by enough to matter.
A response is called memoryless only where the past of the input says nothing of what the static
map leaves: a translator that failed proves nothing. Where it does say something, the response
remembers for certain, and of the translator less is asked: better than luck once in twenty.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.misfit import relative_error, squares_by_run
from hiddenlaw.translator.left_over import left_over
from hiddenlaw.translator.luck import chance_of_ratio, chance_that_no_better, luck
from hiddenlaw.translator.static_map import static_answer

_WORTHLESS = 0.95  # of the variance: what predicts no better predicts nothing
_MATTERS = 0.01  # of the variance: what memory has to explain
_SHARP = 1e-4  # of the variance: as well as a static map of these classes can be told
_REACH = 4  # sites
_SAYS = 0.05  # of the largest residual: less says nothing of the others
# Of what a static map leaves: a share that the input's past explains, and the chance of mere luck.
_SHARE, _CHANCE = 0.05, 1e-3
_LIKELY = 0.05  # the chance of luck that is allowed where it is known that the response remembers


@dataclass(frozen=True)
class Verdict:
    """`law`, `memoryless` or `none`, and a sentence why; errors relative to the variance.

    `chance` is the probability that mere luck makes memory look as useful on the held-out runs.
    """

    verdict: str
    reason: str
    static_error: float
    chance: float = 1.0


def neighbours_tell(train: Dataset, heldout: Dataset) -> bool:
    """Whether the samples of a run say anything of one another that the input there does not.

    What the best static map leaves at a site is regressed on what it leaves at the four sites on
    either side. Where that is no better than nothing on unseen runs, no law that moves hidden
    variables along the runs can be seen in these data, however the runs start.
    """
    squares, explained = around(train, heldout)
    return chance_that_no_better(explained.sum(axis=1), squares.sum(axis=1)) <= luck(heldout.runs)


def around(
    train: Dataset, heldout: Dataset
) -> tuple[Float[np.ndarray, "run response"], Float[np.ndarray, "run response"]]:
    """What the best static map leaves of held-out runs, as sums of squares, and what is left of
    that once the samples around a site have said what they know of it.
    """
    left = []
    for data in (train, heldout):
        residual = data.response - static_answer(train, data)[0]
        left.append(np.where(data.observed, residual, 0.0) / np.sqrt(train.variance))
    reach = min(_REACH, (train.sites - 1) // 3)
    # A response of which the map leaves next to nothing has nothing to say of the others.
    size = np.sqrt(np.mean(left[0] ** 2, axis=(0, 1)))
    says = size > _SAYS * size.max()
    known, unseen = (
        (_with_neighbours(values[..., says], reach)[0], _with_neighbours(values, reach)[1])
        for values in left
    )
    weights = np.linalg.lstsq(*map(_rows, known), rcond=None)
    rest = unseen[1] - unseen[0] @ weights[0]
    seen = heldout.observed[:, reach:-reach]
    before, after = (np.sum(np.where(seen, v, 0.0) ** 2, axis=1) for v in (unseen[1], rest))
    return before, after


def _with_neighbours(
    values: Float[np.ndarray, "run site response"], reach: int
) -> tuple[Float[np.ndarray, "run inner neighbour"], Float[np.ndarray, "run inner response"]]:
    """The neighbours of every site but those at the ends, and the values there."""
    inner = values.shape[1] - 2 * reach
    steps = [k for k in range(-reach, reach + 1) if k != 0]
    around = [values[:, reach + k : reach + k + inner] for k in steps]
    return np.concatenate(around, axis=2), values[:, reach : reach + inner]


def _rows(values: np.ndarray) -> np.ndarray:
    return values.reshape(-1, values.shape[-1])


def judge(
    train: Dataset, heldout: Dataset, answer: Float[np.ndarray, "run site response"]
) -> Verdict:
    """The translator's `answer` to held-out runs against the best static map's and the mean."""
    static, error, _ = static_answer(train, heldout)
    found = relative_error(answer, heldout)
    mean = np.broadcast_to(np.nanmean(train.response, axis=(0, 1)), heldout.response.shape)
    by_run = {
        name: squares_by_run(values, heldout)
        for name, values in (("translator", answer), ("static", static), ("mean", mean))
    }
    allowed = luck(heldout.runs)
    memory = min(
        chance_that_no_better(by_run["translator"], by_run["static"]),
        chance_of_ratio(found, error, heldout.runs),
    )
    best = "translator" if found < error else "static"
    anything = min(
        chance_that_no_better(by_run[best], by_run["mean"]),
        chance_of_ratio(min(found, error), relative_error(mean, heldout), heldout.runs),
    )
    figures = (
        f"held-out error of the translator {found:.2g}, of the best static map {error:.2g} of the "
        "variance"
    )
    if min(found, error) > _WORTHLESS or anything > allowed:
        return Verdict("none", f"nothing predicts held-out runs: {figures}", error, memory)
    gained = error - found > _MATTERS or found < 0.01 * error > 0.01 * _SHARP
    if memory > allowed or not gained:
        left = left_over(train, heldout, static_answer(train, train)[0], static)
        remembered = error > _SHARP and left.share > _SHARE and left.chance <= _CHANCE
        if remembered and not (gained and memory <= _LIKELY):
            return Verdict(
                "none",
                "the past of the input says something of the response and no network that was "
                f"trained found out what: {figures}",
                error,
                memory,
            )
        if not remembered:
            return Verdict(
                "memoryless",
                f"the input at the same site alone explains the response as well: {figures}",
                error,
                memory,
            )
    return Verdict("law", f"the response remembers its input: {figures}", error, memory)
