"""A record tells the settings that were asked for apart from those that were used."""

from hiddenlaw.families.registry import families_for
from hiddenlaw.report.formulas import Formulas
from hiddenlaw.report.sections.closing import for_the_record
from hiddenlaw.results.record import settings_of
from hiddenlaw.settings import Settings

FOUND = {
    "dataset": {"hold": "first"},
    "initial_state": {"choice": "context"},
    "translator": {"cell": "driven", "readout": "linear", "hidden": 3, "seed_errors": [None] * 3},
    "families": [
        {"family": "driven", "selected": True},
        {"family": "multiplied", "selected": False},
    ],
    "sweep": [{"seed": 0}, {"seed": 7}],
}


def told(record, asked):
    own = families_for(asked)[0].settings(asked)
    return settings_of(record, asked, own)


def test_what_was_used_of_records_is_their_end_and_the_driven_cell():
    asked = Settings()
    found = told(FOUND | {"records": {"said": "2 records"}}, asked)
    assert Settings(**found["settings"]) == asked
    used = found["used"]
    assert (used["held_out"], used["cell"], used["family"]) == (0.3, "driven", "driven")
    assert (used["hidden"], used["hold"], used["initial_state"]) == (3, "first", "context")
    assert (used["decoders"], used["translator_seeds"], used["seeds"]) == (["linear"], 3, 8)
    Settings(**{**used, "context": None})  # each of them can be asked for


def test_a_share_that_was_asked_for_is_the_one_that_was_used():
    assert told(FOUND | {"records": {}}, Settings())["used"]["held_out"] == 0.2
    asked = Settings(held_out=0.25)
    assert told(FOUND | {"records": {"said": "2 records"}}, asked)["used"]["held_out"] == 0.25


def test_the_page_shows_what_was_used_and_of_old_records_what_was_asked_for():
    both = told(FOUND | {"records": {"said": "2 records"}}, Settings())
    page = "".join(for_the_record(both, Formulas()))
    assert "<dt>held_out</dt><dd>0.3</dd>" in page
    assert "<dt>decoders</dt><dd>linear</dd>" in page
    assert "<dt>dimension</dt><dd>not given</dd>" in page
    old = "".join(for_the_record({"settings": both["settings"]}, Formulas()))
    assert "<dt>held_out</dt><dd>0.2</dd>" in old
