"""Preparations by the names used on the command line and in files.

One of somebody else's joins with `PREPARATIONS[MyPreparation.name] = MyPreparation`.
"""

from hiddenlaw.errors import SettingsError
from hiddenlaw.preparations._base import AbstractPreparation
from hiddenlaw.preparations.context import Context
from hiddenlaw.preparations.own import Own
from hiddenlaw.preparations.run_constants import RunConstants
from hiddenlaw.preparations.shared import Shared

PREPARATIONS: dict[str, type[AbstractPreparation]] = {
    kind.name: kind for kind in (Shared, Own, Context)
}
_AUTO = "auto"  # in place of a name: the data decide


def preparation_class(
    kind: str | type[AbstractPreparation],
) -> type[AbstractPreparation]:
    """The class of that name, or the class itself; `SettingsError` naming those known otherwise."""
    if isinstance(kind, type) and issubclass(kind, AbstractPreparation):
        return kind
    if kind in PREPARATIONS:
        return PREPARATIONS[kind]
    if kind == RunConstants.name:
        return RunConstants  # what runs have beside their starts is a setting of its own
    known = ", ".join(PREPARATIONS)
    raise SettingsError(f"no initial state called {kind!r}; choose from {known}")


def preparation_for(initial_state: str, run_constants: int) -> type[AbstractPreparation]:
    """What a search is to begin with, by its settings: with constants, or as named, or shared."""
    if run_constants:
        return RunConstants
    return Shared if initial_state == _AUTO else preparation_class(initial_state)
