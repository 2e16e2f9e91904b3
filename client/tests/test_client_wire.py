"""Promises on the wire, against a provider that breaks off, lies or stays silent at every point.

One submit is one POST, whatever happens: a video costs money, and nobody can say whether an answer
that was lost was a yes.
"""

import gc
import json
import socket
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from urllib3.util import connection

from nebula_client import (
    BrokenContractError,
    ConfigurationError,
    NebulaError,
    RefusedError,
    SubmitUncertain,
    Task,
    Timeouts,
    UnexpectedRedirect,
    UnreachableError,
    VideoClient,
)
from raw_server import RawServer, Reply, Reset, Silence, answer

KEY = "sk-test-c4n4ry"
SORA_ID = "video_69095b4ce0048190893a01510c0c98b0"
WAN_ID = "ae8eb420-8aa6-440a-8eb8-1d1afe8d5e97"
MP4 = b"\x00\x00\x00\x20ftypisom" + b"\x07" * 500_000
SHORT_S, LONG_S = 0.25, 30.0  # how long the client waits for a provider that is silent, and for any other


Serve = Callable[..., RawServer]
Connect = Callable[..., VideoClient]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts raw servers and stops them after the test."""
    with ExitStack() as stack:
        yield lambda *replies: stack.enter_context(RawServer(*replies))


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes clients of a server; they never sleep, and do not wait long for a silent one."""
    with ExitStack() as stack:

        def connected(server: RawServer, **options: Any) -> VideoClient:
            patience_s = SHORT_S if server.is_silent else LONG_S
            timeouts = Timeouts(poll_read_s=patience_s, submit_read_s=patience_s, download_read_s=patience_s)
            client = VideoClient(
                KEY, server.url, sleep=lambda _: None, request_retries=0, timeouts=timeouts, **options
            )
            return stack.enter_context(client)

        yield connected


AMBIGUOUS: dict[str, Reply] = {
    "reset after the request": Reset(),
    "close without an answer": b"",
    "silence": Silence(),
    "head cut": b"HTTP/1.1 200 OK\r\nContent-Le",
    "body cut": answer(200, {"task_id": SORA_ID}, length=1000),
    "reset within the body": Reset(after=answer(200, {"task_id": SORA_ID}, length=1000)),
    "chunked body cut": b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"task_id": "a"',
    "bad chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "no HTTP": b"\x16\x03\x01 what is this\r\n\r\n",
    "broken gzip": answer(200, b"abcde", "Content-Encoding: gzip"),
    "empty body": answer(200, b""),
    "HTML": answer(200, b"<html><body>Welcome</body></html>"),
    "array": answer(200, b"[1]"),
    "not UTF-8": answer(200, b'{"task_id": "\xff"}'),
    "too deep": answer(200, b"[" * 100_000),
    "no task id": answer(200, {"status": "submitted"}),
    "null task id": answer(200, {"task_id": None}),
    "number as task id": answer(200, {"task_id": 5}),
    "empty task id": answer(200, {"task_id": ""}),
    "task id with a path": answer(200, {"task_id": "../../admin"}),
    "task id too long": answer(200, {"task_id": "x" * 513}),
    "500": answer(500, {"error": {"message": "oops"}}),
    "502": answer(502, b"<html>Bad gateway</html>"),
    "504": answer(504, b""),
}

# Kept apart: it leaves a socket open, of which a later garbage collection may warn.
TWO_LENGTHS = answer(200, b"{}", "Content-Length: 7")


def raised_by(call: Callable[[], object]) -> NebulaError | None:
    """The error that the call raises."""
    try:
        call()
    except NebulaError as error:
        return error
    return None


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[socket.socket]]:
    """Every socket a client opens; those it leaves open are cleared away without a warning."""
    made: list[socket.socket] = []
    real = connection.create_connection

    def create(*arguments: Any, **named: Any) -> socket.socket:
        made.append(real(*arguments, **named))
        return made[-1]

    monkeypatch.setattr(connection, "create_connection", create)
    yield made
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        made.clear()
        gc.collect()


@pytest.mark.parametrize("fault", AMBIGUOUS)
def test_a_submit_whose_answer_is_lost_is_sent_once_and_told_as_uncertain(
    serve: Serve, connect: Connect, fault: str
) -> None:
    server = serve(AMBIGUOUS[fault])
    before = datetime.now(UTC) - timedelta(seconds=1)
    with pytest.raises(SubmitUncertain) as caught:
        connect(server).submit("A cat", model="sora-2")
    error = caught.value
    assert len(server.requests) == 1
    assert f"Idempotency-Key: {UUID(error.idempotency_key)}".encode() in server.requests[0]
    assert before <= datetime.fromisoformat(error.sent_at) <= datetime.now(UTC)
    assert all(fact in str(error) for fact in (error.idempotency_key, error.sent_at, "and not again"))


@pytest.mark.usefixtures("sockets")
def test_an_answer_of_two_lengths_is_uncertain_too(serve: Serve, connect: Connect) -> None:
    """Whoever believes the wrong one reads a part of another answer."""
    server = serve(TWO_LENGTHS)
    client = connect(server)
    raised = [
        type(raised_by(lambda: client.submit("A cat", model="sora-2"))),
        type(raised_by(lambda: client.query(SORA_ID))),
    ]
    assert raised == [SubmitUncertain, UnreachableError]
    assert len(server.requests) == 2


@pytest.mark.parametrize("reply", [*AMBIGUOUS.values(), TWO_LENGTHS], ids=[*AMBIGUOUS, "two lengths"])
def test_an_error_that_is_kept_keeps_no_socket_open(
    serve: Serve, connect: Connect, sockets: list[socket.socket], reply: Reply
) -> None:
    """A batch that collects its failures would else use up the process's file descriptors."""
    client = connect(serve(reply))
    kept = [
        raised_by(lambda: client.submit("A cat", model="sora-2")),
        raised_by(lambda: client.query(SORA_ID)),
    ]
    client.close()
    descriptors = [opened.fileno() for opened in sockets]
    kept.clear()
    assert descriptors == [-1, -1]


def test_an_uncertain_submit_keeps_the_request_id(serve: Serve, connect: Connect) -> None:
    server = serve(answer(502, b"", "X-Oneapi-Request-Id: 20260101abc"))
    with pytest.raises(SubmitUncertain, match="20260101abc") as caught:
        connect(server).submit("A cat", model="sora-2")
    assert caught.value.request_id == "20260101abc"


@pytest.mark.parametrize("fault", ["reset after the request", "body cut", "502"])
def test_generate_submits_once_as_well(serve: Serve, connect: Connect, tmp_path: Path, fault: str) -> None:
    server = serve(AMBIGUOUS[fault], answer(200, {"task_id": SORA_ID}))
    with pytest.raises(SubmitUncertain):
        connect(server).generate("A cat", tmp_path / "cat.mp4", model="sora-2")
    assert len(server.requests) == 1
    assert list(tmp_path.iterdir()) == []


def test_each_submit_has_an_idempotency_key_of_its_own(serve: Serve, connect: Connect) -> None:
    client = connect(serve(answer(200, {"task_id": SORA_ID})))
    keys = {client.submit("A cat", model="sora-2").idempotency_key for _ in range(3)}
    assert len(keys) == 3


def test_a_submit_leaves_the_pool_alone(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pooled connection that the provider closed meanwhile looks like a lost answer."""
    client = connect(serve(answer(200, {"task_id": SORA_ID})))
    monkeypatch.setattr(client._transport, "_session", None)
    assert client.submit("A cat", model="sora-2").task_id == SORA_ID


def test_a_refused_connection_is_surely_not_a_submit(connect: Connect) -> None:
    with RawServer(b"") as server:
        client = connect(server)
    with pytest.raises(UnreachableError, match="it is safe to try again") as caught:
        client.submit("A cat", model="sora-2")
    assert caught.value.operation == "submit"


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, float("nan"), float("inf")], ids=["object", "set", "nan", "inf"]
)
def test_a_value_that_is_no_json_is_refused_before_anything_is_sent(
    serve: Serve, connect: Connect, value: object
) -> None:
    server = serve(answer(200, {"task_id": SORA_ID}))
    with pytest.raises(ConfigurationError):
        connect(server).submit("A cat", model="sora-2", user=value)
    assert server.requests == []


@pytest.mark.parametrize("fault", [name for name in AMBIGUOUS if not name.endswith(("task id", "5", "long"))])
def test_a_query_without_a_whole_answer_changed_nothing(serve: Serve, connect: Connect, fault: str) -> None:
    """A lost answer is safe to ask for again; a whole one that makes no sense is told as such."""
    server = serve(AMBIGUOUS[fault])
    with pytest.raises((UnreachableError, BrokenContractError, RefusedError)) as caught:
        connect(server).query(SORA_ID)
    assert caught.value.args[0] == "query"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "fault", ["reset after the request", "close without an answer", "silence", "body cut"]
)
def test_a_wait_survives_a_lost_answer(serve: Serve, connect: Connect, fault: str) -> None:
    done = answer(200, {"task_id": SORA_ID, "status": "succeeded", "format": "mp4"})
    server = serve(AMBIGUOUS[fault], done)
    assert connect(server).wait(SORA_ID).status == "succeeded"
    assert len(server.requests) == 2


def finished(url: str) -> Task:
    """A task with one result URL."""
    return Task(WAN_ID, "succeeded", urls=(url,))


def test_a_result_url_gets_no_key(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    """It leads to another host, such as an object store."""
    provider, store = serve(b""), serve(answer(200, MP4))
    video = connect(provider).download(finished(f"{store.url}/cat.mp4?signature=1"), tmp_path / "cat.mp4")
    assert video.size_bytes == len(MP4)
    assert (tmp_path / "cat.mp4").read_bytes() == MP4
    (request,) = store.requests
    assert b"authorization" not in request.lower()
    assert KEY.encode() not in request
    assert provider.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(serve: Serve, connect: Connect, tmp_path: Path, status: int) -> None:
    elsewhere = serve(answer(200, MP4))
    client = connect(serve(answer(status, b"", f"Location: {elsewhere.url}/cat.mp4")))
    calls: list[Callable[[], object]] = [
        lambda: client.submit("A cat", model="sora-2"),
        lambda: client.query(SORA_ID),
        lambda: client.download(SORA_ID, tmp_path / "cat.mp4"),
        lambda: client.download(finished(f"{client.base_url}/cat.mp4"), tmp_path / "cat.mp4"),
    ]
    # A 303 is what a server says once it has done what was asked.
    ends = [SubmitUncertain if status == 303 else UnexpectedRedirect, *[UnexpectedRedirect] * 3]
    for call, end in zip(calls, ends, strict=True):
        with pytest.raises(end) as caught:
            call()
        assert caught.value.status == status
    assert elsewhere.requests == []


BROKEN_RESULTS: dict[str, tuple[Reply, type[NebulaError]]] = {
    "reset": (Reset(), UnreachableError),
    "reset within the video": (Reset(after=answer(200, MP4)[:300_000]), UnreachableError),
    "cut": (answer(200, MP4[:-1], length=len(MP4)), UnreachableError),
    "cut at once": (answer(200, b"", length=len(MP4)), UnreachableError),
    "chunked and cut": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7a138\r\n" + MP4[:1000],
        UnreachableError,
    ),
    "silence": (Silence(), UnreachableError),
    "expired": (answer(403, b"<Error/>"), RefusedError),
    "gone": (answer(404, b""), RefusedError),
    "a part": (answer(206, MP4), RefusedError),
    "empty": (answer(200, b""), BrokenContractError),
    "HTML": (
        answer(200, b"<html>ftyp</html>", "Content-Type: text/html; charset=utf-8"),
        BrokenContractError,
    ),
    "a message": (answer(200, b"{}", "Content-Type: application/json"), BrokenContractError),
}


@pytest.mark.parametrize("fault", BROKEN_RESULTS)
@pytest.mark.parametrize("old", [None, b"the old video"], ids=["absent", "old"])
def test_a_broken_transfer_leaves_no_file(
    serve: Serve, connect: Connect, tmp_path: Path, fault: str, old: bytes | None
) -> None:
    reply, error = BROKEN_RESULTS[fault]
    store, target = serve(reply), tmp_path / "cat.mp4"
    if old:
        target.write_bytes(old)
    with pytest.raises(error) as caught:
        connect(store).download(finished(f"{store.url}/cat.mp4"), target, overwrite=True)
    assert (caught.value.operation, caught.value.task_id) == ("result", WAN_ID)
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == ([old] if old else [])


@pytest.mark.parametrize("cut", [0, 1, 100, 400])
def test_a_download_answer_that_is_cut_leaves_no_file(
    serve: Serve, connect: Connect, tmp_path: Path, cut: int
) -> None:
    whole = answer(200, {"success": True, "task_id": SORA_ID, "base64": "AAAAIGZ0eXBpc29t" * 20})
    client = connect(serve(whole[: len(whole) - 401 + cut]))
    with pytest.raises(UnreachableError):
        client.download(SORA_ID, tmp_path / "cat.mp4")
    assert list(tmp_path.iterdir()) == []


def test_the_key_travels_in_one_header_and_nothing_else_is_added(serve: Serve, connect: Connect) -> None:
    server = serve(answer(200, {"task_id": SORA_ID}))
    connect(server).submit("A cat", model="sora-2", seconds=4)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /v1/video/generations HTTP/1.1"
    assert [line for line in lines if KEY in line] == [f"Authorization: Bearer {KEY}"]
    assert json.loads(body) == {"model": "sora-2", "prompt": "A cat", "seconds": 4}


@pytest.mark.parametrize(
    "proxy", ["http://us er:hunter2@host:99999", "http://a:hunter2@b..c:80", "socks5h://a:hunter2@b:1"]
)
def test_a_proxy_that_is_no_address_is_told_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy)
    with VideoClient(KEY, "https://nebula.invalid", sleep=lambda _: None) as client:
        calls: list[Callable[[], object]] = [
            lambda: client.submit("A cat", model="sora-2"),
            lambda: client.query(SORA_ID),
            lambda: client.download(finished("https://store.invalid/cat.mp4"), tmp_path / "cat.mp4"),
        ]
        for call in calls:
            with pytest.raises((ConfigurationError, BrokenContractError), match="HTTPS_PROXY") as caught:
                call()
            assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_credentials_of_a_netrc_are_not_used(
    serve: Serve, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login someone password hunter2\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)
    server = serve(answer(200, {"task_id": SORA_ID}), answer(200, MP4))
    client = connect(server)
    client.submit("A cat", model="sora-2")
    client.download(finished(f"{server.url}/cat.mp4"), tmp_path / "cat.mp4")
    submit, download = (request.partition(b"\r\n\r\n")[0].lower() for request in server.requests)
    assert submit.count(b"authorization:") == 1
    assert f"authorization: bearer {KEY}".encode() in submit
    assert b"authorization:" not in download


@pytest.mark.parametrize("variable", ["http_proxy", "all_proxy"])
def test_the_key_for_a_provider_on_this_machine_stays_on_it(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Many offices set a proxy for all; plain HTTP is only fit for this machine."""
    for name in ("http_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    provider = serve(answer(200, {"task_id": SORA_ID}))
    proxy = serve(answer(200, {"task_id": SORA_ID}))
    monkeypatch.setenv(variable, proxy.url)
    connect(provider).submit("A cat", model="sora-2")
    assert (len(provider.requests), proxy.requests) == (1, [])
