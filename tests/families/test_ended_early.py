"""A sweep that is ended early is judged by the widths that are finished, and says so."""

import pytest

from hiddenlaw.discovery import discover
from hiddenlaw.training.watching import Watched, ends_before, left_out_in_words


class Until(Watched):
    """Has had enough after so many widths."""

    def __init__(self, widths: int) -> None:
        super().__init__()
        self.most, self.seen, self.families = widths, [], []

    def family(self, name: str) -> None:
        self.families.append(name)

    def width(self, entries) -> None:
        self.seen.append((entries[0]["readout"], entries[0]["dimension"]))

    def enough(self) -> bool:
        return len(self.seen) >= self.most


def test_finished_widths_become_theories(dataset, small):
    asked = {**small, "decoders": ("linear", "quadratic"), "max_dimension": 4}
    until = Until(3)
    found = discover(dataset, progress=until, **asked)
    assert until.families == ["multiplied"]
    assert until.seen == [("linear", 1), ("linear", 2), ("linear", 3)]
    told = [(each["readout"], each["dimension"]) for each in found.record["sweep"]]
    assert list(dict.fromkeys(told)) == until.seen
    assert found.verdict == "law"
    assert found.theory.dimension == 3
    assert found.record["notes"][0] == (
        "the search was stopped; not tried were linear decoders of d = 4; quadratic decoders of "
        "d = 1, 2, 3, 4"  # no further family either would be tried where all is explained
    )


def test_watching_changes_nothing(dataset, small, discovery):
    watched = discover(dataset, progress=Watched(), **small)
    assert watched.record["notes"] == discovery.record["notes"]
    assert watched.theory.equation == discovery.theory.equation


@pytest.mark.parametrize("progress", [Until(5), Watched()])
def test_nothing_is_left_out_that_nobody_wants_to_end(progress):
    assert not ends_before(progress, "something")
    assert not ends_before(Until(0), "")
    assert left_out_in_words(progress) == []
