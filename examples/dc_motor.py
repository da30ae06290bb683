"""A DC motor: how its speed follows the voltage, from three experiments of unequal length.

    python examples/dc_motor.py [RECORD] [--figure PATH]

A motor is a flywheel that a torque in proportion to the voltage turns, and that back-EMF and
friction brake: to first order T n' = K U - n, with a gain K in rpm per volt and a time constant T.
That law is driven, n' = a U - b n + c: the voltage pushes the speed and multiplies nothing, and
the comparison is a linear law as well. So only this family is asked for; by default products of
voltage and speed would be tried, too, which takes longer.

At the end of each experiment a controller holds the speed: it hardly moves, and where a load makes
it jump the voltage answers. So the last 30 % say mostly how right the gain is. A second variable,
which SciPy's fit of order 2 has, becomes a slow drift that grows, of some 24 s. It leaves much less
there, though no motor drifts so for ever; hiddenlaw keeps one variable, and calls that law
`approximate`.

The record (10 ms a sample, voltages in steps) comes from daniw/rt-l. It is in German: Zeit is the
time, Motorspannung the voltage, Geschwindigkeit the speed. Beside the law stands an output-error
fit by SciPy, to the same 70 % of each experiment. About ten seconds.
"""

from _measured import driven

COLUMNS = {"x": "Zeit", "input": "Motorspannung", "response": "Geschwindigkeit"}
UNITS = {"Zeit": "s", "Motorspannung": "V", "Geschwindigkeit": "rpm"}


def main(arguments: list[str] | None = None) -> None:
    # Rows with one label in the column `run` are one experiment.
    driven(__doc__, "dc-motor.csv", arguments, orders=(1, 2), delays=range(21), **COLUMNS,
           units=UNITS)  # fmt: skip


if __name__ == "__main__":
    main()
