"""The process that reads HDF5: replaced when it hangs, crashes or is gone, and never heavy."""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest

from hiddenlaw.data.dataset import Dataset
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


def served(reading: str) -> subprocess.CompletedProcess:
    """The process asked for one file, with `reading` in the place of what reads it."""
    program = (
        "import io, json, runpy, sys\n"
        f"main = runpy.run_path({str(_hdf5._WORKER)!r})['main']\n"
        "def read(path, most):\n"
        f"    {reading}\n"
        "    yield {}\n"
        "main.__globals__['read'] = read\n"
        "request = {'path': 'data.nc', 'most': 2**20, 'cpu_seconds': 0.3}\n"
        "main(io.BytesIO(json.dumps(request).encode() + b'\\n'), sys.stdout.buffer)\n"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60)


@pytest.mark.skipif(sys.platform == "win32", reason="timers of this kind are POSIX")
def test_the_process_limits_its_own_processor_time():
    assert served("while True: pass").returncode == -signal.SIGPROF
    assert served("pass").returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep no such limit")
def test_the_process_limits_its_own_memory():
    ended = served("bytearray(2**30)")
    assert ended.returncode == 0
    assert json.loads(ended.stdout.splitlines()[-1]) == {"error": "MemoryError"}


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
