"""Dormand and Prince's numbers as plain lists, for generated code."""

from hiddenlaw.cells._runge_kutta import INNER, NODES, OUTER

NODE_VALUES: list[float] = NODES.tolist()
OUTER_ROW: list[float] = OUTER.tolist()
INNER_ROWS: list[list[float]] = [row[:i].tolist() for i, row in enumerate(INNER)]
