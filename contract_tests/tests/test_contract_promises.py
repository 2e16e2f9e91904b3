"""The promises fail when they are broken, and say how."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_contract.exchange import Exchange
from nebula_contract.promises import promise_legal_trace, promise_refusal, promise_schema
from nebula_schemas.catalogue import catalogue

SORA = catalogue().family("sora")


def _exchange(status: int, body: bytes, media_type: str = "application/json") -> Exchange:
    return Exchange("GET", "/v1/video/generations/x", None, status, {"content-type": media_type}, body)


@given(st.integers(0, 3), st.integers(0, 3), st.integers(1, 3))
def test_every_trace_in_order_is_legal(queued: int, running: int, done: int) -> None:
    trace = ["queued"] * queued + ["in_progress"] * running + ["succeeded"] * done
    promise_legal_trace(SORA, trace)


@pytest.mark.parametrize(
    ("trace", "told"),
    [
        (["in_progress", "queued", "succeeded"], "went back"),
        (["queued", "succeeded", "failed"], "terminal status changed"),
        (["succeeded", "in_progress", "succeeded"], "went back"),
        (["queued", "in_progress"], "never ended"),
        (["queued", "SUCCESS"], "SUCCESS"),
        ([], "never ended"),
    ],
)
def test_illegal_trace_is_told(trace: list[str], told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        promise_legal_trace(SORA, trace)


def test_refusal_may_come_in_either_dialect() -> None:
    promise_refusal("unknown-task", _exchange(400, b'{"code":"task_not_exist","message":"x","data":null}'))
    documented = b'{"error":{"message":"Task not found","type":"not_found","code":"not_found"}}'
    promise_refusal("unknown-task", _exchange(404, documented))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b'{"code":"task_not_exist","message":"x","data":null}'),
        (404, b'{"code":"task_not_exist","message":"x","data":null}'),
        (404, b'{"detail":"Not Found"}'),
        (404, b"<html>Not Found</html>"),
    ],
)
def test_refusal_of_another_form_is_told_with_both_forms(status: int, body: bytes) -> None:
    with pytest.raises(AssertionError) as caught:
        promise_refusal("unknown-task", _exchange(status, body))
    assert "GET /v1/video/generations/x" in str(caught.value)


def test_html_page_is_told_as_such() -> None:
    with pytest.raises(AssertionError, match="content type text/html, expected JSON"):
        promise_schema("query/response", _exchange(200, b"<html>", "text/html"))


def test_large_body_is_never_printed_whole() -> None:
    with pytest.raises(AssertionError) as caught:
        promise_schema("download/response", _exchange(200, b'{"base64":"' + b"A" * 5_000_000 + b'"}'))
    assert len(str(caught.value)) < 5_000
