"""`discover` takes every setting by name; its signature and words are those of `Settings`."""

import inspect
import pydoc
import re

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.discovery import asked
from hiddenlaw.errors import DataError, SettingsError
from hiddenlaw.settings import Settings

TWO_SCREENS = 100  # lines


def explained(text: str) -> dict[str, str]:
    """What is said of each name in the list of a docstring."""
    entries = re.findall(r"^ *- ((?:`\w+`(?:, )?)+): (.*(?:\n +(?!-)\S.*)*)", text, re.MULTILINE)
    return {
        name: " ".join(said.split())
        for names, said in entries
        for name in re.findall(r"\w+", names)
    }


def parameters():
    return inspect.signature(hl.discover).parameters


def test_every_setting_is_a_word_of_discover_with_its_default():
    known = parameters()
    of_settings = [name for name in known if name in Settings.model_fields]
    assert of_settings == list(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        default = None if name in ("max_dimension", "held_out") else field.default
        assert known[name].default == default, name
        assert known[name].annotation is not inspect.Parameter.empty


def test_settings_and_discover_say_the_same_of_each():
    of_settings = explained(str(Settings.__doc__))
    of_discover = explained(str(hl.discover.__doc__))
    assert set(of_settings) == set(Settings.model_fields)
    assert set(of_discover) == set(parameters())
    for name, said in of_settings.items():
        assert of_discover[name] == said


def test_help_fits_two_screens():
    page = pydoc.plain(pydoc.render_doc(hl.discover))
    lines = [
        row
        for line in page.splitlines()
        for row in (line[k : k + 100] or "" for k in range(0, max(len(line), 1), 100))
    ]
    assert len(lines) <= TWO_SCREENS


def test_as_dataset_takes_the_same_words_of_data():
    of_data = set(inspect.signature(hl.as_dataset).parameters)
    assert of_data == set(parameters()) - set(Settings.model_fields) - {"progress"}


def test_only_what_was_asked_for_is_set(monkeypatch):
    """Some settings mean something else when they are asked for, such as the widest bottleneck."""
    seen = []
    monkeypatch.setattr(asked, "as_dataset", lambda *a, **k: (_ for _ in ()).throw(KeyError))
    monkeypatch.setattr(asked, "choose", lambda **options: seen.append(options))
    for given in ({}, {"seeds": 8}, {"seeds": 4, "held_out": 0.2}, {"dimension": None}):
        with pytest.raises(KeyError):
            hl.discover(None, **given)
    assert seen == [{}, {}, {"seeds": 4, "held_out": 0.2}, {}]


def test_words_that_do_not_go_with_the_data():
    u = np.random.default_rng(0).normal(size=(4, 10))
    with pytest.raises(DataError, match="give the response beside the input"):
        hl.discover(u)
    with pytest.raises(DataError, match="input= names a column, and arrays have none"):
        hl.discover(u, u, input="V")
    data = hl.Dataset.from_arrays(u, u)
    with pytest.raises(DataError, match="give it alone, without dx="):
        hl.discover(data, dx=0.1)
    with pytest.raises(DataError, match="give it alone, without response="):
        hl.discover(data, u)
    with pytest.raises(SettingsError, match="seeds must be greater"):
        hl.discover(data, seeds=0)


def test_files_take_the_same_words(tmp_path):
    path = tmp_path / "two.csv"
    path.write_text("t [s],a [V],b\n" + "".join(f"{k},{k % 3},{k % 5}\n" for k in range(9)))
    data = hl.as_dataset(path, "b", input="a", input_names="u", units={"t": "ms"})
    assert (data.input_names, data.response_names) == (("u",), ("b",))
    assert data.units == {"t": "ms", "u": "V"}
    assert hl.as_dataset([str(path)], "b", input="a").runs == 1
