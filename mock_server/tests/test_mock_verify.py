"""Promises of verification: counts, near misses that say what differs, and no claim beyond what is kept."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from nebula_client import VideoClient
from nebula_mock import ManualClock, MockServer, Settings, create_app
from nebula_mock.core.journal_match import Match, Wanted, differences, is_same
from nebula_mock.core.json_paths import MISSING, member_at
from nebula_mock.core.verification import Times, _outcome
from nebula_mock.journal_questions import match_of
from nebula_mock.journal_view import NotVerifiedError
from nebula_mock.redactor import Redactor
from nebula_schemas import contract

NOON = 1_763_812_800.0
GENERATIONS = "/v1/video/generations"
VERIFY = "/_mock/journal/verify"
SORA = {"model": "sora-2", "prompt": "A cat in the garden", "seconds": "4", "metadata": {"a": [True, None]}}
CANARY = "canary8c1d5e7a"
KEY = {"Authorization": f"Bearer sk-{CANARY}"}


def app_with(**settings: Any) -> FlaskClient:
    """A consumer of a provider whose clock stands at noon."""
    made = Settings(seed=1, **settings)
    return create_app(made, provider=made.provider(ManualClock(NOON))).test_client()


@pytest.fixture
def client() -> FlaskClient:
    """One that has submitted a cat, asked about it, and asked about nothing."""
    consumer = app_with()
    task_id = consumer.post(GENERATIONS, json=SORA, headers=KEY).get_json()["task_id"]
    consumer.get(f"{GENERATIONS}/{task_id}", headers=KEY)
    consumer.get(f"{GENERATIONS}/nothing", headers=KEY)
    return consumer


def verified(client: FlaskClient, match: Any, count: Any = None, query: str = "") -> dict[str, Any]:
    """The answer, which is one by its schema."""
    question = {"match": match} if count is None else {"match": match, "count": count}
    answer = client.post(VERIFY + query, json=question)
    assert answer.status_code == 200, answer.get_json()
    body: dict[str, Any] = answer.get_json()
    assert contract().violations("admin/journal-verification", body) == ()
    return body


@pytest.mark.parametrize(
    ("match", "seqs"),
    [
        ({}, [1, 2, 3]), ({"operation": "submit"}, [1]), ({"method": "GET"}, [2, 3]), ({"status": 404}, [3]),
        ({"model": "sora-2"}, [1, 2]), ({"problem": "unknown-task"}, [3]), ({"task_id": "nothing"}, [3]),
        ({"path": GENERATIONS}, [1]), ({"prompt_contains": "cat in"}, [1]), ({"prompt_contains": "dog"}, []),
        ({"headers": {"content-type": "application/json"}}, [1]), ({"headers": {"X-None": "x"}}, []),
        ({"body": {"$.seconds": "4"}}, [1]), ({"body": {"$.seconds": 4}}, []), ({"body": {"$.metadata.a[0]": True}}, [1]),
        ({"body": {"$.metadata.a[0]": 1}}, []), ({"body": {"$.metadata.a[1]": None}}, [1]), ({"body": {"$.metadata.a[2]": None}}, []),
        ({"body": {"$": SORA}}, [1]), ({"operation": "query", "status": 200, "model": "sora-2"}, [2]),
    ],
)  # fmt: skip
def test_every_member_of_a_match_must_hold(client: FlaskClient, match: Any, seqs: list[int]) -> None:
    found = verified(client, match, len(seqs))
    assert (found["outcome"], found["verified"], found["seqs"], found["found"]) == (
        "verified",
        True,
        seqs,
        len(seqs),
    )


@pytest.mark.parametrize(
    ("count", "outcome"),
    [
        (None, "verified"), (2, "verified"), (1, "failed"), (3, "failed"), ({"at_least": 2}, "verified"), ({"at_least": 3}, "failed"),
        ({"at_most": 2}, "verified"), ({"at_most": 1}, "failed"), ({"at_least": 1, "at_most": 5}, "verified"), (0, "failed"),
    ],
)  # fmt: skip
def test_counts(client: FlaskClient, count: Any, outcome: str) -> None:
    found = verified(client, {"method": "GET"}, count)
    assert (found["outcome"], found["verified"], found["found"]) == (outcome, outcome == "verified", 2)


def test_a_near_miss_says_which_field_differs_and_how(client: FlaskClient) -> None:
    found = verified(client, {"operation": "submit", "model": "sora-2-pro", "body": {"$.seconds": "8"}})
    first = found["near_misses"][0]
    assert first["seq"] == 1
    assert first["differences"] == [
        {
            "field": "model",
            "expected": "sora-2-pro",
            "found": "sora-2",
            "is_missing": False,
            "is_certain": True,
        },
        {"field": "body.$.seconds", "expected": "8", "found": "4", "is_missing": False, "is_certain": True},
    ]
    assert "model: expected 'sora-2-pro', found 'sora-2'" in found["detail"]
    assert "operation submit, model sora-2-pro" in found["detail"]
    assert found["near_misses"][1]["seq"] == 2


def test_too_many_need_no_near_misses(client: FlaskClient) -> None:
    assert verified(client, {"method": "GET"}, 1)["near_misses"] == []


def test_what_was_evicted_makes_the_answer_unknown_and_never_a_lie() -> None:
    client = app_with(journal_entries=2)
    for number in range(5):
        client.get(f"{GENERATIONS}/{number}", headers=KEY)
    gone = verified(client, {"task_id": "0"})
    assert (gone["outcome"], gone["verified"], gone["evicted"]) == ("unknown", False, 3)
    assert "3 entries that may have been it were evicted" in gone["detail"]
    assert verified(client, {"task_id": "0"}, 0)["outcome"] == "unknown"
    assert verified(client, {"task_id": "4"})["outcome"] == "verified"
    assert verified(client, {"task_id": "4"}, 1)["outcome"] == "unknown"
    assert verified(client, {"task_id": "4"}, 0)["outcome"] == "failed"
    assert verified(client, {}, {"at_least": 6})["outcome"] == "failed"
    submit = verified(client, {"operation": "submit"}, 0)
    assert (submit["outcome"], submit["evicted"]) == ("verified", 0)
    other = verified(client, {}, 0, "?account=sk-somebody")
    assert (other["outcome"], other["evicted"]) == ("verified", 0)


def test_what_is_not_kept_whole_makes_the_answer_unknown() -> None:
    client = app_with()
    client.post(GENERATIONS, json={**SORA, "prompt": "x" * 20_000 + "cat"}, headers=KEY)
    for match in ({"prompt_contains": "cat"}, {"body": {"$.seconds": "4"}}):
        found = verified(client, match)
        assert (found["outcome"], found["undecided"]) == ("unknown", 1)
        assert "too little is kept to tell" in found["detail"]
    assert verified(client, {"prompt_contains": "cat", "model": "veo"})["outcome"] == "failed"


def test_a_long_text_is_compared_by_its_digest() -> None:
    client = app_with()
    text = "A cat " * 100
    client.post(GENERATIONS, json={**SORA, "prompt": text}, headers=KEY)
    assert verified(client, {"body": {"$.prompt": text}, "prompt_contains": text}, 1)["verified"]
    assert verified(client, {"body": {"$.prompt": text + "x"}}, 0)["verified"]


def test_a_secret_is_compared_by_what_is_kept_of_it_and_told_nowhere(client: FlaskClient) -> None:
    same = verified(client, {"headers": {"Authorization": f"Bearer sk-{CANARY}"}})
    other = verified(client, {"headers": {"Authorization": f"Basic {CANARY}"}})
    assert (same["outcome"], same["undecided"], other["outcome"]) == ("unknown", 3, "failed")
    asked = [
        {"prompt_contains": f"sk-{CANARY}"}, {"model": f"sk-{CANARY}"}, {"task_id": f"sk-{CANARY}"}, {"path": f"/sk-{CANARY}"},
        {"body": {"$.api_key": CANARY}}, {"headers": {"X-Api-Key": CANARY}}, {"body": {"$.a": f"sk-{CANARY}"}},
    ]  # fmt: skip
    assert CANARY not in json.dumps([same, other, *(verified(client, match) for match in asked)])


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ({}, "match"), ({"match": {"operation": "poll"}}, "expected one of"), ({"match": {"modell": "x"}}, '"model"'),
        ({"match": {}, "count": -1}, "count"), ({"match": {"body": {"seconds": "4"}}}, "seconds"), ([], "JSON object"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_asked_is_refused_and_says_why(
    client: FlaskClient, question: Any, told: str
) -> None:
    answer = client.post(VERIFY, json=question)
    assert answer.status_code == 400
    assert told in answer.get_json()["detail"]


def test_a_question_is_guarded_like_every_admin_request(client: FlaskClient) -> None:
    assert client.post(VERIFY, data="{}", content_type="text/plain").status_code == 415
    assert (
        client.post(VERIFY, json={"match": {}}, headers={"Origin": "http://evil.example"}).status_code == 403
    )
    assert client.get("/_mock/journal").get_json()["next_seq"] == 4


def test_what_the_admin_api_gives_is_a_journal_by_its_schema(client: FlaskClient) -> None:
    assert contract().violations("admin/journal", client.get("/_mock/journal").get_json()) == ()


@given(st.integers(0, 5), st.none() | st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_an_outcome_is_certain_exactly_where_every_possibility_agrees(
    at_least: int, at_most: int | None, found: int, more: int
) -> None:
    held = {
        at_least <= possible and (at_most is None or possible <= at_most)
        for possible in range(found, found + more + 1)
    }
    expected = {frozenset({True}): "verified", frozenset({False}): "failed"}.get(frozenset(held), "unknown")
    outcome = _outcome(Times(at_least, at_most), found, found + more)
    if expected == "failed" and outcome == "unknown":  # bounds that nothing fulfils, such as 3 to 2
        assert at_most is not None
        assert at_least > at_most
    else:
        assert outcome == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(json_values, json_values)
def test_values_are_the_same_exactly_where_their_json_is(one: Any, other: Any) -> None:
    assert is_same(one, one)
    assert is_same(one, other) == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


def test_a_path_leads_to_a_member_or_to_nothing() -> None:
    value = {"a": [{"b c": None}]}
    assert member_at(value, "$.a[0].b c") is None
    assert member_at(value, "$") is value
    for path in ("$.b", "$.a.b", "$.a[1]", "$[0]", "$.a[0].b c.d"):
        assert member_at(value, path) is MISSING


def test_nothing_asked_for_differs_from_nothing() -> None:
    assert match_of({}, Redactor()) == Match()
    with MockServer() as mock:
        VideoClient(api_key="sk-test", base_url=mock.url).submit("A cat", model="sora-2")
        (one,) = mock.journal
    assert differences(Match(), one) == ()
    (found,) = differences(Match(model=Wanted("veo")), one)
    assert str(found) == "model: expected 'veo', found 'sora-2'"


def test_in_python_a_journal_is_iterated_filtered_verified_and_cleared() -> None:
    with MockServer(clock="manual") as mock:
        for key in ("sk-one", "sk-two"):
            VideoClient(api_key=key, base_url=mock.url).submit("A cat", model="sora-2")
        assert [entry.operation for entry in mock.journal] == ["submit", "submit"]
        (own,) = mock.account("sk-one").journal
        assert (own.account, own.prompt, len(mock.journal)) == (own.account, "A cat", 2)
        assert mock.journal.entries(operation="submit", status=200, model="sora-2")[0] == own
        assert mock.journal.entries(operation="query") == ()
        assert mock.journal.verify(2, operation="submit").seqs == (1, 2)
        assert mock.account("sk-two").journal.verify(1, operation="submit").seqs == (2,)
        assert mock.journal.verify(at_most=0, operation="query").verified
        assert (mock.account("sk-one").journal.clear(), len(mock.journal)) == (1, 1)
        assert (mock.journal.clear(), len(mock.journal), mock.journal.evicted) == (1, 0, 0)


def test_a_failed_verification_is_an_assertion_that_says_what_came_closest() -> None:
    with MockServer(clock="manual") as mock:
        VideoClient(api_key=f"sk-{CANARY}", base_url=mock.url).submit("A cat", model="sora-2")
        with pytest.raises(NotVerifiedError) as caught:
            mock.journal.verify(
                operation="submit", model="veo-3.1", headers={"Authorization": f"Bearer sk-{CANARY}x"}
            )
        assert isinstance(caught.value, AssertionError)
        told = str(caught.value)
        assert "expected at least 1 of operation submit, model veo-3.1" in told
        assert "#1 POST /v1/video/generations -> 200 (submit)" in told
        assert "model: expected 'veo-3.1', found 'sora-2'" in told
        assert CANARY not in told + repr(caught.value) + repr(mock.journal) + repr(list(mock.journal))
        assert mock.journal.find(operation="query").outcome == "failed"


@pytest.mark.parametrize("name", ["operations", "modell", "count_"])
def test_a_name_that_nothing_has_is_an_error(name: str) -> None:
    journal, wanted = MockServer().journal, {name: "x"}
    with pytest.raises(TypeError, match=name):
        journal.find(1, at_least=None, **dict[str, Any](wanted))
    with pytest.raises(TypeError, match=name):
        journal.entries(**wanted)
