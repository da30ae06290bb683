"""Readout classes by the names used on the command line and in files.

A readout of somebody else's joins with `READOUTS[MyReadout.name] = MyReadout`.
"""

from hiddenlaw.errors import SettingsError
from hiddenlaw.readouts._base import AbstractReadout
from hiddenlaw.readouts.linear import Linear
from hiddenlaw.readouts.neural import Neural
from hiddenlaw.readouts.quadratic import Quadratic

READOUTS: dict[str, type[AbstractReadout]] = {
    kind.name: kind for kind in (Linear, Quadratic, Neural)
}


def readout_class(name: str) -> type[AbstractReadout]:
    """The class called `name`; `SettingsError` naming those known otherwise."""
    try:
        return READOUTS[name]
    except KeyError:
        known = ", ".join(READOUTS)
        raise SettingsError(f"no readout or decoder called {name!r}; choose from {known}") from None
