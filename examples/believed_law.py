"""Test laws that somebody believes in: their constants, standard errors and chi-square.

    python examples/believed_law.py

Densities with a known error of measurement. A law that is right leaves nothing but that error:
chi-square per degree of freedom is about 1. A few seconds.
"""

import numpy as np

import hiddenlaw as hl
from hiddenlaw.systems import Schroedinger

ERROR = 0.01  # standard deviation of every density

clean = Schroedinger(energy=0.37).simulate(runs=40, sites=48, dx=0.2, seed=2)
noise = np.random.default_rng(2).normal(scale=ERROR, size=clean.response.shape)
data = hl.Dataset.from_arrays(
    clean.input, clean.response + noise, dx=0.2, input_names="V", response_names="rho"
)

LAWS = {
    "the true law": "psi'' = (kappa*V - E)*psi",
    "the same as a law of the density": "rho''' = 4*kappa*V*rho' + 2*kappa*V'*rho - 4*E*rho'",
    "a wrong law, of first order": "psi' = (a*V - b)*psi",
    "a wrong law, in which the potential acts by its square": "psi'' = (a*V**2 - b)*psi",
}
for title, law in LAWS.items():
    print(f"{title}\n    {hl.test_law(law, data, response_error=ERROR)}\n")
