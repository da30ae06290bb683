"""Workbooks, where python-calamine is there, and one line where it is not."""

import importlib.util
import zipfile
from xml.sax.saxutils import escape

import numpy as np
import pytest

from hiddenlaw.errors import DataError, FormatError
from hiddenlaw.io import load, save, surveyed

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/><Override '
    f'PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="log" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship '
    f'Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
ROWS = [
    ["Time (s)", "Servo 3 (µs)", None, "Speed [rpm]", "note"],
    [0.125, 1, None, 0.1, "start"],
    [0.25, 2, None, 1 / 3, None],
    [0.375, 4, None, -2e-9, None],
]
needs_calamine = pytest.mark.skipif(
    importlib.util.find_spec("python_calamine") is None, reason="python-calamine is not installed"
)


def cell(value, place):
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>'


def write(path, rows, extra="", sheet=None):
    """A workbook with these rows in its only sheet."""
    lines = [
        f'<row r="{r}">{"".join(cell(v, f"{chr(65 + c)}{r}") for c, v in enumerate(row))}</row>'
        for r, row in enumerate(rows, start=1)
    ]
    text = f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{"".join(lines)}{extra}</sheetData>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in PARTS.items():
            file.writestr(name, content)
        file.writestr("xl/worksheets/sheet1.xml", sheet or f"{text}</worksheet>")
    return path


@needs_calamine
def test_the_first_sheet_is_a_table(tmp_path):
    path = write(tmp_path / "log.xlsx", ROWS)
    with surveyed() as survey:
        dataset = load(path, input="Servo_3", response="Speed")
    np.testing.assert_array_equal(dataset.x, [0.125, 0.25, 0.375])
    np.testing.assert_array_equal(dataset.input[0, :, 0], [1, 2, 4])
    np.testing.assert_array_equal(dataset.response[0, :, 0], [0.1, 1 / 3, -2e-9])
    assert dataset.units == {"Time": "s", "Servo_3": "µs", "Speed": "rpm"}
    assert "not read, empty: c3" in survey.notes
    assert "not read, text: note" in survey.notes
    with pytest.raises(FormatError, match=r'x="Time \(s\)", input="Servo 3 \(µs\)", response='):
        load(path)


@needs_calamine
def test_faults_are_told_by_the_rows_of_the_sheet(tmp_path):
    rows = [ROWS[0], [], ROWS[1], [0.25, 2, None, "oops"], [], [0.375, "2024-01-01", None, 1]]
    path = write(tmp_path / "log.xlsx", rows)
    with pytest.raises(FormatError) as caught:
        load(path, input="Servo_3", response="Speed")
    assert "line 4, column Speed [rpm]: 'oops' is not a number; line 6, column Servo 3" in str(
        caught.value
    )
    path = write(tmp_path / "log.xlsx", [*ROWS, [0.5, None, None, 1]])
    with pytest.raises(DataError, match="Servo_3 has 1 NaN in run 0"):
        load(path, input="Servo_3", response="Speed")


def test_without_calamine_one_line_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    path = write(tmp_path / "log.xlsx", ROWS)
    with pytest.raises(FormatError, match=r"needed; pip install 'hiddenlaw\[xlsx\]', or save the"):
        load(path)


DAMAGED = {
    "no zip": (b"Time (s),u,y\n", "no Excel workbook, or damaged .*; open it in a spreadsheet"),
    "far cell": ('<c r="XFD1048576"><v>1</v></c>', "1048576 rows and 16384 columns takes 2 TiB"),
    "far row": ('<row r="999999999"/>', "a sheet of 999999999 rows"),
    "no place": ('<c r="!"/>', "a cell stands at '!'"),
    "not closed": ("<c>", "no Excel workbook, or damaged"),
}


@pytest.mark.parametrize(("extra", "said"), DAMAGED.values(), ids=list(DAMAGED))
def test_workbooks_that_cannot_be_read_end_in_one_line(extra, said, tmp_path, monkeypatch):
    """All of it is found before python-calamine is asked, so that it need not be there."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: True)
    path = tmp_path / "log.xlsx"
    if isinstance(extra, bytes):
        path.write_bytes(extra)
    else:
        write(path, ROWS, extra)
    with pytest.raises(FormatError, match=said) as caught:
        load(path, input="Servo_3", response="Speed")
    assert "\n" not in str(caught.value)


def test_a_workbook_that_unpacks_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: True)
    path = write(tmp_path / "log.xlsx", ROWS, sheet=b" " * (65 * 2**20))
    assert path.stat().st_size < 2**20
    with pytest.raises(FormatError, match="too large: its content takes 65 MiB"):
        load(path)


@needs_calamine
def test_damage_of_any_kind_ends_in_one_line(tmp_path):
    """Every tenth byte of the sheet in turn is another one."""
    path = write(tmp_path / "log.xlsx", ROWS)
    with zipfile.ZipFile(path) as file:
        sheet = file.read("xl/worksheets/sheet1.xml")
    endings = {"read": 0, "refused": 0}
    for place in range(0, len(sheet), 10):
        for byte in b'<"&9':
            write(path, ROWS, sheet=sheet[:place] + bytes([byte]) + sheet[place + 1 :])
            try:
                load(path, input="Servo_3", response="Speed")
                endings["read"] += 1
            except (FormatError, DataError) as problem:
                endings["refused"] += str(problem).isprintable()
    assert min(endings.values()) > 10
    assert sum(endings.values()) == 4 * len(range(0, len(sheet), 10))
    with pytest.raises(FormatError, match="nothing in its first sheet"):
        load(write(path, []))


def test_nothing_is_written(tmp_path):
    (tmp_path / "data.csv").write_text("u,y\n1,2\n2,3\n")
    with pytest.raises(
        FormatError,
        match=r".xlsx is read but not written; written are .nc, ",
    ):
        save(load(tmp_path / "data.csv"), tmp_path / "data.xlsx")
