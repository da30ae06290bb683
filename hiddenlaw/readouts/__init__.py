"""Readouts (state to response) and decoders (latent state to hidden state): the same functions."""

from hiddenlaw.readouts._base import AbstractReadout as AbstractReadout
from hiddenlaw.readouts.linear import Linear as Linear
from hiddenlaw.readouts.neural import Neural as Neural
from hiddenlaw.readouts.quadratic import WAVE as WAVE
from hiddenlaw.readouts.quadratic import Quadratic as Quadratic
from hiddenlaw.readouts.registry import READOUTS as READOUTS
from hiddenlaw.readouts.registry import readout_class as readout_class
