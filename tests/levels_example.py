"""A theory made by hand: ψ'' = (κV + b) ψ with ρ = ψ², as a discovery would give it."""

import copy
import json

import numpy as np

from hiddenlaw.cells import GeneratorCell, Monomials
from hiddenlaw.holds._base import Span
from hiddenlaw.readouts import Quadratic
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.recurrent import Recurrent

DX, LOW, HIGH = 0.2, -6.0, -0.1


def law_record(kappa, constant, *, stderr=1e-3, more=None):
    terms = {
        "V*psi": {"value": kappa, "stderr": stderr},
        "psi": {"value": constant, "stderr": stderr},
        **(more or {}),
    }
    text = " + ".join(f"{entry['value']:g}*{term}" for term, entry in terms.items())
    return {"equation": f"psi'' = {text}", "latex": r"\psi''", "terms": {"psi''": terms}}


def theory_of(kappa=1.0, constant=-0.37, *, stderr=1e-3, more=None) -> Theory:
    matrices = np.zeros((2, 2, 2))
    matrices[0] = [[0, DX], [constant * DX, 0]]
    matrices[1] = [[0, 0], [kappa * DX, 0]]
    monomials = Monomials((0.0,), (1.0,), ((0,), (1,)))
    cell = GeneratorCell.over(matrices, monomials, (LOW,), (HIGH,))
    weights = np.zeros((6, 1))
    weights[3] = 1.0
    record = {
        "dimension": 2,
        "readout": "quadratic",
        "law": law_record(kappa, constant, stderr=stderr, more=more),
        "system": {"equations": ["psi' = psi'", "psi'' = …"], "latex": [], "terms": {}},
        "readout_law": {"equation": "rho = psi**2", "latex": "", "terms": {}},
    }
    model = Recurrent(cell, Quadratic(weights, np.zeros(0)), np.array([1.0, 0.0]))
    return Theory(model, 1.0, DX, Span((LOW,), (HIGH,)), "zero", record)


def with_law(theory: Theory, law) -> Theory:
    """The same theory with another law in its record."""
    record = copy.deepcopy(theory.record) | {"law": law}
    return Theory(theory.model, theory.response_scale, theory.dx, theory.span, theory.hold, record)


def write_run(directory, theory: Theory, units=None) -> None:
    """The two files of a run directory that hold a theory."""
    directory.mkdir()
    cell = theory.model.cell
    assert isinstance(cell, GeneratorCell)
    entry = theory.record | {
        "model": {
            "offset": list(cell.monomials.offset),
            "scale": list(cell.monomials.scale),
            "exponents": [list(e) for e in cell.monomials.exponents],
            "low": list(theory.low),
            "high": list(theory.high),
            "response_scale": theory.response_scale,
            "dx": theory.dx,
        }
    }
    record = {
        "format": "hiddenlaw.discovery",
        "version": 1,
        "verdict": "law",
        "verdict_reason": "",
        "selected": 0,
        "theories": [entry],
        "dataset": {"x": "x", "input": ["V"], "response": ["rho"], "units": units or {}},
    }
    (directory / "discovery.json").write_text(json.dumps(record), encoding="utf-8")
    np.savez(
        directory / "models.npz",
        **{
            "theory/0/matrices": np.asarray(cell.matrices),
            "theory/0/initial": np.asarray(theory.model.initial),
            "theory/0/weights": np.asarray(theory.model.readout.weights),
        },
    )
