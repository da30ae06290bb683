"""How files are read: what is proposed, what the user says in its place, and what that comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hiddenlaw.advice.findings import findings
from hiddenlaw.advice.obstacles import obstacles
from hiddenlaw.advice.richness import advise_hold
from hiddenlaw.app.files import Files
from hiddenlaw.app.words import on_page
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import HiddenlawError
from hiddenlaw.io import Proposal, Survey, load, surveyed, told_plainly

_TOLD_ELSEWHERE = ("dx", "hold", "hold advised", "truth")  # rows of `check` that are said apart


@dataclass(frozen=True)
class Reading:
    """Parts of columns by their headers, units by symbols, and how samples are taken."""

    roles: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    allow_missing: bool = False
    resample: float | None = None
    dx: float | None = None

    def named(self, role: str) -> list[str]:
        return [header for header, own in self.roles.items() if own == role]

    def options(self) -> dict[str, Any]:
        """The arguments of `hiddenlaw.io.load`, but for units."""
        return {
            "input": self.named("input") or None,
            "response": self.named("response") or None,
            "x": next(iter(self.named("x")), None),
            "run": next(iter(self.named("run")), None),
            "response_error": self.named("error") or None,
            "allow_missing": self.allow_missing,
            "resample": self.resample,
            "dx": self.dx,
        }

    def lacking(self) -> str | None:
        """What has no column, or too many of them; None where all is well."""
        for role in ("input", "response"):
            if not self.named(role):
                return f"No column is the {role} yet: choose one above"
        for role, what in (("x", "grid"), ("run", "number of the run")):
            if len(self.named(role)) > 1:
                return f"Two columns are the {what}: {', '.join(self.named(role))}; leave one"
        return None


@dataclass(frozen=True)
class Examined:
    """What files hold when they are read in one way.

    - `proposal`: their columns; None where there is no table in them.
    - `found`: what to say of the data, each with what it is about; `notes` beside that.
    - `problems`: why no law can be sought in them, in words.
    - `hold`, `why_hold`: the one that is advised; empty where there are no data.
    - `dataset`: as it was read; None where it could not be.
    """

    reading: Reading
    proposal: Proposal | None
    found: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    hold: str = ""
    why_hold: str = ""
    dataset: Dataset | None = None

    @property
    def ready(self) -> bool:
        return self.dataset is not None and not self.problems


def read(files: Files, reading: Reading) -> Dataset:
    """The data, called as the user calls the files. Raises `FormatError` and `DataError`."""
    data = load(files.paths, **reading.options())
    known = (*data.input_names, *data.response_names, data.x_name)
    units = {name: unit for name, unit in reading.units.items() if name in known}
    source = data.source if data.source.startswith("simulation") else files.title
    return replace(data, units={**data.units, **units}, source=source)


def examined(files: Files, reading: Reading | None = None) -> Examined:
    """Read the files so, or as is proposed, and say what they hold and what is wrong with them."""
    asked = reading or Reading()
    lacking = asked.lacking() if reading is not None else None
    if lacking is not None:
        return Examined(asked, None, problems=(lacking,))
    dataset, problems, survey = _read(files, asked)
    proposal = survey.proposal or _own_columns(dataset)
    if reading is None and proposal is not None:
        if dataset is None and not survey.options:  # nothing but names was lacking
            asked = replace(asked, roles=proposal.roles)
            dataset, problems, survey = _read(files, asked)
        asked = replace(asked, roles=proposal.roles, units=_units(proposal, dataset))
    seen = dataset or survey.provisional
    if seen is not None:
        problems += obstacles(seen)
    rows = [] if seen is None else findings(seen, gridded=dataset is not None)
    said = [on_page(files.told(told_plainly(str(problem)))) for problem in problems]
    hold, why = ("", "") if dataset is None else _hold(dataset, survey)
    return Examined(
        asked,
        proposal,
        tuple((what, value) for what, value in rows if what not in _TOLD_ELSEWHERE),
        tuple(on_page(files.told(told_plainly(text))) for text in (*survey.notes, *survey.remarks)),
        tuple(said),
        hold,
        why,
        dataset,
    )


def _read(files: Files, reading: Reading) -> tuple[Dataset | None, list[HiddenlawError], Survey]:
    with surveyed() as survey:
        try:
            return read(files, reading), [], survey
        except HiddenlawError as problem:
            return None, list(survey.problems or [problem]), survey


def _hold(dataset: Dataset, survey: Survey) -> tuple[str, str]:
    """The hold to propose, and why: what the file says, or what the samples of the input suggest.

    A table says nothing of that.
    """
    if survey.proposal is None:
        return dataset.hold, "so says the file"
    return advise_hold(dataset)


def _own_columns(dataset: Dataset | None) -> Proposal | None:
    """The columns of a dataset that is no table, with the parts that they have in it."""
    if dataset is None:
        return None
    inputs, responses = dataset.input_names, dataset.response_names
    names = (*inputs, *responses)
    roles = dict.fromkeys(inputs, "input") | dict.fromkeys(responses, "response")
    units = tuple(dataset.units.get(name, "") for name in names)
    return Proposal(names, names, units, ("number",) * len(names), roles, True)


def _units(proposal: Proposal, dataset: Dataset | None) -> dict[str, str]:
    """Units by symbol: those of the columns or, where files say more, of the data."""
    units = dict(zip(proposal.symbols, proposal.units, strict=True))
    return units if dataset is None else {**units, **dataset.units}
