"""Small numbers that mean the same wherever they stand."""

TINY = 1e-300
"""In place of a zero that would be divided by: far below anything measured, and no subnormal."""

ROUNDING = 1e-12
"""Share of a number's size below which a change is taken for rounding: some 5000 roundings."""

SAME = 1e-9
"""Share of a channel's range within which two values of the input are taken for one."""
