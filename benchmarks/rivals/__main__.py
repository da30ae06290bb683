"""One peer in a process of its own: `python -m rivals pytorch.gru DATA.npz SECONDS`."""

import sys
from importlib import import_module

import numpy as np

from rivals.task import Problem

if __name__ == "__main__":
    file, name = sys.argv[1].split(".")
    with np.load(sys.argv[2]) as stored:
        given = Problem(**stored)
    getattr(import_module(f"rivals.{file}"), name)(given, float(sys.argv[3]))
