"""`hiddenlaw check` on files of instruments: all remarks at once, and what to do next."""

import shlex

import numpy as np
import pytest

from hiddenlaw.cli import main


def rows(runs=1, sites=12, jitter=0.0):
    rng = np.random.default_rng(0)
    return [
        [run, s / 4 + jitter * (s == 5), *rng.standard_normal(2).round(3)]
        for run in range(runs)
        for s in range(sites)
    ]


def write(path, header, table):
    lines = [header, *(",".join(map(str, row)) for row in table)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def said(out):
    """The rows of the table as (what, value), with each value on one line."""
    found: list[list[str]] = []
    for line in out.splitlines():
        if line.count("│") == 3:
            _, what, value, _ = (part.strip() for part in line.split("│"))
            if what:
                found.append([what, value])
            else:
                found[-1][1] += f" {value}"
    return found


ODD = "\ufeffTime (s),,Servo 3 (µs),Speed (RPM),App message,Mass (g)"


@pytest.fixture
def checked(hiddenlaw, tmp_path, capsys):
    def check(header, table, *options):
        write(tmp_path / "log.csv", header, table)
        code = main(["check", "log.csv", *options])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return check


def test_a_log_of_an_instrument(checked):
    table = [[x, "", u, y, "start", 7] for _, x, u, y in rows(jitter=0.1)]
    code, out, err = checked(ODD, table, "--input", "Servo_3", "--response", "Speed")
    assert code == 2
    found = said(out)
    assert [value for what, value in found if what == "note"] == [
        "Servo 3 (µs) is called Servo_3 in equations",
        "not read, empty: c2",
        "not read, text: App message",
        "not read, not asked for: Mass (g)",
    ]
    refusals = [value for what, value in found if what == "discovery"]
    assert len(refusals) == 2
    assert "Time is not uniform: the step from site 4 to 5 is 0.35" in refusals[0]
    assert "the data hold 1 run; discovery needs" in refusals[1]
    assert "dx" not in dict(found)
    assert "input Servo_3 [µs]" in dict(found)
    assert err.startswith("error: Time is not uniform")
    assert err.endswith("(and 1 more, see above)\n")
    assert err.count("\n") == 1
    lead, _, command = out.splitlines()[-1].partition(": ")
    assert lead == "once that is mended"
    columns = ["--x", "Time (s)", "--input", "Servo 3 (µs)", "--response", "Speed (RPM)"]
    mended = [*columns, "--resample", "0.25"]
    assert shlex.split(command) == ["hiddenlaw", "discover", "log.csv", *mended]
    assert '"Servo 3 (µs)"' in command


def test_text_and_all_else_that_is_wrong(checked):
    table = [[x + 0.1 * (k == 9), 0.5, y, 3] for k, (_, x, _, y) in enumerate(rows(sites=12))]
    table[3][2], table[4][2], table[5][3] = "oops", "n.a.", ""
    code, out, err = checked("t,u,y1,y2", table, "--input", "u", "--response", "y1",
                             "--response", "y2")  # fmt: skip
    assert code == 2
    refusals = [value for what, value in said(out) if what == "discovery"]
    assert [r.split(": ", 1)[1][:40] for r in refusals] == [
        "log.csv: line 5, column y1: 'oops' is no",
        "t is not uniform: the step from site 8 t",
        "y2 has 1 NaN in run 0 (first at site 5);",
        "the data hold 1 run; discovery needs at ",
        "input u is constant (0.5); vary it, or l",
        "response y2 is constant (3); it answers ",
    ]
    assert "line 6, column y1: 'n.a.' is not a number" in refusals[0]
    assert "(and 5 more, see above)" in err
    assert out.splitlines()[-1].endswith("--response y2 --allow-missing --resample 0.25")


def test_what_can_be_used_ends_in_the_command_that_goes_on(checked):
    code, out, err = checked("run,time,u,y", rows(runs=5))
    assert (code, err) == (0, "")
    assert ["discovery", "can use it"] in said(out)
    assert out.splitlines()[-1] == (
        "to go on: hiddenlaw discover log.csv --x time --input u --response y"
    )


def test_jitter_is_no_obstacle_and_told(checked):
    code, out, err = checked("run,time,u,y", rows(runs=5, jitter=0.008))
    assert (code, err) == (0, "")
    (told,) = [value for what, value in said(out) if what == "note"]
    assert told.startswith("steps of time differ from their mean, 0.25, by up to 3.2 %;")
    assert ["dx", "0.25"] in said(out)


def test_what_has_to_be_asked_is_asked_in_one_line(checked):
    code, out, err = checked("run,time,V,rho", rows(runs=5))
    assert (code, out) == (2, "")
    assert err == (
        "error: log.csv has the columns run, time, V, rho; name those to use with --input and "
        "--response, for example: hiddenlaw check log.csv --x time --input V --response rho, or "
        "the other way round\n"
    )
    words = shlex.split(err.split("example: hiddenlaw ")[1].split(", or")[0])
    assert main(words) == 0


@pytest.mark.parametrize("name", ['a "b"', "it's $HOME", "`ls`", "x;y", "a\\b", "V"])
def test_a_shell_takes_the_command_as_it_stands(name, checked):
    header = f"run;time;{name};y" if ";" not in name else "run,time,x;y,y"
    table = rows(runs=5)
    if ";" not in name:
        header, table = f"run\ttime\t{name}\ty".replace('"', ""), table
        name = name.replace('"', "")
        table = [["\t".join(map(str, row))] for row in table]
    _, out, _ = checked(header, table, "--input", name, "--response", "y")
    words = shlex.split(out.splitlines()[-1].partition(": ")[2])
    assert words[words.index("--input") + 1] == name


def test_several_files_end_in_one_command(hiddenlaw, tmp_path, capsys):
    for name, sites in (("a", 150), ("b c", 140)):
        write(tmp_path / f"{name}.csv", "time,u,y", [row[1:] for row in rows(sites=sites)])
    assert main(["check", "a.csv", "b c.csv"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("a.csv, b c.csv")
    assert ["runs", "2"] in said(out)
    assert dict(said(out))["sites"].startswith("140 to 150")
    assert out.splitlines()[-1] == (
        "to go on: hiddenlaw discover a.csv 'b c.csv' --x time --input u --response y"
    ).replace("'", '"')
    write(tmp_path / "d.csv", "time,u,y", [[2 * row[1], *row[2:]] for row in rows(sites=9)])
    assert main(["check", "a.csv", "d.csv"]) == 2
    captured = capsys.readouterr()
    refusal = "d.csv has the step 0.5, where a.csv has 0.25; runs of one law need the same in all"
    assert captured.err.startswith(f"error: {refusal}")
    assert any(value.startswith(f"cannot use it: {refusal}") for _, value in said(captured.out))
    assert main(["discover", "a.csv", "d.csv", "--out", "new"]) == 2
    assert capsys.readouterr().err.startswith(f"error: {refusal}")
    assert not (tmp_path / "new").exists()


def test_only_gaps_inside_runs_are_counted_as_missing(hiddenlaw, tmp_path):
    table = rows(runs=5)
    del table[-6:]  # the last run is shorter
    write(tmp_path / "log.csv", "run,time,u,y", table)
    _, out, _ = hiddenlaw("check log.csv")
    assert "missing samples" not in dict(said(out))
    assert dict(said(out))["NaN or infinite"] == "none"
    table[3][3] = table[20][3] = table[11][3] = ""  # one of them the last of its run
    write(tmp_path / "log.csv", "run,time,u,y", table)
    _, out, _ = hiddenlaw("check log.csv --allow-missing")
    assert dict(said(out))["missing samples"] == "3 of 54 (5.56 %), in 2 of 5 runs"
