"""A run sends all it has to whoever answers, ends by itself, and says why when it ends early."""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_contract.sending.clock import TargetClock, WallClock
from nebula_contract.sending.covering import covering_rows
from nebula_contract.sending.lifecycle import LEAST_POLLS, send_lifecycles
from nebula_contract.sending.profiles import PROFILES, Profile, register_profiles
from nebula_contract.sending.run import DRIVES, send_all
from nebula_contract.sending.schedule import Steps, interleaved
from nebula_contract.sending.spread import every_model, planned_tasks
from nebula_contract.sending.target import open_app, open_target
from nebula_mock import MockServer
from nebula_mock.requests_adapter import AppAdapter
from nebula_schemas.catalogue import DIALECTS, Dialect, Family, catalogue

TINY = Profile("tiny", examples=3, tasks_a_family=3, machines=2, steps=6, twins=1)
Start = Callable[..., Any]
App = Callable[[dict[str, Any], Start], Iterable[bytes]]


def wall() -> Callable[[float], TargetClock]:
    """A clock on which waiting takes no time."""
    now = [0.0]

    def made(shortest_s: float) -> TargetClock:
        return WallClock(shortest_s, lambda seconds: now.__setitem__(0, now[0] + seconds), lambda: now[0])

    return made


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_drive_sends_to_a_right_provider_and_every_request_is_answered(dialect: Dialect) -> None:
    with open_target("mock", dialect=dialect, seed=1) as target:
        heard: list[str] = []
        recorder = send_all(target, PROFILES["quick"], 1, lambda name, _: heard.append(name))
    assert heard == list(DRIVES)
    assert [one.failure for one in recorder.exchanges if one.answer is None] == []
    assert all("ended early" not in note for note in recorder.notes)
    assert {one.case.partition("/")[0] for one in recorder.exchanges} == set(heard)
    assert all(one.purpose for one in recorder.exchanges)
    conditions = {one.condition for one in recorder.exchanges}
    assert {
        "failing",
        "expired",
        "broke",
        "rate-limited",
        "outage",
        "one-at-a-time",
        "data-uris",
        "by-polls",
    } <= conditions


def test_same_seed_sends_the_same() -> None:
    sent = []
    for _ in range(2):
        with open_target("mock", seed=3) as target:
            recorder = send_all(target, TINY, 3)
        sent.append(
            [
                (one.request.method, one.request.path, one.request.body, one.at_s, one.status)
                for one in recorder.exchanges
            ]
        )
    assert sent[0] == sent[1]


def test_no_key_of_the_run_is_in_any_exchange() -> None:
    with open_target("mock", seed=1) as target:
        recorder = send_all(target, TINY, 1)
        keys = target.wire.keys
    whole = repr(recorder.exchanges)
    assert keys
    assert not [key for key in keys if key in whole]
    assert "Signature=" not in whole
    assert "OSSAccessKeyId=mock" not in whole


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


HOSTILE: tuple[tuple[str, str, bytes], ...] = (
    ("200 OK", "application/json", b"[]"),
    ("200 OK", "application/json", b"5"),
    ("200 OK", "application/json", b"null"),
    ("200 OK", "application/json", b""),
    ("200 OK", "application/json", b"[" * 5000),
    ("200 OK", "application/json", b'{"task_id": "a", "task_id": "b"}'),
    ("200 OK", "application/json", b'{"status": NaN}'),
    ("200 OK", "text/html", b"<html>sorry</html>"),
    ("200 OK", "video/mp4", b"\0\0\0\x08ftyp"),
    ("200 OK", "application/json", _json({"task_id": 5, "status": 7, "url": {}})),
    ("200 OK", "application/json", _json({"task_id": "\ud800", "status": "succeeded"})),
    ("200 OK", "application/json", _json({"task_id": "x" * 5000})),
    ("200 OK", "application/json", _json({"task_id": "../..?#%00 \u732b", "status": "queued"})),
    ("200 OK", "application/json", _json({"task_id": "t", "status": "succeeded", "url": "http://[bad"})),
    (
        "200 OK",
        "application/json",
        _json(
            {
                "task_id": "t",
                "status": "succeeded",
                "url": ["http://localhost/1", 5, None, "http://localhost:bad/", "file:///x"],
            }
        ),
    ),
    ("200 OK", "application/json", _json({"task_id": "t", "status": "failed", "url": "\ud800", "error": []})),
    ("204 No Content", "", b""),
    ("302 Found", "text/plain", b""),
    ("404 Not Found", "application/json", _json({"error": "no"})),
    ("429 Too Many Requests", "application/json", _json({"error": {"code": 5}})),
    ("500 Internal Server Error", "text/plain", b"\xff\xfe"),
    ("599 Nobody Knows", "application/json", b"{"),
)


_CUT = 0.3


def _hostile(seed: int, *, cuts: bool) -> App:
    random = Random(seed)  # noqa: S311 - which answer comes is no secret

    def app(_environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        status, media_type, body = random.choice(HOSTILE)
        length = str(len(body) + (cuts and random.random() < _CUT))
        start(status, [("Content-Type", media_type), ("Content-Length", length), ("Location", "/x")])
        return [body]

    return app


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("way", ["whole", "cut"])
def test_no_answer_whatever_it_is_breaks_a_run(seed: int, way: str) -> None:
    with open_app("http://localhost", AppAdapter(_hostile(seed, cuts=way == "cut")), wall=wall()) as target:
        recorder = send_all(target, TINY, seed)
    assert {one.case.partition("/")[0] for one in recorder.exchanges} >= {
        "access",
        "routes",
        "inputs",
        "lifecycle",
    }


def _gone_after(count: int, mock: MockServer) -> App:
    numbers = itertools.count()

    def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if next(numbers) >= count:
            raise ConnectionRefusedError("nobody")
        return mock.app(environ, start)

    return app


@pytest.mark.parametrize("after", [30, 300, 700])
def test_run_ends_soon_and_says_so_when_the_target_is_gone(after: int) -> None:
    mock = MockServer(clock="manual")
    with open_app("http://localhost", AppAdapter(_gone_after(after, mock)), wall=wall()) as target:
        recorder = send_all(target, TINY, 1)
    assert recorder.notes[-1].startswith("The run ended early")
    assert len(recorder.exchanges) < after + 20


def test_profiles_of_hypothesis_generate_and_never_shrink_and_live_draws_nothing() -> None:
    register_profiles()
    assert [phase.name for phase in settings.get_profile("nebula-mock").phases] == ["generate"]
    assert [phase.name for phase in settings.get_profile("nebula-live").phases] == ["explicit"]
    assert all(settings.get_profile(f"nebula-{name}").database is None for name in (*PROFILES, "live"))


def test_every_model_is_followed_by_both_accounts_and_polled_often() -> None:
    with open_target("mock", seed=1) as target:
        send_lifecycles(target, PROFILES["mock"], 1)
        exchanges = target.recorder.exchanges
    full = {one.case for one in exchanges if one.purpose == "early-query"}
    followed = {
        (json.loads(one.request.body or b"")["model"], one.request.credential)
        for one in exchanges
        if one.case in full and one.purpose == "submit"
    }
    models = {model.id for family in catalogue().families for model in family.models}
    assert followed == {(model, owner) for model in models for owner in ("own", "second")}
    polls = Counter(one.case for one in exchanges if one.purpose == "poll")
    assert min(polls[case] for case in full) >= LEAST_POLLS
    assert Counter(one.case for one in exchanges if one.purpose == "past-end")[next(iter(full))] >= 3


@given(
    st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(1, 6), min_size=2, max_size=6),
    st.integers(0, 100),
)
@settings(deadline=None)
def test_every_pair_of_options_stands_in_some_row(sizes: dict[str, int], seed: int) -> None:
    rows = covering_rows({name: range(size) for name, size in sizes.items()}, seed)
    for one, other in itertools.combinations(sizes, 2):
        seen = {(row[one], row[other]) for row in rows}
        assert seen == set(itertools.product(range(sizes[one]), range(sizes[other])))


@pytest.mark.parametrize("family", catalogue().families, ids=lambda family: family.name)
def test_every_value_of_a_parameter_is_asked_for_with_some_task(family: Family) -> None:
    planned = planned_tasks(family, 1, None)
    whole = json.dumps([one.body for one in planned])
    for parameter in family.parameters:
        for value in parameter.allowed:
            assert str(value) in whole
    assert {one.body["model"] for one in planned} == {model.id for model in every_model(family)}


def test_cases_are_woken_in_the_order_of_their_moments() -> None:
    clock, seen = wall()(0), list[tuple[float, str]]()

    def case(name: str, *pauses: float) -> Steps:
        seen.append((clock.now_s(), name))
        for pause_s in pauses:
            yield pause_s
            seen.append((clock.now_s(), name))

    interleaved(clock, [case("a", 5, 0, 10), case("b", 1, 1)])
    assert seen == sorted(seen, key=lambda one: one[0])
    assert [name for _, name in seen].count("a") == 4
    assert clock.now_s() == 15
