"""A flexible robot arm: acceleration of the arm against the reaction torque of its base.

    python examples/robot_arm.py [RECORD] [--figure PATH]

An arm that bends is a few masses on springs, hardly damped: a linear law, which the torque pushes.
So the family is `driven`, as it is for the comparison, an output-error fit by SciPy. What is
looked for are frequencies and dampings of the modes that a slow sine sweep excites.

The part of the arm that does not bend answers a torque at once: some of the acceleration is the
torque itself. hiddenlaw's laws have no such direct path, y = C z + D u; a fifth variable, of a time
constant far below a sample, stands in for it. The record does not tell of that one, and with it no
coefficient of the equation is known by itself. The law is then read in its modes: gain, frequencies
and dampings have intervals of their own, and are those of the independent fit of order 4, which has
the direct path.

The record is DaISy's (KU Leuven), a periodic sweep. Its sampling is not stated: time is counted in
samples. About ten seconds.
"""

from dataclasses import replace

from _measured import Ends, asked, compare, discovered, read
from _output_error import fitted


def main(arguments: list[str] | None = None) -> None:
    options = asked(__doc__, "robot-arm.csv", arguments)
    # Without a column of times samples are counted 1, 2, 3, …
    data = read(options.record, input="u", response="y")
    data = replace(data, x_name="k", units={"k": "sample"})
    ends = Ends(data, discovered(data, family="driven"))
    fits = {f"SciPy, order {order}": fitted(ends.training, order) for order in (3, 4, 5)}
    compare(ends, fits, options.figure)


if __name__ == "__main__":
    main()
