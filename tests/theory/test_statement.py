"""A statement is written as plain data and read back, the same; damaged ones are refused."""

import json
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiddenlaw.theory.equations.discrete import DiscreteLaw
from hiddenlaw.theory.equations.intervals import NORMAL
from hiddenlaw.theory.equations.term import Term
from hiddenlaw.theory.equations.written import WrittenLaw, WrittenSystem
from hiddenlaw.theory.invariants import BornRule, Invariant
from hiddenlaw.theory.judgement import Confirmation, EncoderCheck, Judgement
from hiddenlaw.theory.statement import Quality, RunConstant, Statement

# An entry of `theories` in a discovery.json of version 1, keys in the order of the program.
ENTRY = """
{
 "dimension": 2, "readout": "quadratic", "parameters": 2, "state_names": ["psi", "psi'"],
 "canonical": true, "derivatives": [0, 1], "several": null, "unknowable": [],
 "law": {
  "equation": "psi'' = 1.001*V*psi - 0.37*psi",
  "latex": "\\\\psi'' = 1.001\\\\,V\\\\,\\\\psi - 0.37\\\\,\\\\psi",
  "terms": {"psi''": {
   "V*psi": {"value": 1.001, "stderr": 0.001, "ci95": [0.999, 1.003]},
   "psi": {"value": -0.37, "stderr": 0.01, "stderr_bootstrap": 0.02, "ci95": [-0.41, -0.33]}
  }},
  "with_errors": "psi'' = (1.001 ± 0.002)*V*psi - (0.37 ± 0.04)*psi",
  "with_errors_latex": "\\\\psi'' = …"
 },
 "distilled": {"psi''": {"V*psi": {"value": 1.1}, "psi": {"value": -0.4}}},
 "system": {
  "equations": ["psi' = psi'", "psi'' = 1.001*V*psi - 0.37*psi"],
  "latex": ["\\\\psi' = \\\\psi'", "\\\\psi'' = …"],
  "terms": {"psi'": {"psi'": {"value": 1.0, "stderr": 0.0, "ci95": [1.0, 1.0]}}},
  "definitions": [], "definitions_latex": []
 },
 "readout_law": {
  "equation": "rho = psi**2", "latex": "\\\\rho = \\\\psi^{2}",
  "terms": {"rho": {"psi**2": {"value": 1.0, "stderr": 0.0, "ci95": [1.0, 1.0]}}}
 },
 "discrete": {
  "equation": "psi[i+1] = …", "latex": "\\\\psi_{i+1} = …",
  "definitions": ["c = cos(k*dx)"], "definitions_latex": ["c = \\\\cos(k\\\\,\\\\Delta x)"],
  "leading_order": null, "leading_order_latex": null
 },
 "born": {"eigenvalue_ratio": 1e-15, "constant": 2e-15, "linear": 3e-15},
 "invariants": [
  {"name": "tr A", "latex": "\\\\mathrm{tr}\\\\,A", "value": 0.0, "meaning": "damping"},
  {"name": "variables that move", "latex": null, "value": 1.0, "meaning": "one is constant"}
 ],
 "readings": [
  {"name": "gain of y for u", "value": 1.5, "stderr": 0.1, "ci95": [1.3, 1.7], "unit": "rpm/V"}
 ],
 "units": {"psi''": {"V*psi": "eV^-1 nm^-2", "psi": "nm^-2"}},
 "run_constants": null,
 "fit": {"loss": 1e-4, "samples": 2657.0, "criterion": -22811.3, "chi_square": null,
  "floor": 1e-20, "effective": 2000.0},
 "reason": "the loss falls 2.7e+27-fold at d = 2", "reconstruction_loss": 3.6e-28,
 "encoder": {"sites": 20, "heldout_loss": 4.9e-28, "train_loss": 4.2e-28},
 "heldout_error": 2.6e-27, "heldout_error_median": 3.5e-27, "heldout_error_worst": 1e-26,
 "confirmed": {"translator_error": 8.4e-28, "chance": 0.5, "as_good": true}, "rank": 0
}
"""


def entry():
    return json.loads(ENTRY)


def stated():
    return Statement.from_json(entry())


def test_an_entry_of_a_record_is_read_and_written_again_as_it_was():
    assert json.dumps(stated().to_json()) == json.dumps(entry())


def test_what_was_read_are_values_and_no_dictionaries():
    found = stated()
    assert found.law.terms["psi''"]["psi"] == Term(-0.37, 0.01, (-0.41, -0.33), 0.02)
    assert found.law.terms["psi''"]["V*psi"].stderr_bootstrap is None
    assert found.born == BornRule(1e-15, 2e-15, 3e-15)
    assert found.discrete.definitions == ("c = cos(k*dx)",)
    assert found.invariants[1] == Invariant("variables that move", None, 1.0, "one is constant")
    assert found.fit == Quality(1e-4, 2657.0, -22811.3, None, 1e-20, 2000.0)
    assert found.judgement.encoder == EncoderCheck(20, 4.9e-28, 4.2e-28)
    assert found.judgement.confirmed == Confirmation(8.4e-28, 0.5, True)
    assert (found.judgement.rank, found.orders) == (0, (0, 1))
    assert found.equation == "psi'' = 1.001*V*psi - 0.37*psi"


def test_a_poor_entry_is_a_statement_too():
    found = Statement.from_json({"dimension": 3, "readout": "linear"})
    assert found == Statement(3, "linear")
    assert found.orders == (0, 1, 2)
    assert found.equation == ""
    assert (found.law, found.judgement, found.run_constants) == (None, None, ())
    written = found.to_json()
    assert written["discrete"] == {}
    assert written["run_constants"] is None
    assert "rank" not in written
    assert Statement.from_json(written) == found


def test_without_a_scalar_law_the_system_is_the_equation():
    found = Statement(2, "linear", system=WrittenSystem(("y' = zeta + u", "zeta' = -y")))
    assert found.equation == "y' = zeta + u; zeta' = -y"


def test_constants_of_runs_one_and_several():
    one = RunConstant("E", "an energy in the unit of V", (0.3, 0.4), (0.01, 0.02))
    other = RunConstant("mass", "known up to scale and offset", (1.0, 2.0))
    alone = Statement(2, "quadratic", run_constants=(one,)).to_json()["run_constants"]
    assert alone == {
        "name": "E",
        "meaning": "an energy in the unit of V",
        "values": [0.3, 0.4],
        "stderr": [0.01, 0.02],
    }
    both = Statement(2, "quadratic", run_constants=(one, other))
    assert both.to_json()["run_constants"] == [alone, other.to_json()]
    assert other.to_json()["stderr"] is None
    for found in (both, Statement(2, "quadratic", run_constants=(other,))):
        assert Statement.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_a_judgement_comes_later_and_changes_nothing_else():
    before = Statement(2, "quadratic")
    after = replace(before, judgement=Judgement(reason="asked for", heldout_error=0.1))
    assert before.judgement is None
    assert after.to_json() == before.to_json() | {"reason": "asked for", "heldout_error": 0.1}
    ranked = replace(after, judgement=replace(after.judgement, rank=1))
    assert list(ranked.to_json())[-3:] == ["reason", "heldout_error", "rank"]
    with pytest.raises(FrozenInstanceError):
        after.judgement.rank = 2


def test_what_is_not_finite_is_null_in_a_record_and_nan_when_read():
    found = Statement.from_json({"dimension": 1, "readout": "linear", "heldout_error": None})
    assert np.isnan(found.judgement.heldout_error)
    assert found.judgement.heldout_error_worst is None


def test_intervals_are_put_beside_every_coefficient_and_into_the_law():
    terms = {"psi''": {"V*psi": Term(1.0002, 0.0003), "psi": Term(-0.37, 0.01)}}
    bare = Statement(
        2,
        "quadratic",
        law=WrittenLaw.of(terms),
        system=WrittenSystem(terms=terms),
        readout_law=WrittenLaw.of({"rho": {"psi**2": Term(1.0, 0.0)}}),
        distilled={"psi''": {"psi": Term(-0.4)}},
    )
    done = bare.with_intervals()
    for part in (done.law, done.system):
        low, high = part.terms["psi''"]["psi"].ci95
        assert (low, high) == pytest.approx((-0.37 - NORMAL * 0.01, -0.37 + NORMAL * 0.01))
    assert done.readout_law.terms["rho"]["psi**2"].ci95 == (1.0, 1.0)
    assert done.readout_law.with_errors is None
    assert done.distilled == bare.distilled
    text = "psi'' = (1.0002 ± 0.0006)*V*psi - (0.37 ± 0.02)*psi"
    assert done.law.with_errors == text
    wider = {"psi''": {name: Term(term.value, 0.1) for name, term in terms["psi''"].items()}}
    drawn = replace(bare, law=WrittenLaw.of(wider), system=WrittenSystem(terms=wider))
    both = bare.with_intervals(2.0, drawn).law.terms["psi''"]["psi"]
    assert (both.stderr, both.stderr_bootstrap) == (0.01, 0.1)
    assert both.ci95 == pytest.approx((-0.57, -0.17))
    assert list(both.to_json()) == ["value", "stderr", "stderr_bootstrap", "ci95"]


def test_a_record_from_before_floors_were_told_is_read():
    older = entry()
    del older["fit"]["floor"]
    assert Statement.from_json(older).fit.floor == 0


WRONG = [None, True, 1.5, "text", [], [1], {}, {"a": 1}, float("inf"), 10**400]
INSIDE = [
    ("dimension",),
    ("law",),
    ("law", "terms"),
    ("law", "terms", "psi''"),
    ("law", "terms", "psi''", "psi"),
    ("law", "terms", "psi''", "psi", "value"),
    ("law", "terms", "psi''", "psi", "ci95"),
    ("system", "equations"),
    ("born",),
    ("invariants",),
    ("units",),
    ("run_constants",),
    ("derivatives",),
    ("encoder", "sites"),
    ("confirmed", "as_good"),
    ("rank",),
]


@given(place=st.sampled_from(INSIDE), wrong=st.sampled_from(WRONG))
def test_a_damaged_entry_is_read_or_refused_and_nothing_else(place, wrong):
    damaged = entry()
    part = damaged
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = wrong
    try:
        Statement.from_json(damaged).to_json()
    except (KeyError, TypeError, ValueError):
        return


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("dimension", "two"),
        ("dimension", True),
        ("readout", 2),
        ("state_names", "psi"),
        ("canonical", 1),
        ("law", []),
        ("law", {"equation": "psi'' = V*psi"}),
        ("law", {"equation": "", "terms": {"psi''": {"psi": {"stderr": 0.1}}}}),
        ("distilled", {"psi''": 1.0}),
        ("run_constants", {"name": "E"}),
        ("invariants", {"name": "tr A"}),
        ("confirmed", {"translator_error": 0.1, "chance": 0.5, "as_good": "yes"}),
    ],
)
def test_values_of_a_wrong_type_are_refused(key, wrong):
    with pytest.raises((KeyError, TypeError, ValueError)):
        Statement.from_json(entry() | {key: wrong})


def test_a_discrete_law_has_a_place_for_its_leading_order():
    law = DiscreteLaw("a", "b", ("c",), ("d",), "e", "f")
    assert DiscreteLaw.from_json(law.to_json()) == law


def test_criteria_are_compared_for_equal_numbers_of_samples():
    """N ln σ² + p ln N of 500 independent samples, whatever number they were first taken for."""
    for own in (100.0, 500.0, 4000.0):
        criterion = own * np.log(1e-3) + 7 * np.log(own)
        quality = Quality(1e-3, 4000.0, criterion, effective=own)
        expected = 500 * np.log(1e-3) + 7 * np.log(500)
        assert quality.criterion_of(500.0) == pytest.approx(expected)
    assert Quality(1e-3, 4000.0, -1.0).independent == 4000.0
