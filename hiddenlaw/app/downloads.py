"""Serves what can be downloaded of the run at hand, under a few fixed addresses."""

from __future__ import annotations

import asyncio

from hiddenlaw.app.desk import Desk
from hiddenlaw.app.guard import Application, Receive, Scope, Send
from hiddenlaw.app.outcome import DOWNLOADS, Download
from hiddenlaw.errors import FormatError

ADDRESS = "/run/"
# A page that was tampered with can still load nothing and run nothing.
_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
)


class Downloads:
    """Answers addresses below `/run/`, and hands on all others."""

    def __init__(self, application: Application, desk: Desk) -> None:
        self._application, self._desk = application, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(ADDRESS):
            await self._application(scope, receive, send)
            return
        download = DOWNLOADS.get(scope["path"].removeprefix(ADDRESS))
        content = None if download is None else await asyncio.to_thread(self._content, download)
        if download is None or content is None:
            await _send(send, 404, "text/plain", [], b"there is no such thing, or not yet\n")
            return
        name = scope["path"].removeprefix(ADDRESS)
        place = self._desk.place
        name = f"{place.name}.zip" if name == "run.zip" and place is not None else name
        shown = f'attachment; filename="{name}"' if download.saved else "inline"
        headers = [(b"content-disposition", shown.encode()), (b"cache-control", b"no-store")]
        headers.append((b"content-security-policy", _POLICY.encode()))
        await _send(send, 200, download.type, headers, content)

    def _content(self, download: Download) -> bytes | None:
        place = self._desk.place
        if place is None:
            return None
        try:
            return download.content(place)
        except (OSError, FormatError):
            return None


async def _send(
    send: Send, status: int, kind: str, headers: list[tuple[bytes, bytes]], content: bytes
) -> None:
    length = (b"content-length", str(len(content)).encode())
    headers = [(b"content-type", kind.encode()), length, *headers]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
