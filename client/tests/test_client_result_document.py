"""Promises of the result document: the video in blocks, little memory, and an error for every answer that is none."""

import base64
import hashlib
import json
import pickle
import random
import tracemalloc
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from nebula_client.result_document import InnerRefusalError, IntegrityProblem, ResultDocument, Verify
from nebula_client.strict_json import DocumentError

TASK = "video_69095b4ce0048190893a01510c0c98b0"
VIDEO = bytes(range(256)) * 3
TEXT = base64.b64encode(VIDEO).decode()
SIZES = [1, 2, 3, 5, 7, 64, 65536]
ORDERS = [("base64", "data_url"), ("data_url", "base64")]
VERIFIES: list[Verify] = ["skip", "stop", "compare"]
MIB = 2**20


pytestmark = pytest.mark.usefixtures("decoder")


def answer(*, last: Sequence[str] = (), **changes: Any) -> bytes:
    """A download answer as the page has it, changed; a member of value ... is left out, those in ``last`` moved."""
    body = {
        "success": True,
        "generation_id": TASK,
        "task_id": TASK,
        "format": "mp4",
        "size": len(VIDEO),
        "base64": TEXT,
        "data_url": f"data:video/mp4;base64,{TEXT}",
    } | changes
    order = sorted(body, key=lambda name: last.index(name) if name in last else -1)
    return json.dumps({name: body[name] for name in order if body[name] is not ...}).encode()


def chunked(body: bytes, size: int = 65536) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def decoded(body: bytes, size: int = 65536, **options: Any) -> bytes:
    return b"".join(ResultDocument(TASK, **options).video(chunked(body, size)))


@pytest.mark.parametrize("verify", VERIFIES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("order", ORDERS)
def test_the_video_comes_whole_in_either_order(order: Sequence[str], size: int, verify: Verify) -> None:
    document = ResultDocument(TASK, verify=verify)
    assert b"".join(document.video(chunked(answer(last=order), size))) == VIDEO
    assert document.size_checked
    assert document.copies_compared == (verify == "compare")
    assert document.members == json.loads(answer(base64=..., data_url=...))


@pytest.mark.parametrize("verify", VERIFIES)
@pytest.mark.parametrize("missing", [..., None, ""])
@pytest.mark.parametrize("order", ORDERS)
def test_one_copy_is_enough_whichever_it_is(order: Sequence[str], missing: Any, verify: Verify) -> None:
    for name in order:
        document = ResultDocument(TASK, verify=verify)
        body = answer(last=order, **{name: missing})
        assert b"".join(document.video([body])) == VIDEO
        assert not document.copies_compared


@pytest.mark.parametrize("size", [..., None])
def test_a_size_that_is_missing_is_told(size: Any) -> None:
    document = ResultDocument(TASK)
    assert b"".join(document.video([answer(size=size)])) == VIDEO
    assert not document.size_checked


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "success false": ({"success": False}, "found success False, expected true"),
    "success missing": ({"success": ...}, "found success None, expected true"),
    "success as text": ({"success": "true"}, "found success 'true', expected true"),
    "success as a number": ({"success": 1}, "found success 1, expected true"),
    "another task": ({"task_id": "video_1"}, "found task_id 'video_1', expected the one asked for"),
    "no task": ({"task_id": ...}, "found task_id None, expected the one asked for"),
    "a task as a list": ({"task_id": [TASK]}, "expected the one asked for"),
    "no copy": ({"base64": ..., "data_url": ...}, "found no base64 and no data_url"),
    "two null copies": ({"base64": None, "data_url": None}, "found no base64 and no data_url"),
    "two empty copies": ({"base64": "", "data_url": "data:;base64,"}, "found no base64 and no data_url"),
    "a number as base64": ({"base64": 5}, "found base64 5, expected text"),
    "an object as base64": ({"base64": {"base64": TEXT}}, "found base64 {'base64': "),
    "a list as data_url": ({"data_url": [f"data:;base64,{TEXT}"]}, "found data_url ["),
    "a space inside": ({"base64": f"{TEXT[:8]} {TEXT[8:]}"}, "found ' ' at character 8 of base64"),
    "a line break inside": ({"base64": f"{TEXT[:8]}\n{TEXT[8:]}"}, r"found '\n' at character 8 of base64"),
    "not ASCII": ({"base64": f"{TEXT}\N{CAT}"}, "of base64"),
    "cut by one": ({"base64": TEXT[:-1]}, "expected a multiple of 4"),
    "data_url of another kind": (
        {"base64": None, "data_url": "https://a.example"},
        "found 'https://a.example' in data_url",
    ),
    "data_url not in base64": (
        {"base64": None, "data_url": "data:,abc"},
        "in data_url, expected data:video/mp4;base64,",
    ),
    "a second copy beyond ASCII": ({"data_url": "\N{CAT}"}, "found letters beyond ASCII in data_url"),
    "an error object": ({"error": {"code": "x"}}, "found error {'code': 'x'} in an answer with status 200"),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fault", BROKEN)
def test_an_answer_that_is_no_result_is_an_error(fault: str, size: int) -> None:
    changes, reason = BROKEN[fault]
    with pytest.raises(DocumentError) as caught:
        decoded(answer(**changes), size)
    assert reason in str(caught.value)
    assert not isinstance(caught.value, IntegrityProblem)
    assert len(str(caught.value)) < 250


WRONG_SIZES = [len(VIDEO) - 1, len(VIDEO) + 1, 0, -1, str(len(VIDEO)), float(len(VIDEO)), True, [], {}]


@pytest.mark.parametrize("verify", VERIFIES)
@pytest.mark.parametrize("size", WRONG_SIZES)
def test_a_size_that_is_not_the_videos_is_a_problem_of_integrity(size: Any, verify: Verify) -> None:
    with pytest.raises(
        IntegrityProblem, match=r"found size .*, expected 768, the length of the decoded video"
    ):
        decoded(answer(size=size), verify=verify)


@pytest.mark.parametrize("text", [TEXT[:-4], TEXT[4:], "Q" + TEXT[1:], TEXT[:-1] + "A"])
@pytest.mark.parametrize("order", ORDERS)
def test_two_copies_that_differ_are_found_where_they_are_compared(order: Sequence[str], text: str) -> None:
    body = answer(last=order, size=..., data_url=f"data:;base64,{text}")
    with pytest.raises(IntegrityProblem, match=r"base64 and data_url of .* bytes that differ"):
        decoded(body, verify="compare")
    assert decoded(body) in {VIDEO, base64.b64decode(text)}


def test_a_second_copy_is_held_to_base64_only_where_it_is_compared() -> None:
    body = answer(data_url="data:;base64,!")
    assert decoded(body) == VIDEO
    with pytest.raises(DocumentError, match="1 characters of base64 in data_url"):
        decoded(body, verify="compare")


@pytest.mark.parametrize("size", SIZES)
def test_line_breaks_in_base64_pass_where_they_are_allowed(size: int) -> None:
    text = base64.encodebytes(VIDEO).decode().replace("\n", "\r\n")
    body = answer(base64=text, data_url=f"data:;base64,{text}")
    assert decoded(body, size, allow_line_breaks=True, verify="compare") == VIDEO
    with pytest.raises(DocumentError, match=r"found '\\r' at character 76 of base64"):
        decoded(body, size)


def test_an_error_object_is_handed_on_with_the_members() -> None:
    document = ResultDocument(TASK)
    with pytest.raises(InnerRefusalError) as caught:
        list(document.video([answer(error={"message": "no"}, success=False, base64=None, data_url=None)]))
    assert caught.value.error == {"message": "no"}
    assert caught.value.members == document.members
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 - our own


@pytest.mark.parametrize("error", [None, {}, ""])
def test_an_error_that_says_nothing_is_none(error: Any) -> None:
    assert decoded(answer(error=error)) == VIDEO


@pytest.mark.parametrize("verify", ["skip", "compare"])
@pytest.mark.parametrize("order", ORDERS)
def test_an_answer_cut_at_any_byte_is_an_error(order: Sequence[str], verify: Verify) -> None:
    short = base64.b64encode(b"0123456").decode()
    body = answer(last=order, size=7, base64=short, data_url=f"data:;base64,{short}")
    assert decoded(body, verify=verify) == b"0123456"
    for length in range(len(body)):
        for size in (1, 65536):
            with pytest.raises(DocumentError, match=f"found the end after {length} bytes"):
                decoded(body[:length], size, verify=verify)


def test_stop_reads_no_further_than_it_must() -> None:
    body = answer()
    end = body.index(b'", "data_url"') + 1
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        for taken in range(1, len(body) + 1):
            yield body[taken - 1 : taken]

    assert b"".join(ResultDocument(TASK, verify="stop").video(chunks())) == VIDEO
    assert taken == end


@pytest.mark.parametrize("late", ["success", "task_id", "size"])
@pytest.mark.parametrize("wrong", [False, True])
def test_stop_reads_on_for_what_it_must_know(late: str, *, wrong: bool) -> None:
    body = answer(last=[late], **({late: "wrong"} if wrong else {}))
    if wrong:
        with pytest.raises(DocumentError, match=f"found {late} 'wrong'"):
            decoded(body, verify="stop")
    else:
        assert decoded(body, verify="stop") == VIDEO
        with pytest.raises(DocumentError, match="found the end after"):
            decoded(body[: body.index(late.encode(), len(body) // 2)], verify="stop")


def test_stop_without_a_size_reads_to_the_end() -> None:
    document = ResultDocument(TASK, verify="stop")
    assert b"".join(document.video([answer(size=...)])) == VIDEO
    with pytest.raises(DocumentError, match="found the end"):
        decoded(answer(size=...)[:-1], verify="stop")


def large(mib: int) -> tuple[bytes, str]:
    """Base64 of 3/4 MiB, which repeated ``mib`` times is that of a video, and the digest of the video."""
    block = random.Random(1).randbytes(3 * MIB // 4)  # noqa: S311 - the same video each time
    digest = hashlib.sha256()
    for _ in range(mib):
        digest.update(block)
    return base64.b64encode(block), digest.hexdigest()


def large_answer(text: bytes, mib: int, chunk: int) -> Iterator[bytes]:
    yield f'{{"success": true, "task_id": "{TASK}", "size": {mib * 3 * MIB // 4}, "base64": "'.encode()
    for separator in (b'", "data_url": "data:video/mp4;base64,', b'"}'):
        for _ in range(mib):
            yield from chunked(text, chunk)
        yield separator


@pytest.mark.parametrize("verify", VERIFIES)
def test_a_video_of_32_mib_takes_three_at_most(verify: Verify) -> None:
    mib = 32 * 4 // 3
    text, digest = large(mib)
    found = hashlib.sha256()
    tracemalloc.start()
    try:
        for block in ResultDocument(TASK, verify=verify).video(large_answer(text, mib, 256 * 1024)):
            found.update(block)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.hexdigest() == digest
    assert peak < 3 * MIB
