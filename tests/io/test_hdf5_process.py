"""The process that reads HDF5: replaced when it hangs, crashes or is gone, and never heavy."""

import os
import subprocess
import sys

import numpy as np
import pytest

from hiddenlaw.dataset import Dataset
from hiddenlaw.errors import FormatError
from hiddenlaw.io import _hdf5, load, save

VALUES = np.random.default_rng(0).standard_normal((4, 9))


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.nc"
    save(Dataset.from_arrays(VALUES, VALUES), path)
    yield path
    _hdf5.close()


@pytest.mark.parametrize("fault", ["while True: pass", "import os; os.abort()", "answer(b'[')"])
def test_a_reader_that_hangs_or_crashes_is_replaced(fault, good, tmp_path, monkeypatch):
    """The HDF5 library does both on some damaged files; which ones depends on its version."""
    program = tmp_path / "worker.py"
    program.write_text(
        "import sys\n"
        "def answer(line):\n"
        "    sys.stdout.buffer.write(line + b'\\n')\n"
        "    sys.stdout.buffer.flush()\n"
        "sys.stdin.buffer.readline()\n"
        "answer(b'{}')\n" + fault
    )
    _hdf5.close()
    with monkeypatch.context() as patch:
        patch.setattr(_hdf5, "_WORKER", program)
        patch.setattr(_hdf5, "CLOCK_SECONDS", 0.5)
        with pytest.raises(FormatError, match=r"damaged .*crashed or did not end, and was stopped"):
            load(good)
    assert load(good).runs == 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="timers of this kind are POSIX")
def test_processor_time_is_bounded_in_the_reader_itself():
    program = (
        "import runpy, signal\n"
        f"worker = runpy.run_path({str(_hdf5._WORKER)!r})\n"
        "worker['_set_timer']('ITIMER_PROF', 0.2)\n"
        "while True: pass\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], timeout=60, check=False)
    assert ended.returncode < 0


def test_one_process_reads_many_files_and_is_replaced_when_it_went_away(good):
    for _ in range(3):
        load(good)
        worker = _hdf5._worker
        assert worker is not None
        load(good)
        assert _hdf5._worker is worker
        worker.process.kill()
        worker.process.wait()
    assert load(good).runs == 4


def test_a_reader_that_does_not_start_is_told_of(good, monkeypatch, tmp_path):
    _hdf5.close()
    (tmp_path / "broken.py").write_text("raise SystemExit(1)")
    with monkeypatch.context() as patch:
        patch.setattr(_hdf5, "_WORKER", tmp_path / "broken.py")
        with pytest.raises(FormatError, match="the process that reads HDF5 does not start"):
            load(good)
        patch.setattr(sys, "executable", str(tmp_path / "nothing"))
        with pytest.raises(FormatError, match="no Python can be started to read HDF5"):
            load(good)


def test_the_reader_imports_little():
    program = (
        f"import runpy, sys; runpy.run_path({str(_hdf5._WORKER)!r}); "
        "heavy = {'jax', 'xarray', 'pandas', 'scipy', 'hiddenlaw'} & set(sys.modules); "
        "sys.exit(', '.join(heavy) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
