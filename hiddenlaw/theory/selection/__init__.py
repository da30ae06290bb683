"""Laws that are polynomials of their state, fitted to the response itself, terms one by one."""

from hiddenlaw.theory.selection.direct import DirectFit as DirectFit
from hiddenlaw.theory.selection.direct import polynomial_laws as polynomial_laws
