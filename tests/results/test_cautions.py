"""What a driven law that fits does not know: slow states, what is left, conventions."""

from dataclasses import replace

import numpy as np
import pytest
from driven_fit import DT, SITES, fit_of, recorded, theory_of

from hiddenlaw.report.late import late_inputs
from hiddenlaw.results.cautions import cautions
from hiddenlaw.theory.adequacy import Adequacy
from hiddenlaw.translator.dead_time import DeadTime

CLEAN = Adequacy(4e-4, 4e-4, 0.0, 1.0, 0.0, ())


def said(time=0.5, found=CLEAN, late=()):
    """Of y′ = (u − y)/time over runs of 8 s."""
    law = np.array([[-1 / time]]), np.array([[1 / time]])
    data = recorded(*law, seed=0)
    return " ".join(cautions(theory_of(fit_of(*law, data)), found, data, None, late))


def test_a_law_that_is_all_seen_has_none():
    assert said() == ""


def test_what_does_not_come_to_rest_within_a_run_is_said():
    assert SITES * DT == 8
    told = said(40.0)
    assert "has the time constant 39 s" in told  # as fitted
    assert "the longest run takes 8 s" in told
    assert "a gain at rest, which would be reached only after that, was never measured" in told


def test_what_is_left_and_remembers_itself_is_noise_or_law():
    told = said(found=replace(CLEAN, left=0.013, memory=0.8))
    assert told.startswith("The 1.3 % of the variance that are left remember themselves")
    assert "a correlation of 0.8" in told
    assert said(found=replace(CLEAN, left=0.03, memory=0.8, why=("it remembers itself",))) == ""
    assert said(found=replace(CLEAN, left=1e-9, memory=0.8)) == ""


@pytest.mark.parametrize(
    ("sites", "warned"), [(1.0, True), (1.01, True), (2.0, False), (0.4, False)]
)
def test_a_delay_of_one_sample_may_be_the_way_a_file_is_written(sites, warned):
    told = said(late=(DeadTime("u", sites * DT, 0.001 * DT),))
    assert ("The dead time of u is one sample." in told) == warned


def test_the_equations_say_which_input_acts_late():
    late = [{"input": "heat", "value": 12.03, "stderr": 0.1}, {"input": "u", "value": 0.0}]
    record = {"dataset": {"x": "t"}, "dead_time": late}
    ((text, latex),) = late_inputs(record)
    assert text == "heat is heat(t - 12.03)"
    assert latex == r"\mathrm{heat} \equiv \mathrm{heat}(t - 12.03)"
    assert late_inputs({"dataset": {"x": "t"}}) == []
    assert late_inputs({"dataset": {}, "dead_time": [{"input": "V", "value": -0.1}]})[0][0] == (
        "V is V(x + 0.1)"
    )
