"""Long CSV as people write it, and the one clear line where it cannot be read."""

import numpy as np
import pytest

from hiddenlaw.errors import DataError, FormatError, HiddenlawError
from hiddenlaw.io import load


@pytest.fixture
def write(tmp_path):
    def write(text: str):
        path = tmp_path / "data.csv"
        path.write_text(text)
        return path

    return write


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


def test_two_columns_left_are_input_and_response(write):
    dataset = load(write("x,V,rho,run\n0.5,1,10,a\n1.0,2,20,a\n"))
    assert (dataset.input_names, dataset.response_names) == (("V",), ("rho",))


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
    assert load(path).input_names == ("V",)


def test_a_column_that_is_not_there_is_named_with_those_that_are(write):
    path = write("run,x,V,rho\n" + ROWS)
    has = r"\(it has run, x, V, rho\); name it with "
    refused(
        FormatError, f"no column 'density' {has}--response", path, input="V", response="density"
    )
    refused(FormatError, f"no column 'U' {has}--input", path, input="U", response="rho")
    refused(FormatError, f"no column 'z' {has}--x", path, x="z")
    refused(FormatError, f"no column 'shot' {has}--run", path, run="shot")
    refused(FormatError, f"no column 'response' {has}--response", path, input="V")


def test_an_ambiguous_table_lists_its_columns(write):
    refused(FormatError, "columns run, x, V, W, rho; name", write("run,x,V,W,rho\n0,1,2,3,4\n"))
    refused(FormatError, "columns run, x, V; name those", write("run,x,V\n0,1,2\n"))
    path = write("run,z,V,rho\n0,1,2,3\n")
    refused(FormatError, "no column x .*--x", path, input="V", response="rho")


def test_numbers_that_are_none(write):
    refused(
        DataError,
        r"^rho has 2 NaN in run b \(first at site 0\); drop the run or interpolate it, or say that "
        r"NaN and empty fields are missing samples \(--allow-missing\)$",
        write("run,x,V,rho\na,1,2,3\na,2,3,4\nb,1,2,\nb,2,3,nan\n"),
    )
    refused(DataError, "V has 1 infinite in run 0", write("run,x,V,rho\n0,1,2,3\n0,2,inf,4\n"))
    refused(
        FormatError, "column V holds 'high' in row 2", write("run,x,V,rho\n0,1,2,3\n0,2,high,4\n")
    )
    refused(DataError, "no run in row 2", write("run,x,V,rho\n0,1,2,3\n,2,3,4\n"))


def test_runs_that_do_not_share_a_grid(write):
    refused(
        DataError,
        "unequal lengths: run a has 2 sites but run b has 1; cut",
        write("run,x,V,rho\na,1,2,3\na,2,3,4\nb,1,2,3\n"),
    )
    refused(
        DataError,
        r"x of run b differs from that of run a \(first at site 1: 2.5 for 2\)",
        write("run,x,V,rho\na,1,2,3\na,2,3,4\nb,1,2,3\nb,2.5,3,4\n"),
    )
    refused(
        DataError,
        "x is not uniform: the step from site 2 to 3 is 2",
        write("run,x,V,rho\n0,1,2,3\n0,2,3,4\n0,3,4,5\n0,5,4,5\n0,6,1,1\n"),
    )
    refused(
        DataError,
        "x is not increasing: 2 at site 1, then 1; sort each run",
        write("x,V,rho\n1,2,3\n2,3,4\n1,2,3\n2,3,4\n"),
    )
    refused(DataError, "1 site a run", write("run,x,V,rho\n0,1,2,3\n1,1,2,3\n"))


def test_what_is_no_table(write, tmp_path):
    refused(FormatError, "is empty", write(""))
    refused(FormatError, "no CSV table", write("\n"))
    refused(FormatError, r"a header \(run, x, V, rho\) but no rows", write("run,x,V,rho\n"))
    refused(FormatError, "no CSV table", write("run,x,V,rho\n0,1,2,3\n0,1,2,3,4\n"))
    refused(FormatError, r"columns run\|x\|V\|rho; name", write("run|x|V|rho\n0|1|2|3\n"))
    binary = tmp_path / "binary.csv"
    binary.write_bytes(bytes(range(256)) * 20)
    refused(FormatError, "no CSV table", binary)


def test_a_name_that_cannot_stand_in_an_equation_is_refused(write):
    refused(DataError, r"'rho \[m\]' cannot stand", write("run,x,V,rho [m]\n0,1,2,3\n0,2,3,4\n"))


@pytest.mark.parametrize("delimiter", [";", "\t", ", ", " ; "])
@pytest.mark.parametrize("before", ["", "\n\n", "# spring, 20 nK\n\n"])
def test_fields_are_set_apart_by_what_the_header_has_most_of(write, delimiter, before):
    text = ("run,x,V,rho\n" + ROWS).replace(",", delimiter)
    dataset = load(write(before + text))
    np.testing.assert_array_equal(dataset.response[:, :, 0], [[10, 20], [30, 40]])
    assert dataset.input_names == ("V",)


def test_decimal_commas_are_refused_with_the_remedy(write):
    path = write("run;x;V;rho\na;0,5;1;10\na;1,0;2;20\n")
    refused(FormatError, r"x holds '0,5' in row 1; .* with decimal points", path)
