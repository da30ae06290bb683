"""A figure of a stranger: one function and one line, and every report draws it."""

import json
import re

import numpy as np
import pytest
from example import make_arrays, make_record

from hiddenlaw.report import headings, write_report
from hiddenlaw.report.figures import (
    Figure,
    Picture,
    new_figure,
    register,
    registered,
    unregister,
)
from hiddenlaw.report.worker import ReportWorker


def draw(record, arrays):
    if record["verdict"] != "law":
        return None
    figure = new_figure(2.0)
    axes = figure.subplots()
    axes.plot(arrays["sample/x"], arrays["sample/response"][0, :, 0])
    axes.set_xlabel("$x$")
    return Picture("toy", "A toy", "The response of the first sample.", figure)


@pytest.fixture
def toy():
    """Registers a figure, and takes it out again whatever happens."""
    before = registered()

    def add(section, arrays=("sample/x", "sample/")):
        return register(Figure("toy", section, draw, arrays))

    yield add
    unregister("toy")
    assert registered() == before


def sections(page) -> dict[str, str]:
    """What stands under each heading."""
    parts = re.split("<h2>(.*?)</h2>", page.read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_it_is_written_and_stands_under_its_heading_after_the_others(toy, tmp_path):
    toy(headings.LEFT_OVER)
    page = write_report(make_record(), make_arrays(), tmp_path)
    assert (tmp_path / "figures" / "toy.png").read_bytes()[:4] == b"\x89PNG"
    found = sections(page)
    assert [heading for heading, text in found.items() if "A toy" in text] == [headings.LEFT_OVER]
    titles = re.findall("<figcaption><b>(.*?)[.]</b>", found[headings.LEFT_OVER])
    assert titles == ["What is left over", "A toy"]


def test_it_is_drawn_where_children_that_do_not_know_it_were_to_write_the_report(toy, tmp_path):
    (tmp_path / "discovery.json").write_text(json.dumps(make_record()), encoding="utf-8")
    np.savez(tmp_path / "models.npz", **make_arrays())  # type: ignore[arg-type]
    toy(headings.LEFT_OVER)
    with ReportWorker() as worker:
        assert "A toy" in sections(worker.write(tmp_path))[headings.LEFT_OVER]


def test_a_heading_of_its_own_comes_before_what_to_beware_of(toy, tmp_path):
    toy("Toys & games")
    page = write_report(make_record(), make_arrays(), tmp_path)
    found = sections(page)
    assert "A toy" in found["Toys &amp; games"]
    order = list(found)
    assert order.index("Toys &amp; games") == order.index(headings.CAVEATS) - 1


def test_without_a_heading_it_is_a_file_alone(toy, tmp_path):
    toy(None)
    page = write_report(make_record(), make_arrays(), tmp_path)
    assert (tmp_path / "figures" / "toy.png").exists()
    assert "A toy" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("missing", ["mine/", "sample/mine"])
def test_it_is_left_out_where_its_arrays_are_missing(toy, tmp_path, missing):
    toy(headings.LEFT_OVER, (missing,))
    page = write_report(make_record() | {"theories": []}, make_arrays(), tmp_path)
    assert not (tmp_path / "figures" / "toy.png").exists()
    assert "A toy" not in page.read_text(encoding="utf-8")


def test_names_are_those_of_files_and_taken_once(toy):
    toy(headings.LEFT_OVER)
    with pytest.raises(ValueError, match="'toy' already"):
        toy(headings.LEFT_OVER)
    with pytest.raises(ValueError, match="letters, digits and _ alone"):
        register(Figure("../toy", None, draw))


def test_in_a_notebook_a_picture_shows_itself_with_its_words():
    picture = draw(make_record(), make_arrays())
    assert picture is not None
    shown = picture._repr_html_()
    assert shown == picture.html()
    assert re.search(
        r'<img alt="A toy\. The response[^"]*" src="data:image/svg\+xml;base64,', shown
    )
    assert "<figcaption><b>A toy.</b> The response of the first sample.</figcaption>" in shown
