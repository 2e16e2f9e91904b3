"""Limits of a submit body, and how long a task and its result can be had."""

import gzip
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock import ManualClock, Settings, create_app
from nebula_mock.core.refusal import RefusalError
from nebula_mock.http.bodies import parsed
from nebula_mock.json_reading import DEEPEST, LONGEST_NUMBER, MOST_MEMBERS, MOST_VALUES

GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-limits"}
SORA = {"model": "sora-2", "prompt": "A cat"}
WAN = {"model": "wan2.5-t2v-preview", "prompt": "A cat"}
DAY_S = 24 * 3600


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_763_812_800.0)


@pytest.fixture
def client(clock: ManualClock) -> FlaskClient:
    settings = Settings(clock="manual")
    return create_app(settings, provider=settings.provider(clock)).test_client()


def reason(raw: str) -> str | None:
    """Why a body is refused, or None."""
    try:
        parsed(raw.encode())
    except RefusalError as refusal:
        return str(refusal.facts["reason"])
    return None


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_is_read_to_its_limit_and_not_beyond(opening: str, closing: str) -> None:
    """The body itself is the first level."""
    deepest = '{"a":' + opening * (DEEPEST - 1) + "1" + closing * (DEEPEST - 1) + "}"
    beyond = '{"a":' + opening * DEEPEST + "1" + closing * DEEPEST + "}"
    assert (reason(deepest), reason(beyond)) == (None, f"nested more than {DEEPEST} deep")


@pytest.mark.parametrize("levels", [1_000, 100_000])
def test_no_depth_is_more_than_a_refusal(levels: int) -> None:
    assert "nested" in str(reason('{"a":' + "[" * levels + "]" * levels + "}"))


def test_numbers_are_read_to_their_longest() -> None:
    longest, beyond = "9" * LONGEST_NUMBER, "9" * (LONGEST_NUMBER + 1)
    assert reason(f'{{"a": {longest}}}') is None
    assert (
        reason(f'{{"a": {beyond}}}') == f"a number has {LONGEST_NUMBER + 1} characters, at most 64 are read"
    )
    assert reason('{"a": 0.' + "1" * LONGEST_NUMBER + "}") is not None


def test_an_object_has_at_most_a_thousand_members() -> None:
    members = [f'"m{n}": 1' for n in range(MOST_MEMBERS + 1)]
    assert reason("{" + ",".join(members[:-1]) + "}") is None
    assert "1001 members" in str(reason("{" + ",".join(members) + "}"))


@given(st.lists(st.text(max_size=3), max_size=8))
def test_a_member_that_stands_twice_is_refused(names: list[str]) -> None:
    """Two parsers would choose differently which of the two they read, and which they bill."""
    raw = "{" + ",".join(f"{json.dumps(name)}: 1" for name in names) + "}"
    assert (reason(raw) is None) == (len(set(names)) == len(names))


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "GZIP", "nonsense"])
def test_an_encoded_body_is_refused_unread(client: FlaskClient, encoding: str) -> None:
    body = gzip.compress(json.dumps(SORA).encode())
    headers = {**KEY, "Content-Encoding": encoding}
    answer = client.post(GENERATIONS, data=body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (415, "unsupported_encoding")


def test_identity_is_no_encoding(client: FlaskClient) -> None:
    headers = {**KEY, "Content-Encoding": "identity"}
    assert client.post(GENERATIONS, json=SORA, headers=headers).status_code == 200


def statuses(client: FlaskClient, *paths: str) -> list[int]:
    """The HTTP status of each path."""
    return [client.get(path, headers=KEY).status_code for path in paths]


def test_a_task_is_forgotten_a_day_after_its_end(client: FlaskClient, clock: ManualClock) -> None:
    """Then it is an unknown task, for query and download alike (DOC: ids are kept 24 h)."""
    task_id = client.post(GENERATIONS, json=SORA, headers=KEY).get_json()["task_id"]
    paths = (f"{GENERATIONS}/{task_id}", f"{GENERATIONS}/download?id={task_id}")
    clock.advance(10 + DAY_S)
    assert statuses(client, *paths) == [200, 200]
    clock.advance(1)
    assert statuses(client, *paths) == [404, 404]


def test_a_result_url_works_for_a_day(client: FlaskClient, clock: ManualClock) -> None:
    """After it, the answer is that of object storage to a signature whose time is over."""
    task_id = client.post(GENERATIONS, json=WAN, headers=KEY).get_json()["task_id"]
    clock.advance(10)
    body: dict[str, Any] = client.get(f"{GENERATIONS}/{task_id}", headers=KEY).get_json()
    path = body["url"].removeprefix("http://localhost")
    clock.advance(DAY_S)
    assert statuses(client, path) == [200]
    clock.advance(1)
    assert statuses(client, path, path.replace("0.mp4", "1.mp4")) == [403, 404]


def test_a_member_that_stands_twice_is_found_at_once_among_many() -> None:
    """The search was quadratic: hours, for a body of three megabytes."""
    members = ",".join(f'"m{n}":1' for n in range(150_000))
    assert reason("{" + members + ',"m0":1}') == "an object has 150001 members, at most 1000 are read"
    few = ",".join(f'"m{n}":1' for n in range(MOST_MEMBERS - 1))
    assert reason("{" + few + ',"m0":1}') == "the member 'm0' stands twice in one object"


@pytest.mark.parametrize("value", ["[]", "{}", "0", '""', "null"])
def test_more_values_than_anybody_would_write_are_not_made(value: str) -> None:
    """Thirty-two megabytes of empty lists are a gigabyte once they are read."""
    assert (
        reason('{"a":[' + ",".join([value] * (MOST_VALUES + 1)) + "]}") == f"over {MOST_VALUES} values in all"
    )
    assert reason('{"a":[' + ",".join([value] * 1000) + "]}") is None


def test_commas_and_brackets_in_a_text_are_no_values() -> None:
    assert reason('{"prompt":"' + '[,{\\"' * MOST_VALUES + '"}') is None
