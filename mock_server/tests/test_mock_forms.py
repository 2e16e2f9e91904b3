"""Promises of submits as multipart forms: Sora's second way in, read as the server source reads it."""

import io
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from nebula_mock import ManualClock, MockServer, Settings, create_app
from nebula_mock.core.refusal import RefusalError
from nebula_mock.http.forms import LONGEST_FIELDS, MOST_PARTS, form_fields

GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-forms"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
SORA = {"model": "sora-2", "prompt": "A cat"}
WAN = {"model": "wan2.5-t2v-preview", "prompt": "A cat"}
SEEDANCE = {"model": "doubao-seedance-1-0-pro-250528", "prompt": "A cat"}
dialects = pytest.mark.parametrize("dialect", ["documented", "gateway"])


def client_of(dialect: Any = "documented") -> FlaskClient:
    """A consumer of a provider without a socket."""
    settings = Settings(clock="manual", dialect=dialect)
    return create_app(settings, provider=settings.provider(ManualClock(1_763_812_800.0))).test_client()


def sent(client: FlaskClient, fields: dict[str, Any]) -> TestResponse:
    """The answer to a form with these fields."""
    return client.post(GENERATIONS, data=fields, content_type="multipart/form-data", headers=KEY)


def problem(answer: TestResponse) -> tuple[int, str, str]:
    """Status, code and message of an E2 answer."""
    body = answer.get_json()
    return answer.status_code, body["code"], body["message"]


@dialects
def test_a_form_makes_the_task_that_json_makes(dialect: Any) -> None:
    client = client_of(dialect)
    fields = {**SORA, "seconds": "8", "size": "1280x720", "input_reference": (io.BytesIO(PNG), "cat.png")}
    task_id = sent(client, fields).get_json()["task_id"]
    metadata = client.get(f"{GENERATIONS}/{task_id}", headers=KEY).get_json()["metadata"]
    assert (metadata["seconds"], metadata["size"]) == ("8", "1280x720")


@dialects
def test_seconds_are_coerced_in_a_form_as_in_json(dialect: Any) -> None:
    client = client_of(dialect)
    task_id = sent(client, {**SORA, "seconds": "7"}).get_json()["task_id"]
    assert client.get(f"{GENERATIONS}/{task_id}", headers=KEY).get_json()["metadata"]["seconds"] == "4"


@dialects
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({**SORA, "size": "1x1"}, (400, "invalid_size", "sora-2 size is invalid")),
        ({**SORA, "size": "1792x1024"}, (400, "invalid_size", "sora-2 size is invalid")),
        ({"model": "sora-2"}, (400, "missing_prompt", "prompt field is required")),
        ({"model": "sora-2", "prompt": " "}, (400, "missing_prompt", "prompt field is required")),
    ],
)
def test_a_form_is_refused_with_the_sources_own_words(
    dialect: Any, fields: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    assert problem(sent(client_of(dialect), fields)) == expected


@pytest.mark.parametrize(
    ("dialect", "message"), [("documented", "model is required"), ("gateway", "未指定模型")]
)
def test_a_form_without_a_model_meets_the_check_that_comes_first(dialect: Any, message: str) -> None:
    answer = sent(client_of(dialect), {"prompt": "A cat"})
    assert (answer.status_code, message in answer.get_json()["error"]["message"]) == (400, True)


@pytest.mark.parametrize("size", ["1792x1024", "1024x1792", "720x1280"])
def test_the_pro_model_has_larger_frames_in_a_form_of_the_gateway(size: str) -> None:
    client = client_of("gateway")
    task_id = sent(client, {**SORA, "model": "sora-2-pro", "size": size}).get_json()["task_id"]
    assert client.get(f"{GENERATIONS}/{task_id}", headers=KEY).get_json()["metadata"]["size"] == size


def test_the_documents_know_no_pro_model() -> None:
    assert sent(client_of(), {**SORA, "model": "sora-2-pro"}).status_code == 503


@pytest.mark.parametrize(
    ("dialect", "fields", "status", "code"),
    [
        ("documented", WAN, 400, "invalid_content_type"),
        ("gateway", WAN, 400, "invalid_request"),
        ("gateway", SEEDANCE, 200, "invalid_request"),
    ],
)
def test_other_families_read_no_form(dialect: Any, fields: dict[str, Any], status: int, code: str) -> None:
    answer = sent(client_of(dialect), fields)
    body = answer.get_json()
    assert (answer.status_code, body.get("error", body)["code"]) == (status, code)


def reason(raw: bytes, boundary: str = "b") -> str | None:
    """Why a form cannot be read, or None."""
    try:
        form_fields(raw, boundary)
    except RefusalError as refusal:
        return f"{refusal.problem_id}: {refusal.facts['reason']}"
    return None


def form_of(*fields: tuple[str, bytes]) -> bytes:
    """The bytes of a form."""
    parts = (
        b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (n.encode(), v) for n, v in fields
    )
    return b"".join(parts) + b"--b--\r\n"


@pytest.mark.parametrize(
    ("raw", "boundary", "told"),
    [
        (b"", "", "no multipart boundary"),
        (b"", "b", "multipart: "),
        (b"--b\r\nContent-Disp", "b", "multipart: "),
        (form_of(("prompt", b"A cat"))[:-8], "b", "multipart: "),
        (form_of(*[("n", b"1")] * (MOST_PARTS + 1)), "b", "over 1000 parts"),
        (form_of(("prompt", b"x" * (LONGEST_FIELDS + 1))), "b", "over 1000 parts, or over 500000 bytes"),
    ],
    ids=range(6),
)
def test_a_form_that_cannot_be_read_is_told_with_the_reason(raw: bytes, boundary: str, told: str) -> None:
    assert str(reason(raw, boundary)).startswith(f"broken-form: {told}")


def test_a_form_is_read_to_its_limits() -> None:
    assert reason(form_of(*[("n", b"1")] * MOST_PARTS)) is None
    assert reason(form_of(("prompt", b"x" * (LONGEST_FIELDS - 100)))) is None


@given(st.binary(), st.text(max_size=80))
def test_any_bytes_are_a_form_or_told(raw: bytes, boundary: str) -> None:
    reason(raw, boundary)
    reason(b"--b\r\n" + raw)


@given(st.binary(max_size=64))
def test_a_file_is_a_picture_by_its_first_bytes_or_left_out(content: bytes) -> None:
    """One that cannot be read is dropped without a word (SRC)."""
    head = b'--b\r\nContent-Disposition: form-data; name="input_reference"; filename="f"\r\n\r\n'
    found = form_fields(head + content + b"\r\n--b--\r\n", "b")
    is_picture = content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"))
    assert ("input_reference" in found) == is_picture


def test_of_several_fields_with_one_name_the_first_counts() -> None:
    assert form_fields(form_of(("seconds", b"8"), ("seconds", b"12")), "b") == {"seconds": "8"}


@pytest.mark.parametrize("named", ["", '; name=""'], ids=["no name", "empty name"])
@pytest.mark.parametrize("filename", ["", '; filename="f"'], ids=["text", "file"])
def test_a_part_without_a_name_is_left_out(named: str, filename: str) -> None:
    part = f"--b\r\nContent-Disposition: form-data{named}{filename}\r\n\r\n"
    raw = part.encode() + b"\x89PNG\r\n\x1a\n\r\n" + form_of(("model", b"sora-2"), ("prompt", b"A cat"))
    assert form_fields(raw, "b") == {"model": "sora-2", "prompt": "A cat"}
    with MockServer() as mock:
        form = {**KEY, "Content-Type": "multipart/form-data; boundary=b"}
        answer = requests.post(mock.url + GENERATIONS, data=raw, headers=form, timeout=10)
    assert answer.status_code == 200


def test_a_real_client_may_send_a_form() -> None:
    """With the form encoding of requests, over a socket."""
    with MockServer() as mock:
        files = {"input_reference": ("cat.png", PNG, "image/png")}
        answer = requests.post(mock.url + GENERATIONS, data=SORA, files=files, headers=KEY, timeout=10)
    assert (answer.status_code, answer.json()["status"]) == (200, "submitted")
