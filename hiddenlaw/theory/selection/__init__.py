"""Laws that are polynomials of their state, fitted to the response itself, terms one by one."""

from hiddenlaw.theory.selection.direct import polynomial_laws as polynomial_laws
from hiddenlaw.theory.selection.result import DirectFit as DirectFit
