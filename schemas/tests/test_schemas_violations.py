"""Promises of a violation: where, which rule, what was expected, and never a screenful."""

import base64
import contextlib
import hashlib
import json
import pickle
import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nebula_schemas import SchemaViolationError, contract
from nebula_schemas.violations import LARGEST_SHOWN, summary

VIDEO_TEXT = base64.b64encode(b"\x07" * 3_750_000).decode()  # 5 MB, as a real download answer holds
STANDINGS = '"enabled", "disabled", "expired", "exhausted", "ip-refused", "banned", "group-disabled"'
TASK_ID = "video_69095b4ce0048190893a01510c0c98b0"

unhurried = settings(deadline=None)  # a loaded machine is no failure

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


def download_answer(**changes: Any) -> dict[str, Any]:
    """A valid download answer with a small video, changed."""
    whole = {"success": True, "generation_id": TASK_ID, "task_id": TASK_ID, "format": "mp4"}
    return {**whole, "size": 4, "base64": "AAAAIA==", **changes}


@pytest.mark.parametrize("member", ["success", "size", "task_id", "data_url"])
def test_a_video_in_the_wrong_place_is_not_printed(member: str) -> None:
    (violation,) = contract().violations("download/response", download_answer(**{member: VIDEO_TEXT}))
    digest = hashlib.sha256(VIDEO_TEXT.encode()).hexdigest()[:12]
    assert violation.found == f"string of 5000000 characters, sha256 {digest}"
    assert len(str(violation)) < 1024


@pytest.mark.parametrize(
    ("value", "told"),
    [([0] * 100_000, "array of 100000 members"), ({str(n): n for n in range(999)}, "object of 999 members")],
    ids=["array", "object"],
)
def test_a_large_value_is_told_by_type_length_and_digest(value: object, told: str) -> None:
    (violation,) = contract().violations("download/response", download_answer(size=value))
    digest = hashlib.sha256(json.dumps(value).encode()).hexdigest()[:12]
    assert violation.found == f"{told}, sha256 {digest}"


@unhurried
@given(json_values)
def test_a_summary_is_the_value_itself_or_short(value: object) -> None:
    told = summary(value)
    text = json.dumps(value)
    assert told == text if len(text) <= LARGEST_SHOWN else len(told) < LARGEST_SHOWN
    assert told.isascii()


@unhurried
@given(st.text(min_size=1))
@example("\N{CAT}" * 100)
def test_the_length_told_of_a_text_is_that_of_the_text(text: str) -> None:
    told = summary(text)
    assert told.startswith(('"', f"string of {len(text)} characters"))


@unhurried
@given(json_values)
@pytest.mark.parametrize("name", ["submit/sora", "query/succeeded", "errors/any"])
def test_no_value_makes_a_long_or_unplaced_message(name: str, value: object) -> None:
    for violation in contract().violations(name, value):
        text = str(violation)
        form = r".+, \$.*: found .+, expected .+ \([a-zA-Z]+\)\.( Did you mean .+\?)?"
        assert re.fullmatch(form, text, re.DOTALL)
        assert text.startswith(f"{name}, {violation.json_path}: ")
        assert f"({violation.keyword})." in text


def test_a_message_says_where_what_and_which_rule() -> None:
    (violation,) = contract().violations("submit/sora", {"model": "sora-2", "prompt": "A cat", "seconds": 7})
    assert str(violation) == (
        'submit/sora, $.seconds: found 7, expected one of 4, 8, 12, "4", "8", "12" (enum).'
    )


def test_a_missing_member_is_named() -> None:
    body = download_answer()
    del body["base64"]
    (violation,) = contract().violations("download/response", body)
    assert (violation.keyword, violation.json_path, violation.found) == ("required", "$", "no 'base64'")


def test_several_missing_members_are_one_violation() -> None:
    (violation,) = contract().violations("submit/sora", {})
    assert violation.found == "no 'model', 'prompt'"


def test_the_most_telling_violation_comes_first() -> None:
    """A wrong value near the top says more than one deep inside."""
    body = {
        "task_id": "cgt-2025123456-abcd",
        "status": "queued",
        "format": "mp4",
        "metadata": {"usage": {"total_tokens": "many"}, "created_at": "today"},
        "url": "https://results.example.com/cat.mp4",
    }
    found = contract().violations("query/queued", body)
    assert len(found) > 1
    assert found[0].json_path == "$.url"
    depths = [violation.json_path.count(".") for violation in found]
    assert depths == sorted(depths)


def test_of_alternatives_only_the_nearest_is_told() -> None:
    """That nothing of anyOf fits helps nobody; what is wrong inside the best branch does."""
    body = {"task_id": "ae8eb420-8aa6-440a-8eb8-1d1afe8d5e97", "status": "succeeded", "format": "mp4"}
    found = contract().violations("query/succeeded", {**body, "url": ["https://results.example.com/1", 5]})
    assert list(map(str, found)) == ["query/succeeded, $.url[1]: found 5, expected type string (type)."]


@unhurried
@given(json_values)
def test_check_raises_exactly_when_there_are_violations(value: object) -> None:
    found = contract().violations("submit/response", value)
    with pytest.raises(SchemaViolationError) if found else contextlib.nullcontext() as caught:
        contract().check("submit/response", value)
    assert found == (() if caught is None else caught.value.violations)


def test_the_error_text_tells_five_and_counts_the_rest() -> None:
    body = download_answer(success=0, generation_id=0, task_id=0, format=0, size="x", base64=0, data_url=0)
    with pytest.raises(SchemaViolationError) as caught:
        contract().check("download/response", body)
    error = caught.value
    told = [str(violation) for violation in error.violations[:5]]
    assert str(error).splitlines() == [*told, f"and {len(error.violations) - 5} more."]


def test_an_error_with_one_violation_is_one_line() -> None:
    with pytest.raises(SchemaViolationError) as caught:
        contract().check("download/response", download_answer(size=0))
    assert str(caught.value) == "download/response, $.size: found 0, expected at least 1 (minimum)."


def test_the_error_survives_pickling() -> None:
    with pytest.raises(SchemaViolationError) as caught:
        contract().check("download/response", download_answer(size=0))
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert (again.violations, str(again)) == (caught.value.violations, str(caught.value))


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (
            {"standng": "enabled"},
            'found the member "standng", expected no other members (additionalProperties). Did you mean "standing"?',
        ),
        (
            {"standing": "disable"},
            f'found "disable", expected one of {STANDINGS} (enum). Did you mean "disabled"?',
        ),
        (
            {"x": 1, "y": 2},
            'found the members "x", "y", expected no other members (additionalProperties).',
        ),
    ],
)
def test_a_slip_is_told_with_the_nearest_spelling(rules: dict[str, Any], told: str) -> None:
    (violation,) = contract().violations("files/account-rules", rules)
    assert str(violation).partition(": ")[2] == told
