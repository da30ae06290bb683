"""Nobody but the app's own pages is answered: foreign hosts and origins, large bodies, no key."""

import asyncio

import pytest

from hiddenlaw.app.guard import Guard, foreign

PORT, KEY = 8123, "secret-of-this-test"
OWN = {"host": "127.0.0.1:8123", "cookie": f"hiddenlaw-{PORT}={KEY}"}


async def inner(scope, receive, send):
    """An application that answers everybody."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"inside"})


def asked(headers, *, kind="http", path="/", query=b""):
    """What the guard sends in answer to a request with these headers."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b""}

    pairs = headers.items() if isinstance(headers, dict) else headers
    scope = {
        "type": kind,
        "path": path,
        "query_string": query,
        "headers": [(name.encode(), value.encode()) for name, value in pairs],
    }
    asyncio.run(Guard(inner, port=PORT, key=KEY, most=1000)(scope, receive, send))
    return sent


def status(*args, **more):
    return asked(*args, **more)[0]["status"]


def test_the_apps_own_page_is_answered_and_cannot_be_framed():
    start, body = asked(OWN | {"origin": "http://127.0.0.1:8123", "sec-fetch-site": "same-origin"})
    assert (start["status"], body["body"]) == (200, b"inside")
    assert (b"content-security-policy", b"frame-ancestors 'self'") in start["headers"]
    assert status(OWN | {"host": "localhost:8123"}) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:8123"},  # a name that was made to point here
        {"host": "127.0.0.1:8124"},
        {"host": "127.0.0.1"},
        {"host": ""},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "https://127.0.0.1:8123"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "http://localhost:8123"},  # the app by another name is another origin
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},  # another port of this machine
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_foreign_hosts_and_origins_are_refused(headers, kind):
    sent = asked(OWN | {"origin": "http://127.0.0.1:8123"} | headers, kind=kind)
    if kind == "http":
        assert sent[0]["status"] == 403
    else:
        assert [each["type"] for each in sent] == ["websocket.close"]


def test_two_hosts_and_two_origins_are_refused():
    hosts = [*OWN.items(), ("host", "evil.example")]
    origin = "http://127.0.0.1:8123"
    origins = [*OWN.items(), ("origin", origin), ("origin", "http://evil.example")]
    assert status(hosts) == status(origins) == 403


def test_a_websocket_has_to_say_where_it_comes_from():
    own = {"host": ["127.0.0.1:8123"]}
    assert foreign(own, PORT, websocket=True) is not None
    assert foreign(own, PORT, websocket=False) is None


def test_the_key_opens_the_page_once_and_a_cookie_after_that():
    host = {"host": OWN["host"]}
    start, _ = asked(host, query=f"key={KEY}".encode())
    found = dict(start["headers"])
    assert (start["status"], found[b"location"]) == (303, b"/")
    assert b"HttpOnly; SameSite=Strict" in found[b"set-cookie"]
    cookie = found[b"set-cookie"].decode().split(";")[0]
    assert status(host | {"cookie": cookie}) == 200


@pytest.mark.parametrize("query", [b"", b"key=", b"key=another", f"key={KEY}x".encode()])
def test_without_the_key_nothing_is_shown(query):
    assert status({"host": OWN["host"]}, query=query) == 403
    assert status(OWN | {"cookie": f"hiddenlaw-{PORT}=another"}, query=query) == 403
    sent = asked({"host": OWN["host"], "origin": "http://127.0.0.1:8123"}, kind="websocket")
    assert sent[0]["type"] == "websocket.close"


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({"content-length": "1000"}, 200),
        ({"content-length": "1001"}, 413),
        ({"content-length": "many"}, 400),
        ({"content-length": "-1"}, 400),
        ({"transfer-encoding": "chunked"}, 411),
    ],
    ids=str,
)
def test_bodies_are_bounded_before_they_are_read(headers, answer):
    assert status(OWN | headers) == answer
