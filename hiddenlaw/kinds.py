"""What can be chosen by name: cells, readouts, holds and preparations, each from its registry.

A name is looked up when it is used, so that what somebody else has registered is known here and on
the command line. `discover` takes the thing itself, too: it then goes by the name it gives itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

from hiddenlaw.cells import CELLS, AbstractGeneratorCell
from hiddenlaw.errors import SettingsError
from hiddenlaw.holds import HOLDS
from hiddenlaw.preparations import PREPARATIONS
from hiddenlaw.readouts import READOUTS, Linear
from hiddenlaw.settings import Settings, settings

_AUTO = "auto"  # in place of a name: the data decide
_REGISTRIES: dict[str, MutableMapping[str, Any]] = {
    "cell": CELLS,
    "translator_readout": READOUTS,
    "decoders": READOUTS,
    "readout": READOUTS,
    "hold": HOLDS,
    "initial_state": PREPARATIONS,
}


def choose(**options: Any) -> Settings:
    """The settings that these options make: the fields of `Settings`, kinds by name or themselves.

    Raises `SettingsError`, in one line, for a wrong value, an unknown name, or two that do not go
    together.
    """
    chosen = settings(**_named(options))
    for setting, known in _known().items():
        for name in _names_in(chosen, setting):
            if name not in known:
                raise SettingsError(f"{setting} must be {_listed(known)}, not {name!r}")
    _check_together(chosen)
    if CELLS[chosen.cell].by_adam:
        chosen = chosen.model_copy(update={"translator_readout": Linear.name})
    return chosen


def _known() -> dict[str, list[str]]:
    """The names that each setting takes."""
    known = {setting: list(registry) for setting, registry in _REGISTRIES.items()}
    known["hold"].append(_AUTO)
    known["initial_state"].insert(0, _AUTO)
    known["translator_readout"] = [n for n, kind in READOUTS.items() if kind.of_theory() is kind]
    return known


def _names_in(chosen: Settings, setting: str) -> tuple[str, ...]:
    value = getattr(chosen, setting)
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _check_together(chosen: Settings) -> None:
    """Raise `SettingsError` for kinds that do not go with the other settings."""
    cell, readout = CELLS[chosen.cell], chosen.translator_readout
    if chosen.run_constants and not issubclass(cell, AbstractGeneratorCell):
        raise SettingsError("run_constants needs cell generator")
    if chosen.dimension is not None and chosen.readout is None:
        raise SettingsError(f"dimension needs a readout beside it: {_listed(READOUTS, False)}")
    per_run = chosen.initial_state != _AUTO and PREPARATIONS[chosen.initial_state].per_run
    squares = readout is not None and READOUTS[readout] is not Linear
    if squares and (per_run or chosen.run_constants):
        raise SettingsError(
            f"a translator with a {readout} readout takes runs that start alike; drop "
            "translator_readout"
        )
    if squares and cell.by_adam:
        raise SettingsError(
            f"a {chosen.cell} translator has a linear readout; drop translator_readout"
        )


def _named(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with names for the kinds that were given themselves, which are registered."""
    named = dict(options)
    for setting in named.keys() & _REGISTRIES.keys():
        value = named[setting]
        if isinstance(value, list | tuple):
            named[setting] = tuple(_name_of(kind, setting) for kind in value)
        else:
            named[setting] = _name_of(value, setting)
    return named


def _name_of(kind: Any, setting: str) -> Any:
    """The name of a kind that was given itself, registered under it; anything else as it is."""
    name, registry = getattr(kind, "name", None), _REGISTRIES[setting]
    if isinstance(kind, str) or not isinstance(name, str):
        return kind
    known = registry.setdefault(name, kind)
    if not name or not (known is kind or (_is_object(known) and type(known) is type(kind))):
        raise SettingsError(
            f"{setting} is {kind!r}, whose name {name!r} is taken or empty; give it a name of its "
            "own"
        )
    return name


def _is_object(kind: Any) -> bool:
    """Holds are objects, all other kinds are classes."""
    return not isinstance(kind, type)


def _listed(names: Iterable[str], quoted: bool = True) -> str:
    """`'a', 'b' or 'c'`, with quotes or without."""
    words = [repr(name) if quoted else name for name in names]
    return f"{', '.join(words[:-1])} or {words[-1]}"
