"""Find the hidden state variables, and their law, behind pairs of input and response sequences.

    import hiddenlaw as hl

    data = hl.load("my.csv")
    found = hl.discover(data)
    print(found)
    found.theory.predict(V)

Names are resolved when first used, so that importing the package, and `hiddenlaw --help`, stay
quick. JAX's configuration is never changed: double precision is entered where it is needed.
"""

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hiddenlaw.believed.law_test import LawTest as LawTest
    from hiddenlaw.believed.law_test import test_law as test_law
    from hiddenlaw.data.dataset import Dataset as Dataset
    from hiddenlaw.discovery import Discovery as Discovery
    from hiddenlaw.discovery import as_dataset as as_dataset
    from hiddenlaw.discovery import discover as discover
    from hiddenlaw.discovery import load_discovery as load_discovery
    from hiddenlaw.errors import DataError as DataError
    from hiddenlaw.errors import FormatError as FormatError
    from hiddenlaw.errors import HiddenlawError as HiddenlawError
    from hiddenlaw.errors import LawError as LawError
    from hiddenlaw.errors import SavedElsewhere as SavedElsewhere
    from hiddenlaw.errors import SettingsError as SettingsError
    from hiddenlaw.errors import TrainingError as TrainingError
    from hiddenlaw.io import load as load
    from hiddenlaw.io import save as save
    from hiddenlaw.levels.bound_states import BoundStates as BoundStates
    from hiddenlaw.settings import Settings as Settings
    from hiddenlaw.theory.readings.frequency import FrequencyResponse as FrequencyResponse
    from hiddenlaw.theory.readings.frequency import frequency_response as frequency_response
    from hiddenlaw.theory.readings.step import StepResponse as StepResponse
    from hiddenlaw.theory.readings.step import step_response as step_response
    from hiddenlaw.theory.theory import Theory as Theory

_HOMES = {
    "Dataset": "data.dataset",
    "Discovery": "discovery",
    "as_dataset": "discovery",
    "discover": "discovery",
    "DataError": "errors",
    "FormatError": "errors",
    "HiddenlawError": "errors",
    "LawError": "errors",
    "SavedElsewhere": "errors",
    "SettingsError": "errors",
    "TrainingError": "errors",
    "load": "io",
    "save": "io",
    "load_discovery": "discovery",
    "Settings": "settings",
    "BoundStates": "levels.bound_states",
    "LawTest": "believed.law_test",
    "test_law": "believed.law_test",
    "StepResponse": "theory.readings.step",
    "step_response": "theory.readings.step",
    "FrequencyResponse": "theory.readings.frequency",
    "frequency_response": "theory.readings.frequency",
    "Theory": "theory.theory",
}
logging.getLogger(__name__).addHandler(logging.NullHandler())  # whoever listens adds another
__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]  # a list all the same


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'hiddenlaw' has no attribute {name!r}")
    value = getattr(import_module(f"hiddenlaw.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
