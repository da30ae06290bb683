"""What a discovery tells the logger `hiddenlaw.discovery` when it begins and when it ends."""

from __future__ import annotations

import logging

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.discovery.found import Discovery

_LOG = logging.getLogger("hiddenlaw.discovery")


def log_begun(data: Dataset) -> None:
    """What is searched, and what was done to it before."""
    _LOG.info("searching in %s", data)
    for said in data.remarks:
        _LOG.debug("of the data: %s", said)


def log_found(found: Discovery) -> None:
    """The verdict and the theories; notes, and how long each stage took, as details."""
    record = found.record
    _LOG.info("verdict: %s", found.verdict)
    for theory in found.theories:
        _LOG.info("%d variables, %s readout: %s", theory.dimension, theory.readout, theory.equation)
    for note in record["notes"]:
        _LOG.debug("note: %s", note)
    for stage, seconds in record["seconds"].items():
        _LOG.debug("%s took %.2f s", stage, seconds)
