"""How much a file may ask for, in bytes and in seconds, so that no file exhausts the machine.

A file says how large its content is, which may be wrong, or right and a terabyte of zeros. Its
content, unpacked, may take `most_bytes`: up to `SMALL` in any case, beyond that `EXPANSION` times
the file's own size, and never more than `MOST`.
"""

from __future__ import annotations

from pathlib import Path

from hiddenlaw.errors import FormatError

SMALL = 64 * 2**20
EXPANSION = 200
MOST = 2 * 2**30

# Of a reader that may hang in a library: processor time, and time on the clock, where the disk or
# the network may be slow. Both grow with the file; the time to start the reader does not count.
CPU_SECONDS = 1.0
CLOCK_SECONDS = 20.0
START_SECONDS = 60.0
BYTES_PER_SECOND = 4 * 2**20


def most_bytes(path: Path) -> int:
    """How many bytes the content of the file may take in memory."""
    return min(max(SMALL, EXPANSION * path.stat().st_size), MOST)


def check_size(path: Path, what: str, wanted: int, most: int) -> None:
    """Raise `FormatError` if `what` in the file asks for more bytes than it may have."""
    if wanted > most:
        raise too_large(path, f"{what} takes {readable(wanted)}", most)


def too_large(path: Path, finding: str, most: int) -> FormatError:
    """The error for a file that asks for too much."""
    return FormatError(
        f"{path} is too large: {finding}, where a file of {readable(path.stat().st_size)} may hold "
        f"{readable(most)}; save fewer runs in a file, or save it anew without compression"
    )


def readable(count: int) -> str:
    """A number of bytes as people say it: 12 KiB, 1.5 GiB."""
    size = float(min(count, 10**30))
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if size < 1024:
            return f"{size:.3g} {unit}"
        size /= 1024
    return f"{size:.3g} PiB"
