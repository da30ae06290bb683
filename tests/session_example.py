"""What is true of the data that the session's discovery is made from."""

ENERGY = 0.37
