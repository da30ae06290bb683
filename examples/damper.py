"""A magneto-rheological damper: its force against the velocity of its piston.

    python examples/damper.py [RECORD] [--figure PATH]

The fluid in it yields only above some stress, so the force saturates with the velocity, and
runs through a loop. No law that is linear in its state does so: the verdict is `approximate`, with
what is left. Beside it stand what an output-error fit by SciPy leaves, and what a curve does, force
against the velocity of the same moment, without any memory.

The record (5 ms a sample, cm/s and N) comes from RomanFoell/DRGP-VSS. About fifteen seconds.
"""

import numpy as np
from _measured import Ends, asked, discovered, draw, read, side_by_side
from _output_error import fitted


def main(arguments: list[str] | None = None) -> None:
    options = asked(__doc__, "damper.csv", arguments)
    units = {"t": "s", "v": "cm/s", "f": "N"}
    data = read(options.record, x="t", input="v", response="f", units=units)
    ends = Ends(data, discovered(data))
    fits = {f"SciPy, order {order}": fitted(ends.training, order) for order in (1, 2, 3)}
    side_by_side(ends, fits)
    curve, *_ = (np.polynomial.Polynomial.fit(u, y, 7) for u, y in ends.training)
    (ahead,) = ends.errors([curve(u[begin:end]) for (u, _), (_, begin, end)
                            in zip(ends.whole, ends.pieces, strict=True)])  # fmt: skip
    print(f"\nA curve of 7th degree in v, without memory: off by {ahead:.3g} N, "
          f"{ahead**2 / data.variance[0]:.2g} of the variance")  # fmt: skip
    if options.figure:
        draw(ends, fits, options.figure)


if __name__ == "__main__":
    main()
