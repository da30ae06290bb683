"""`python -m hiddenlaw` is the command `hiddenlaw`."""

import contextlib
import os
import signal
import sys

_INTERRUPTED = 130


def run() -> int:
    """Run the command line; an interruption ends it without a traceback whenever it comes."""
    try:
        from hiddenlaw.cli import main

        code = main()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        code = _INTERRUPTED
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # there is nothing left to interrupt
    if code == _INTERRUPTED:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
        # Python would end by the signal, and not with this code, if it had come inside an `exec`.
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(run())
