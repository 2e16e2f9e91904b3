"""The parts of a live run: one request on one connection, where it may go, what an answer means for money."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from client_trials.raw_provider import Play, RawProvider, drips, hangs, resets, says
from nebula_contract.live.commands import live_command
from nebula_contract.live.ended import LiveEnd
from nebula_contract.live.hosts import HostError, Place, allowed_place, result_place
from nebula_contract.live.line import send
from nebula_contract.live.money import CEILING_USD, MoneyError, cap_in
from nebula_contract.live.outcome import outcome_of, result_urls_in
from nebula_contract.live.recording import Started, Unrecorded
from nebula_contract.live.rehearsal import time_at
from nebula_mock import MockServer
from spending import (
    ACCEPTED,
    OWN,
    TASK_ID,
    Hours,
    Kept,
    Spending,
    counted,
    plan_file,
    provider,
    responds,
    run,
    said,
    task,
)

BASE = Place("https", "llm.ai-nebula.com", 443)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"


@pytest.mark.parametrize(
    ("play", "word"),
    [
        (resets(), "cut:"),
        (says(b""), "cut:"),
        (says(HEAD + b"half"), "cut:"),
        (resets(HEAD + b"half"), "cut:"),
        (says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf"), "cut:"),
        (says(b"no HTTP at all\r\n\r\n"), "not-http:"),
        (says(b"HTTP/1.1 999999 OK\r\n\r\n"), "not-http:"),
        (hangs(), "timeout:"),
        (hangs(HEAD + b"half"), "timeout:"),
        (drips(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n", 0.2), "timeout:"),
        (drips(HEAD, b".", 0.2), "timeout:"),
    ],
)
def test_an_answer_that_is_not_whole_has_a_word_for_it_and_one_connection(play: Play, word: str) -> None:
    with RawProvider(play) as target:
        place = Place("http", "127.0.0.1", target.port)
        sent = send(place, "POST", "/v1", {}, b"{}", 1.0)
        assert (sent.status, sent.failure.startswith(word), target.connections) == (0, True, 1), sent.failure


def test_nobody_listening_is_refused_before_a_byte_is_sent() -> None:
    with RawProvider(says(b"")) as target:
        port = target.port
    sent = send(Place("http", "127.0.0.1", port), "POST", "/v1", {}, b"{}", 1.0)
    assert sent.failure.startswith("refused: ")


def test_a_host_that_cannot_be_a_name_is_refused() -> None:
    assert send(Place("http", "a..b", 80), "GET", "/", {}, None, 1.0).failure.startswith("refused: ")


def test_repeated_headers_are_joined_and_the_body_is_whole() -> None:
    with RawProvider(
        says(b"HTTP/1.1 201 Yes\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 4\r\n\r\nbody")
    ) as target:
        sent = send(Place("http", "127.0.0.1", target.port), "GET", "/v1", {"X-B": "3"}, None, 5.0)
        assert (sent.status, sent.headers["x-a"], sent.raw, sent.failure) == (201, "1, 2", b"body", "")
        assert b"\r\nX-B: 3\r\n" in target.requests[0]


@pytest.mark.parametrize("variable", ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_no_proxy_of_the_environment_sees_a_request(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        RawProvider(says(b"")) as proxy,
        RawProvider(says(HEAD[:17] + b"Content-Length: 0\r\n\r\n")) as target,
    ):
        monkeypatch.setenv(variable, proxy.url)
        assert send(Place("http", "127.0.0.1", target.port), "GET", "/", {}, None, 5.0).status == 200
        assert proxy.connections == 0


@pytest.mark.parametrize(
    ("url", "allowed", "authority"),
    [
        ("https://llm.ai-nebula.com", (), "llm.ai-nebula.com"),
        ("https://LLM.ai-nebula.com:443/", (), "llm.ai-nebula.com"),
        ("https://api.example.com", ("api.example.com",), "api.example.com"),
        ("https://api.example.com:8443", ("api.example.com:8443",), "api.example.com:8443"),
        ("http://127.0.0.1:8383", (), "127.0.0.1:8383"),
        ("http://[::1]:8383", (), "[::1]:8383"),
        ("http://localhost", (), "localhost:80"),
    ],
)
def test_a_host_that_may_be_asked(url: str, allowed: tuple[str, ...], authority: str) -> None:
    assert allowed_place(url, allowed).authority == authority


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example.com/v.mp4", "https://127.0.0.1/v.mp4", "https://localhost/v.mp4", "https://10.0.0.1/v.mp4",
        "https://169.254.169.254/latest/meta-data", "https://[::1]/v.mp4", "https://[fd00::1]/v.mp4", "https://router/v.mp4",
        "https://user:pw@cdn.example.com/v.mp4", "https:///v.mp4", "https://cdn.example.com/v 1.mp4", "https://[::1",
        "https://cdn.example.com:99999/v.mp4", "https://cdn.example.com/\r\nHost: x", "https://cdn.example.com/" + "a" * 9000,
        "file:///etc/passwd", "ftp://cdn.example.com/v.mp4",
    ],
)  # fmt: skip
def test_a_result_that_points_into_the_network_is_not_fetched(url: str) -> None:
    with pytest.raises(HostError, match="result URL"):
        result_place(url, BASE)


def test_a_result_elsewhere_is_fetched_over_https_or_from_the_provider_itself() -> None:
    assert result_place("https://cdn.example.com/v.mp4?Signature=x", BASE).path == "/v.mp4?Signature=x"
    here = Place("http", "127.0.0.1", 8383)
    assert result_place("http://127.0.0.1:8383/results/a", here).path == "/results/a"
    with pytest.raises(HostError):
        result_place("http://127.0.0.1:8384/results/a", here)


@pytest.mark.parametrize(
    ("status", "body", "kind", "task_id"),
    [
        (200, {"data": {"task_id": TASK_ID}}, "accepted", TASK_ID),
        (400, {"error": {"message": "x", "details": TASK_ID}}, "accepted", TASK_ID),
        (400, {"code": "bad", "message": "no", "data": None, "id": "req-5"}, "refused", ""),
        (200, {"code": "success", "message": "", "data": {}}, "unknown", ""),
        (400, {"message": "no"}, "unknown", ""),
        (400, [], "unknown", ""),
        (303, {}, "unknown", ""),
        (307, {}, "unknown", ""),
        (504, {"error": {"message": "late", "code": "x"}}, "unknown", ""),
    ],
)
def test_what_an_answer_to_a_submit_means(status: int, body: Any, kind: str, task_id: str) -> None:
    outcome = outcome_of(status, json.dumps(body).encode(), "")
    assert (outcome.kind, outcome.task_id) == (kind, task_id)


@given(st.integers(100, 599), st.binary(max_size=80))
def test_bytes_that_are_no_refusal_are_never_taken_for_one(status: int, raw: bytes) -> None:
    kind = outcome_of(status, b"<" + raw, "").kind
    assert kind == "unknown"


def test_half_an_answer_that_names_its_task_is_remembered() -> None:
    outcome = outcome_of(0, f'{{"task_id":"{TASK_ID}","sta'.encode(), "cut: it ends")
    assert (outcome.kind, outcome.task_id) == ("unknown", TASK_ID)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://a.example/1", ("https://a.example/1",)),
        (["https://a.example/1", 5, "https://a.example/2"], ("https://a.example/1", "https://a.example/2")),
        ("data:video/mp4;base64,AAAA", ()),
        ("expired", ()),
        (None, ()),
    ],
)
def test_where_a_result_is(url: Any, found: tuple[str, ...]) -> None:
    assert result_urls_in(json.dumps({"url": url}).encode()) == found


@given(st.text(max_size=12))
def test_a_cap_is_digits_or_an_error(text: str) -> None:
    try:
        amount = cap_in(text, "--max-spend")
    except MoneyError:
        return
    assert 0 <= amount <= CEILING_USD
    assert text.replace(".", "", 1).isascii()
    assert text.replace(".", "", 1).isdigit()


def test_time_at_a_mock_is_the_mocks() -> None:
    with MockServer(clock="manual") as mock:
        place = allowed_place(mock.url)
        passing, before = time_at(place), mock.clock.now()
        passing.sleep(90)  # moves the mock's clock; nobody waits
        assert (passing.now(), mock.clock.now() - before, passing.is_mock) == (90, 90, True)


def test_time_at_a_server_that_is_no_mock_is_that_of_the_wall() -> None:
    with provider() as target:
        assert not time_at(allowed_place(target.url)).is_mock


def test_a_busy_read_is_not_waited_for_beyond_two_minutes(tmp_path: Path) -> None:
    busy = said(503, {"error": {"message": "no", "type": "t", "code": "c"}}, "Retry-After: 99999")
    hours = Hours()
    with Spending(responds(lambda *_: busy)) as target:
        end = run(tmp_path, target.url, plan_file(tmp_path), max_spend="0", time=hours.time)
    assert (hours.sleeps, end.reason) == ([], "done")


def test_a_later_run_finds_out_how_a_task_ended(tmp_path: Path) -> None:
    plan = plan_file(tmp_path)
    with provider(ACCEPTED, task("in_progress")) as target:
        run(tmp_path, target.url, plan, deadline=30.0)
        url, port = target.url, target.port
    assert counted(tmp_path) == "0.40"
    ledger = tmp_path / "ledger.ndjson"
    with provider(ACCEPTED, task("failed")) as target:
        ledger.write_bytes(ledger.read_bytes().replace(str(port).encode(), str(target.port).encode()))
        run(tmp_path, target.url, plan, max_spend="0")
    assert (counted(tmp_path), url != "") == ("0", True)


def test_the_record_begins_before_anything_is_sent_and_ends_with_the_run(tmp_path: Path) -> None:
    told: list[Any] = []

    class Told(Unrecorded):
        def begin(self, started: Started) -> None:
            told.append((started, len(target.asked)))

        def end(self, end: LiveEnd) -> int:
            told.append(end)
            return 1  # something in the record does not hold: that comes before what was not reached

    with provider() as target:
        environment = {"NEBULA_API_KEY": OWN}
        arguments = [
            "--plan",
            str(plan_file(tmp_path)),
            "--base-url",
            target.url,
            "--record",
            "x",
            "--max-spend",
            "0",
        ]
        done = CliRunner().invoke(live_command(lambda *_: Told()), arguments, env=environment)
        assert done.exit_code == 1, done.output
        (started, asked), end = told
        assert (started.target, started.is_mock, started.cap_usd, asked) == (target.url, False, Decimal(0), 0)
    facts = json.loads(done.stdout)
    assert (facts["reason"], facts["submits"], facts["spent_usd"], facts["requests"]) == (
        "done",
        0,
        "0.00",
        end.requests,
    )
    assert "not reached: job/sora/submit: it may cost 0.40 USD" in done.stderr


def test_exchanges_are_without_keys_and_say_whose_each_was(tmp_path: Path) -> None:
    echo = responds(
        lambda *asked: said(400, {"error": {"message": asked[2].decode(), "type": "t", "code": "c"}})
    )
    kept = Kept()
    with Spending(echo) as target:
        run(tmp_path, target.url, plan_file(tmp_path), kept)
    assert not [one for one in kept.exchanges if OWN in repr(one)]
    assert {one.request.credential for one in kept.exchanges} == {"own", "none", "malformed"}
    assert all(bool(one.request.scheme) == (one.request.credential == "malformed") for one in kept.exchanges)
    assert {one.operation for one in kept.exchanges} == {"submit", "query", "download", "route"}


@pytest.mark.parametrize("code", ["created", "accepted", 201, "queued", "SUBMITTED"])
def test_a_success_in_other_words_frees_no_money(code: str | int) -> None:
    """A 2xx with a code nobody knows may have made a task; with one of the error table it is a refusal."""
    body = {"code": code, "message": "fine", "data": None}
    assert outcome_of(200, json.dumps(body).encode(), "").kind == "unknown"
    refused = {"code": "invalid_request", "message": "no", "data": None}
    assert outcome_of(200, json.dumps(refused).encode(), "").kind == "refused"
