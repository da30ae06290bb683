"""What a discovery is told, and what follows from it."""

import pytest

from hiddenlaw.errors import SettingsError
from hiddenlaw.settings import settings
from hiddenlaw.translator import hidden_size


@pytest.mark.parametrize(
    ("options", "readout", "hidden"),
    [
        ({}, "linear", 6),
        ({"max_dimension": 6}, "linear", 7),
        ({"max_dimension": 10}, "quadratic", 5),
        ({"max_dimension": 10, "translator_readout": "linear"}, "linear", 11),
        (
            {"dimension": 4, "readout": "quadratic", "translator_readout": "quadratic"},
            "quadratic",
            5,
        ),
        ({"max_dimension": 10, "cell": "gru"}, "linear", 32),
    ],
)
def test_the_translator_is_wider_than_the_widest_bottleneck(options, readout, hidden):
    chosen = settings(**options)
    assert chosen.translator_class == readout
    assert hidden_size(chosen.cell, readout, chosen.widest) == hidden


def test_a_black_box_reads_linearly():
    with pytest.raises(SettingsError, match="gru translator has a linear readout"):
        settings(cell="gru", translator_readout="quadratic")
    with pytest.raises(SettingsError, match="max_dimension must be less than or equal to 12"):
        settings(max_dimension=13)
