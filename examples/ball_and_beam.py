"""A ball on a beam: where it rolls to as the beam tilts.

    python examples/ball_and_beam.py [RECORD] [--figure PATH]

A ball that rolls without slipping has x'' = (5/7) g sin(angle): the angle pushes it, and nothing
pulls it back. The law is driven and linear for small angles, a double integrator. An error in its
velocity grows with time and one in its acceleration with the square of time, so a free run over all
of the last 30 % of the record, half a minute, drifts away whatever the model, and says nothing of
it. The fair test are short windows: in each, a model sees 16 samples, finds where the ball is and
how fast it rolls, and predicts the 48 after them, about five seconds. Both are told here.

Beside the law stand two output-error fits of second order by SciPy, to the first 70 % as a whole
and cut into such windows. None of the three knows that nothing pulls the ball back: the poles at
zero come out as a pair of slow ones, of which one grows, a negative time constant. And the end of
this record has room for four windows, so a factor of two between errors says little.

The record is DaISy's (KU Leuven), 0.1 s a sample. Units of angle and position are not stated; were
they radians and metres, the push would be (5/7) g = 7 m/s². About ten seconds.
"""

from dataclasses import replace

from _measured import Ends, asked, discovered, draw, read, side_by_side
from _output_error import fitted

WINDOW = 64  # samples


def main(arguments: list[str] | None = None) -> None:
    options = asked(__doc__, "ball-and-beam.csv", arguments)
    # Without a column of times samples are counted 1, 2, 3, …; they are 0.1 s apart.
    data = read(options.record, input="u", response="y", dx=0.1)
    data = replace(data, x_name="t", units={"t": "s"})
    found = discovered(data, family="driven")
    if not found.theories:
        print("No law was found, and none is claimed; what stands below is the linear fit alone.")

    ends = Ends(data, found, window=WINDOW)
    # Over all of the first 70 % drift governs a fit as well; in windows it does not.
    windows = [
        (u[begin : begin + WINDOW], y[begin : begin + WINDOW])
        for u, y in ends.training
        for begin in range(0, len(u) - WINDOW + 1, WINDOW)
    ]
    fits = {
        "SciPy, whole": fitted(ends.training, order=2),
        "SciPy, in windows": fitted(windows, order=2),
    }
    side_by_side(ends, fits)
    whole = Ends(data, found)
    drifted = [
        *whole.errors(whole.by_law()),
        *(whole.errors(whole.by_fit(fit))[0] for fit in fits.values()),
    ]
    spread = data.variance[0] ** 0.5
    print("\nFreely over all of it, each drifts away, by "
          f"{', '.join(f'{each / spread:.0f}' for each in drifted)} standard deviations of y: "
          "errors grow where nothing pulls back, whatever the law.")  # fmt: skip
    if options.figure:
        draw(ends, fits, options.figure)


if __name__ == "__main__":
    main()
