"""Who may talk to the app: pages that it served itself, to whoever has the key that it printed.

It listens on the loopback alone, but any page in the browser can send requests there, and a name of
its own that it lets point to 127.0.0.1 makes it look like the app's own (DNS rebinding). So the
host that is asked for has to be this machine by its usual names, and the origin has to be the app.
Other people with an account on the same machine do not know the key.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

NAMES = ("127.0.0.1", "localhost")
_FOREIGN_SITES = frozenset({"cross-site", "same-site"})  # another port of this machine is same-site
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
)


def foreign(headers: Mapping[str, list[str]], port: int, *, websocket: bool) -> str | None:
    """Why a request with these headers, in small letters, is refused; None where it is our own."""
    hosts, origins = headers.get("host", []), headers.get("origin", [])
    known = [f"{name}:{port}" for name in NAMES]
    if len(hosts) != 1 or hosts[0].lower() not in known:
        return "this is no host of the app"
    if origins and origins != [f"http://{hosts[0].lower()}"]:
        return "this comes from another origin"
    if websocket and not origins:
        return "this does not say where it comes from"
    if _FOREIGN_SITES & set(headers.get("sec-fetch-site", [])):
        return "this comes from another site"
    return None


class Guard:
    """Lets an ASGI application be asked by its own pages alone, for no more than `most` bytes."""

    def __init__(self, application: Application, *, port: int, key: str, most: int) -> None:
        self._application, self._port, self._key, self._most = application, port, key, most
        self._cookie = f"hiddenlaw-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        headers = _headers(scope)
        websocket = scope["type"] == "websocket"
        problem = foreign(headers, self._port, websocket=websocket)
        if problem is not None:
            await _refuse(send, 403, problem, websocket)
        elif self._has_key(headers):
            size = _too_much(headers, self._most)
            if size is not None:
                await _refuse(send, *size, websocket)
            else:
                await self._application(scope, receive, _guarded(send))
        elif not websocket and self._shows_key(scope):
            cookie = f"{self._cookie}={self._key}; HttpOnly; SameSite=Strict; Path=/"
            sent = [(b"set-cookie", cookie.encode()), (b"location", b"/")]
            await _answer(send, 303, "", sent)
        else:
            problem = "open the address that `hiddenlaw app` printed, with its key"
            await _refuse(send, 403, problem, websocket)

    def _has_key(self, headers: Mapping[str, list[str]]) -> bool:
        for text in headers.get("cookie", []):
            try:
                found = SimpleCookie(text).get(self._cookie)
            except CookieError:
                continue
            if found is not None and self._is_key(found.value):
                return True
        return False

    def _shows_key(self, scope: Scope) -> bool:
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        return scope["path"] == "/" and any(map(self._is_key, query.get("key", [])))

    def _is_key(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._key.encode())


def _headers(scope: Scope) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _too_much(headers: Mapping[str, list[str]], most: int) -> tuple[int, str] | None:
    """Status and reason where a request carries more than it may, or does not say how much."""
    if headers.get("transfer-encoding"):
        return 411, "say how long this is"
    lengths = headers.get("content-length", ["0"])
    if len(lengths) != 1 or not lengths[0].isdecimal():
        return 400, "this length is no number"
    if int(lengths[0]) > most:
        return 413, f"this is too large: {most} bytes are the most"
    return None


def _guarded(send: Send) -> Send:
    async def with_headers(message: Any) -> None:
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _ in message.get("headers", [])}
            more = [pair for pair in _HEADERS if pair[0] not in there]
            message = {**message, "headers": [*message.get("headers", []), *more]}
        await send(message)

    return with_headers


async def _refuse(send: Send, status: int, problem: str, websocket: bool) -> None:
    if websocket:
        await send({"type": "websocket.close", "code": 1008, "reason": problem})
    else:
        await _answer(send, status, f"{problem}\n", [(b"connection", b"close")])


async def _answer(send: Send, status: int, text: str, headers: list[tuple[bytes, bytes]]) -> None:
    plain = [(b"content-type", b"text/plain; charset=utf-8"), *headers, *_HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": plain})
    await send({"type": "http.response.body", "body": text.encode()})
