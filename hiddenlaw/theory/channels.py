"""The numbers that take part in a law beside its state, by their names."""

from __future__ import annotations

from dataclasses import dataclass

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.preparations import AbstractPreparation


@dataclass(frozen=True)
class Channels:
    """The numbers that take part in a law beside its state: inputs, then constants of runs.

    - `inputs`, `constants`: their names; `offset_of` as in preparations.
    """

    inputs: tuple[str, ...]
    constants: tuple[str, ...] = ()
    offset_of: tuple[int | None, ...] = ()

    @classmethod
    def of(cls, data: Dataset, preparation: AbstractPreparation) -> Channels:
        """Of a dataset and the runs' constants: E, or E1, E2, … unless that is taken."""
        count = preparation.constants.shape[1]
        taken = {*data.input_names, *data.response_names, data.x_name}
        stems = ("E", "epsilon", "e_run")
        names = next(
            names
            for stem in stems
            if not taken & set(names := [stem] if count == 1 else _numbered(stem, count))
        )
        return cls(tuple(data.input_names), tuple(names), preparation.offset_of)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.inputs, *self.constants)


def _numbered(stem: str, count: int) -> list[str]:
    return [f"{stem}{k + 1}" for k in range(count)]
