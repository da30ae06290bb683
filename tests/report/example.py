"""A discovery record and its arrays, made from the exact formulas of the Schrödinger equation.

One particle at fixed energy: ψ″ = (κV − E)ψ with κ = 1, E = 0.37, seen as ρ = ψ². The matrices are
written with complex roots, independently of the package.
"""

from typing import Any

import numpy as np

KAPPA, ENERGY, DX, SITES, RUNS, HELD_OUT = 1.0, 0.37, 0.2, 64, 4, 20


def cell_matrix(v: np.ndarray) -> np.ndarray:
    """(ψ, ψ′) across a cell of constant potential, by the cosine of a complex wave number."""
    k = np.sqrt((ENERGY - KAPPA * v).astype(complex))
    c, s = np.cos(k * DX), np.sin(k * DX)
    return np.stack([np.stack([c, s / k], -1), np.stack([-k * s, c], -1)], -2).real


def symmetric_square(m: np.ndarray) -> np.ndarray:
    """What (ψ², ψψ′, ψ′²) move with when (ψ, ψ′) move with m."""
    a, b, c, d = m[..., 0, 0], m[..., 0, 1], m[..., 1, 0], m[..., 1, 1]
    rows = [[a * a, 2 * a * b, b * b], [a * c, a * d + b * c, b * d], [c * c, 2 * c * d, d * d]]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def potentials(rng: np.random.Generator, runs: int, x: np.ndarray) -> np.ndarray:
    wave = sum(
        rng.normal(size=(runs, 1)) * np.cos(n * 0.5 * x + rng.uniform(0, 6.3, (runs, 1)))
        for n in range(1, 5)
    )
    return -2.9 + 2.2 * np.tanh(wave / 1.4)


def solve(v: np.ndarray) -> np.ndarray:
    state, states = np.tile([1.0, 0.0], (len(v), 1)), []
    for site in range(v.shape[1]):
        state = np.einsum("rij,rj->ri", cell_matrix(v[:, site]), state)
        states.append(state)
    return np.stack(states, axis=1)


def make_arrays(*, noise: float = 1e-9) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    x = DX * np.arange(1, SITES + 1)
    v = potentials(rng, RUNS, x)
    states = solve(v)
    rho = states[..., :1] ** 2
    signs = np.array([1, -1, -1, 1])[:, None, None]
    xi = states[..., 1] ** 2
    density = np.stack(
        [
            rho[..., 0],
            2 * states[..., 0] * states[..., 1],
            2 * xi - 2 * ENERGY * rho[..., 0],
        ],
        axis=-1,
    )
    held = potentials(rng, HELD_OUT, x)
    truth = solve(held)[..., :1] ** 2
    variance = truth.var(axis=(1, 2))
    inputs = np.linspace(-6.0, -0.13, 60)
    arrays = {
        "sample/x": x,
        "sample/input": v[..., None],
        "sample/response": rho,
        "sample/translator": rho + 1e-3 * rng.normal(size=rho.shape),
        "latent/0/states": signs * states,
        "latent/1/states": density,
        "truth/psi": states[..., 0],
        "truth/psi'": states[..., 1],
        "transfer/input": inputs,
        "transfer/0/matrix": cell_matrix(inputs) + noise * rng.normal(size=(60, 2, 2)),
        "transfer/1/matrix": symmetric_square(cell_matrix(inputs)),
    }
    for theory, size in ((0, noise), (1, 30 * noise)):
        along = size * np.sqrt(np.arange(1, SITES + 1))[:, None]
        residual = (
            along
            * rng.normal(size=(HELD_OUT, SITES, 1))
            * rng.lognormal(sigma=1.5, size=(HELD_OUT, 1, 1))
        )
        arrays[f"residual/{theory}"] = residual
        arrays[f"error/{theory}"] = (residual**2).mean(axis=(1, 2)) / variance
        arrays[f"sample/{theory}/predicted"] = rho + size * rng.normal(size=rho.shape)
    return arrays


def make_record() -> dict[str, Any]:
    return {
        "format": "hiddenlaw.discovery",
        "version": 1,
        "dataset": {
            "runs": 100,
            "sites": SITES,
            "dx": DX,
            "input": ["V"],
            "response": ["rho"],
            "hold": "zero",
            "x": "x",
            "units": {"V": "eV", "x": "nm", "rho": "1/nm^3"},
            "input_range": [[-5.63, -0.13]],
            "source": "schroedinger (simulated)",
        },
        "verdict": "law",
        "dimension": {"linear": 3, "quadratic": 2, "neural": 2},
        "reason": {
            "linear": "at d = 3 the loss is that of rounding; more variables gain nothing",
            "quadratic": "from d = 2 on, more variables change nothing by more than 2 errors",
            "neural": "from d = 2 on, more variables change nothing by more than 2 errors",
        },
        "selected": 0,
        "theories": [quantum_mechanics(), density_functional()],
        "sweep": sweep(),
        "translator": {
            "cell": "generator",
            "hidden": 6,
            "heldout_error": 3.1e-21,
            "seed_errors": [[2e-21, 3.1e-21], [5e-20, 6e-20], None],
        },
        "heldout_runs": HELD_OUT,
        "truth": {
            "system": "schroedinger",
            "parameters": {"kappa": KAPPA, "energy": ENERGY},
            "overlap": {"psi": 0.9999999},
        },
        "noise": {"deviation": {"rho": 2e-9}, "relative": {"rho": 1.1e-9}},
        "evidence": [
            {
                "rival": "3 variables, linear readout",
                "log10_bayes_factor": 2.1,
                "heldout_error_ratio": 1.9,
                "heldout_chance": 0.31,
                "meaning": "decisive evidence for the winner: it needs 1 constant fewer",
            }
        ],
        "notes": [
            "The scale of psi is convention: rho = psi**2 fixes it.",
            "The law is assumed to be a polynomial in V of degree at most 2.",
        ],
        "spectrum": [1.0, 0.21, 0.034, 3e-17],
        "settings": {"seed": 0, "max_dimension": 4},
        "seconds": {"translator": 6.1, "sweep": 21.5, "refit": 3.3},
        "versions": {"hiddenlaw": "0.1.0", "jax": "0.10.2"},
    }


def measured(value: float, stderr: float) -> dict[str, Any]:
    return {"value": value, "stderr": stderr, "ci95": [value - 2 * stderr, value + 2 * stderr]}


def quantum_mechanics() -> dict[str, Any]:
    return {
        "dimension": 2,
        "readout": "quadratic",
        "reconstruction_loss": 4.2e-24,
        "heldout_error": 1.2e-18,
        "heldout_error_median": 3e-19,
        "heldout_error_worst": 2.2e-17,
        "parameters": 2,
        "rank": 0,
        "reason": "fewest variables, fewest constants, and no larger error than its rivals",
        "state_names": ["psi", "psi'"],
        "law": {
            "equation": "psi'' = V*psi - 0.37*psi",
            "latex": r"\psi'' = V\,\psi - 0.37\,\psi",
            "with_errors": "psi'' = (1 ± 7e-10)*V*psi - (0.37 ± 4e-10)*psi",
            "with_errors_latex": r"\psi'' = (1 \pm 7e-10)\,V\,\psi - (0.37 \pm 4e-10)\,\psi",
            "terms": {
                "psi''": {
                    "V*psi": measured(1.00000000012, 3.4e-10),
                    "psi": measured(-0.36999999988, 2.1e-10),
                }
            },
        },
        "distilled": {"psi''": {"V*psi": {"value": 0.999987}, "psi": {"value": -0.370021}}},
        "system": {
            "equations": ["psi' = psi'", "psi'' = V*psi - 0.37*psi"],
            "latex": [
                r"\frac{d}{dx}\begin{pmatrix}\psi\\ \psi'\end{pmatrix} = "
                r"\begin{pmatrix}0 & 1\\ V - 0.37 & 0\end{pmatrix}"
                r"\begin{pmatrix}\psi\\ \psi'\end{pmatrix}"
            ],
            "terms": {
                "psi'": {"psi'": measured(1.0, 0.0)},
                "psi''": {
                    "V*psi": measured(1.00000000012, 3.4e-10),
                    "psi": measured(-0.36999999988, 2.1e-10),
                },
            },
        },
        "readout_law": {
            "equation": "rho = psi**2",
            "latex": r"\rho = \psi^{2}",
            "terms": {"rho": {"psi**2": measured(1.0, 0.0)}},
        },
        "discrete": {
            "equation": "psi[i+1]/s[i+1] + psi[i-1]/s[i] = (c[i+1]/s[i+1] + c[i]/s[i])*psi[i]",
            "latex": r"\frac{\psi_{i+1}}{s_{i+1}} + \frac{\psi_{i-1}}{s_{i}} = "
            r"\left(\frac{c_{i+1}}{s_{i+1}} + \frac{c_{i}}{s_{i}}\right)\psi_{i}",
            "leading_order": "psi[i+1] - 2*psi[i] + psi[i-1] = dx**2*(V[i] - 0.37)*psi[i]",
            "leading_order_latex": r"\psi_{i+1} - 2\psi_{i} + \psi_{i-1} = "
            r"dx^{2}\left[\frac{V_{i}+V_{i+1}}{2} - 0.37\right]\psi_{i}",
            "definitions": ["k[i] = sqrt(0.37 - V[i])", "c = cos(k*dx)", "s = sin(k*dx)/k"],
            "definitions_latex": [
                r"k_{i} = \sqrt{0.37 - V_{i}}",
                r"c_{i} = \cos(k_{i}\,dx)",
                r"s_{i} = \sin(k_{i}\,dx)/k_{i}",
            ],
        },
        "invariants": [
            {
                "name": "max |det W(V) - 1|",
                "latex": r"\max|\det W(V)-1|",
                "value": 4.1e-13,
                "stderr": None,
                "meaning": "area in phase space: the Wronskian is conserved",
            },
            {
                "name": "tr(A B)",
                "latex": r"\mathrm{tr}(AB)",
                "value": 1.00000000012,
                "stderr": 3.4e-10,
                "meaning": "kappa, in any basis",
            },
        ],
        "born": {"eigenvalue_ratio": 1.3e-12, "constant": -2e-13, "linear": 0.0},
        "units": {"psi''": {"V*psi": "1/(eV nm^2)", "psi": "1/nm^2"}},
    }


def density_functional() -> dict[str, Any]:
    return {
        "dimension": 3,
        "readout": "linear",
        "reconstruction_loss": 0.0,
        "heldout_error": 1.1e-15,
        "heldout_error_median": 4e-16,
        "heldout_error_worst": 3e-14,
        "parameters": 3,
        "rank": 1,
        "reason": "one more variable, and a linear readout",
        "state_names": ["rho", "rho'", "zeta"],
        "law": {
            "equation": "rho''' = 4*V*rho' + 2*V'*rho - 1.48*rho'",
            "latex": r"\rho''' = 4\,V\,\rho' + 2\,V'\,\rho - 1.48\,\rho'",
            "terms": {
                "rho'''": {
                    "V*rho'": measured(4.0000002, 3e-7),
                    "V'*rho": measured(1.9999999, 2e-7),
                    "rho'": measured(-1.4800001, 4e-7),
                }
            },
        },
        "distilled": {
            "rho'''": {
                "V*rho'": {"value": 4.0001},
                "V'*rho": {"value": 1.9998},
                "rho": {"value": 2e-5},
            }
        },
        "system": {
            "equations": ["rho' = rho'", "rho'' = zeta + 2*V*rho", "zeta' = 2*V*rho' - 1.48*rho'"],
            "latex": [
                r"\rho' = \rho'",
                r"\rho'' = \zeta + 2\,V\,\rho",
                r"\zeta' = 2\,V\,\rho' - 1.48\,\rho'",
            ],
            "terms": {
                "rho''": {
                    "zeta": measured(1.0, 0.0),
                    "V*rho": measured(1.9999999, 2e-7),
                },
                "zeta'": {
                    "V*rho'": measured(2.0000001, 2e-7),
                    "rho'": measured(-1.4800001, 4e-7),
                },
            },
        },
        "readout_law": {
            "equation": "rho = rho",
            "latex": r"\rho = \rho",
            "terms": {"rho": {"rho": measured(1.0, 0.0)}},
        },
        "discrete": None,
        "invariants": [
            {
                "name": "rho*xi - eta**2 over mean |rho*xi|",
                "latex": r"(\rho\,\xi-\eta^2)\,/\,\langle|\rho\,\xi|\rangle",
                "value": 3e-9,
                "stderr": None,
                "meaning": "null on the data: J = 0, so three variables are the square of two",
            },
            {
                "name": "defect of its conservation",
                "latex": None,
                "value": 1e-10,
                "stderr": None,
                "meaning": "relative; the next best quadratic form has 0.2",
            },
        ],
        "born": None,
        "units": {},
    }


def sweep() -> list[dict[str, Any]]:
    losses = {
        "linear": [0.985, 0.52, 1e-28, 0.0],
        "quadratic": [0.97, 4e-24, 3e-24, 2e-24],
        "neural": [0.96, 7e-6, 5e-6, 4e-6],
    }
    rng = np.random.default_rng(1)
    entries: list[dict[str, Any]] = []
    for readout, by_dimension in losses.items():
        for dimension, loss in enumerate(by_dimension, start=1):
            for seed in range(4):
                worse = 1.0 if seed == 0 else float(rng.lognormal(0.5, 0.8))
                if seed == 3 and dimension == 2 and readout != "linear":
                    worse = 0.5 / loss
                entries.append(
                    {
                        "dimension": dimension,
                        "readout": readout,
                        "seed": seed,
                        "train_loss": min(loss * worse, 1.0),
                        "heldout_loss": min(1.1 * loss * worse, 1.1),
                    }
                )
    entries[-1] |= {"train_loss": None, "heldout_loss": None}
    return entries


def driven_record() -> dict[str, Any]:
    """Of y′ = (2 u(t − 0.3) − y)/0.8, with just what figures of a driven law ask for."""
    readings = [{"name": "gain of y for u", "value": 2.0, "stderr": 0.01, "ci95": [1.98, 2.02]}]
    tested = {"response": "y", "statistic": 25.0, "degrees": 25, "samples": 880}
    return {
        "dataset": {
            "runs": 1,
            "sites": 900,
            "x": "t",
            "input": ["u"],
            "response": ["y"],
            "hold": "zero",
            "units": {"t": "s", "u": "V", "y": "rpm"},
        },
        "verdict": "law",
        "theories": [{"dimension": 1, "readout": "linear", "readings": readings}],
        "selected": 0,
        "dead_time": [{"input": "u", "value": 0.3, "stderr": 0.01, "ci95": [0.28, 0.32]}],
        "simulation": [
            {"record": 0, "context": 20, "rmse": {"y": 0.1}, "relative": {}, "fit": {"y": 0.985}}
        ],
        "residuals": {
            "of": "free run",
            "whiteness": [tested | {"chance": 0.4, "largest": 0.05, "lag": 2}],
            "cross_correlation": [
                tested | {"input": "u", "chance": 1e-30, "largest": 0.5, "lag": 3}
            ],
        },
    }


def driven_arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    x = np.linspace(0, 6, 121)
    step = 2 * (1 - np.exp(-np.maximum(x - 0.3, 0) / 0.8))
    omega = np.geomspace(0.05, np.pi / 0.1, 80)
    answer = 2 / (1 + 0.8j * omega)
    t = 0.1 * np.arange(1, 901)
    measured = np.sin(0.3 * t)
    predicted = measured + 0.01 * rng.normal(size=t.shape)
    measured[500] += 0.5
    lags, shifts = np.arange(26), np.arange(-25, 26)
    cross = 0.02 * rng.normal(size=51)
    cross[28] = 0.5
    return {
        "step/x": x,
        "step/values": step[:, None, None],
        "step/stderr": 0.02 * step[:, None, None],
        "frequency/omega": omega,
        "frequency/magnitude": np.abs(answer)[:, None, None],
        "frequency/log_stderr": np.full((80, 1, 1), 0.02),
        "frequency/phase": np.degrees(np.angle(answer) - 0.3 * omega)[:, None, None],
        "frequency/phase_stderr": np.full((80, 1, 1), 1.0),
        "free_run/0/x": t,
        "free_run/0/measured": measured[:, None],
        "free_run/0/predicted": predicted[:, None],
        "correlation/lags": lags,
        "correlation/auto": np.where(lags == 0, 1.0, 0.05 * rng.normal(size=26))[:, None],
        "correlation/auto_bound": np.where(lags == 0, 0.0, 0.066)[:, None],
        "correlation/shifts": shifts,
        "correlation/cross": cross[:, None, None],
        "correlation/cross_bound": np.full((51, 1, 1), 0.066),
    }
