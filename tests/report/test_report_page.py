"""The page and the summary: whole, readable, offline, and plain about what was not found."""

import copy
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from example import make_arrays, make_record
from rich.console import Console

from hiddenlaw.report import summary, write_report
from hiddenlaw.report.blocks import Equation, blocks_of
from hiddenlaw.report.figures import draw_figures
from hiddenlaw.report.formulas import Formulas
from hiddenlaw.report.page import page

VOID = {"meta", "img", "br", "path", "use", "line", "rect", "hr", "polygon"}


class Outline(HTMLParser):
    """Checks that tags close in order, and collects ids and addresses."""

    def __init__(self, text: str):
        super().__init__()
        self.open, self.ids, self.addresses, self.tags = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in ("src", "href", "xlink:href", "srcset", "action", "data"):
                self.addresses.append(value)
            assert not name.startswith("on")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def rendered(record, width: int = 80) -> str:
    console = Console(width=width, record=True, file=io.StringIO(), color_system=None)
    console.print(summary(record))
    return console.export_text()


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    return write_report(make_record(), make_arrays(), tmp_path_factory.mktemp("run"))


def test_figures_and_page_are_written_and_nothing_else_is_left(report):
    names = sorted(path.name for path in (report.parent / "figures").iterdir())
    assert names == [
        "bottleneck.png",
        "complex_plane.png",
        "equations.png",
        "residuals.png",
        "samples.png",
        "transfer_matrix.png",
        "wave_function.png",
    ]
    assert sorted(path.name for path in report.parent.iterdir()) == ["figures", "report.html"]


def test_the_page_is_well_formed_and_loads_nothing(report):
    text = report.read_text(encoding="utf-8")
    outline = Outline(text)
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert "script" not in outline.tags
    assert "http://" not in text
    assert "https://" not in text
    assert "url(" not in text
    for address in outline.addresses:
        assert address.startswith(("data:image/svg+xml;base64,", "#")), address[:60]
        if address.startswith("#"):
            assert address[1:] in outline.ids
    assert outline.tags.count("img") == 6


def test_every_equation_stands_in_the_page_as_svg(report):
    text, record = report.read_text(encoding="utf-8"), make_record()
    labels = re.findall(r'<svg[^>]*aria-label="([^"]*)"', text)
    for theory in record["theories"]:
        for block in blocks_of(record, theory):
            for equation in block.equations:
                assert equation.latex
                assert equation.text.replace("'", "&#x27;") in labels


def test_matrices_and_primes_are_typeset_and_bad_latex_is_shown_as_text():
    formulas = Formulas()
    for latex in (
        r"\psi_1''",
        r"\psi^{\prime\prime}",
        r"\begin{pmatrix}0 & 1\\ V & 0\end{pmatrix}",
    ):
        assert formulas.inline(Equation("shown", latex)).count("<path") >= 2
    assert formulas.inline(Equation("rho = psi**2", r"\frac{a")) == (
        "<span class='term'>ρ = ψ²</span>"
    )


def test_a_report_written_again_removes_figures_that_no_longer_apply(tmp_path):
    record = make_record() | {
        "verdict": "memoryless",
        "theories": [],
        "sweep": [],
        "selected": None,
    }
    stale = tmp_path / "figures" / "wave_function.png"
    stale.parent.mkdir()
    stale.write_bytes(b"old")
    (tmp_path / "figures" / "mine.png").write_bytes(b"kept")
    write_report(record, {}, tmp_path)
    assert [path.name for path in stale.parent.iterdir()] == ["mine.png"]


def test_names_and_notes_are_escaped():
    record = make_record()
    record["dataset"]["source"] = "<script>alert(1)</script> & [bold]x[/bold]"
    record["notes"] = ["<img src=http://x>"]
    outline = Outline(page(record, {}))
    assert "script" not in outline.tags
    assert "img" not in outline.tags
    assert "[bold]x[/bold]" in rendered(record)


@pytest.mark.parametrize("width", [80, 120])
def test_the_summary_fits_and_says_what_was_found(width):
    text = rendered(make_record(), width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    for piece in (
        "A law was found",
        "ψ″ = V ψ − 0.37 ψ",
        "ρ = ψ²",
        "1.0000000001(3)",
        "1/(eV nm²)",
    ):
        assert piece in text
    for piece in ("2.2e23", "1.2e-18", "Born's rule", "Wronskian", "0.9999999", "convention"):
        assert piece in text
    assert text.index("quadratic readout") < text.index("3 variables, linear readout")


@pytest.mark.parametrize(
    ("verdict", "words"),
    [("none", "No law was found"), ("memoryless", "depends on the input at the same site alone")],
)
def test_where_there_is_no_law_the_report_says_so(verdict, words):
    record = make_record() | {"verdict": verdict, "theories": [], "selected": None, "truth": None}
    record["dimension"] = {"linear": None, "quadratic": None}
    flat = " ".join(rendered(record).replace("│", " ").split())
    assert words in flat
    assert "none" in flat
    text = page(record, {})
    assert words in text
    assert "Theory 1" not in text


def test_where_something_is_predicted_the_headline_does_not_say_that_nothing_is():
    why = "the past of the input says something of the response and no network found out what"
    record = make_record() | {"verdict": "none", "theories": [], "selected": None, "truth": None}
    flat = " ".join(rendered(record | {"verdict_reason": why}).replace("│", " ").split())
    assert "The past of the input says something" in flat
    assert "their mean" not in flat


def test_sparse_and_unusual_records_are_reported():
    record = copy.deepcopy(make_record())
    theory = record["theories"][0]
    theory |= {"readout": "neural", "law": None, "born": None, "invariants": [], "discrete": None}
    theory |= {"heldout_error": None, "reconstruction_loss": 0.0, "distilled": {}, "units": None}
    record["theories"] = [theory]
    for key in ("reason", "translator", "truth", "notes", "spectrum", "heldout_runs", "seconds"):
        record.pop(key)
    record["dataset"] = {
        key: record["dataset"][key] for key in ("runs", "sites", "dx", "input", "response", "hold")
    }
    assert "1 hidden" not in rendered(record)
    assert "first-order system" in page(record, {})
    theory["system"] = None
    assert Outline(page(record, {})).open == []
    assert rendered(record)


def test_seeds_that_were_not_run_are_told_where_the_sweep_is_shown():
    record, arrays = make_record(), make_arrays()
    record["stopped"] = [
        {"dimension": 2, "readout": "linear", "run": 3, "asked": 8},
        {"dimension": 3, "readout": "linear", "run": 3, "asked": 8},
        {"dimension": 2, "readout": "quadratic", "run": 4, "asked": 8},
    ]
    record["sweep"] = [
        entry
        for entry in record["sweep"]
        if entry["seed"] < 3 or entry["readout"] != "linear" or entry["dimension"] not in (2, 3)
    ]
    sentence = (
        "Where three seeds agreed the others were not run: "
        "3 of 8 at d = 2 and 3 linear, 4 of 8 at d = 2 quadratic."
    )
    assert draw_figures(record, arrays)["bottleneck"].caption.endswith(f" {sentence}")
    assert sentence in " ".join(rendered(record).split())
    text = page(record, {})
    assert text.count('<td class="number">3 of 8</td>') == 2
    assert text.count('<td class="number">4 of 8</td>') == 1


def test_seeds_that_share_the_loss_of_another_are_told():
    record = make_record()
    for entry in record["sweep"]:
        if entry["dimension"] == 1 and entry["seed"] > 0:
            entry["same_as"] = 0
    count = sum(entry.get("same_as") == 0 for entry in record["sweep"]) // len(record["dimension"])
    sentence = f"share its loss: {count} of {count + 1} at d = 1 linear"
    assert sentence in draw_figures(record, make_arrays())["bottleneck"].caption
    assert sentence in " ".join(rendered(record).split())


@pytest.mark.parametrize("nothing", [{}, {"stopped": []}, {"stopped": None}])
def test_where_all_seeds_were_run_nothing_is_said(nothing):
    record = make_record() | nothing
    caption = draw_figures(record, make_arrays())["bottleneck"].caption
    for text in (caption, rendered(record), page(record, {})):
        assert "seeds agreed" not in text
        assert "share its loss" not in text
        assert "3 of 8" not in text
