"""How the input runs between samples, and what of it a cell of the grid is shown.

- zero: constant over a cell. The cell is shown the sample at its end; the initial state of a run
  sits one site before the first.
- first (linear between samples) and cubic (a spline through them): the cell from x[i-1] to x[i] is
  shown the input at its two Gauss points. The initial state sits at x[0], where the first sample of
  the response is taken, so the first site moves nothing.
"""

from hiddenlaw.holds._base import HOLDS as HOLDS
from hiddenlaw.holds._base import AbstractHold as AbstractHold
from hiddenlaw.holds._base import Applied as Applied
from hiddenlaw.holds._base import HasInput as HasInput
from hiddenlaw.holds._base import Span as Span
from hiddenlaw.holds._base import applied as applied
from hiddenlaw.holds._base import applied_to as applied_to
from hiddenlaw.holds._base import constant as constant
from hiddenlaw.holds._base import delayed as delayed
from hiddenlaw.holds._base import halved as halved
from hiddenlaw.holds._base import hold_called as hold_called
from hiddenlaw.holds._base import holds_for as holds_for
from hiddenlaw.holds._base import jumps_within as jumps_within
from hiddenlaw.holds._base import register as register
from hiddenlaw.holds._base import varies_in_cells as varies_in_cells
from hiddenlaw.holds._smooth import SmoothHold as SmoothHold
from hiddenlaw.holds.cubic import Cubic as Cubic
from hiddenlaw.holds.first import First as First
from hiddenlaw.holds.zero import Zero as Zero

for _hold in (Zero(), First(), Cubic()):
    register(_hold)
