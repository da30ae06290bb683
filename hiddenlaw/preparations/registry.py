"""Preparations by the names used on the command line and in files.

One of somebody else's joins with `PREPARATIONS[MyPreparation.name] = MyPreparation`.
"""

from hiddenlaw.errors import SettingsError
from hiddenlaw.preparations._base import AbstractPreparation
from hiddenlaw.preparations.context import Context
from hiddenlaw.preparations.own import Own
from hiddenlaw.preparations.shared import Shared

PREPARATIONS: dict[str, type[AbstractPreparation]] = {
    kind.name: kind for kind in (Shared, Own, Context)
}


def preparation_class(
    kind: str | type[AbstractPreparation],
) -> type[AbstractPreparation]:
    """The class of that name, or the class itself; `SettingsError` naming those known otherwise."""
    if isinstance(kind, type) and issubclass(kind, AbstractPreparation):
        return kind
    if kind in PREPARATIONS:
        return PREPARATIONS[kind]
    known = ", ".join(PREPARATIONS)
    raise SettingsError(f"no initial state called {kind!r}; choose from {known}")
