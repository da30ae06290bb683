"""What an instrument does to data beside its noise: inputs out of step, a blur, a background.

Friction in what it drives is counted with it. An ideal record has none of these. Laws are found in
ideal records; what is predicted for a record as it was measured goes the other way.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.described import Described

_REACH = 4.0  # standard deviations: how far a blur is followed


@dataclass(frozen=True)
class Friction(Described):
    """Coulomb friction in a drive: it takes a constant part of the push, against what moves.

    - `level`: how much, in the unit of the input; not negative.
    - `derivative`: what moves, the response (0) or the rate at which it changes (1).
    - `width`: how fast that must move for nearly all of it, as tanh(m / width): in the response's
      unit, of a rate a site. 0 where all of it is there as soon as anything moves.
    """

    level: float
    derivative: int
    width: float = 0.0


@dataclass(frozen=True)
class Instrument(Described):
    """An instrument that is known; with nothing in it a perfect one.

    - `alignment`: how many sites each input channel acts later than it was recorded; negative where
      it acts earlier. Empty where all are in step.
    - `blur`: by how many sites the response is blurred: the standard deviation of a Gaussian. At
      the ends of a run it sees what is inside mirrored.
    - `background`: what stands under each response, at the first site and its rise from site to
      site, in the response's unit. Empty where nothing does.
    - `friction`: in a drive of one input and one response; None where there is none.
    """

    alignment: tuple[float, ...] = ()
    background: tuple[tuple[float, float], ...] = ()
    blur: float = 0.0
    friction: Friction | None = None

    @property
    def perfect(self) -> bool:
        return not (self.alignment or self.background or self.blur or self.friction)

    def input(self, recorded: Float[np.ndarray, "run site channel"]) -> np.ndarray:
        """The input in step with the response."""
        return shifted(recorded, self.alignment) if self.alignment else recorded

    def seen(
        self, response: Float[np.ndarray, "run site response"]
    ) -> Float[np.ndarray, "run site response"]:
        """A response as the instrument shows it; missing samples stay missing."""
        shown = blurred(response, self.blur) if self.blur else response
        if not self.background:
            return shown
        start, rise = np.array(self.background).T
        return shown + start + rise * np.arange(response.shape[1])[:, None]

    def ideal(
        self,
        data: Dataset,
        answer: Float[np.ndarray, "run site response"] | None = None,
        against: Float[np.ndarray, "run site"] | None = None,
    ) -> Dataset:
        """The data as a perfect instrument would have recorded them.

        To take a blur off, the `answer` of a law that is about right is needed: what the blur does
        to the response is what it does to that. To take friction off, the way is needed in which it
        takes from the push in every cell, between −1 and 1, `against` the motion of such a law.
        """
        if self.perfect:
            return data
        about = np.zeros_like(data.response) if answer is None else answer
        response = data.response - (self.seen(about) - about)
        input = self.input(data.input)
        if self.friction is not None and against is not None:
            late = data.late[0] if data.late else 0.0
            sooner = shifted(against[..., None], (-late,))  # it acts at once, and the input late
            input = input - self.friction.level * sooner
        return replace(data, input=input, response=response)

    def to_json(self) -> dict[str, Any]:
        return {
            "alignment": list(self.alignment),
            "background": [list(each) for each in self.background],
            "blur": self.blur,
            "friction": None if self.friction is None else asdict(self.friction),
        }

    @classmethod
    def from_json(cls, entry: Any) -> Instrument:
        """Raises `TypeError`, `ValueError` or `KeyError` for anything else."""
        background = [tuple(map(float, each)) for each in entry["background"]]
        if any(len(each) != 2 for each in background):
            raise ValueError("a background has two numbers a response")
        alignment = tuple(map(float, entry["alignment"]))
        rubs = entry.get("friction")
        friction = rubs and Friction(
            float(rubs["level"]), int(rubs["derivative"]), float(rubs["width"])
        )
        return cls(alignment, tuple(background), float(entry["blur"]), friction)  # type: ignore[arg-type]


PERFECT = Instrument()
"""An instrument that does nothing."""


def shifted(
    input: Float[np.ndarray, "run site channel"], late: tuple[float, ...]
) -> Float[np.ndarray, "run site channel"]:
    """The input, each channel so many sites late; beyond its ends it stays as it is there.

    Between whole sites it is the mean over a cell.
    """
    moved, sites = np.empty_like(input), np.arange(input.shape[1])
    for channel, by in enumerate(late):
        whole = int(np.floor(by))
        part = by - whole
        values = input[..., channel]
        first, second = (np.clip(sites - whole - k, 0, len(sites) - 1) for k in (0, 1))
        moved[..., channel] = (1 - part) * values[:, first] + part * values[:, second]
    return moved


def blurred(
    response: Float[np.ndarray, "run site response"], width: float
) -> Float[np.ndarray, "run site response"]:
    """By a Gaussian of that many sites; the ends see what is inside mirrored."""
    sites = response.shape[1]
    reach = min(max(1, int(np.ceil(_REACH * abs(width)))), sites)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    weights /= weights.sum()
    padded = np.pad(response, ((0, 0), (reach, reach), (0, 0)), mode="symmetric")
    return np.asarray(sum(w * padded[:, k : k + sites] for k, w in enumerate(weights)), dtype=float)
