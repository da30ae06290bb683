"""What the page says: stages of a search, and messages of readers by what is on the page."""

from __future__ import annotations

import re

ROLES = {
    "input": "input",
    "response": "response",
    "x": "grid (time, place)",
    "run": "number of the run",
    "error": "error of the response",
    "": "not read",
}
HOLDS = {
    "zero": "zero: constant over each cell",
    "first": "first: linear between samples",
    "cubic": "cubic: a spline",
    "auto": "auto: held-out error decides",
}
FAMILIES = {
    "auto": "auto: the poorest that explains the response",
    "driven": "driven: the input pushes the state",
    "multiplied": "multiplied: the input multiplies the state",
    "polynomial": "polynomial: the state multiplies itself",
}
STARTS = {
    "auto": "auto: alike, unless held-out error says otherwise",
    "shared": "alike in all runs",
    "per-run": "each run from its own state",
    "context": "each from its own, read off its first samples",
}
LABELS = {
    "allow-missing": "Empty fields are missing samples",
    "resample": "Put on an even grid of step",
    "dx": "Step of the samples",
    "family": "Kind of law",
    "max-dimension": "Most variables",
    "initial-state": "Where runs start",
    "seed": "Seed",
    "hold": "Between samples the input is",
}
_PARTS = {"input": "input", "response": "response", "x": "grid", "run": "number of the run"}
_PARTS |= {"response-error": "error of the response"}
_STAGES = {
    "translator": "training a translator, a free model whose hidden states are looked into",
    "distiller": "distilling its hidden states: how few variables suffice?",
    "answers": "distilling its answers as well",
    "direct": "fitting laws to the response itself, one number of variables after the other",
    "theory": "deriving equations, with error bars",
    "report": "drawing the report",
    "predictions": "predicting the runs by the law",
    "reading": "reading the data",
}


def on_page(text: str) -> str:
    """A message with the names of things on this page in place of options of the command line."""

    def named(found: re.Match[str]) -> str:
        option = found[1]
        if option in LABELS:
            return f"“{LABELS[option]}”"
        return f"the part “{_PARTS[option]}”" if option in _PARTS else found[0]

    return re.sub(r"--([a-z][a-z-]*)", named, text)


def stage(name: str, family: str = "") -> str:
    """What is being done in a stage, for laws of this family."""
    said = _STAGES.get(name, name)
    if family and name in ("translator", "distiller", "answers", "direct", "theory"):
        return f"Laws of the family {family}: {said}"
    return f"{said[0].upper()}{said[1:]}"
