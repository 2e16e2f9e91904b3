"""Promises about bad submits: a row of the error table, in JSON; never an internal error, never HTML."""

import json
import re
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from nebula_mock import ManualClock, Settings, create_app
from nebula_mock.core.refusal import RefusalError
from nebula_mock.http.bodies import MAX_BODY_BYTES, parsed
from nebula_schemas import contract, problem_table
from nebula_schemas.catalogue import Family, Model, catalogue

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-test"}
JSON = "application/json"
SLOW_IMAGE = "data:image/png;base64," + " " * 12_000 + "!"
MODELS = [(family, model) for family in catalogue().families for model in family.models]
ROWS = {
    "malformed-json",
    "missing-model",
    "unknown-model",
    "missing-prompt",
    "missing-content",
    "missing-image",
    "wrong-field-type",
    "image-format",
    "image-size",
    "remix-unknown",
    "content-item",
}
KNOWN = [
    name
    for family in catalogue().families
    for parameter in family.parameters
    for name in (*parameter.names, *parameter.inline)
]
FIELDS = sorted({*KNOWN, "prompt", "metadata", "content", "n", "callback_url"})

many = settings(patient, max_examples=120)

numbers = st.integers() | st.floats() | st.sampled_from([10**300, -(10**300), 1e308, 5e-324, 2**63])
any_text = st.text(st.characters(exclude_categories=[]))  # lone surrogates too
json_values = st.recursive(
    st.none() | st.booleans() | numbers | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)
junk = (
    json_values
    | st.integers(-3, 15)
    | st.integers(-3, 15).map(str)
    | st.sampled_from(["720p", "9:16", "true"])
)
text_items = st.fixed_dictionaries({"type": st.just("text"), "text": any_text.map("A cat {}".format)})
contents = st.lists(text_items | json_values, min_size=1, max_size=3).map(lambda items: {"content": items})


@pytest.fixture(scope="module")
def clock() -> ManualClock:
    """The clock of the provider."""
    return ManualClock(1_763_812_800.0)


@pytest.fixture(scope="module")
def client(clock: ManualClock) -> FlaskClient:
    """A consumer of a provider without a socket."""
    return create_app(provider=Settings(seed=1).provider(clock)).test_client()


def submitted(client: FlaskClient, raw: bytes | str, content_type: str | None = JSON) -> TestResponse:
    """The answer to a submit of those bytes."""
    return client.post(GENERATIONS, data=raw, content_type=content_type, headers=KEY)


def problem_of(answer: TestResponse) -> str:
    """The row of the error table that an answer is, by everything but the facts in its message."""
    body = answer.get_json()
    contract().check("errors/any", body)
    assert answer.content_type == "application/json; charset=utf-8"
    holder = body.get("error", body)
    told = (answer.status_code, holder.get("type"), holder.get("code"))
    for problem in problem_table().values():
        own = [wire for (dialect, _), wire in problem.by_family.items() if dialect == "documented"]
        for row in [*own, *([problem.answers["documented"]] if "documented" in problem.answers else [])]:
            texts = re.split(r"\{[a-z_]+\}", row.message.replace("{{", "\0").replace("}}", "\1"))
            form = ".*".join(re.escape(text.replace("\0", "{").replace("\1", "}")) for text in texts)
            if re.fullmatch(form, holder["message"], re.DOTALL) and told == (row.status, row.type, row.code):
                return problem.id
    raise AssertionError(body)


def within_limits(text: str) -> bool:
    """Whether a body keeps the limits of ``test_mock_limits.py``: depth, members, length of numbers."""
    try:
        parsed(text.encode("utf-8", "replace"))
    except RefusalError as refusal:
        reason = str(refusal.facts["reason"])
        return not re.search("nested|members|characters", reason)
    return True


def not_json(answer: TestResponse, reason: str) -> bool:
    """Whether a body is refused as malformed, and for that reason."""
    message = f"Invalid request body: {reason}"
    error = {"message": message, "type": "invalid_request_error", "code": "invalid_json"}
    return (answer.status_code, answer.get_json()) == (400, {"error": error})


@many
@given(st.binary() | st.binary().map(lambda tail: b'{"model":"sora-2","prompt":"' + tail))
def test_any_bytes_are_answered_by_the_table(client: FlaskClient, raw: bytes) -> None:
    answer = submitted(client, raw)
    assume(answer.status_code != 200)  # by chance it may be a submit
    assert problem_of(answer) in ROWS


@many
@given(json_values)
def test_any_json_value_is_answered_by_the_table(client: FlaskClient, value: Any) -> None:
    finite = json.dumps(value).replace("NaN", "0").replace("Infinity", "0")
    is_read = isinstance(value, dict) and within_limits(finite)
    expected = ROWS - {"malformed-json"} if is_read else {"malformed-json"}
    answer = submitted(client, finite)
    assume(answer.status_code != 200)  # by chance it may be a submit
    assert problem_of(answer) in expected


@many
@given(st.sampled_from(MODELS), st.dictionaries(st.sampled_from(FIELDS) | any_text, junk), contents)
def test_junk_in_any_field_is_refused_or_makes_a_task_that_can_be_queried(
    client: FlaskClient,
    clock: ManualClock,
    entry: tuple[Family, Model],
    fields: dict[str, Any],
    content: dict[str, Any],
) -> None:
    body = {"prompt": "A cat", **fields, "model": entry[1].id, "metadata": content}
    raw = json.dumps(body, default=str).replace("NaN", "0").replace("Infinity", "1e400")
    assume(within_limits(raw))
    answer = submitted(client, raw)
    if answer.status_code != 200:
        assert problem_of(answer) in ROWS - {"malformed-json", "missing-model", "unknown-model"}
        return
    contract().check("submit/response", answer.get_json())
    clock.advance(10)
    found = client.get(f"{GENERATIONS}/{answer.get_json()['task_id']}", headers=KEY).get_json()
    contract().check("query/response", found)
    assert found["status"] == "succeeded"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "Expecting value: line 1 column 1 (char 0)"),
        (b" \n", "Expecting value: line 2 column 1 (char 2)"),
        (b"null", "expected a JSON object at the top"),
        (b'"sora-2"', "expected a JSON object at the top"),
        (b'[{"model":"sora-2","prompt":"A cat"}]', "expected a JSON object at the top"),
        (b'{"model":"sora-2","prompt":"A c', "Unterminated string starting at: line 1 column 28 (char 27)"),
        (b'{"model":"sora-2"}{}', "Extra data: line 1 column 19 (char 18)"),
        (b'{"seconds":NaN}', "NaN is not JSON"),
        (b'{"seconds":Infinity}', "Infinity is not JSON"),
        (b'{"seconds":-Infinity}', "-Infinity is not JSON"),
        (b'{"prompt":"\xff"}', "not UTF-8 at byte 11"),
        (b'{"prompt":"\xed\xa0\x80"}', "not UTF-8 at byte 11"),
        ("{}".encode("utf-16"), "not UTF-8 at byte 0"),
        ("{}".encode("utf-8-sig"), "found a byte order mark, expected the JSON alone"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"image":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_not_a_json_object_is_told_with_the_reason(
    client: FlaskClient, raw: bytes, reason: str
) -> None:
    assert not_json(submitted(client, raw), reason)


@pytest.mark.parametrize("raw", ["{}".encode("utf-16-le"), "{}".encode("utf-32"), b"model=sora-2", b"<html>"])
def test_other_encodings_and_languages_are_not_json(client: FlaskClient, raw: bytes) -> None:
    assert problem_of(submitted(client, raw)) == "malformed-json"


@pytest.mark.parametrize("field", ["seconds", "fps", "seed", "model", "prompt"])
def test_a_number_of_ten_thousand_digits_is_not_read(client: FlaskClient, field: str) -> None:
    raw = f'{{"model":"sora-2","prompt":"A cat","{field}":{"9" * 10_000}}}'
    assert problem_of(submitted(client, raw)) == "malformed-json"


@pytest.mark.parametrize(("family", "model"), MODELS, ids=lambda value: getattr(value, "id", ""))
def test_the_largest_numbers_that_are_read_do_no_harm(
    client: FlaskClient, family: Family, model: Model
) -> None:
    """Wan alone is strict about types, and text is among them."""
    content = {"content": [{"type": "text", "text": f"A cat --dur {'9' * 4000} --seed {'9' * 4000}"}]}
    huge = dict.fromkeys(set(KNOWN) - {"image", "images"}, 10**63)
    body = {"model": model.id, "prompt": "A cat", "image": "https://a.example/cat.png", "metadata": content}
    answer = submitted(client, json.dumps({**huge, **body}))
    if family.name == "wan":
        assert problem_of(answer) == "wrong-field-type"
    else:
        contract().check("submit/response", answer.get_json())


@pytest.mark.parametrize("infinite", ["1e999", "-1e999"])
def test_a_number_past_every_float_is_coerced_like_any_other(client: FlaskClient, infinite: str) -> None:
    """JSON has no infinity, yet Python reads one from an exponent that is too large."""
    raw = f'{{"model":"sora-2","prompt":"A cat","seconds":{infinite}}}'
    task_id = submitted(client, raw).get_json()["task_id"]
    found = client.get(f"{GENERATIONS}/{task_id}", headers=KEY).get_json()
    assert found["metadata"]["seconds"] == "4"


@pytest.mark.parametrize(
    ("sent", "echoed"),
    [
        (r"A \ud800 cat", "A \ufffd cat"),
        (r"\udc00", "\ufffd"),
        (r"\ud83d\ude00 \ude00\ud83d", "😀 \ufffd\ufffd"),
        (r"\u0000\u001b[31m", "\x00\x1b[31m"),
        (r"@@video@@", "@@video@@"),
    ],
)
def test_odd_text_comes_back_in_wan_metadata_as_unicode_can_hold_it(
    client: FlaskClient, clock: ManualClock, sent: str, echoed: str
) -> None:
    raw = f'{{"model":"wan2.5-t2v-preview","prompt":"{sent}"}}'
    task_id = submitted(client, raw).get_json()["task_id"]
    clock.advance(10)
    body = json.loads(client.get(f"{GENERATIONS}/{task_id}", headers=KEY).data.decode("utf-8"))
    assert body["metadata"]["output"]["orig_prompt"] == echoed


def test_a_prompt_of_ten_megabytes_is_taken_and_kept_by_its_head(
    client: FlaskClient, clock: ManualClock
) -> None:
    """Ten thousand tasks with ten megabytes each would be no mock for a laptop."""
    prompt = "猫" * 3_500_000
    body = {"model": "wan2.5-t2v-preview", "prompt": prompt}
    task_id = submitted(client, json.dumps(body, ensure_ascii=False)).get_json()["task_id"]
    clock.advance(10)
    found = client.get(f"{GENERATIONS}/{task_id}", headers=KEY).get_json()
    head, told = prompt[:200], "... (3500000 characters, sha256 "
    assert found["metadata"]["output"]["orig_prompt"].startswith(head + told)
    assert len(found["metadata"]["output"]["orig_prompt"]) < 300


@pytest.mark.parametrize(
    ("content_type", "found"),
    [
        (None, "none"),
        ("", "none"),
        ("text/plain", "text/plain"),
        ("text/plain; charset=utf-8", "text/plain"),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
        ("application/json+x", "application/json+x"),
        ("text/json", "text/json"),
        ("{model}", "{model}"),
        ("text/" + "x" * 300, "text/" + "x" * 195 + "... (305 characters)"),
    ],
)
def test_only_json_and_forms_are_read(client: FlaskClient, content_type: str | None, found: str) -> None:
    answer = submitted(client, b'{"model":"sora-2","prompt":"A cat"}', content_type)
    error = {
        "message": f"Content-Type must be application/json, found {found}",
        "type": "invalid_request_error",
        "code": "invalid_content_type",
    }
    assert (answer.status_code, answer.get_json()) == (400, {"error": error})


@pytest.mark.parametrize("content_type", [JSON, "APPLICATION/JSON", f"{JSON}; charset=utf-8", f"{JSON};x=y"])
def test_json_is_known_in_any_case_and_with_any_parameter(client: FlaskClient, content_type: str) -> None:
    assert submitted(client, b'{"model":"sora-2","prompt":"A cat"}', content_type).status_code == 200


@pytest.mark.parametrize("more", [1, 1024 * 1024])
def test_a_body_over_32_mib_is_too_large(client: FlaskClient, more: int) -> None:
    answer = submitted(client, b" " * (MAX_BODY_BYTES + more))
    message = "The request body is over 33554432 bytes"
    error = {"message": message, "type": "invalid_request_error", "code": "request_too_large"}
    assert (answer.status_code, answer.get_json()) == (413, {"error": error})


def test_a_body_of_exactly_32_mib_is_read(client: FlaskClient) -> None:
    body = b'{"model":"sora-2","prompt":"A cat"}'
    assert submitted(client, body.ljust(MAX_BODY_BYTES)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "raw", "content_type", "expected"),
    [
        ({}, b" " * (MAX_BODY_BYTES + 1), "text/plain", "missing-key"),
        ({"Authorization": "Bearer nobody"}, b" " * (MAX_BODY_BYTES + 1), "text/plain", "missing-key"),
        (KEY, b" " * (MAX_BODY_BYTES + 1), "text/plain", "wrong-content-type"),
        (KEY, b"[" * (MAX_BODY_BYTES + 1), JSON, "body-too-large"),
        (KEY, b'{"model": "sora-3", "prompt": 5', JSON, "malformed-json"),
        (KEY, b'{"prompt": 5}', JSON, "missing-model"),
        (KEY, b'{"model": "sora-3", "prompt": 5}', JSON, "unknown-model"),
        (KEY, b'{"model": "sora-2", "prompt": 5}', JSON, "wrong-field-type"),
        (KEY, b'{"model": "sora-2", "prompt": " "}', JSON, "missing-prompt"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_checks_come_in_the_providers_order(
    client: FlaskClient, headers: dict[str, str], raw: bytes, content_type: str, expected: str
) -> None:
    """Key, content type, size, JSON, model, fields. A missing and a bad key have one answer here."""
    answer = client.post(GENERATIONS, data=raw, content_type=content_type, headers=headers)
    assert problem_of(answer) == expected


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"model":"sora-3"}', b'{"model":"sora-2"}'])
def test_a_refused_submit_makes_no_task(raw: bytes) -> None:
    provider = Settings().provider()
    assert submitted(create_app(provider=provider).test_client(), raw).status_code in {400, 503}
    assert list(provider.store.tasks()) == []


def test_a_malformed_image_is_judged_in_no_time(client: FlaskClient) -> None:
    body = {"model": "sora-2", "prompt": "A cat", "input_reference": SLOW_IMAGE}
    started = time.process_time()
    assert submitted(client, json.dumps(body)).status_code == 200
    assert time.process_time() - started < 0.1
