"""How a search stands follows from what its process says, and its end is its end."""

import pytest

from hiddenlaw.app.progress import Phase, Standing
from hiddenlaw.app.search_part import _table


def entry(dimension, readout="linear", loss=0.1):
    return {
        "dimension": dimension,
        "readout": readout,
        "seed": 0,
        "train_loss": loss,
        "heldout_loss": loss,
    }


def told(*events):
    standing = Standing()
    for event in events:
        standing = standing.after(event)
    return standing


DRIVEN = ({"event": "family", "name": "driven"}, {"event": "stage", "stage": "distiller"})


def test_widths_are_counted_once_whatever_their_seeds():
    widths = [{"event": "width", "entries": [entry(d), entry(d, loss=0.2)]} for d in (1, 2)]
    standing = told(*DRIVEN, *widths)
    assert standing.finished == (("driven", "linear", 1), ("driven", "linear", 2))
    assert standing.doing == (
        "Laws of the family driven: distilling its hidden states: how few variables suffice?"
    )


def test_the_picture_is_that_of_the_family_at_hand():
    standing = told(
        *DRIVEN,
        {"event": "width", "entries": [entry(1)]},
        {"event": "family", "name": "polynomial"},
        {"event": "stage", "stage": "direct"},
        {"event": "width", "entries": [entry(2)]},
    )
    assert [width["dimension"] for width in standing.latest] == [2]
    assert standing.swept == "response"
    assert len(standing.widths) == 2


@pytest.mark.parametrize("end", [Phase.FOUND, Phase.STOPPED, Phase.FAILED])
def test_nothing_comes_after_the_end(end):
    standing = told(*DRIVEN).ended(end, "over")
    assert standing.phase.over
    for event in ("found", "failed", "width", "stage"):
        assert standing.after({"event": event, "entries": [entry(1)], "stage": "x"}) == standing
    assert standing.ended(Phase.FAILED, "once more") == standing


def test_what_is_no_known_event_changes_nothing():
    assert told({"event": "weather"}, {}) == Standing()


def test_the_table_gives_the_best_seed_and_marks_up_nothing_that_a_name_says():
    seeds = [entry(1, "<b>", 0.5), entry(1, "<b>", 0.25), entry(1, "<b>") | {"train_loss": None}]
    html = _table(told(*DRIVEN, {"event": "width", "entries": seeds}))
    assert html.count("<tr>") == 2
    assert "2.50e-01" in html
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
