"""Two RC stages in cascade, as measured: how the voltage behind them follows that before.

    python examples/rc_circuit.py [RECORD] [--figure PATH]

Resistors and capacitors are linear, and a voltage pushes the charges and multiplies nothing: the
law is driven, dz/dt = A z + b u, and so is the comparison. Two stages have two real time constants
and, between them, no zero; at rest all of the voltage is seen, a gain of 1 less what a load takes.

hiddenlaw keeps the fewest variables of which another would not halve what is left. Here a single
stage with a dead time leaves half a thousandth of the variance, and the second stage does not
halve that: it is told as the dead time. (A dead time counts from the beginning of the step that
ends at a line's time; from that time on it is 1 ms less, 1.34 ms.) An output-error fit by SciPy of
second order finds two time constants and leaves a quarter less. With one zero instead of a delay
it finds the poles −179 and −1457 per second and the zero +1456: (1 − T s/2) / (1 + T s/2), which is
Padé's approximation of a dead time T of 1.37 ms, and it leaves more, 5.4e-4. So the verdict is
`approximate`. Intervals are those of the numbers of this law: the other's gain lies outside.

The record (1 ms a sample, a converter that switches pseudo-randomly) comes from
lorsi96/System-Identification-Control-for-RCRC-Circuit. About fifteen seconds.
"""

from _measured import driven

COLUMNS = {"x": "t", "input": "u", "response": "y"}


def main(arguments: list[str] | None = None) -> None:
    # Of the voltages no unit is written down.
    driven(__doc__, "rc-rc.csv", arguments, orders=(1, 2), delays=range(5), **COLUMNS,
           units={"t": "s"})  # fmt: skip


if __name__ == "__main__":
    main()
