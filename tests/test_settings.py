"""What a discovery is told, and what follows from it."""

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.cells import CELLS, GeneratorCell
from hiddenlaw.errors import SettingsError
from hiddenlaw.holds import HOLDS, First
from hiddenlaw.kinds import choose
from hiddenlaw.preparations import PREPARATIONS, Own
from hiddenlaw.readouts import READOUTS, Linear, Quadratic
from hiddenlaw.translator.search import hidden_size


@pytest.fixture
def registries():
    """The registries, as they were before again after the test."""
    kept = [(registry, dict(registry)) for registry in (CELLS, READOUTS, HOLDS, PREPARATIONS)]
    yield
    for registry, content in kept:
        registry.clear()
        registry.update(content)


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
        ({"max_dimension": 10, "cell": "gru"}, "linear", 11),
        ({"cell": "gru"}, "linear", 8),
    ],
)
def test_the_translator_is_wider_than_the_widest_bottleneck(options, readout, hidden):
    chosen = choose(**options)
    assert chosen.translator_class == readout
    assert hidden_size(chosen.cell, readout, chosen.widest) == hidden


def test_a_black_box_reads_linearly():
    with pytest.raises(SettingsError, match="gru translator has a linear readout"):
        choose(cell="gru", translator_readout="quadratic")
    with pytest.raises(SettingsError, match="max_dimension must be less than or equal to 12"):
        choose(max_dimension=13)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"cell": "x"},
            "cell must be 'generator', 'driven', 'taylor', 'gru', 'polynomial' or "
            "'discrete-polynomial', not 'x'",
        ),
        (
            {"hold": "second"},
            "hold must be 'zero', 'first', 'cubic' or 'auto', not 'second'",
        ),
        (
            {"decoders": ("linear", "cubic")},
            "decoders must be 'linear', 'quadratic' or 'neural', not 'cubic'",
        ),
        (
            {"dimension": 2, "readout": "x"},
            "readout must be 'linear', 'quadratic' or 'neural', not",
        ),
        (
            {"initial_state": "mixed"},
            "initial_state must be 'auto', 'shared', 'per-run' or 'context', not 'mixed'",
        ),
        (
            {"translator_readout": "neural"},
            "translator_readout must be 'linear' or 'quadratic', not 'neural'",
        ),
        ({"dimension": 2}, "dimension needs a readout beside it: linear, quadratic or neural"),
        ({"cell": 5}, "cell must be a valid string, not 5"),
        ({"sseds": 5}, "no setting called 'sseds'; known: cell, family"),
        ({"run_constants": 5}, "run_constants must be less than or equal to 4, not 5"),
        ({"run_constants": 1, "cell": "taylor"}, "run_constants needs cell generator"),
        (
            {"initial_state": "per-run", "translator_readout": "quadratic"},
            "a translator with a quadratic readout takes runs that start alike",
        ),
    ],
)
def test_what_does_not_exist_or_go_together_is_told_in_one_line(options, message):
    with pytest.raises(SettingsError) as caught:
        choose(**options)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


class Slow(GeneratorCell):
    name = "slow"


class Cubes(Quadratic):
    name = "cubes"


class Later(Own):
    name = "later"


class Stairs(First):
    name = "stairs"


def test_what_somebody_else_has_registered_is_known_by_name(registries):
    for registry, kind in ((CELLS, Slow), (READOUTS, Cubes), (PREPARATIONS, Later)):
        registry[kind.name] = kind
    HOLDS["stairs"] = Stairs()
    chosen = choose(cell="slow", decoders=("cubes",), initial_state="later", hold="stairs")
    assert (chosen.cell, chosen.decoders) == ("slow", ("cubes",))
    assert (chosen.initial_state, chosen.hold) == ("later", "stairs")
    with pytest.raises(SettingsError, match="'discrete-polynomial' or 'slow', not 'fast'"):
        choose(cell="fast")


def test_kinds_can_be_given_themselves_and_then_go_by_their_names(registries):
    hold = Stairs()
    for _ in range(2):
        chosen = choose(cell=Slow, decoders=["linear", Cubes], initial_state=Later, hold=hold)
    assert chosen.model_dump()["cell"] == "slow"
    assert chosen.decoders == ("linear", "cubes")
    assert (chosen.initial_state, chosen.hold) == ("later", "stairs")
    assert CELLS["slow"] is Slow
    assert HOLDS["stairs"] is hold
    assert choose(hold=Stairs()).hold == "stairs"
    assert choose(readout=Linear, dimension=1).readout == "linear"


def test_two_kinds_of_one_name_are_told(registries):
    class Other(GeneratorCell):
        name = "generator"

    with pytest.raises(SettingsError, match="whose name 'generator' is taken"):
        choose(cell=Other)
    with pytest.raises(SettingsError, match="cell must be 'generator'"):
        hl.discover(np.zeros((4, 8)), np.zeros((4, 8)), cell="x")
