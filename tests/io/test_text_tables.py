"""Text tables as instruments write them: separators, decimals, comments, no header, faults."""

import gzip
import tracemalloc

import numpy as np
import pytest

from hiddenlaw.errors import FormatError
from hiddenlaw.io import _limits, load, save
from hiddenlaw.io._remarks import surveyed

INPUT = [1.5, 2.5, -3.25]
RESPONSE = [10.0, 2e-3, 40.125]
POINTS = "0.5,1.5,10.0\n1.0,2.5,2e-3\n1.5,-3.25,40.125\n"
COMMAS = POINTS.replace(",", ";").replace(".", ",")


def read(path, **options):
    dataset = load(path, **options)
    np.testing.assert_array_equal(dataset.x, [0.5, 1.0, 1.5])
    np.testing.assert_array_equal(dataset.input[0, :, 0], INPUT)
    np.testing.assert_array_equal(dataset.response[0, :, 0], RESPONSE)
    return dataset


TABLES = {
    "commas": "t,u,y\n" + POINTS,
    "semicolons": "t;u;y\n" + POINTS.replace(",", ";"),
    "tabs": "t\tu\ty\n" + POINTS.replace(",", "\t"),
    "blanks": "t u y\n" + POINTS.replace(",", " "),
    "runs of blanks": "  t     u    y  \n  " + POINTS.replace(",", "     ").replace("\n", "  \n"),
    "semicolons, decimal commas": "t;u;y\n" + COMMAS,
    "tabs, decimal commas": "t\tu\ty\n" + COMMAS.replace(";", "\t"),
    "blanks, decimal commas": "t u y\n" + COMMAS.replace(";", "  "),
    "units between blanks": "t (s)  u [V]  y (rpm)\n" + POINTS.replace(",", "  "),
    "names with blanks, tabs": "Time (s)\tu (V)\ty\n" + POINTS.replace(",", "\t"),
    "comments": "# spring\n% 20 nK\n\n#\nt,u,y\n# now\n" + POINTS + "% the end\n",
    "comments with separators": "# a;b;c;d;e\n%a\tb\tc\tb\nt,u,y\n" + POINTS,
    "byte-order mark": "\ufefft,u,y\n" + POINTS,
    "mark and comment": "\ufeff# spring\nt,u,y\n" + POINTS,
    "separator given": "sep=;\nt;u;y\n" + COMMAS,
    "Windows": ("t,u,y\n" + POINTS).replace("\n", "\r\n"),
    "old Macintosh": ("t,u,y\n" + POINTS).replace("\n", "\r"),
    "quoted": '"t","u, in volts [V]","y"\n'.replace(", in volts", "") + POINTS,
    "quoted, blanks": '"t" "u" "y (in rpm)"\n' + POINTS.replace(",", " "),
    "remark in the header": "t,u,y # in volts\n" + POINTS,
    "remark in a row": "t,u,y\n" + POINTS.replace("10.0", "10.0 # here"),
    "header in a comment": "# t u y\n" + POINTS.replace(",", " "),
    "header in a comment, commas": "% t, u, y\n" + POINTS,
}


@pytest.mark.parametrize("suffix", ["csv", "tsv", "txt", "dat", "CSV"])
@pytest.mark.parametrize("text", TABLES.values(), ids=list(TABLES))
def test_tables_of_every_kind_give_the_same_numbers(text, suffix, tmp_path):
    path = tmp_path / f"data.{suffix}"
    path.write_bytes(text.encode())
    read(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_marks_of_byte_order_say_how_letters_are_written(encoding, tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("t (µs),u,y\n" + POINTS, encoding=encoding)
    assert read(path).units == {"t": "µs"}


HEADLESS = {
    "commas": POINTS,
    "commas and blanks": POINTS.replace(",", ", "),
    "semicolons, decimal commas": COMMAS,
    "blanks, decimal commas": COMMAS.replace(";", " "),
    "tabs": POINTS.replace(",", "\t"),
    "comment": "# spring\n" + POINTS.replace(",", " "),
}


@pytest.mark.parametrize("text", HEADLESS.values(), ids=list(HEADLESS))
def test_columns_without_a_header_are_counted(text, tmp_path):
    path = tmp_path / "data.dat"
    path.write_text(text)
    with surveyed() as survey:
        read(path, x="c1", input="c2", response="c3")
    assert survey.remarks[0] == "no header; the columns are called c1, c2, c3"
    with pytest.raises(FormatError, match="has the columns c1, c2, c3; name those to use"):
        load(path)


def test_two_columns_without_a_header_are_asked_for(tmp_path):
    path = tmp_path / "data.txt"
    path.write_text("1 10\n2 20\n3 15\n")
    with pytest.raises(FormatError) as caught:
        load(path)
    assert str(caught.value) == (
        f"{path} has the columns c1, c2; name those to use with input= and response=, for "
        f'example: hl.load("{path}", input="c1", response="c2"), or the other way round'
    )
    dataset = load(path, input="c1", response="c2")
    np.testing.assert_array_equal(dataset.response[0, :, 0], [10, 20, 15])


def test_names_from_a_comment_leave_the_counted_ones(tmp_path):
    path = tmp_path / "data.txt"
    np.savetxt(path, np.loadtxt(POINTS.splitlines(), delimiter=","), header="t drive answer")
    read(path, x="c1", input="drive", response="c3")


NO_NUMBERS = {
    "text": ("t,u,y\n0,1,2\n1,2,oops\n", "line 3, column y: 'oops' is not a number"),
    "in the grid": ("t,u,y\n0,1,2\nnow,2,3\n", "line 3, column t: 'now' is not a number"),
    "header with unit": ("t (s),u,y\nlate,1,2\n", r"line 2, column t \(s\): 'late' is not a"),
    "lines, not rows": ("# a\n\nt,u,y\n0,1,2\n# b\n\n1,2,x1\n", "line 7, column y: 'x1'"),
    "two": ("t,u,y\n0,a,2\n1,2,b\n", "line 2, column u: 'a' .*; line 3, column y: 'b'"),
    "short row": ("t,u,y\n0,1\n1,2,b\n", "line 2 has 2 fields, the header has 3; line 3, column y"),
    "quoted lines": ('t,u,y\n0,1,"2\n"\n1,2,"b"\n', "line 4, column y: 'b'"),
    "clock": ("time,u,y\n12:00:01,1,2\n", "line 2, column time: '12:00:01' is no certain date"),
    "long": ("t,u,y\n0,1," + "no" * 99 + "\n", "'nononononononononononononono.…' is not a number"),
    "no header": ("1,2\n3,4\n5,b\n", "line 3, column c2: 'b' is not a number; correct"),
    "short row, no header": ("1,2\n3\n", "line 2 has 1 fields, the first row has 2"),
    "thousands": ("t;u;y\n0;1;1.234,5\n", "line 2, column y: '1.234,5' is not a number"),
    "both": (
        "t;u;y\n0;1;2.5\n1;2;2\n2;1,234;2\n",
        r"decimal points \(line 2\) and decimal commas \(line 4\)",
    ),
}


@pytest.mark.parametrize(("text", "said"), NO_NUMBERS.values(), ids=list(NO_NUMBERS))
def test_text_in_place_of_a_number_is_called_that(text, said, tmp_path):
    path = tmp_path / "data.csv"
    path.write_text(text)
    named = {"input": "c1", "response": "c2"} if text[0].isdigit() else {}
    with pytest.raises(FormatError, match=said) as caught:
        load(path, **named)
    assert "NaN" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_ten_faults_are_told_and_the_others_counted(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("t,u,y\n" + "".join(f"{k},{k},no\n" for k in range(25)))
    with pytest.raises(FormatError) as caught:
        load(path)
    line = str(caught.value)
    assert line.count("'no' is not a number") == 10
    assert "line 11, column y: 'no' is not a number, and 15 more; correct" in line


def test_text_that_is_not_asked_for_is_no_fault(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("t,note,u,,y\n0.5,start,1.5,,10.0\n1.0,,2.5,,2e-3\n1.5,stop,-3.25,,40.125\n")
    read(path)


def test_packed_tables(tmp_path):
    path = tmp_path / "data.csv.gz"
    path.write_bytes(gzip.compress(("t,u,y\n" + POINTS).encode()))
    dataset = read(path)
    save(dataset, tmp_path / "again.csv.gz")
    read(tmp_path / "again.csv.gz")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(FormatError, match=r"does not unpack: .* or cut off"):
        load(path)
    path.write_bytes(b"t,u,y\n1,2,3\n")
    with pytest.raises(
        FormatError, match="does not unpack: it is no gzip file, or cut off; pack it again"
    ):
        load(path)


def test_a_packed_table_that_unpacks_without_end(tmp_path):
    path = tmp_path / "data.csv.gz"
    with gzip.open(path, "wb") as file:
        file.write(b"t,u,y\n")
        for _ in range(_limits.SMALL // 2**20 + 1):
            file.write(b"# " + b"0" * (2**20 - 9) + b"\n")
            file.write(b"1,2,3\n")
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="too large: what it unpacks to is more"):
            load(path)
        assert tracemalloc.get_traced_memory()[1] < 2**25
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("suffix", ["tsv", "txt", "dat", "csv.gz"])
def test_what_is_written_is_read_back(suffix, tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("t,u,y\n" + POINTS)
    save(load(path), tmp_path / f"data.{suffix}")
    read(tmp_path / f"data.{suffix}")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "t,T (°C),u\n".encode("latin-1"),
            r"as in Latin-1 .*, where it is '°'; save .* CSV UTF-8$",
        ),
        (
            b"\x89\xd0\0\0\xff\n1,2",
            "is no text in UTF-8, or no table at all; save it as CSV in UTF-8$",
        ),
        (b"\xff\xfe1", "is no text in UTF-16, or no table at all; save it as CSV in UTF-8$"),
    ],
)
def test_letters_of_another_code_are_told_with_the_remedy(content, said, tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=said) as caught:
        load(path)
    assert "codec" not in str(caught.value)


@pytest.mark.parametrize("suffix", ["xlsx", "mat", "npz", "nc", "csv.gz"])
def test_a_file_that_is_none_of_its_kind_is_told_in_plain_words(suffix, tmp_path):
    path = tmp_path / f"data.{suffix}"
    path.write_text("nothing of that kind")
    with pytest.raises(FormatError, match=r"is no .*; (open|save|write|pack) it ") as caught:
        load(path)
    said = str(caught.value)
    assert not any(
        word in said for word in ("buffer", "codec", "not a zip", "unpack_from", "Unable", "Error")
    )


def test_a_second_line_without_numbers_is_told_and_what_it_may_be(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("Zeit;u;y\ns;V;1/min\n" + COMMAS)
    with pytest.raises(FormatError) as caught:
        load(path)
    assert str(caught.value) == (
        f"{path}: line 2 (s, V, 1/min) has no numbers and the rows below have; if it has units, "
        "write them into the header, as Zeit (s), and delete the line; if it is the header, delete "
        "the one above"
    )
    path.write_text("t,u,y,said\n0,1,2,on\n1,2,3,off\n")  # a column of text is none
    assert load(path).sites == 2


def test_lines_above_a_header_are_told(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("Logger 3000, serial 17\n\nt,u,y\n" + 4 * POINTS)
    with pytest.raises(FormatError, match=r"line 1 has 2 fields and the rows have 3.*begin them"):
        load(path)


@pytest.mark.parametrize("stamp", ["01.03.2024 12:00", "12:00:01"])
def test_what_may_be_a_date_is_not_passed_over_as_text(stamp, tmp_path):
    path = tmp_path / "data.csv"
    path.write_text(f"stamp,u,y\n{stamp},1,2\n{stamp},2,1\n")
    with surveyed() as survey:
        load(path)
    assert "not read, no certain dates, which are written as 2024-03-01 12:00:00: stamp" in (
        survey.notes
    )
