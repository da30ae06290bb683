"""A heat exchanger: temperature of the liquid that leaves it against how fast the liquid flows.

    python examples/heat_exchanger.py [RECORD] [--figure PATH]

Steam heats the liquid; the faster it flows, the less each part of it is heated, and what was
heated needs a while to reach the outlet. The flow carries the heat along, so the true law has
products of flow and temperature. Near one working point it is close to a linear law that the flow
pushes; this is the family that is asked for here, `driven`, because the comparison, an output-error
fit by SciPy, is linear as well. That neither explains all is seen in what they leave.

The record is DaISy's (KU Leuven), one sample a second. Units of flow and temperature are not
stated. About ten seconds.
"""

from dataclasses import replace

from _measured import Ends, asked, draw, side_by_side, tell
from _output_error import fitted

import hiddenlaw as hl


def main(arguments: list[str] | None = None) -> None:
    options = asked(__doc__, "exchanger.csv", arguments)
    data = hl.load(options.record, x="ts", input="q", response="th")
    data = replace(data, units={"ts": "s"})
    print(data)

    found = hl.discover(data, family="driven")
    tell(found)

    ends = Ends(data, found)
    fits = {
        f"SciPy, order {order}": fitted(ends.training, order, delays=range(11))
        for order in (1, 2, 3)
    }
    side_by_side(ends, fits)
    if options.figure:
        draw(ends, fits, options.figure)


if __name__ == "__main__":
    main()
