"""What is said of a law: its equations, coefficients, invariants and readings, as plain values.

A statement never changes. What is found out later, on held-out runs, is its `Judgement`, put there
with `dataclasses.replace`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from hiddenlaw.data.described import Described, Rows
from hiddenlaw.theory.equations import plain
from hiddenlaw.theory.equations.discrete import DiscreteLaw
from hiddenlaw.theory.equations.intervals import NORMAL
from hiddenlaw.theory.equations.term import Equations, equations_from_json, equations_to_json
from hiddenlaw.theory.equations.written import WrittenLaw, WrittenSystem
from hiddenlaw.theory.invariants import BornRule, Invariant
from hiddenlaw.theory.judgement import Judgement
from hiddenlaw.theory.readings import Reading


@dataclass(frozen=True)
class Quality(Described):
    """The last refit: mean square residual over the variance, and what follows from it.

    - `samples`: how many counted; `effective`: as how many independent ones, None in older
      records, where all were taken for such; `criterion`: the information criterion, of these.
    - `chi_square`: per degree of freedom, where the data bring errors.
    - `floor`: a loss below which nothing is measured: rounding, or the error of the cells.
    """

    loss: float
    samples: float
    criterion: float
    chi_square: float | None = None
    floor: float = 0.0
    effective: float | None = None

    @property
    def independent(self) -> float:
        """As how many independent samples they count."""
        return self.samples if self.effective is None else self.effective

    def criterion_of(self, samples: float) -> float:
        """The criterion if so many independent samples had been measured.

        Criteria are compared for equal numbers of them: what a poorer law leaves remembers itself.
        """
        own = self.independent
        left = np.log(max(self.loss, self.floor, 1e-300))
        numbers = (self.criterion - own * left) / np.log(own)
        return float(samples * left + numbers * np.log(samples))

    @classmethod
    def from_json(cls, entry: Any) -> Quality:
        entry = plain.mapping(entry)
        loss, samples, criterion = (
            plain.number(entry[key]) for key in ("loss", "samples", "criterion")
        )
        floor = plain.number(entry.get("floor", 0.0))
        chi_square = plain.maybe(plain.number, entry.get("chi_square"))
        effective = plain.maybe(plain.number, entry.get("effective"))
        return cls(loss, samples, criterion, chi_square, floor, effective)


@dataclass(frozen=True)
class RunConstant(Described):
    """A number that is constant along each run: its name, what it is, and the training runs' own.

    `stderr` are the standard errors of `values`; None where they were not fitted with the law.
    """

    name: str
    meaning: str
    values: tuple[float, ...]
    stderr: tuple[float, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        stderr = None if self.stderr is None else list(self.stderr)
        return asdict(self) | {"values": list(self.values), "stderr": stderr}

    @classmethod
    def from_json(cls, entry: Any) -> RunConstant:
        entry = plain.mapping(entry)
        stderr = entry.get("stderr")
        return cls(
            plain.text(entry["name"]),
            plain.text(entry.get("meaning", "")),
            plain.several(plain.number, entry["values"]),
            None if stderr is None else plain.several(plain.number, stderr),
        )


@dataclass(frozen=True)
class Statement(Described):
    """Everything that a theory has to say: an entry of `theories` in discovery.json.

    - `dimension`, `readout`, `parameters`: variables of the state; class of decoder; constants.
    - `state_names`: of the variables; `derivatives`: how often each is differentiated, None where
      there is no canonical basis, which `canonical` says.
    - `several`: the gauge of several waves; `unknowable`: what of them cannot be told apart.
    - `law`: the scalar equation, of several waves one for each; None where there is none.
    - `system`: the first-order equations; `readout_law`: how each response reads the state.
    - `distilled`: the law (else the system) before the refit, values alone.
    - `discrete`: the law from site to site; `born`: the readout before its gauge was fixed.
    - `readings`: gain and poles of a driven law.
    - `units`: of the coefficients of the law (else of the system), by left side and term.
    - `run_constants`: those of the training runs, in the order of their channels.
    - `judgement`: what held-out runs say; None before they were asked.
    """

    dimension: int
    readout: str
    parameters: int = 0
    state_names: tuple[str, ...] = ()
    canonical: bool = True
    derivatives: tuple[int, ...] | None = None
    several: str | None = None
    unknowable: tuple[str, ...] = ()
    law: WrittenLaw | None = None
    distilled: Equations | None = None
    system: WrittenSystem = field(default_factory=WrittenSystem)
    readout_law: WrittenLaw = field(default_factory=WrittenLaw)
    discrete: DiscreteLaw | None = None
    born: BornRule | None = None
    invariants: tuple[Invariant, ...] = ()
    readings: tuple[Reading, ...] = ()
    units: dict[str, dict[str, str]] = field(default_factory=dict)
    run_constants: tuple[RunConstant, ...] = ()
    fit: Quality | None = None
    judgement: Judgement | None = None

    def _said(self) -> tuple[str, Rows]:
        title = f"Statement of {self.dimension} variables, {self.readout} readout"
        law = self.law.with_errors or self.equation if self.law else self.equation
        return title, [("law", law), ("response", self.readout_law.equation)]

    @property
    def equation(self) -> str:
        """The law as one scalar equation, or as a first-order system where there is none."""
        return self.law.equation if self.law else "; ".join(self.system.equations)

    @property
    def orders(self) -> tuple[int, ...]:
        """How often each variable counts as differentiated: one more each, where not known."""
        return tuple(range(self.dimension)) if self.derivatives is None else self.derivatives

    def with_intervals(
        self, quantile: float = NORMAL, resampled: Statement | None = None
    ) -> Statement:
        """With 95 % intervals of `quantile` standard errors, beside coefficients and in the law.

        `resampled` is the same statement with standard errors of a bootstrap, which then make the
        intervals.
        """
        law = self.law and self.law.with_intervals(quantile, resampled and resampled.law)
        return replace(
            self,
            law=law and law.saying_errors(),
            system=self.system.with_intervals(quantile, resampled and resampled.system),
            readout_law=self.readout_law.with_intervals(
                quantile, resampled and resampled.readout_law
            ),
        )

    def to_json(self) -> dict[str, Any]:
        """The theory's entry in discovery.json, but for its `model`."""
        constants = [constant.to_json() for constant in self.run_constants]
        return {
            "dimension": self.dimension,
            "readout": self.readout,
            "parameters": self.parameters,
            "state_names": list(self.state_names),
            "canonical": self.canonical,
            "derivatives": None if self.derivatives is None else list(self.derivatives),
            "several": self.several,
            "unknowable": list(self.unknowable),
            "law": self.law and self.law.to_json(),
            "distilled": None if self.distilled is None else equations_to_json(self.distilled),
            "system": self.system.to_json(),
            "readout_law": self.readout_law.to_json(),
            "discrete": self.discrete.to_json() if self.discrete else {},
            "born": self.born and asdict(self.born),
            "invariants": [asdict(invariant) for invariant in self.invariants],
            "readings": [reading.to_json() for reading in self.readings],
            "units": {left: dict(units) for left, units in self.units.items()},
            "run_constants": constants if len(constants) > 1 else next(iter(constants), None),
            "fit": self.fit and asdict(self.fit),
            **(self.judgement.to_json() if self.judgement else {}),
        }

    @classmethod
    def from_json(cls, entry: Any) -> Statement:
        """The inverse of `to_json`, for records of version 1; what is missing is left out.

        Raises `KeyError`, `TypeError` or `ValueError` where `dimension` or `readout` is missing or
        a value is of a wrong type.
        """
        entry = plain.mapping(entry)
        known = {name: read(entry[name]) for name, read in _READERS.items() if name in entry}
        return cls(**known, judgement=Judgement.from_json(entry))


def _run_constants(entry: Any) -> tuple[RunConstant, ...]:
    """None, one, or a list of several."""
    if entry is None:
        return ()
    return plain.several(RunConstant.from_json, entry if isinstance(entry, list) else [entry])


def _discrete(entry: Any) -> DiscreteLaw | None:
    """Nothing is an empty object here."""
    return DiscreteLaw.from_json(entry) if entry else None


_texts = partial(plain.several, plain.text)
_READERS: dict[str, Callable[[Any], Any]] = {
    "dimension": plain.whole,
    "readout": plain.text,
    "parameters": plain.whole,
    "state_names": _texts,
    "canonical": plain.truth,
    "derivatives": partial(plain.maybe, partial(plain.several, plain.whole)),
    "several": partial(plain.maybe, plain.text),
    "unknowable": _texts,
    "law": partial(plain.maybe, WrittenLaw.from_json),
    "distilled": partial(plain.maybe, equations_from_json),
    "system": WrittenSystem.from_json,
    "readout_law": WrittenLaw.from_json,
    "discrete": _discrete,
    "born": partial(plain.maybe, BornRule.from_json),
    "invariants": partial(plain.several, Invariant.from_json),
    "readings": partial(plain.several, Reading.from_json),
    "units": partial(plain.by_name, partial(plain.by_name, plain.text)),
    "run_constants": _run_constants,
    "fit": partial(plain.maybe, Quality.from_json),
}
