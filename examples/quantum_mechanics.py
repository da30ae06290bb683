"""Rediscover quantum mechanics: from potentials and densities to the wave function and its law.

    python examples/quantum_mechanics.py

About a minute on one CPU core.
"""

import hiddenlaw as hl
from hiddenlaw.systems import Schroedinger

system = Schroedinger()  # psi'' = (V - 0.37) psi, rho = psi**2
data = system.simulate(runs=200, sites=64, dx=0.2, seed=0)
print(data)  # V and rho, and nothing else

found = hl.discover(data)
print(found)

# Square wells, which no training saw: the law alone predicts their densities.
wells = system.simulate(runs=20, sites=64, dx=0.2, seed=5, potentials="wells")
error = ((found.theory.predict(wells.input) - wells.response) ** 2).mean() / wells.response.var()
print(f"\n{found.theory.equation}: error on square wells {error:.1e} of the variance")

found.save("runs/quantum_mechanics")
print("everything is in runs/quantum_mechanics; open report.html there")
