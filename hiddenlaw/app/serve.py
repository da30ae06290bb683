"""The server of the page, on the loopback and nowhere else."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from hiddenlaw.app.desk import Desk
from hiddenlaw.app.downloads import Downloads
from hiddenlaw.app.files import MOST_BYTES
from hiddenlaw.app.guard import Guard
from hiddenlaw.app.gui import gui
from hiddenlaw.app.page import page
from hiddenlaw.errors import SettingsError

_HOST = "127.0.0.1"
_FORM = 64 * 2**10  # bytes of a request around the files in it


def serve(out: Path, port: int, ready: Callable[[str], object]) -> None:
    """Serve the app until it is interrupted; `ready` is told the address, with its key.

    `out` is the folder of its runs; port 0 takes one that is free. Raises `SettingsError` without
    NiceGUI, and for a port that is taken.
    """
    nicegui = gui()
    with _listening(port) as listening:
        port, key, desk = listening.getsockname()[1], secrets.token_urlsafe(24), Desk(out)
        inner = import_module("fastapi").FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        nicegui.ui.run_with(
            inner,
            root=lambda: page(desk),
            title="hiddenlaw",
            favicon="ψ",
            dark=None,
            tailwind=False,
            show_welcome_message=False,
        )
        most = MOST_BYTES + _FORM
        application = Guard(Downloads(inner, desk), port=port, key=key, most=most)
        server = _server(application)
        ready(f"http://{_HOST}:{port}/?key={key}")
        try:
            server.run(sockets=[listening])
        finally:
            desk.close()


def _server(application: Any) -> Any:
    uvicorn = import_module("uvicorn")
    config = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws_max_size=2**20,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((_HOST, port))
    except (OSError, OverflowError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise SettingsError(
            f"cannot listen on port {port} of this machine: {reason}; name another with --port"
        ) from None
