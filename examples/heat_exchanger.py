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

from _measured import driven

COLUMNS = {"x": "ts", "input": "q", "response": "th"}


def main(arguments: list[str] | None = None) -> None:
    driven(__doc__, "exchanger.csv", arguments, orders=(1, 2, 3), delays=range(11), **COLUMNS,
           units={"ts": "s"})  # fmt: skip


if __name__ == "__main__":
    main()
