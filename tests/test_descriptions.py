"""Whatever a user can hold says what it is: a few lines, main figures with units, no raw arrays."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from driven_example import OSCILLATOR, respond

import hiddenlaw as hl
from hiddenlaw.data.described import LINES, Described, as_table, as_text, shortened
from hiddenlaw.report.figures import draw_figures, registered
from hiddenlaw.theory.readings import Reading

UNITS = {"u": "<V>", "y": "m&m", "x": "s"}
LETTERS = 1000
X = np.linspace(-6, 6, 121)
NAMED = re.compile(r"autoclass:: (?:hiddenlaw\.)?([\w.]+)")
# What is asked, not what is found: pydantic describes the one, scikit-learn the other.
NO_RESULTS = {"Settings", "sklearn.HiddenLaw"}


@pytest.fixture(scope="module")
def driven():
    u, y = respond(OSCILLATOR, (0.0, 0.0), dx=0.2)
    y = y + 1e-3 * np.random.default_rng(0).normal(size=y.shape)
    data = hl.Dataset.from_arrays(u[:16, :24], y[:16, :24], dx=0.2, units=UNITS, source="<b>&")
    return data, hl.discover(data, seeds=2, decoders=["linear"], max_dimension=2, family="driven")


@pytest.fixture(scope="module")
def everything(driven, discovery):
    data, found = driven
    theory, waves = found.theory, discovery.theory
    levels = waves.bound_states(X**2, X)
    return {
        "Dataset": (data, ["16 runs × 24 sites", "x [s]", "u [<V>]", "y [m&m]"]),
        "Discovery": (found, ["verdict", "y answering u", "error on unseen runs", "m&m"]),
        "Theory": (theory, ["2 variables", "linear readout", "gain", "rad/s", "±"]),
        "StepResponse": (hl.step_response(theory), ["y over u", "±", "m&m/<V>", " s "]),
        "FrequencyResponse": (hl.frequency_response(theory), ["y over u", "rad/s", "m&m/<V>"]),
        "BoundStates": (levels, ["levels below the edge at 36", "E0: 1 ±", "E1: 3 ±"]),
        "LawTest": (
            hl.test_law("y'' = K*u(t - tau) - a*y - b*y'", data, response_error=1e-3),
            ["K = ", "± 0.0003 s\n", "chi-square", "noise: 0.001 m&m", "not rejected"],
        ),
        "results.prediction.Prediction": (found.predict_runs(data), ["y [m&m]", "16 runs", "run"]),
        "theory.readings.Reading": (Reading.of("gain", 1.5, 0.02, "<V>"), ["= 1.5 ± 0.02 <V>"]),
        "theory.export.function.LawFunction": (theory.function(), ["dz/dx = f(state, input)"]),
    }


def documented() -> set[str]:
    text = (Path(__file__).parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
    return set(NAMED.findall(text)) - NO_RESULTS


def test_every_public_class_has_its_row(everything):
    assert set(everything) == documented()


def check(held):
    said = repr(held)
    assert 0 < len(said) < LETTERS, said
    assert len(said.splitlines()) <= LINES, said
    assert " at 0x" not in said, said
    assert not re.search(r"array\(|\[[-+\d.e]+[ ,]+[-+\d.e]+[ ,]+[-+\d.e]+", said), said


@pytest.mark.parametrize("name", sorted(documented()))
def test_it_says_what_it_is_with_its_main_figures_and_units(name, everything):
    held, figures = everything[name]
    check(held)
    assert repr(held).startswith(name.rpartition(".")[2])
    assert [figure for figure in figures if figure not in repr(held)] == []


class _Texts(HTMLParser):
    """What a browser would show, and every tag it would see."""

    def __init__(self):
        super().__init__()
        self.tags, self.text = set(), ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("name", sorted(documented()))
def test_notebooks_show_names_and_units_as_they_are(name, everything):
    """A unit such as <V> is no tag, and no & is left bare."""
    held, _ = everything[name]
    page = held._repr_html_()
    seen = _Texts()
    seen.feed(page)
    assert not {"v", "b"} & (seen.tags - {"b"} if name == "Discovery" else seen.tags)
    assert not re.search(r"&(?!#?\w+;)", page)
    if "<V>" in repr(held) and name != "Discovery":  # its page has figures without units
        assert "<V>" in seen.text


def parts_of(held, depth=5):
    """Whatever of the package is reached by public attributes."""
    if not type(held).__module__.startswith("hiddenlaw") or depth < 0:
        if isinstance(held, tuple | list):
            for each in held[:3]:
                yield from parts_of(each, depth)
        return
    yield held
    for name in dir(held):
        if name.startswith("_") or name in ("plot", "theory", "arrays", "record"):
            continue
        try:
            part = getattr(held, name)
        except (hl.HiddenlawError, NotImplementedError, AttributeError):
            continue
        if not callable(part) or isinstance(part, Described):
            yield from parts_of(part, depth - 1)


def test_whatever_is_reached_by_public_attributes_is_as_brief(driven, discovery):
    kinds = set()
    for held in (driven[1], *discovery.theories):
        for part in parts_of(held):
            kinds.add(type(part).__name__)
            check(part)
    assert {"Law", "DrivenCell", "GeneratorCell", "Statement", "Shared", "Quadratic"} <= kinds


def test_pictures_and_plots_say_what_they_show(discovery):
    check(discovery.plot)
    picture = next(
        iter(draw_figures(discovery.record, discovery.arrays, registered()[:1]).values())
    )
    check(picture)
    assert picture.title in repr(picture)


def test_the_families_are_a_table(discovery):
    table = discovery.families
    assert list(table["family"]) == ["driven", "multiplied", "polynomial"]
    assert list(table["family"][table["selected"]]) == ["multiplied"]


def test_however_much_there_is_to_say_it_stays_short():
    rows = [(f"name {k}" * 9, "figure " * 90) for k in range(40)]
    said = as_text("title " * 400, rows)
    assert len(said) < LETTERS
    assert len(said.splitlines()) == LINES
    assert said.endswith("more")
    assert shortened("abcdefghij" * 9, 20) == "abcdefghijab … fghij"
    assert "&lt;i&gt;" in as_table("<i>", [("<i>", "<i>")])
