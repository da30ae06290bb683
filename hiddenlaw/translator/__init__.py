"""The translator: a recurrent network that learns the response to an input.

It is wider than nature needs (six hidden variables by default), so that the knowledge distiller has
something to compress.
"""

from hiddenlaw.translator.model import Translator as Translator
from hiddenlaw.translator.model import TranslatorFit as TranslatorFit
from hiddenlaw.translator.model import answer_to as answer_to
from hiddenlaw.translator.model import starts_of as starts_of
from hiddenlaw.translator.run_constants import train_run_constants as train_run_constants
from hiddenlaw.translator.sequences import joint_span as joint_span
from hiddenlaw.translator.sequences import measured_sequences as measured_sequences
from hiddenlaw.translator.sequences import open_sequences as open_sequences
from hiddenlaw.translator.sequences import sequences_for as sequences_for
from hiddenlaw.translator.train import hidden_size as hidden_size
from hiddenlaw.translator.train import train_translator as train_translator
from hiddenlaw.translator.windows import cut as cut
from hiddenlaw.translator.windows import windows_of as windows_of
