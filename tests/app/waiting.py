"""Waits for what another process does, and for no fixed time."""

import threading
from collections.abc import Callable

PATIENCE = 240.0  # seconds, on a busy machine


def wait_for(condition: Callable[[], object]) -> None:
    """Return once it holds; fail where it does not for long."""
    glance = threading.Event()
    for _ in range(int(PATIENCE / 0.05)):
        if condition():
            return
        glance.wait(0.05)
    raise AssertionError("it never came about")
