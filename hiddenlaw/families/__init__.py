"""Families of law, from the poorest that could explain a response to the richest.

- driven: dz/dx = A z + B u + c. The input pushes the state and never multiplies it.
- multiplied: dz/dx = (A + B V + …) z, and with a variable that is constant both at once.

A richer family is believed in place of a poorer one only where it leaves at most half as much of
unseen runs unexplained, and on so many of them that luck would do it once in a thousand.
"""

from hiddenlaw.families._base import AbstractFamily as AbstractFamily
from hiddenlaw.families.driven import Driven as Driven
from hiddenlaw.families.multiplied import Multiplied as Multiplied
from hiddenlaw.families.polynomial import Polynomial as Polynomial
from hiddenlaw.families.registry import FAMILIES as FAMILIES
from hiddenlaw.families.registry import families_for as families_for
