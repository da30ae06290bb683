"""NiceGUI, which is an extra: what draws the page and keeps it alive."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from hiddenlaw.errors import SettingsError


def gui() -> Any:
    """The module `nicegui`. Raises `SettingsError`, with what to install, where there is none."""
    try:
        return import_module("nicegui")
    except ImportError:
        raise SettingsError(
            "the app needs NiceGUI, which is not installed: pip install 'hiddenlaw[app]', or in a "
            "clone of the project pip install -e '.[app]'"
        ) from None
