"""What is true of the data that the shared discovery is made from."""

ENERGY = 0.37
