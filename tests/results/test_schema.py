"""What is declared of a record is asked of anything, and says what is wrong in a few words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiddenlaw._letters import plain
from hiddenlaw.results.digest import digest_of
from hiddenlaw.results.entries import DISCOVERY
from hiddenlaw.results.schema import by_name, entries, maybe, nested, number, several, text

NAMES = st.sampled_from(["dataset", "theories", "model", "dx", "input", "verdict", "x", "truth"])
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_a_record_may_be_anything_and_each_complaint_is_one_line(value):
    for complaint in DISCOVERY(value, ""):
        assert complaint.isprintable()
        assert len(complaint) < 500


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (number(), [0, -1.5, 10**9], [None, True, "1", float("nan"), float("inf"), 10**400, []]),
        (number(0, 12, whole=True), [0, 12, 3.0], [-1, 13, 0.5, None]),
        (number(above=0.0), [1e-300], [0, -1]),
        (number(null=True), [None, 2], [False]),
        (text(lambda: ("zero", "first")), ["zero"], ["cubic", 0, None]),
        (maybe(text()), [None, ""], [0]),
        (several(number(), 2, 2), [[1, 2]], [[1], [1, None], 1, "12", {"a": 1}]),
        (nested(number()), [1, [[1], [2, 3]]], [[["a"]], None]),
        (by_name(number()), [{}, {"a": 1}], [{"a": None}, [1]]),
        (
            entries({"a": number()}, needed=("a",)),
            [{"a": 1}, {"a": 1, "b": None}],
            [{}, {"a": "1"}],
        ),
    ],
)
def test_kinds(kind, good, bad):
    for value in good:
        assert list(kind(value, "it")) == []
    for value in bad:
        complaints = list(kind(value, "it"))
        assert complaints
        assert all(complaint.startswith("it") for complaint in complaints)


@given(st.dictionaries(st.text(), PLAIN.filter(lambda value: value == value), max_size=5))
def test_the_digest_knows_no_order_of_entries_and_sees_each_change(record):
    arrays = {"b": np.arange(6.0).reshape(2, 3), "a": np.ones(2)}
    digest = digest_of(record, arrays)
    backwards = dict(reversed(record.items())), dict(reversed(arrays.items()))
    assert digest_of(*backwards) == digest
    assert digest_of(record | {"digest": "other"}, arrays) == digest
    assert digest_of(record | {"one more": 1}, arrays) != digest
    for other in (arrays["b"].T, arrays["b"].astype("f4"), arrays["b"] + 1e-15, arrays["b"][:1]):
        assert digest_of(record, arrays | {"b": other}) != digest
    assert digest_of(record, {"a": arrays["a"]}) != digest


@given(st.text())
def test_every_text_has_a_plain_form(text):
    assert plain(text).isascii()
    assert plain(plain(text)) == plain(text)
