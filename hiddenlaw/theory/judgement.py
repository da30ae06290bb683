"""What is said of a theory once it has been asked to predict runs that no training saw."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from hiddenlaw.data.described import Described
from hiddenlaw.theory.equations import plain


@dataclass(frozen=True)
class EncoderCheck(Described):
    """How well the distiller reconstructs hidden states: its held-out and training loss.

    `sites`: how many after the one where each run is encoded.
    """

    sites: int
    heldout_loss: float
    train_loss: float | None = None

    @classmethod
    def from_json(cls, entry: Any) -> EncoderCheck:
        """From plain data. Raises `KeyError`, `TypeError` or `ValueError` for others."""
        entry = plain.mapping(entry)
        loss = plain.number(entry["train_loss"]) if "train_loss" in entry else None
        return cls(plain.whole(entry["sites"]), plain.number(entry["heldout_loss"]), loss)


@dataclass(frozen=True)
class Confirmation(Described):
    """Whether the theory predicts unseen runs as well as its translator.

    `translator_error`: that one's error; `chance`: of luck making it look as much better.
    """

    translator_error: float
    chance: float
    as_good: bool

    @classmethod
    def from_json(cls, entry: Any) -> Confirmation:
        """From plain data. Raises `KeyError`, `TypeError` or `ValueError` for others."""
        entry = plain.mapping(entry)
        error, chance = plain.number(entry["translator_error"]), plain.number(entry["chance"])
        return cls(error, chance, plain.truth(entry["as_good"]))


@dataclass(frozen=True)
class Judgement(Described):
    """What was found out after the law was stated; None for what is not known (yet).

    - `reason`: why this dimension; `reconstruction_loss`: held-out loss of the distiller.
    - `heldout_error`: of the predicted response over its variance, pooled over the held-out runs;
      `heldout_error_median`, `heldout_error_worst`: over these, each by its own variance.
    - `rank`: place in the table, 0 the most parsimonious.
    """

    reason: str | None = None
    reconstruction_loss: float | None = None
    encoder: EncoderCheck | None = None
    heldout_error: float | None = None
    heldout_error_median: float | None = None
    heldout_error_worst: float | None = None
    confirmed: Confirmation | None = None
    rank: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As it stands in discovery.json; what is not known is left out."""
        known = {key: item for key, item in asdict(self).items() if item is not None}
        if self.encoder and self.encoder.train_loss is None:
            del known["encoder"]["train_loss"]
        return known

    @classmethod
    def from_json(cls, entry: Any) -> Judgement | None:
        """What a theory's entry says of it; None where that is nothing.

        Raises `KeyError`, `TypeError` or `ValueError` for values of a wrong type.
        """
        entry = plain.mapping(entry)
        read = {name: kind(entry[name]) for name, kind in _READERS.items() if name in entry}
        return cls(**read) if read else None


_READERS: dict[str, Any] = {
    "reason": plain.text,
    "reconstruction_loss": plain.number,
    "encoder": EncoderCheck.from_json,
    "heldout_error": plain.number,
    "heldout_error_median": plain.number,
    "heldout_error_worst": plain.number,
    "confirmed": Confirmation.from_json,
    "rank": plain.whole,
}
