"""Exchanges for tests of records, checks and reports: plain ones with what differs, and any at all."""

import hashlib
import json
from dataclasses import replace
from typing import Any, get_args

from hypothesis import strategies as st

from nebula_contract.record.exchange import (
    Answer,
    Body,
    Condition,
    Credential,
    Exchange,
    Film,
    LongText,
    Operation,
    Request,
)
from nebula_contract.record.reducing import body_of

GENERATIONS = "/v1/video/generations"
ASKED = {"model": "sora-2", "prompt": "A cat", "seconds": "4"}
MADE = {"task_id": "video_1", "status": "submitted", "format": "mp4"}
_HEADERS = {"content-type": "application/json"}


def submitted(
    *,
    body: bytes | None = json.dumps(ASKED).encode(),
    operation: Operation = "submit",
    credential: Credential = "own",
    **facts: Any,
) -> Exchange:
    """A submit and its answer; any attribute of ``Exchange`` may differ."""
    digest = "" if body is None else hashlib.sha256(body).hexdigest()
    request = Request("POST", GENERATIONS, credential, _HEADERS, body, digest)
    plain = Exchange(1, "lifecycle/sora/1", operation, request, answer_of(MADE), purpose="submit")
    return replace(plain, **facts)


def answered(value: Any, status: int = 200, **facts: Any) -> Exchange:
    """A query that was answered with that JSON value."""
    request = Request("GET", f"{GENERATIONS}/video_1", "own")
    plain = Exchange(
        2, "lifecycle/sora/1", "query", request, answer_of(value, status), purpose="poll", subject="video_1"
    )
    return replace(plain, **facts)


def answer_of(value: Any, status: int = 200) -> Answer:
    """An answer with a JSON body, its value as it is."""
    raw = json.dumps(value).encode()
    body = replace(body_of(raw, "application/json"), json=value, json_problem="")
    return Answer(status, _HEADERS, body)


_text = st.text(max_size=30)
_count = st.integers(0, 2**40)
_seconds = st.floats(0, 1e9, allow_nan=False)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=8,
)
_films = st.builds(
    Film,
    *(_count, _text, _text, st.none() | _seconds, st.none() | _count, st.none() | _count),
    *(st.none() | _count, st.none() | _seconds, _text, st.none() | st.booleans()),
)
_long_texts = st.builds(LongText, _count, _text, _text, st.none() | _films, _text)


def bodies(least: int = 0) -> st.SearchStrategy[bytes]:
    """Bytes of a request: JSON, text, or anything; at least so many."""
    some = st.binary(max_size=60) | _text.map(str.encode) | _json.map(json.dumps).map(str.encode)
    filled = st.sampled_from([b"", b" ", b"a", b"\xff", b'"', b"0123456789", "\N{SNOWMAN}".encode()])
    long = st.builds(lambda one, fill: one + fill * (least // len(fill) + 1) if fill else one, some, filled)
    as_json = st.builds(lambda one: json.dumps({"a": one, "b": "x" * least}).encode(), _json)
    return (long | as_json).filter(lambda body: len(body) >= least)


@st.composite
def _bodies_of_answers(draw: st.DrawFn) -> Body:
    from nebula_contract.record.exchange import MISSING

    return Body(
        draw(_count),
        draw(_text),
        draw(_json | st.just(MISSING)),
        draw(_text),
        draw(st.dictionaries(_text, _long_texts, max_size=2)),
        draw(st.none() | _films),
        draw(_text),
    )


_texts = st.dictionaries(_text, _text, max_size=3)
_requests = st.builds(
    Request, _text, _text, st.sampled_from(get_args(Credential)), _texts, st.none() | bodies(), _text, _text
)


def exchanges() -> st.SearchStrategy[Exchange]:
    """Any exchange at all."""
    return st.builds(
        Exchange,
        number=st.integers(1, 2**40),
        case=_text,
        operation=st.sampled_from(get_args(Operation)),
        request=_requests,
        answer=st.none() | st.builds(Answer, st.integers(0, 999), _texts, _bodies_of_answers()),
        failure=_text,
        at_s=_seconds,
        until_s=_seconds,
        took_s=_seconds,
        condition=st.sampled_from(get_args(Condition)),
        purpose=_text,
        subject=_text,
        label=_text,
        target_time=st.none() | _seconds,
    )
