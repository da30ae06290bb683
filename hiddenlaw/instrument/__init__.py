"""The instrument is asked before the law: what of a misfit is its own, and not the law's.

- alignment: an input that acts later or earlier than it was recorded.
- blur: samples that have something of their neighbours.
- background: a constant under the response, and a slope.
- friction: a drive that loses a constant part of its push.

One that explains at least half of what a plain law leaves, for each of its numbers, is taken off
the data, and the law is sought once more. Of friction it is asked otherwise.
"""

from hiddenlaw.instrument._base import CORRECTIONS as CORRECTIONS
from hiddenlaw.instrument._base import AbstractCorrection as AbstractCorrection
from hiddenlaw.instrument.alignment import Alignment as Alignment
from hiddenlaw.instrument.background import Background as Background
from hiddenlaw.instrument.blur import Blur as Blur
from hiddenlaw.instrument.friction import Friction as Friction
from hiddenlaw.instrument.imperfections import Imperfections as Imperfections
from hiddenlaw.instrument.imperfections import imperfections_of as imperfections_of
