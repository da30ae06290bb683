"""The terms of a law: what each state variable's derivative is made of."""

from typing import NamedTuple


class Coefficient(NamedTuple):
    """One term of a law: z_row′ contains `value` · V^`input` · Π z_k for k in `state`.

    - `row`: the state variable that is moved, counted from 0.
    - `state`: the state variables of the product: () drives, free of the state; (0,) is linear in
      the first of them, (0, 0, 0) cubic.
    - `input`: the exponent of each channel.
    - `value`: in the data's units.
    """

    row: int
    state: tuple[int, ...]
    input: tuple[int, ...]
    value: float
