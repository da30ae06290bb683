"""What `hl.discover` says while it searches: nothing, bars, a log; and what Ctrl-C keeps."""

import logging
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from driven_example import OSCILLATOR, respond
from shared_example import ENERGY

import hiddenlaw as hl
from hiddenlaw.distiller import bottleneck
from hiddenlaw.families.tried import Tried
from hiddenlaw.systems import Schroedinger
from hiddenlaw.training.displays import NotebookProgress, display
from hiddenlaw.training.progress import RichProgress, Silent
from hiddenlaw.training.watching import Watched

FEW = {"max_dimension": 3, "seeds": 2, "translator_seeds": 1, "family": "multiplied"}
STAGES = ["translator", "distiller", "theory"]


@pytest.fixture(scope="module")
def densities():
    return Schroedinger(energy=ENERGY).simulate(runs=24, sites=40, dx=0.2, seed=0)


@pytest.fixture
def interrupted_at(monkeypatch):
    """Ctrl-C comes while the widths of these numbers are in work, counted from 0."""

    def comes(*places):
        distil, widths = bottleneck.distil, []

        def until_then(*given, **more):
            widths.append(given)
            if len(widths) - 1 in places:
                raise KeyboardInterrupt
            return distil(*given, **more)

        monkeypatch.setattr(bottleneck, "distil", until_then)

    return comes


class Notebook:
    """What IPython.display does in a kernel: outputs that are replaced by their names."""

    def __init__(self):
        self.outputs = []

    def display(self, shown, *, display_id=False):
        assert display_id is True
        place = len(self.outputs)
        self.outputs.append([shown])
        return SimpleNamespace(update=lambda new: self.outputs[place].append(new))


def in_notebook(monkeypatch, kernel):
    notebook = Notebook()
    shell = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=kernel))
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", notebook)
    return notebook


def test_nothing_is_printed_unless_it_is_asked_for(densities, capfd):
    found = hl.discover(densities, **FEW)
    said = capfd.readouterr()
    assert (found.verdict, said.out, said.err) == ("law", "", "")


def test_bars_on_standard_error_end_with_a_line_for_each_stage(densities, capfd):
    found = hl.discover(densities, progress=True, **FEW)
    said = capfd.readouterr()
    lines = [line.split() for line in said.err.splitlines() if line.strip()]
    assert said.out == ""
    assert [line[0] for line in lines] == STAGES
    assert lines[-1][-len(found.theory.equation.split()) :] == found.theory.equation.split()


def test_in_a_notebook_one_output_changes_in_place(densities, monkeypatch, capfd):
    notebook = in_notebook(monkeypatch, kernel=object())
    found = hl.discover(densities, progress=True, **FEW)
    (output,) = notebook.outputs
    assert len(output) > len(STAGES)
    assert repr(output[0]) == ""
    last = repr(output[-1]).splitlines()
    assert [line.split()[0] for line in last] == STAGES
    assert all(" 100 % " in line for line in last)
    assert last[-1].endswith(found.theory.equation)
    page = output[-1]._repr_html_()
    assert page.count("<progress ") == len(STAGES)
    assert found.theory.equation.replace("'", "&#x27;") in page
    assert capfd.readouterr() == ("", "")


def test_what_a_stage_says_is_escaped_and_goes_no_farther_than_its_end():
    notebook = Notebook()
    with NotebookProgress(notebook) as progress:
        progress.start("a<b", 2)
        for _ in range(3):
            progress.advance("a<b", "1 < 2 & 3")
        progress.start("a<b", 4)
        progress.advance("a<b")
    shown = notebook.outputs[0][-1]
    assert "<td>a&lt;b</td>" in shown._repr_html_()
    assert "1 &lt; 2 &amp; 3" in shown._repr_html_()
    assert [line.split()[1] for line in repr(shown).splitlines()] == ["100", "25"]


def test_ipython_in_a_terminal_has_bars_as_any_terminal(monkeypatch):
    assert isinstance(display(), RichProgress)
    in_notebook(monkeypatch, kernel=None)
    assert isinstance(display(), RichProgress)
    in_notebook(monkeypatch, kernel=object())
    assert isinstance(display(), NotebookProgress)


def test_loggers_are_told_stages_in_order_and_details_below_them(densities, caplog):
    with caplog.at_level(logging.DEBUG, logger="hiddenlaw"):
        found = hl.discover(densities, **FEW)
    told = [entry for entry in caplog.records if entry.name.startswith("hiddenlaw")]
    stages = [(r.name, r.getMessage()) for r in told if r.levelno == logging.INFO]
    assert stages[0] == ("hiddenlaw.discovery", f"searching in {densities}")
    assert stages[1] == ("hiddenlaw.families", "laws of the family multiplied")
    begun = [name for name, said in stages if ": begins" in said]
    assert begun == [f"hiddenlaw.{stage}" for stage in STAGES]
    assert stages[-2:] == [
        ("hiddenlaw.discovery", "2 variables, quadratic readout: psi'' = V*psi - 0.37*psi"),
        ("hiddenlaw.discovery", f"3 variables, linear readout: {found.theories[1].equation}"),
    ]
    details = [r.getMessage() for r in told if r.levelno == logging.DEBUG]
    widths = [said for said in details if said.startswith("distiller: ")]
    assert [said.split(":")[1].strip() for said in widths] == [
        f"{name}, d = {d}" for name in ("linear", "quadratic") for d in (1, 2, 3)
    ]
    assert [f"note: {note}" for note in found.record["notes"]] == [
        said for said in details if said.startswith("note: ")
    ]
    assert {r.levelno for r in told} == {logging.INFO, logging.DEBUG}


def test_the_package_says_nothing_where_nobody_listens():
    handlers = logging.getLogger("hiddenlaw").handlers
    assert any(isinstance(handler, logging.NullHandler) for handler in handlers)
    assert logging.getLogger("hiddenlaw").level == logging.NOTSET


def test_ctrl_c_keeps_the_widths_that_are_finished(densities, interrupted_at):
    interrupted_at(3)
    with pytest.warns(UserWarning, match="not tried are quadratic decoders of d = 1, 2, 3"):
        found = hl.discover(densities, **FEW)
    assert found.verdict == "law"
    assert [theory.readout for theory in found.theories] == ["linear"]
    assert found.theory.dimension == 3
    assert found.record["notes"][0] == (
        "the search was stopped; not tried were quadratic decoders of d = 1, 2, 3"
    )


def test_ctrl_c_before_a_width_is_finished_keeps_nothing(densities, interrupted_at):
    interrupted_at(0)
    with pytest.raises(KeyboardInterrupt):
        hl.discover(densities, **FEW)


def test_a_second_ctrl_c_keeps_nothing(densities, interrupted_at, monkeypatch):
    interrupted_at(3)

    def again(*given, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr("hiddenlaw.families.distilled.choose_dimensions", again)
    with pytest.warns(UserWarning, match="once more"), pytest.raises(KeyboardInterrupt):
        hl.discover(densities, **FEW)


def test_ctrl_c_in_a_richer_family_keeps_the_law_of_the_poorer(monkeypatch, recwarn):
    worth_while = Tried.worth_while

    def until_believed(self, family, *given, **more):
        if self.believed is not None:
            raise KeyboardInterrupt
        return worth_while(self, family, *given, **more)

    monkeypatch.setattr(Tried, "worth_while", until_believed)
    u, y = respond(OSCILLATOR, (0.0, 0.0), dx=0.2)
    found = hl.discover(
        u[:16, :24], y[:16, :24], dx=0.2, seeds=2, decoders=["linear"], max_dimension=2
    )
    assert [family["family"] for family in found.record["families"]] == ["driven"]
    assert found.theory.equation == "y'' = u - 1.5*y - 0.2*y'"
    assert "laws of the family multiplied" in found.record["notes"][0]
    assert "laws of the family multiplied" in str(recwarn.pop(UserWarning).message)


@pytest.mark.parametrize("listener", [Silent, Watched])
def test_who_listens_himself_says_what_becomes_of_ctrl_c(densities, interrupted_at, listener):
    interrupted_at(3)
    with pytest.raises(KeyboardInterrupt):
        hl.discover(densities, progress=listener(), **FEW)


def test_a_progress_of_ones_own_is_told_all_and_may_end_the_search(densities):
    class Mine(Watched):
        def __init__(self):
            super().__init__()
            self.told = []

        def start(self, stage, total):
            self.told.append(stage)

        def width(self, entries):
            self.told.append(entries[0]["dimension"])

        def enough(self):
            return 2 in self.told

    mine = Mine()
    hl.discover(densities, progress=mine, decoders=["quadratic"], **FEW)
    assert mine.told == ["translator", "distiller", 1, 2, "theory"]
    assert mine.left_out == ["quadratic decoders of d = 3"]


def test_a_signal_of_the_terminal_does_the_same():
    """The signal itself, in a process of its own, while the fifth width is in work."""
    program = f"""
import signal, warnings
import hiddenlaw as hl
from hiddenlaw.distiller import bottleneck
from hiddenlaw.systems import Schroedinger
signal.signal(signal.SIGINT, signal.default_int_handler)
distil, widths = bottleneck.distil, []
def until_then(*given, **more):
    widths.append(1)
    if len(widths) == 5:
        signal.raise_signal(signal.SIGINT)
    return distil(*given, **more)
bottleneck.distil = until_then
data = Schroedinger(energy={ENERGY}).simulate(runs=24, sites=40, dx=0.2, seed=0)
print(hl.discover(data, **{FEW}).theory.equation)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("rho''' = ")
    told = "UserWarning: the search was interrupted; what is finished is kept"
    assert re.search(rf"^<string>:\d+: {told}", ended.stderr), "of the line that called"
