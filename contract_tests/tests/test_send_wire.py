"""The wire sends what it is given, once, and keeps no secret of what comes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests.exceptions
from hypothesis import given
from hypothesis import strategies as st
from requests.adapters import BaseAdapter

from nebula_contract.record.exchange import MISSING, Credential
from nebula_contract.record.recorder import Recorder
from nebula_contract.sending import failing
from nebula_contract.sending.clock import WallClock
from nebula_contract.sending.wire import KEY, MOST_FAILURES_IN_A_ROW, Asked, OutOfReachError, Wire
from raw_server import RawServer, Reset, answer
from scripted import Answer, Reply, Scripted, told

KEYS: dict[Credential, str] = {
    "own": "sk-canaryown0000",
    "second": "sk-canarysecond00",
    "unused": "sk-canaryunused00",
    "reduced": "sk-canaryreduced0",
}
SUBMIT = "/v1/video/generations"


def _wire(base_url: str, adapter: BaseAdapter | None = None) -> Wire:
    return Wire(base_url, KEYS, Recorder(), WallClock(0), adapter)


@contextmanager
def _raw(*replies: bytes | Reset) -> Iterator[tuple[RawServer, Wire]]:
    with RawServer(*replies) as server:
        wire = _wire(server.url)
        try:
            yield server, wire
        finally:
            wire.close()


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (Reset(), "cut"),
        (b"", "cut"),
        (answer(200, b"{}", length=10), "cut"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}", "cut"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "cut"),
        (b"garbage\r\n\r\n", "not-http"),
        (answer(200, b"no gzip", "Content-Encoding: gzip"), "not-http"),
    ],
)
def test_submit_without_a_whole_answer_is_sent_once_and_said_in_a_word(
    reply: bytes | Reset, word: str
) -> None:
    with _raw(reply) as (server, wire):
        sent = wire.send(Asked("POST", SUBMIT, body=b"{}", operation="submit"))
        assert sent.exchange.answer is None
        assert sent.exchange.failure.startswith(f"{word}: "), sent.exchange.failure
        assert server.connections == 1


@pytest.mark.parametrize(
    "reply",
    [
        answer(503, b"{}", "Retry-After: 0"),
        answer(429, b"{}", "Retry-After: 0"),
        answer(307, b"", "Location: /elsewhere"),
        answer(302, b"", "Location: http://127.0.0.1:1/elsewhere"),
        answer(401, b"{}", 'WWW-Authenticate: Basic realm="x"'),
    ],
)
def test_refusal_or_redirect_is_the_answer_and_nothing_follows_it(reply: bytes) -> None:
    with _raw(reply) as (server, wire):
        sent = wire.send(Asked("POST", SUBMIT, body=b"{}", operation="submit"))
        assert sent.exchange.status == int(reply.split()[1])
        assert (server.connections, len(server.requests)) == (1, 1)


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (requests.exceptions.ReadTimeout("late"), "timeout"),
        (requests.exceptions.ConnectTimeout("nobody"), "refused"),
        (requests.exceptions.ConnectionError("gone"), "cut"),
        (requests.exceptions.SSLError("no certificate"), "refused"),
        (ConnectionRefusedError("nobody"), "refused"),
        (requests.exceptions.InvalidURL("no URL"), "unsent"),
    ],
)
def test_error_of_the_network_becomes_a_word(error: Exception, word: str) -> None:
    sent = _wire("http://localhost", Scripted(error)).send(Asked("GET", "/v1"))
    assert sent.exchange.failure.startswith(f"{word}: ")


def test_nobody_there_is_refused_at_once() -> None:
    with RawServer(b"") as server:
        url = server.url
    assert _wire(url).send(Asked("GET", "/v1")).exchange.failure.startswith("refused: ")


@pytest.mark.parametrize("path", ["//v1//x", "/v1/../x", "/v1/%2E%2E/x", "/x?id=&id=2", "/x?", "/V1"])
def test_path_goes_out_as_it_is(path: str) -> None:
    with _raw(answer(200, b"{}")) as (server, wire):
        wire.send(Asked("GET", path, "none"))
        line = server.requests[0].split(b"\r\n")[0].decode()
        assert line == f"GET {path.removesuffix('?')} HTTP/1.1"


def test_header_and_body_go_out_as_they_are_and_nothing_is_added_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NETRC", "/nonexistent")
    with _raw(answer(200, b"{}", "Set-Cookie: a=b")) as (server, wire):
        for _ in range(2):
            wire.send(Asked("POST", SUBMIT, "malformed", b'{"a": 1}', "text/x", authorization="Odd  one"))
        for request in server.requests:
            assert b"Authorization: Odd  one\r\n" in request
            assert b"Content-Type: text/x\r\n" in request
            assert request.endswith(b'\r\n\r\n{"a": 1}')
            assert b"cookie" not in request.lower()


def test_body_past_the_limit_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failing, "RESPONSE_LIMIT", 10)
    for length, is_whole in ((10, True), (11, False)):
        sent = _wire("http://localhost", Scripted(Answer(200, b"x" * length))).send(Asked("GET", "/v1"))
        assert (sent.exchange.answer is not None) is is_whole
    assert sent.exchange.failure.startswith("too-long: ")


def test_after_a_row_of_failures_the_target_is_out_of_reach() -> None:
    wire = _wire("http://localhost", Scripted(ConnectionRefusedError("nobody")))
    for _ in range(MOST_FAILURES_IN_A_ROW - 1):
        wire.send(Asked("GET", "/v1"))
    with pytest.raises(OutOfReachError):
        wire.send(Asked("GET", "/v1"))
    assert len(wire.recorder.exchanges) == MOST_FAILURES_IN_A_ROW


def test_result_is_fetched_without_a_key_and_its_url_is_kept_without_its_query() -> None:
    adapter = Scripted(Answer(200, b"video"))
    wire = _wire("http://localhost", adapter)
    url = "http://localhost/results/1.mp4?Expires=1&Signature=canarysignature"
    sent = wire.send(Asked("GET", url, "own", operation="result"))
    assert "Authorization" not in adapter.requests[0].headers
    assert adapter.requests[0].url == url
    assert "canary" not in sent.exchange.request.path
    assert sent.exchange.request.path.startswith("http://localhost/results/1.mp4?redacted=")


def test_real_urls_are_handed_to_the_caller_alone() -> None:
    url = "http://localhost/1.mp4?Signature=canarysignature"
    wire = _wire("http://localhost", Scripted(told({"url": url})))
    sent = wire.send(Asked("GET", "/v1"))
    assert sent.json == {"url": url}
    assert "canary" not in repr(sent)


@given(
    place=st.sampled_from(["body", "header", "kept header", "member", "failure", "html"]),
    credential=st.sampled_from(list(KEYS)),
    form=st.sampled_from([KEY, f"Bearer {KEY}", f"Basic {KEY}"]),
)
def test_no_key_and_no_signature_is_in_any_exchange(place: str, credential: Credential, form: str) -> None:
    secret = f"{KEYS[credential]} http://h/x?Signature=canarysignature"
    replies: dict[str, Reply] = {
        "body": told({"echo": [secret, {"deep": secret}]}),
        "header": told({}, X_Echo=secret),
        "kept header": told({}, Location=secret),
        "member": told({secret: 1}),
        "failure": requests.exceptions.ConnectionError(secret),
        "html": Answer(500, f"<html>{secret}</html>".encode(), headers={"Content-Type": "text/html"}),
    }
    wire = _wire("http://localhost", Scripted(replies[place]))
    asked = Asked("POST", SUBMIT, credential, b"{}", authorization=form, operation="submit")
    assert "canary" not in repr(wire.send(asked).exchange)
    assert wire.recorder.exchanges[0].request.scheme == form


@given(st.binary(max_size=200), st.sampled_from(["application/json", "text/html", "video/mp4", ""]))
def test_any_body_becomes_an_exchange(raw: bytes, media_type: str) -> None:
    headers = {"Content-Type": media_type}
    sent = _wire("http://localhost", Scripted(Answer(200, raw, headers=headers))).send(Asked("GET", "/v1"))
    assert sent.exchange.answer is not None
    assert sent.raw == raw
    if sent.exchange.json is not MISSING:
        assert json.loads(raw) == sent.json


def test_repeated_header_is_kept_joined() -> None:
    with _raw(answer(200, b"{}", "Vary: Accept", "Vary: Origin")) as (_, wire):
        sent = wire.send(Asked("GET", "/v1"))
        assert sent.exchange.answer is not None
        assert sent.exchange.answer.headers["vary"] == "Accept, Origin"
