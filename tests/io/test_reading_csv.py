"""Long CSV as people write it, and the one clear line where it cannot be read."""

import ast
import re

import numpy as np
import pytest

from hiddenlaw.data.columns import columns_of
from hiddenlaw.errors import DataError, FormatError, HiddenlawError, at_the_command_line
from hiddenlaw.io import load, save
from hiddenlaw.io._remarks import surveyed


@pytest.fixture
def write(tmp_path):
    def write(text: str):
        path = tmp_path / "data.csv"
        path.write_text(text)
        return path

    return write


NAMED = {"input": "V", "response": "rho"}


def refused(error: type[HiddenlawError], match: str, path, **options):
    with pytest.raises(error, match=match) as caught:
        load(path, **options)
    assert "\n" not in str(caught.value)


ROWS = "a,0.5,1,10\na,1.0,2,20\nb,0.5,3,30\nb,1.0,4,40\n"


def test_columns_called_input_and_response(write):
    dataset = load(write("run,x,input,response\n" + ROWS))
    np.testing.assert_array_equal(dataset.input[:, :, 0], [[1, 2], [3, 4]])
    np.testing.assert_array_equal(dataset.response[:, :, 0], [[10, 20], [30, 40]])
    np.testing.assert_array_equal(dataset.x, [0.5, 1.0])
    assert dataset.input_names == ("input",)


@pytest.mark.parametrize("header", ["u,y", "y,u", "Y,U", "y, u", "U (V),Y [rpm]", "x,y,u", "u,Y"])
def test_columns_called_u_and_y_are_input_and_response_in_any_order(header, write):
    rows = "1,10,3\n2,20,5\n" if header.count(",") == 2 else "1,10\n2,20\n"
    dataset = load(write(f"{header}\n{rows}"))
    assert (dataset.input_names[0].lower(), dataset.response_names[0].lower()) == ("u", "y")
    place = [part.strip()[0].lower() for part in header.split(",")].index("u")
    expected = [float(row.split(",")[place]) for row in rows.split()]
    np.testing.assert_array_equal(dataset.input[0, :, 0], expected)


def test_the_very_name_goes_before_the_same_in_capitals(write):
    dataset = load(write("x,U,u,y\n1,7,1,10\n2,7,2,20\n"))
    assert dataset.input_names == ("u",)


def test_two_other_columns_are_asked_for_by_name(write):
    path = write("x,V,rho,run\n0.5,1,10,a\n1.0,2,20,a\n")
    refused(
        FormatError,
        "columns x, V, rho, run; name those to use with input= and response=, for example: "
        rf'hl\.load\("{path}", x="x", input="V", response="rho"\), or the other way round$',
        path,
    )
    assert load(path, **NAMED).response_names == ("rho",)
    path = write("time (s),motor current (A),speed\n0.5,1,10\n1.0,2,20\n")
    refused(
        FormatError,
        r'x="time \(s\)", input="motor current \(A\)", response="speed"\), or the other',
        path,
    )
    with at_the_command_line():
        refused(
            FormatError,
            rf'hiddenlaw check {path} --x "time \(s\)" --input "motor current',
            path,
        )


def test_the_call_that_is_advised_is_one_that_works(write):
    path = write('time (s),"motor ""A"" (V)",speed\n0.5,1,10\n1.0,2,20\n')
    with pytest.raises(FormatError) as refused:
        load(path)
    advised = re.search(r"for example: (hl\.load\(.*\)), or", str(refused.value))
    assert advised
    call = ast.parse(advised[1], mode="eval").body
    assert isinstance(call, ast.Call)
    given = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    assert load(ast.literal_eval(call.args[0]), **given).input.tolist() == [[[1.0], [2.0]]]


def test_a_file_of_its_own_says_which_columns_are_which(write, tmp_path):
    path = tmp_path / "own.csv"
    save(load(write("run,x,V,rho\n" + ROWS), **NAMED), path)
    assert path.read_text().splitlines()[0] == "# hiddenlaw.dataset 1: input V; response rho"
    back = load(path)
    assert (back.input_names, back.response_names) == (("V",), ("rho",))
    assert load(path, input="rho", response="V").input_names == ("rho",)


def test_named_columns_may_be_several_and_any_may_number_the_runs(write):
    path = write("shot,t,V,rho\n" + ROWS)
    dataset = load(path, input=["V"], response=["rho"], run="shot")
    assert (dataset.runs, dataset.x_name) == (2, "t")
    both = load(path, input="V", response=["rho", "t"], run="shot", x=None)
    assert both.response_names == ("rho", "t")
    assert both.dx == 1


def test_runs_may_be_interleaved(write):
    dataset = load(write("run,x,u,y\n2,0.5,1,10\n1,0.5,3,30\n2,1.0,2,20\n1,1.0,4,40\n"))
    np.testing.assert_array_equal(dataset.input[:, :, 0], [[1, 2], [3, 4]])


def test_a_bare_record_is_one_run_with_counted_sites(write):
    dataset = load(write("# measured in spring\nu,y\n1,10\n2,20\n3,30\n"))
    assert (dataset.runs, dataset.sites, dataset.dx) == (1, 3, 1)


def test_a_mark_of_byte_order_and_blanks_are_no_part_of_names(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(b"\xef\xbb\xbfrun, x, V, rho\r\n0, 1, 2, 3\r\n0, 2, 3, 4\r\n")
    assert load(path, **NAMED).input_names == ("V",)


def test_a_column_that_is_not_there_is_named_with_those_that_are(write):
    path = write("run,x,V,rho\n" + ROWS)
    has = r"\(it has run, x, V, rho\); name it with "
    refused(FormatError, f"no column 'density' {has}response=", path, input="V", response="density")
    refused(FormatError, f"no column 'U' {has}input=", path, input="U", response="rho")
    refused(FormatError, f"no column 'z' {has}x=", path, x="z")
    refused(FormatError, f"no column 'shot' {has}run=", path, run="shot")
    refused(FormatError, f"no column 'response' {has}response=", path, input="V")


def test_an_ambiguous_table_lists_its_columns(write):
    refused(
        FormatError,
        'columns run, x, V, W, rho; name .*input="V", response="W"[)]$',
        write("run,x,V,W,rho\n0,1,2,3,4\n"),
    )
    refused(FormatError, "columns run, x, V; name those", write("run,x,V\n0,1,2\n"))
    path = write("run,z,V,rho\n0,1,2,3\n0,2,1,3\n")
    refused(FormatError, 'no column x .* x=, for example x="z", or .* with dx=', path, **NAMED)
    refused(FormatError, "has x, t; name the one that is the grid with x=",
            write("x,t,V,rho\n0,1,2,3\n"), **NAMED)  # fmt: skip
    refused(FormatError, "two columns called 'V'; rename", write("V,V,rho\n1,2,3\n"), **NAMED)


def test_numbers_that_are_none(write):
    refused(
        DataError,
        r"^rho has 2 NaN in run b \(first at site 0\); drop the run or interpolate it, or say that "
        r"NaN and empty fields are missing samples \(allow_missing=True\)$",
        write("run,x,V,rho\na,1,2,3\na,2,3,4\nb,1,2,\nb,2,3,nan\n"),
        **NAMED,
    )
    path = write("run,x,V,rho\n0,1,2,3\n0,2,inf,4\n")
    refused(DataError, "V has 1 infinite in run 0", path, **NAMED)
    path = write("run,x,V,rho\n0,1,2,3\n,2,3,4\n,2,3,4\n")
    refused(DataError, "no run in line 3; no run in line 4; fill it in", path, **NAMED)


def test_runs_of_unequal_lengths_are_filled_up(write):
    """Behind its end a run's response is missing, and its input stays as it was."""
    data = load(write("run,x,V,rho\na,1,2,3\nb,1,5,6\na,2,3,4\na,3,4,5\n"), **NAMED)
    np.testing.assert_array_equal(data.x, [1, 2, 3])
    np.testing.assert_array_equal(data.input[..., 0], [[2, 3, 4], [5, 5, 5]])
    np.testing.assert_array_equal(data.response[..., 0], [[3, 4, 5], [6, np.nan, np.nan]])
    gap = write("run,x,V,rho\na,1,2,3\na,2,3,\na,3,4,5\nb,1,5,6\n")
    refused(DataError, "rho has 1 NaN in run a", gap, **NAMED)


def test_runs_that_do_not_share_a_grid(write):
    refused(
        DataError,
        r"x of run b has the step 1\.5 and that of run a 1; give all runs the same, or put them on "
        r"one grid with resample=1$",
        write("run,x,V,rho\na,1,2,3\na,2,3,4\nb,1,2,3\nb,2.5,3,4\n"),
        **NAMED,
    )
    refused(
        DataError,
        r"x has gaps: 1 sample is missing between site 2 \(3\) and 3 \(5\); resample=1 puts",
        write("run,x,V,rho\n0,1,2,3\n0,2,3,4\n0,3,4,5\n0,5,4,5\n0,6,1,1\n"),
        **NAMED,
    )
    refused(
        DataError,
        "x is not increasing: 2 at site 1, then 1; sort each run",
        write("x,V,rho\n1,2,3\n2,3,4\n1,2,3\n2,3,4\n"),
        **NAMED,
    )
    refused(DataError, "1 site a run", write("run,x,V,rho\n0,1,2,3\n1,1,2,3\n"), **NAMED)


def test_what_is_no_table(write, tmp_path):
    refused(FormatError, "is empty", write(""))
    refused(FormatError, "no CSV table", write("\n"))
    refused(FormatError, r"a header \(run, x, V, rho\) but no rows", write("run,x,V,rho\n"))
    path = write("run,x,V,rho\n0,1,2,3\n0,1,2,3,4\n")
    refused(FormatError, "line 3 has 5 fields, the header has 4", path, **NAMED)
    refused(
        FormatError,
        r"has run\|x\|V\|rho, and none of these is a column",
        write("run|x|V|rho\n0|1|2|3\n"),
    )
    binary = tmp_path / "binary.csv"
    binary.write_bytes(bytes(range(256)) * 20)
    refused(FormatError, "is no text in UTF-8, or no table at all", binary)


UNITS = {  # header as written: its name, its unit, the symbol in equations
    "V": ("V", "", "V"),
    "Speed (rpm)": ("Speed", "rpm", "Speed"),
    "u [V]": ("u", "V", "u"),
    "rho[m]": ("rho", "m", "rho"),
    "Servo 3 (µs)": ("Servo 3", "µs", "Servo_3"),
    "Motor Optical Speed (RPM)": ("Motor Optical Speed", "RPM", "Motor_Optical_Speed"),
    "ω (rad/s)": ("ω", "rad/s", "omega"),
    "Kraft ()": ("Kraft", "", "Kraft"),
    "Höhe": ("Höhe", "", "Hohe"),
    "a-b/c": ("a-b/c", "", "a_b_c"),
    "5V rail (V)": ("5V rail", "V", "c_5V_rail"),
    "psi": ("psi", "", "psi_"),
    "%": ("%", "", "c13"),
    "": ("c14", "", "c14"),
    "V (mV)": ("V", "mV", "V_2"),
    "Sample #": ("Sample #", "", "Sample"),
}


def test_headers_become_names_units_and_symbols():
    columns = columns_of(list(UNITS))
    assert [(c.name, c.unit, c.symbol) for c in columns] == list(UNITS.values())


@pytest.mark.parametrize("response", ["Motor Optical Speed (RPM)", "Motor Optical Speed",
                                      "Motor_Optical_Speed"])  # fmt: skip
@pytest.mark.parametrize("input", ["Servo 3 (µs)", "Servo 3", "Servo_3"])
@pytest.mark.parametrize("x", [None, "Time (s)", "Time"])
def test_a_column_goes_by_its_header_its_name_or_its_symbol(response, input, x, write):
    path = write(
        "\ufeffTime (s),Servo 3 (µs),,Motor Optical Speed (RPM),App message\n"
        "0.5,1,,10,start\n1.0,2,,20,\n"
    )
    with surveyed() as survey:
        dataset = load(path, input=input, response=response, x=x)
    assert (dataset.input_names, dataset.response_names) == (("Servo_3",), ("Motor_Optical_Speed",))
    assert dataset.units == {"Time": "s", "Servo_3": "µs", "Motor_Optical_Speed": "RPM"}
    np.testing.assert_array_equal(dataset.x, [0.5, 1.0])
    assert survey.notes == [
        "Servo 3 (µs) is called Servo_3 in equations",
        "Motor Optical Speed (RPM) is called Motor_Optical_Speed in equations",
        "not read, empty: c3",
        "not read, text: App message",
    ]
    assert survey.options == ["--x", "Time (s)", "--input", "Servo 3 (µs)",
                              "--response", "Motor Optical Speed (RPM)"]  # fmt: skip


def test_one_name_with_two_units_is_asked_for_with_its_unit(write):
    path = write("t,u,Speed (rpm),Speed (m/s)\n0,1,2,3\n1,2,3,4\n")
    refused(FormatError, r"2 columns called 'Speed' \(Speed \(rpm\), Speed \(m/s\)\); name one of",
            path, response="Speed")  # fmt: skip
    dataset = load(path, response="Speed (m/s)")
    assert (dataset.response_names, dataset.units) == (("Speed_2",), {"Speed_2": "m/s"})


@pytest.mark.parametrize("name", ["t", "T", "time", "Time", "TIME", "x", "X", "Time (ms)", "t [s]"])
def test_what_is_taken_for_the_grid(name, write):
    dataset = load(write(f"{name},u,y\n0.5,1,10\n1.0,2,20\n"))
    np.testing.assert_array_equal(dataset.x, [0.5, 1.0])


def test_a_temperature_is_no_grid(write):
    path = write("T (K),u,y\n0.5,1,10\n1.0,2,20\n")
    refused(FormatError, "no column x", path)
    assert load(write("T (K),t,u,y\n7,0.5,1,10\n3,1.0,2,20\n")).x_name == "t"


@pytest.mark.parametrize("delimiter", [";", "\t", ", ", " ; "])
@pytest.mark.parametrize("before", ["", "\n\n", "# spring, 20 nK\n\n"])
def test_fields_are_set_apart_by_what_the_header_has_most_of(write, delimiter, before):
    text = ("run,x,V,rho\n" + ROWS).replace(",", delimiter)
    dataset = load(write(before + text), **NAMED)
    np.testing.assert_array_equal(dataset.response[:, :, 0], [[10, 20], [30, 40]])
    assert dataset.input_names == ("V",)
