"""Records of laws that are not linear in their state, with noise of a known size."""

from dataclasses import replace

import numpy as np

import hiddenlaw as hl
from hiddenlaw.systems import Duffing, GrossPitaevskii

INTERACTING = "psi'' = (V - mu + g*psi**2)*psi"
DUFFING = "y'' = -delta*y' - alpha*y - beta*y**3 + u"


def noisy(data, share, seed=0):
    """The data with noise of that share of their deviation, and its standard deviation."""
    sigma = share * float(data.response.std())
    noise = np.random.default_rng(seed).normal(size=data.response.shape)
    return replace(data, response=data.response + sigma * noise), sigma


def condensate(g, share=0.01, runs=16, seed=0):
    return noisy(GrossPitaevskii(g=g).simulate(runs=runs, sites=24, dx=0.2, seed=seed), share)


def duffing(share=0.02, seed=1, runs=6, sites=40, **constants):
    data = Duffing(**constants).simulate(runs=runs, sites=sites, seed=seed, preparation="random")
    return noisy(data, share, seed)


def simulated(rates, start, *, seed, dx=0.2, runs=8, sites=40, channels=1, read=None):
    """Runs of z′ = rates(z, u), u held over cells, by forty Runge–Kutta steps a cell."""
    u = np.random.default_rng(seed).uniform(-1.0, 1.0, (runs, sites, channels))
    y, z, h = np.zeros((runs, sites)), np.tile(np.array(start, float), (runs, 1)), dx / 40
    for site in range(sites):
        now = u[:, site]
        for _ in range(40):
            a = rates(z, now)
            b = rates(z + h / 2 * a, now)
            c = rates(z + h / 2 * b, now)
            z = z + h / 6 * (a + 2 * b + 2 * c + rates(z + h * c, now))
        y[:, site] = z[:, 0] if read is None else read(z)
    names = ["u"] if channels == 1 else [f"u{k + 1}" for k in range(channels)]
    return hl.Dataset.from_arrays(u, y, dx=dx, x_name="t", input_names=names, response_names="y")
