"""A theory made by hand: ψ'' = (κV + b) ψ with ρ = ψ², as a discovery would give it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from hiddenlaw.levels.bound_states import BoundStates, bound_states
from hiddenlaw.levels.curvature import curvature_law
from hiddenlaw.theory.equations.term import Term
from hiddenlaw.theory.equations.written import WrittenLaw, WrittenSystem
from hiddenlaw.theory.statement import Statement

DX, LOW, HIGH = 0.2, -6.0, -0.1


@dataclass(frozen=True)
class Example:
    """The statement of a law ψ'' = (κV + b) ψ, and the numbers of which it speaks."""

    kappa: float
    constant: float
    statement: Statement

    def bound_states(self, V: ArrayLike, x: ArrayLike, *, count: int | None = None) -> BoundStates:
        """The levels that the law gives a trap."""
        law = curvature_law(self.statement, (LOW,), (HIGH,))
        return bound_states(law, V, x, count=count)


def law_record(kappa, constant, *, stderr=1e-3, more=None) -> dict:
    """The law as it stands in a record; `more` are further terms, a value and stderr each."""
    terms = {
        "V*psi": {"value": kappa, "stderr": stderr},
        "psi": {"value": constant, "stderr": stderr},
        **(more or {}),
    }
    text = " + ".join(f"{entry['value']:g}*{term}" for term, entry in terms.items())
    return {"equation": f"psi'' = {text}", "latex": r"\psi''", "terms": {"psi''": terms}}


def theory_of(kappa=1.0, constant=-0.37, *, stderr=1e-3, more=None) -> Example:
    """What a discovery would have to say of this law."""
    statement = Statement(
        dimension=2,
        readout="quadratic",
        system=WrittenSystem(("psi' = psi'", "psi'' = …")),
        readout_law=WrittenLaw("rho = psi**2", "", {"rho": {"psi**2": Term(1.0, 0.0)}}),
    )
    record = law_record(kappa, constant, stderr=stderr, more=more)
    return with_law(Example(kappa, constant, statement), record)


def with_law(theory: Example, law: Mapping | None) -> Example:
    """The same theory with another law in its statement, given as in a record."""
    written = None if law is None else WrittenLaw.from_json(law)
    return replace(theory, statement=replace(theory.statement, law=written))


def write_run(directory, theory: Example, units=None) -> None:
    """The two files of a run directory that hold a theory."""
    directory.mkdir()
    matrices, weights = np.zeros((2, 2, 2)), np.zeros((6, 1))
    matrices[0] = [[0, DX], [theory.constant * DX, 0]]
    matrices[1] = [[0, 0], [theory.kappa * DX, 0]]
    weights[3] = 1.0
    model = {
        "offset": [0.0],
        "scale": [1.0],
        "exponents": [[0], [1]],
        "low": [LOW],
        "high": [HIGH],
        "response_scale": 1.0,
        "dx": DX,
    }
    record = {
        "format": "hiddenlaw.discovery",
        "version": 1,
        "verdict": "law",
        "verdict_reason": "",
        "selected": 0,
        "theories": [theory.statement.to_json() | {"model": model}],
        "dataset": {
            "runs": 4,
            "sites": 8,
            "x": "x",
            "input": ["V"],
            "response": ["rho"],
            "units": units or {},
        },
    }
    (directory / "discovery.json").write_text(json.dumps(record), encoding="utf-8")
    np.savez(
        directory / "models.npz",
        **{
            "theory/0/matrices": matrices,
            "theory/0/initial": np.array([1.0, 0.0]),
            "theory/0/weights": weights,
        },
    )
