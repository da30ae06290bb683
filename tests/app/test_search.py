"""Searches in a process of their own: found, stopped half-way, ended at once."""

import json

import pytest
import simulated_circuit
from waiting import wait_for

from hiddenlaw.app.desk import Desk
from hiddenlaw.app.downloads import Downloads
from hiddenlaw.app.outcome import DOWNLOADS
from hiddenlaw.app.progress import Phase
from hiddenlaw.discovery import load_discovery
from hiddenlaw.errors import SettingsError

MANY = {"family": "multiplied", "max_dimension": 12}  # a sweep of minutes


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path / "runs")
    yield desk
    desk.close()


def circuit(desk):
    path = desk.shelf.free("rc.csv")
    simulated_circuit.write(path)
    desk.take([path], ["rc.csv"])


@pytest.mark.slow
def test_a_circuit_dropped_becomes_its_law_and_all_that_can_be_downloaded(desk):
    circuit(desk)
    desk.settings = {"hold": "zero"}
    desk.start()
    with pytest.raises(SettingsError, match="a search is going on"):
        desk.start()
    desk.example("quantum")
    assert desk.refused.startswith("A search is going on")
    wait_for(lambda: not desk.busy)
    assert desk.standing is not None
    assert (desk.standing.phase, desk.standing.message) == (Phase.FOUND, "law")
    place = desk.place
    assert place is not None
    assert place.name == "app-1"
    found = load_discovery(place)
    assert found.theory.dimension == 1
    (tau,) = [r for r in found.theory.readings if "time constant" in r.name]
    assert tau.value == pytest.approx(simulated_circuit.TAU, rel=0.02)
    assert found.record["dataset"]["source"] == "rc.csv"
    outcome = desk.outcome()
    assert outcome is not None
    assert outcome.predicted
    assert outcome.equations
    contents = {name: DOWNLOADS[name].content(place) for name in DOWNLOADS if name != "widths.json"}
    assert contents["law.txt"].decode().startswith(outcome.equations[0])
    assert json.loads(contents["discovery.json"])["format"] == "hiddenlaw.discovery"
    assert contents["predictions.csv"].startswith(b"# hiddenlaw.dataset 1: input u; response y")
    assert contents["run.zip"].startswith(b"PK")
    assert not (place / "widths.json").exists()


@pytest.mark.slow
def test_a_search_that_is_stopped_makes_a_law_of_its_finished_widths(desk):
    desk.example("quantum")
    desk.settings = dict(MANY)
    desk.start()
    wait_for(lambda: desk.standing and len(desk.standing.finished) >= 3)
    desk.stop()
    assert desk.standing is not None
    assert desk.standing.phase is Phase.STOPPING
    wait_for(lambda: not desk.busy)
    assert desk.standing.phase is Phase.FOUND
    finished = {(readout, d) for _, readout, d in desk.standing.finished}
    assert desk.place is not None
    record = load_discovery(desk.place).record
    assert {(each["readout"], each["dimension"]) for each in record["sweep"]} == finished
    assert len(finished) < 12
    assert record["dimension"]["linear"] == 3  # ρ, ρ′ and ρ″
    assert record["notes"][0].startswith("the search was stopped; not tried were linear decoders")


@pytest.mark.slow
def test_a_search_that_is_ended_at_once_keeps_its_widths_and_is_gone(desk):
    desk.example("quantum")
    desk.settings = dict(MANY)
    desk.start()
    assert desk.search is not None
    process = desk.search._process
    wait_for(lambda: desk.standing and desk.standing.widths)
    desk.end()
    assert process.poll() is not None
    assert desk.standing is not None
    assert desk.standing.phase is Phase.STOPPED
    assert desk.place is not None
    kept = json.loads((desk.place / "widths.json").read_text())
    assert kept["format"] == "hiddenlaw.widths"
    assert kept["settings"] == MANY | {"hold": "zero"}
    assert kept["sweep"] == list(desk.standing.widths)
    assert desk.outcome() is None


def test_a_search_that_is_stopped_before_any_width_leaves_nothing(desk, tmp_path):
    circuit(desk)
    desk.start()
    desk.stop()
    assert desk.standing is not None
    assert desk.standing.phase is Phase.STOPPED
    assert desk.standing.message.endswith("there is nothing to keep.")
    desk.refuse("another")
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_process_that_dies_is_told(desk):
    circuit(desk)
    desk.start()
    assert desk.search is not None
    desk.search._process.kill()
    wait_for(lambda: not desk.busy)
    assert desk.standing is not None
    assert desk.standing.phase is Phase.FAILED
    assert "without a word" in desk.standing.message


def test_what_cannot_be_searched_is_not_started(desk, tmp_path):
    with pytest.raises(SettingsError, match="there are no data yet"):
        desk.start()
    circuit(desk)
    desk.settings = {"max_dimension": 99}
    with pytest.raises(SettingsError, match="max_dimension"):
        desk.start()
    assert not (tmp_path / "runs").exists()


def test_only_a_few_names_are_served(desk):
    import asyncio

    asked = []

    async def inner(scope, receive, send):
        asked.append(scope["path"])

    def status(path):
        sent = []

        async def send(message):
            sent.append(message)

        app = Downloads(inner, desk)
        asyncio.run(app({"type": "http", "path": path}, None, send))  # type: ignore[arg-type]
        return sent[0]["status"] if sent else None

    names = ("discovery.json", "../../etc/passwd", "models.npz", "")
    assert [status(f"/run/{name}") for name in names] == [404] * 4
    assert status("/") is None
    assert asked == ["/"]
