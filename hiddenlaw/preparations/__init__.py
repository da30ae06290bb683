"""Preparations: where runs start, and numbers that stay the same along a run."""

from hiddenlaw.preparations._base import AbstractPreparation as AbstractPreparation
from hiddenlaw.preparations.context import Context as Context
from hiddenlaw.preparations.hold_back import between as between
from hiddenlaw.preparations.hold_back import hold_back as hold_back
from hiddenlaw.preparations.own import Own as Own
from hiddenlaw.preparations.registry import PREPARATIONS as PREPARATIONS
from hiddenlaw.preparations.registry import preparation_class as preparation_class
from hiddenlaw.preparations.registry import preparation_for as preparation_for
from hiddenlaw.preparations.run_constants import RunConstants as RunConstants
from hiddenlaw.preparations.shared import Shared as Shared
