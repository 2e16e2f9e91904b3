"""Promises of the query document: its members in little memory, and its inline videos by their place."""

import base64
import hashlib
import json
import random
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_client.models import task_from
from nebula_client.query_document import inline_video, is_shortened, task_members
from nebula_client.strict_json import DocumentError

SIZES = [1, 2, 3, 5, 7, 64, 65536]
KIB, MIB = 2**10, 2**20
HEAD = "data:video/mp4;base64,"
URL = "https://files.example/a.mp4?x=1&y=caf\xe9"
SHORT = HEAD + base64.b64encode(b"short").decode()


def chunked(body: bytes, size: int = 65536) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def answer(url: Any, **more: Any) -> bytes:
    return json.dumps(
        {"task_id": "t", "status": "succeeded", "url": url, "metadata": {"url": HEAD}} | more
    ).encode()


def of_length(length: int, head: str = HEAD) -> str:
    return head + "QUJD" * ((length - len(head)) // 4) + "!" * ((length - len(head)) % 4)


items = (
    st.none() | st.booleans() | st.text(max_size=9) | st.sampled_from([URL, SHORT]) | st.lists(st.just(URL))
)
extras = st.dictionaries(st.sampled_from("abc"), items, max_size=2)


@given(st.lists(items, max_size=4) | items | extras, extras, st.sampled_from(SIZES))
@settings(deadline=None)
def test_members_are_those_json_reads_where_nothing_is_long(
    url: Any, more: dict[str, Any], size: int
) -> None:
    body = answer(url, **more)
    assert task_members(chunked(body, size)) == json.loads(body)


@pytest.mark.parametrize("head", [HEAD, "DATA:;Base64,"])
def test_a_data_uri_is_kept_up_to_64_kib_and_then_told_by_head_and_length(head: str) -> None:
    kept, cut = of_length(64 * KIB, head), of_length(64 * KIB + 1, head)
    members = task_members(chunked(answer([kept, URL, None, cut])))
    assert members["url"] == [kept, URL, None, f"{head}... (65537 characters)"]
    assert [is_shortened(url) for url in members["url"] if url] == [False, False, True]
    assert task_members(chunked(answer(cut)))["url"] == f"{head}... (65537 characters)"


@pytest.mark.parametrize("size", SIZES)
def test_what_is_told_does_not_depend_on_the_chunks(size: int) -> None:
    cut = of_length(64 * KIB + 1)
    assert task_members(chunked(answer([cut, SHORT]), size))["url"] == [
        f"{HEAD}... (65537 characters)",
        SHORT,
    ]


def test_a_long_data_uri_without_a_head_is_told_by_its_beginning() -> None:
    url = "data:" + "x" * 70_000
    assert task_members(chunked(answer(url)))["url"] == f"{url[:256]}... (70005 characters)"


@pytest.mark.parametrize("url", ["h" * 64 * KIB, URL + "x" * 60 * KIB])
def test_an_address_is_kept_up_to_64_kib(url: str) -> None:
    assert task_members(chunked(answer(url)))["url"] == url
    longer = url + "x" * (64 * KIB + 1 - len(url.encode()))
    with pytest.raises(DocumentError, match="in url, expected base64 or an address of at most 65536"):
        task_members(chunked(answer(longer)))


def test_a_long_data_uri_holds_nothing_beyond_ascii() -> None:
    for at in (30, 60 * KIB, 70 * KIB):
        url = of_length(80 * KIB)
        with pytest.raises(DocumentError, match="expected base64 or an address"):
            task_members(chunked(answer(f"{url[:at]}\N{CAT}{url[at:]}")))


def test_all_addresses_together_are_bounded() -> None:
    with pytest.raises(DocumentError, match="more than 1048576 characters in url"):
        task_members(chunked(answer([of_length(60 * KIB)] * 18)))


def test_everything_else_is_bounded() -> None:
    assert task_members(chunked(answer(URL, more="x" * 1_000_000)))["more"]
    with pytest.raises(DocumentError, match="more than 1048576 bytes besides url"):
        task_members(chunked(answer(URL, more="x" * 1_050_000)))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"url": "a", "url": "b"}', b'{"url": "\xff"}', b'{"url": NaN}']
)
def test_what_is_no_answer_is_an_error(body: bytes) -> None:
    for size in SIZES:
        with pytest.raises(DocumentError):
            task_members(chunked(body, size))
        with pytest.raises(DocumentError):
            list(inline_video(chunked(body, size), 0))


def test_an_answer_cut_at_any_byte_is_an_error() -> None:
    body = answer([URL, SHORT])
    for length in range(len(body)):
        for size in (1, 65536):
            with pytest.raises(DocumentError, match=f"found the end after {length} bytes"):
                task_members(chunked(body[:length], size))
            with pytest.raises(DocumentError, match=f"found the end after {length} bytes"):
                list(inline_video(chunked(body[:length], size), 1))


@given(st.binary(min_size=1, max_size=99), st.integers(0, 2), st.sampled_from(SIZES))
@settings(deadline=None)
def test_a_video_is_found_by_its_place_among_the_urls_of_the_task(
    video: bytes, place: int, size: int
) -> None:
    uris = [HEAD + base64.b64encode(bytes((number,)) + video).decode() for number in range(3)]
    body = answer(["", uris[0], None, uris[1], {"url": SHORT}, uris[2]])
    assert task_from(task_members([body]), None).urls[place] == uris[place]
    assert b"".join(inline_video(chunked(body, size), place)) == bytes((place,)) + video


def test_a_url_that_is_one_text_is_at_place_0() -> None:
    assert b"".join(inline_video([answer(SHORT)], 0)) == b"short"


NO_VIDEO: list[tuple[Any, int, str]] = [
    ([SHORT], 1, "found 1 texts in url, expected one at place 1"),
    ([], 0, "found 0 texts in url"),
    ("", 0, "found 0 texts in url"),
    (None, 0, "found 0 texts in url"),
    ({"url": SHORT}, 0, "found 0 texts in url"),
    ([URL, SHORT], 0, "in url, expected data:video/mp4;base64,"),
    ([HEAD], 0, "found nothing in url, expected a video"),
    ([f"{SHORT}="], 0, "of url, expected the end behind the padding"),
    ([f"{HEAD}QUJ"], 0, "found 3 characters of base64 in url, expected a multiple of 4"),
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("url", "place", "reason"), NO_VIDEO)
def test_a_place_without_a_video_is_an_error(url: Any, place: int, reason: str, size: int) -> None:
    with pytest.raises(DocumentError) as caught:
        list(inline_video(chunked(answer(url), size), place))
    assert reason in str(caught.value).replace("'https://files.example/a.mp4?x=1&y=caf\\xc3\\xa9' ", "")


def large_answer(block: bytes, mib: int) -> Iterator[bytes]:
    yield f'{{"task_id": "t", "url": ["{SHORT}", "{HEAD}'.encode()
    for _ in range(mib):
        yield from chunked(block)
    yield b'"], "status": "succeeded"}'


def test_an_inline_video_of_32_mib_takes_three_at_most() -> None:
    video, mib = random.Random(1).randbytes(3 * MIB // 4), 43  # noqa: S311 - the same video each time
    block = base64.b64encode(video)
    found, wanted = hashlib.sha256(), hashlib.sha256()
    tracemalloc.start()
    try:
        members = task_members(large_answer(block, mib))
        for part in inline_video(large_answer(block, mib), 1):
            found.update(part)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    for _ in range(mib):
        wanted.update(video)
    assert found.digest() == wanted.digest()
    assert members["url"] == [SHORT, f"{HEAD}... ({mib * MIB + len(HEAD)} characters)"]
    assert peak < 3 * MIB
