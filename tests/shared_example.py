"""What is true of the data that the shared discovery is made from, and how small it is.

Discoveries of as many runs, sites and seeds share what is compiled.
"""

ENERGY = 0.37
RUNS, SITES = 30, 32
SMALL = {"max_dimension": 3, "seeds": 2, "translator_seeds": 1, "seed": 0}
