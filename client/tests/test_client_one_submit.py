"""One call to submit is one task at most, whatever the provider and the wire do in whatever order."""

import json
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3.exceptions import NewConnectionError, ProtocolError, ReadTimeoutError

from client_trials.answers import TASK_ID, document, submitted, task
from client_trials.raw_provider import Play, RawProvider, answer, hangs, resets, says
from nebula_client import NebulaError, RefusedError, SubmitUncertain, Timeouts, UnreachableError, VideoClient
from nebula_client.cli import main
from scripted import Answer, Reply, Scripted, told

KEY = "sk-test-c4n4ry"
MOST_TRIES = 3

REFUSAL = {"error": {"message": "no", "type": "e", "code": "c"}}
# How a submit is answered, and how many creates the provider then has from one call.
MODES: Mapping[str, tuple[Play, int, type[NebulaError]]] = {
    "reset after the request": (resets(), 1, SubmitUncertain),
    "hang": (hangs(), 1, SubmitUncertain),
    "200 that is cut": (says(answer(200, b'{"task_id": "', length=1000)), 1, SubmitUncertain),
    "500": (says(answer(500, REFUSAL)), 1, SubmitUncertain),
    "502": (says(answer(502, b"")), 1, SubmitUncertain),
    "504": (says(answer(504, b"")), 1, SubmitUncertain),
    "408": (says(answer(408, REFUSAL)), 1, SubmitUncertain),
    "503": (says(answer(503, b"")), 1, SubmitUncertain),
    "409": (says(answer(409, REFUSAL)), 1, RefusedError),
    # Complete answers that say when to come back, so that surely nothing was taken.
    "429": (says(answer(429, REFUSAL)), MOST_TRIES, RefusedError),
    "503 with a time": (says(answer(503, REFUSAL, "Retry-After: 1")), MOST_TRIES, RefusedError),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("call", ["submit", "generate", "command"])
def test_a_call_is_one_create_in_every_mode(
    mode: str, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play, creates, kind = MODES[mode]
    timeouts = Timeouts(submit_read_s=0.3) if mode == "hang" else None
    connected = partial(VideoClient, KEY, sleep=lambda _: None, timeouts=timeouts)
    with RawProvider(play) as provider:
        if call == "command":
            monkeypatch.setattr("nebula_client.cli_run.VideoClient", lambda **_: connected(provider.url))
            done = CliRunner().invoke(main, ["submit", "A cat", "--model", "sora-2"])
            assert done.exit_code not in {0, 1}, done.output
        else:
            with connected(provider.url) as client, pytest.raises(kind):
                _called(client, call, tmp_path)
        assert provider.sent("POST") == creates
        assert provider.sent("GET") == 0


def _called(client: VideoClient, call: str, folder: Path) -> object:
    if call == "submit":
        return client.submit("A cat", model="sora-2")
    return client.generate("A cat", folder / "cat.mp4", model="sora-2", overwrite=True)


def _aborted(reason: BaseException) -> requests.ConnectionError:
    return requests.ConnectionError(ProtocolError("Connection aborted.", reason))


AN_ID = re.compile(r"[A-Za-z0-9._~-]{1,512}")
NO_TASK_ID = st.one_of(
    st.none() | st.booleans() | st.integers() | st.lists(st.text(max_size=3), max_size=2),
    st.text(max_size=20).filter(lambda text: not AN_ID.fullmatch(text)),
    st.sampled_from([".", "..", "x" * 513, "../../admin", "a b", "a\n"]),
)
WHOLE = json.dumps({"task_id": TASK_ID, "status": "submitted"}).encode()
# After each of these the task may be there.
AMBIGUOUS: st.SearchStrategy[Reply] = st.one_of(
    st.sampled_from(
        [
            _aborted(ConnectionResetError(104, "Connection reset by peer")),
            _aborted(BrokenPipeError(32, "Broken pipe")),
            requests.ReadTimeout(ReadTimeoutError(None, "/", "Read timed out.")),  # type: ignore[arg-type]
            requests.exceptions.ChunkedEncodingError("cut"),
            TimeoutError("timed out"),
            ConnectionResetError(104, "Connection reset by peer"),
        ]
    ),
    st.integers(0, len(WHOLE) - 1).map(lambda cut: Answer(200, WHOLE[:cut])),
    st.integers(0, len(WHOLE)).map(lambda cut: Answer(200, WHOLE[:cut], headers={"Content-Length": "999"})),
    st.sampled_from([408, 500, 501, 502, 504, 520, 599]).map(lambda status: told(REFUSAL, status)),
    st.sampled_from([502, 503, 504]).map(lambda status: Answer(status, b"<html>Bad gateway</html>")),
    NO_TASK_ID.map(lambda task_id: told({"task_id": task_id, "status": "submitted"})),
    st.sampled_from([[], "text", 5, None, {"status": "submitted"}]).map(told),
    st.sampled_from([b"<html>", b"\xff\xfe", b"[" * 5000, b'{"task_id": NaN}']).map(partial(Answer, 200)),
)
NOT_SENT: st.SearchStrategy[Reply] = st.sampled_from(
    [
        requests.ConnectionError(NewConnectionError(None, "x: [Errno 111] Connection refused")),  # type: ignore[arg-type]
        requests.ConnectionError(NewConnectionError(None, "x: Name or service not known")),  # type: ignore[arg-type]
    ]
)
COME_BACK: st.SearchStrategy[Reply] = st.one_of(
    st.sampled_from(["0", "1", "2.5", "soon"]).map(lambda after: told(REFUSAL, 429, Retry_After=after)),
    st.just(told(REFUSAL, 429)),
    st.sampled_from(["0", "1"]).map(lambda after: told(REFUSAL, 503, Retry_After=after)),
)
STANDS: st.SearchStrategy[Reply] = st.one_of(
    st.sampled_from([400, 401, 403, 404, 409, 413, 422]).map(lambda status: told(REFUSAL, status)),
    st.sampled_from([301, 302, 307, 308]).map(lambda status: told({}, status, Location="http://127.0.0.1/x")),
    st.just(told(REFUSAL, 429, Retry_After="3600")),
    st.just(told(REFUSAL, 200)),
)
TAKEN: st.SearchStrategy[Reply] = st.just(told({"task_id": TASK_ID, "status": "submitted"}))
ANYTHING = AMBIGUOUS | NOT_SENT | COME_BACK | STANDS | TAKEN


def _client(adapter: Scripted) -> VideoClient:
    return VideoClient(KEY, "http://localhost", sleep=lambda _: None, adapter=adapter)


@settings(max_examples=1000)
@given(first=AMBIGUOUS, later=st.lists(ANYTHING, max_size=6), call=st.sampled_from(["submit", "generate"]))
def test_after_an_ambiguous_answer_nothing_is_sent_at_all(
    tmp_path_factory: pytest.TempPathFactory, first: Reply, later: list[Reply], call: str
) -> None:
    adapter = Scripted(first, *later)
    with pytest.raises(SubmitUncertain) as caught:
        _called(_client(adapter), call, tmp_path_factory.getbasetemp())
    assert [request.method for request in adapter.requests] == ["POST"]
    assert adapter.requests[0].headers["Idempotency-Key"] == caught.value.idempotency_key
    assert KEY not in f"{caught.value}{caught.value!r}"


CLASSES: Mapping[str, st.SearchStrategy[Reply]] = {
    "ambiguous": AMBIGUOUS,
    "not sent": NOT_SENT,
    "come back": COME_BACK,
    "stands": STANDS,
    "taken": TAKEN,
}
ENDS: Mapping[str, type[NebulaError]] = {
    "ambiguous": SubmitUncertain,
    "not sent": UnreachableError,
    "come back": RefusedError,
    "stands": RefusedError,
}


@settings(max_examples=1000)
@given(
    schedule=st.lists(
        st.sampled_from(sorted(CLASSES)).flatmap(lambda kind: st.tuples(st.just(kind), CLASSES[kind])),
        min_size=MOST_TRIES,
        max_size=8,
    )
)
def test_a_submit_is_sent_again_only_where_surely_nothing_was_taken(
    schedule: list[tuple[str, Reply]],
) -> None:
    """The model: go on after what was not sent and what says to come back, three tries in all."""
    adapter = Scripted(*(reply for _, reply in schedule))
    sent = 1
    while schedule[sent - 1][0] in {"not sent", "come back"} and sent < MOST_TRIES:
        sent += 1
    last, _ = schedule[sent - 1]
    if last == "taken":
        assert _client(adapter).submit("A cat", model="sora-2").task_id == TASK_ID
    else:
        with pytest.raises(ENDS[last]) as caught:
            _client(adapter).submit("A cat", model="sora-2")
        assert caught.value.attempts == sent
    assert len(adapter.requests) == sent
    assert len({request.headers["Idempotency-Key"] for request in adapter.requests}) == 1


RAW: Mapping[str, Play] = {
    "reset with nothing read": resets(reads=False),
    "reset": resets(),
    "end": says(b""),
    "garbage": says(b"\x16\x03\x01\r\n\r\n"),
    "head cut": says(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "body cut": says(answer(200, WHOLE[:20], length=len(WHOLE))),
    "reset within the body": resets(answer(200, WHOLE[:20], length=len(WHOLE))),
    "two lengths": says(answer(200, WHOLE, "Content-Length: 7")),
    "no last chunk": says(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"%x\r\n" % len(WHOLE) + WHOLE
    ),
    "500": says(answer(500, REFUSAL)),
    "no task id": says(answer(200, {"status": "submitted"})),
}
LATER: Mapping[str, Play] = {
    **RAW,
    "taken": says(submitted()),
    "done": says(task()),
    "file": says(answer(200, document())),
    "429": says(answer(429, REFUSAL)),
}


@settings(max_examples=100)
@given(
    first=st.sampled_from(sorted(RAW)), later=st.lists(st.sampled_from(sorted(LATER)), min_size=1, max_size=4)
)
def test_after_an_ambiguous_end_on_a_socket_nobody_connects_again(
    tmp_path_factory: pytest.TempPathFactory, first: str, later: list[str]
) -> None:
    plays = [RAW[first], *(LATER[name] for name in later)]
    with RawProvider(*plays) as provider, VideoClient(KEY, provider.url, sleep=lambda _: None) as client:
        with pytest.raises(SubmitUncertain):
            _called(client, "generate", tmp_path_factory.getbasetemp())
        assert provider.connections == 1
