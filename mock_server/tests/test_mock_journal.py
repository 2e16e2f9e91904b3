"""Promises of the journal: bounded, numbered, read with filters, and honest about what it no longer has."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock import ManualClock, Settings, create_app
from nebula_mock.core.account import account_of
from nebula_mock.core.draws import DrawNote
from nebula_mock.core.journal_entry import BodySummary, JournalEntry, LongText
from nebula_mock.journal import Journal
from nebula_mock.journal_file import JournalFile, JournalFileError

NOON = 1_763_812_800.0
GENERATIONS = "/v1/video/generations"
JOURNAL = "/_mock/journal"
SORA = {"model": "sora-2", "prompt": "A cat"}
KEY = {"Authorization": "Bearer sk-test"}
OTHER = {"Authorization": "Bearer sk-other"}


def entry(**changes: Any) -> JournalEntry:
    """An entry with some members changed."""
    facts: dict[str, Any] = {
        "seq": 0, "request_id": "r", "account": "a", "operation": "query", "method": "GET", "path": "/x",
        "query": "", "request_headers": (), "request_body": None, "prompt": None, "status": 200,
        "response_headers": (), "response_body": None, "bytes_sent": 0, "ended": "complete",
        "provider_time": NOON, "wall_time": NOON, "duration_s": 0.0,
    }  # fmt: skip
    return JournalEntry(**{**facts, **changes})


@pytest.fixture
def client() -> FlaskClient:
    """A consumer of a provider whose clock stands at noon."""
    return create_app(provider=Settings(seed=1).provider(ManualClock(NOON))).test_client()


def seen(client: FlaskClient, query: str = "") -> list[dict[str, Any]]:
    """The entries that the admin API gives."""
    answer = client.get(f"{JOURNAL}?{query}")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    entries: list[dict[str, Any]] = answer.get_json()["entries"]
    return entries


texts = st.text(max_size=30)
entries = st.builds(
    entry,
    path=texts,
    account=st.none() | texts,
    request_headers=st.lists(st.tuples(texts, texts)).map(tuple),
    request_body=st.none() | st.builds(BodySummary, texts, st.integers(0), texts, texts, texts, st.none()),
    prompt=st.none() | texts | st.builds(LongText, st.integers(0), texts),
    draws=st.lists(st.builds(DrawNote, texts, texts, texts, st.integers(0), texts, texts)).map(tuple),
    faults=st.just(({"fault": "reset"},)),
    provider_time=st.floats(allow_nan=False, allow_infinity=False),
)


@given(entries)
def test_a_line_tells_the_entry(one: JournalEntry) -> None:
    line = one.as_line()
    assert JournalEntry.of_line(line) == one
    assert line.isascii()
    assert b"\n" not in line


@pytest.mark.parametrize("line", ["{}", "[]", "1", '{"seq": 1}', "no"])
def test_what_is_no_entry_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"entry|Expecting"):
        JournalEntry.of_line(line)


@given(st.lists(st.integers(0, 400), max_size=60), st.integers(0, 20), st.integers(0, 50_000))
def test_no_bound_is_exceeded_and_nothing_goes_uncounted(
    sizes: list[int], most: int, most_bytes: int
) -> None:
    journal = Journal(most, most_bytes)
    for size in sizes:
        journal.add(entry(path="x" * size))
        assert len(journal) <= most
        assert journal.size_bytes <= most_bytes
        assert journal.size_bytes == sum(one.weight() for one in journal.page().entries())
    kept = [one.seq for one in journal.page().entries()]
    assert kept == list(range(len(sizes) - len(kept) + 1, len(sizes) + 1))
    assert (journal.evicted(), journal.page().next_seq) == (len(sizes) - len(kept), len(sizes) + 1)


def test_numbers_never_repeat_not_even_under_many_threads_or_after_a_clearing() -> None:
    journal = Journal()
    with ThreadPoolExecutor(16) as pool:
        numbers = list(pool.map(lambda _: journal.add(entry()), range(400)))
    assert sorted(numbers) == list(range(1, 401))
    assert (journal.clear(), len(journal), journal.size_bytes) == (400, 0, 0)
    assert journal.add(entry()) == 401
    assert [one.seq for one in journal.page().entries()] == [401]


def test_evicted_entries_are_counted_by_whose_and_what_they_were() -> None:
    journal = Journal(most_entries=1)
    for account, operation in (("a", "query"), ("a", "submit"), ("b", "query"), ("b", "query")):
        journal.add(entry(account=account, operation=operation))
    assert (journal.evicted(), journal.evicted("a"), journal.evicted("b")) == (3, 2, 1)
    assert (journal.evicted("a", "submit"), journal.evicted(operation="query")) == (1, 2)
    journal.clear("a")
    assert (journal.evicted(), journal.evicted("a")) == (1, 0)


def test_a_revised_entry_keeps_its_place_and_number() -> None:
    journal = Journal()
    first, _ = journal.add(entry()), journal.add(entry())
    journal.revise(first, entry(ended="reset", bytes_sent=5))
    journal.revise(99, entry(ended="cut"))
    assert [(one.seq, one.ended) for one in journal.page().entries()] == [(1, "reset"), (2, "complete")]
    assert journal.size_bytes == sum(one.weight() for one in journal.page().entries())


def test_an_exchange_is_told_as_it_was(client: FlaskClient) -> None:
    task_id = client.post(GENERATIONS, json=SORA, headers=KEY).get_json()["task_id"]
    (one,) = seen(client)
    assert {name: one[name] for name in ("seq", "operation", "method", "path", "query", "status", "model")} == {
        "seq": 1, "operation": "submit", "method": "POST", "path": GENERATIONS, "query": "", "status": 200,
        "model": "sora-2",
    }  # fmt: skip
    assert (one["account"], one["task_id"], one["prompt"]) == (account_of("sk-test"), task_id, "A cat")
    assert (one["problem_id"], one["faults"], one["ended"]) == (None, [], "complete")
    assert one["request_body"]["members"] == SORA
    assert one["response_body"]["members"]["task_id"] == task_id
    assert one["bytes_sent"] == one["response_body"]["size"] == 88
    assert (one["provider_time"], one["wall_time"] > NOON) == (NOON, True)
    assert {draw["purpose"] for draw in one["draws"]} == {"seed", "task-id", "result", "upstream-request"}


def test_every_operation_has_its_name(client: FlaskClient) -> None:
    client.post(GENERATIONS, json={"model": "wan2.5-t2v-preview", "prompt": "A cat"}, headers=KEY)
    gateway = create_app(Settings(dialect="gateway")).test_client()
    for method, path in (
        ("GET", f"{GENERATIONS}/x"), ("GET", f"{GENERATIONS}/download?id=x"), ("GET", "/results/x/0.mp4"),
        ("GET", "/v1/videos/x/content"), ("GET", "/nothing"), ("OPTIONS", GENERATIONS), ("POST", "/v1/videos"),
    ):  # fmt: skip
        for one in (client, gateway):
            one.open(path, method=method, headers=KEY)
    assert [one["operation"] for one in seen(client)] == [
        "submit", "query", "download", "other", "other", "other", "other", "other",
    ]  # fmt: skip
    assert [one["operation"] for one in seen(gateway)] == [
        "query", "download", "other", "content", "other", "other", "submit",
    ]  # fmt: skip


def test_a_refusal_names_its_row(client: FlaskClient) -> None:
    client.post(GENERATIONS, json={**SORA, "model": "sora-9"}, headers=KEY)
    client.get(f"{GENERATIONS}/video_1", headers=KEY)
    client.get(f"{GENERATIONS}/video_1")
    assert [(one["problem_id"], one["model"], one["task_id"]) for one in seen(client)] == [
        ("unknown-model", "sora-9", None),
        ("unknown-task", None, "video_1"),
        ("missing-key", None, None),
    ]


def test_an_internal_error_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Settings().provider()
    client = create_app(provider=provider).test_client()
    monkeypatch.delattr(provider, "store")
    client.get(f"{GENERATIONS}/video_1", headers=KEY)
    (one,) = seen(client)
    assert (one["status"], one["problem_id"]) == (500, "internal")


def test_filters_leave_what_was_asked_for_newest_last(client: FlaskClient) -> None:
    first, second = (
        client.post(GENERATIONS, json=SORA, headers=headers).get_json()["task_id"] for headers in (KEY, OTHER)
    )
    client.get(f"{GENERATIONS}/{first}", headers=KEY)
    client.get(f"{GENERATIONS}/{second}", headers=KEY)

    def numbers(query: str) -> list[int]:
        return [one["seq"] for one in seen(client, query)]

    assert numbers("") == [1, 2, 3, 4]
    assert numbers("account=sk-test") == [1, 3, 4]
    assert numbers("account=sk-other&operation=submit") == [2]
    assert numbers("operation=query&status=404") == [4]
    assert numbers(f"task_id={first}") == [1, 3]
    assert numbers("problem=unknown-task") == [4]
    assert numbers("since=3") == [3, 4]
    assert numbers("limit=2") == [3, 4]
    assert numbers("limit=0") == []


def test_reading_on_leaves_nothing_out(client: FlaskClient) -> None:
    for number in range(7):
        client.get(f"{GENERATIONS}/{number}", headers=KEY if number % 2 else OTHER)
    since, numbers = 1, []
    for _ in range(4):
        body = client.get(f"{JOURNAL}?since={since}&limit=2&operation=query").get_json()
        numbers += [one["seq"] for one in body["entries"]]
        since = body["next_seq"]
    assert (numbers, since) == ([1, 2, 3, 4, 5, 6, 7], 8)


def test_reading_changes_nothing_and_is_in_no_entry(client: FlaskClient) -> None:
    client.post(GENERATIONS, json=SORA, headers=KEY)
    assert client.get(JOURNAL).data == client.get(JOURNAL).data
    assert len(seen(client)) == 1


def test_a_clearing_forgets_everything_or_one_account(client: FlaskClient) -> None:
    for headers in (KEY, OTHER, KEY):
        client.post(GENERATIONS, json=SORA, headers=headers)
    json_type = {"Content-Type": "application/json"}
    assert client.delete(f"{JOURNAL}?account=sk-test", headers=json_type).get_json() == {"forgotten": 2}
    assert [one["seq"] for one in seen(client)] == [2]
    assert client.delete(JOURNAL, headers=json_type).get_json() == {"forgotten": 1}
    body = client.get(JOURNAL).get_json()
    assert (body["entries"], body["next_seq"], body["evicted"]) == ([], 4, 0)
    assert client.delete(JOURNAL).status_code == 415


@pytest.mark.parametrize(
    "query",
    ["operation=poll", "status=x", "since=-1", "since=x", "limit=1.5", "taskid=x", "since=" + "9" * 30],
)
def test_a_filter_that_cannot_work_is_refused_and_named(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{JOURNAL}?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.get_json()["detail"]


def test_the_journal_is_bounded_by_the_settings() -> None:
    client = create_app(Settings(journal_entries=3)).test_client()
    for _ in range(5):
        client.get(f"{GENERATIONS}/x", headers=KEY)
    body = client.get(JOURNAL).get_json()
    assert ([one["seq"] for one in body["entries"]], body["evicted"]) == ([3, 4, 5], 2)
    one_byte = create_app(Settings(journal_bytes=1)).test_client()
    one_byte.get(f"{GENERATIONS}/x", headers=KEY)
    body = one_byte.get(JOURNAL).get_json()
    assert (body["entries"], body["evicted"], body["next_seq"]) == ([], 1, 2)


def test_with_no_room_and_no_file_nothing_is_recorded() -> None:
    client = create_app(Settings(journal_entries=0)).test_client()
    assert client.post(GENERATIONS, json=SORA, headers=KEY).status_code == 200
    assert client.get(JOURNAL).get_json()["next_seq"] == 1


def test_a_prompt_over_10000_code_points_is_kept_as_hash_and_length(client: FlaskClient) -> None:
    for length in (10_000, 10_001):
        client.post(GENERATIONS, json={**SORA, "prompt": "猫" * length}, headers=KEY)
    short, long = seen(client)
    assert short["prompt"] == "猫" * 10_000
    assert (long["prompt"]["characters"], len(long["prompt"]["sha256"])) == (10_001, 64)
    assert len(json.dumps(long)) < 6000


def test_bodies_are_summarised_both_ends_and_digest(client: FlaskClient) -> None:
    picture = "data:image/png;base64," + "A" * 30_000
    client.post(GENERATIONS, json={**SORA, "input_reference": picture}, headers=KEY)
    body = seen(client)[0]["request_body"]
    assert (len(body["head"]), len(body["tail"]), len(body["sha256"])) == (256, 256, 64)
    assert (body["members"], body["size"] > 30_000) == (None, True)


def test_a_download_is_told_by_its_media_and_none_of_its_bytes(client: FlaskClient) -> None:
    provider = Settings(video_size_bytes=300_000).provider(ManualClock(NOON))
    client = create_app(provider=provider).test_client()
    task_id = client.post(GENERATIONS, json=SORA, headers=KEY).get_json()["task_id"]
    provider.advance(10)
    whole = client.get(f"{GENERATIONS}/download?id={task_id}", headers=KEY).get_json()
    one = seen(client)[-1]
    body = one["response_body"]
    assert body["media"] == [{"film_bytes": 300_000, "base64_length": 400_000}]
    assert (body["members"]["size"], body["members"]["base64"]) == (300_000, "@@video:0@@")
    assert (body["sha256"], body["head"], body["tail"]) == (None, None, None)
    assert body["size"] == one["bytes_sent"] > 800_000
    assert whole["base64"][:40] not in json.dumps(one)


def test_a_result_file_is_told_by_its_range_and_task() -> None:
    provider = Settings(video_size_bytes=300_000).provider(ManualClock(NOON))
    client = create_app(provider=provider).test_client()
    wan = {"model": "wan2.5-t2v-preview", "prompt": "A cat"}
    task_id = client.post(GENERATIONS, json=wan, headers=KEY).get_json()["task_id"]
    provider.advance(10)
    url = client.get(f"{GENERATIONS}/{task_id}", headers=KEY).get_json()["url"]
    client.get(url, headers={"Range": "bytes=100-199"})
    one = seen(client)[-1]
    assert (one["operation"], one["task_id"], one["bytes_sent"], one["status"]) == (
        "result",
        task_id,
        100,
        206,
    )
    assert one["account"] == account_of("sk-test")
    assert one["response_body"]["media"] == [{"film_bytes": 300_000, "from": 100, "to": 200}]
    token = next(provider.store.tasks()).result_token
    assert token not in json.dumps(seen(client))


def test_an_answer_to_head_has_no_body_and_is_complete() -> None:
    provider = Settings().provider(ManualClock(NOON))
    client = create_app(provider=provider).test_client()
    client.post(GENERATIONS, json={"model": "wan2.5-t2v-preview", "prompt": "A cat"}, headers=KEY)
    provider.advance(10)
    token = next(provider.store.tasks()).result_token
    client.head(f"/results/{token}/0.mp4")
    one = seen(client)[-1]
    assert (one["method"], one["bytes_sent"], one["ended"], one["status"]) == ("HEAD", 0, "complete", 200)


def test_the_file_has_a_line_for_every_entry_and_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    client = create_app(Settings(journal_file=path, journal_entries=1)).test_client()
    for _ in range(3):
        client.post(GENERATIONS, json=SORA, headers=KEY)
    lines = path.read_text("ascii").splitlines()
    assert [JournalEntry.of_line(line).seq for line in lines] == [1, 2, 3]
    assert json.loads(lines[2]) == seen(client)[0]
    assert path.stat().st_mode & 0o777 == 0o600
    file = client.get(JOURNAL).get_json()["file"]
    assert file == {"path": str(path), "written": 3, "failed": 0, "error": None}


def test_a_file_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"before\n")
    for line in (b"one", b"two"):
        file = JournalFile(path)
        file.write(line)
        file.close()
        file.close()
        file.write(b"after the end")
    assert path.read_bytes() == b"before\none\ntwo\n"


def test_a_full_disk_breaks_no_answer_and_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    client = create_app(Settings(journal_file=Path("/dev/full"))).test_client()
    for _ in range(3):
        assert client.post(GENERATIONS, json=SORA, headers=KEY).status_code == 200
    body = client.get(JOURNAL).get_json()
    assert len(body["entries"]) == 3
    assert body["file"] == {
        "path": "/dev/full", "written": 0, "failed": 3, "error": "No space left on device",
    }  # fmt: skip
    warnings = [record.getMessage() for record in caplog.records if "journal file" in record.getMessage()]
    assert len(warnings) == 1
    assert "No space left on device" in warnings[0]


def test_a_file_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(JournalFileError, match="cannot be written"):
        Settings(journal_file=tmp_path / "no" / "journal.jsonl").started_journal()
