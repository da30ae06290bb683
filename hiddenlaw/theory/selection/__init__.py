"""Laws that are polynomials of their state, fitted to the response itself, terms one by one."""

from hiddenlaw.theory.selection.direct import polynomial_laws as polynomial_laws
from hiddenlaw.theory.selection.free_basis import free_translator as free_translator
from hiddenlaw.theory.selection.of_answers import OfAnswers as OfAnswers
from hiddenlaw.theory.selection.of_answers import laws_of_answers as laws_of_answers
from hiddenlaw.theory.selection.result import DirectFit as DirectFit
from hiddenlaw.theory.selection.result import narrowest as narrowest
from hiddenlaw.theory.selection.sweep import Sweep as Sweep
