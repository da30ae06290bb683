"""What is tried by `faults.py`, one kind of fault a file."""

import sys
from pathlib import Path

# What the tests try in small they share with these trials.
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "faults"))
