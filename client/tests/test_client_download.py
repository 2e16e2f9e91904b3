"""Promises of the download: the video byte for byte, or no file and a reason."""

import base64
import contextlib
import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_client import (
    BrokenContractError,
    ConfigurationError,
    IntegrityError,
    OutputError,
    RefusedError,
    Task,
    Video,
    VideoClient,
    WaitTimeoutError,
)
from nebula_client.download import mp4_checked
from nebula_mock import MockServer, Plan
from scripted import Answer, Scripted

SORA_ID = "video_69095b4ce0048190893a01510c0c98b0"
WAN_ID = "ae8eb420-8aa6-440a-8eb8-1d1afe8d5e97"
MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00\xfb\xff\xfe"
TEXT = base64.b64encode(MP4).decode()

videos = st.binary(min_size=4, max_size=300).map(lambda rest: rest[:4] + b"ftyp" + rest[4:])


def told(**changes: Any) -> Answer:
    """A download answer as the page has it, changed; a member of value ... is left out."""
    body = {
        "success": True,
        "generation_id": SORA_ID,
        "task_id": SORA_ID,
        "format": "mp4",
        "size": len(MP4),
        "base64": TEXT,
        "data_url": f"data:video/mp4;base64,{TEXT}",
    }
    kept = {name: value for name, value in (body | changes).items() if value is not ...}
    return Answer(200, json.dumps(kept).encode(), "20260101abc")


@pytest.fixture
def provider() -> Scripted:
    """Answers by script."""
    return Scripted()


@pytest.fixture
def client(provider: Scripted) -> Iterator[VideoClient]:
    """A client of that provider, which never waits."""
    with VideoClient("sk-test", "http://127.0.0.1:9", adapter=provider, sleep=lambda _: None) as client:
        yield client


@pytest.fixture
def download(client: VideoClient, provider: Scripted, tmp_path: Path) -> Callable[..., Video]:
    """Downloads a Sora task to ``cat.mp4`` and gives the client that answer."""

    def downloaded(answer: Answer, **options: Any) -> Video:
        provider.script(answer)
        return client.download(SORA_ID, tmp_path / "cat.mp4", **options)

    return downloaded


Download = Callable[..., Video]


def test_a_download_tells_file_length_and_digest(download: Download, tmp_path: Path) -> None:
    assert download(told()) == Video(
        path=tmp_path / "cat.mp4",
        size_bytes=len(MP4),
        sha256=hashlib.sha256(MP4).hexdigest(),
        task_id=SORA_ID,
        size_checked=True,
        copies_compared=False,
    )
    assert (tmp_path / "cat.mp4").read_bytes() == MP4


@pytest.mark.parametrize("changes", [{"size": ...}, {"size": None}, {"data_url": ...}, {"format": ...}])
def test_a_member_the_pages_leave_out_may_be_missing(
    download: Download, tmp_path: Path, changes: dict[str, Any]
) -> None:
    video = download(told(**changes))
    assert (tmp_path / "cat.mp4").read_bytes() == MP4
    assert video.size_checked == ("size" not in changes)


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "success false": ({"success": False}, "found success False, expected true"),
    "success missing": ({"success": ...}, "found success None, expected true"),
    "success as text": ({"success": "true"}, "found success 'true', expected true"),
    "another task": ({"task_id": "video_1"}, "found task_id 'video_1', expected the one asked for"),
    "no task": ({"task_id": ...}, "expected the one asked for"),
    "no copy": ({"base64": ..., "data_url": ...}, "found no base64 and no data_url"),
    "null copies": ({"base64": None, "data_url": None}, "found no base64"),
    "empty copies": ({"base64": "", "data_url": ""}, "found no base64"),
    "number as base64": ({"base64": 5}, "found base64 5, expected text"),
    "space inside": ({"base64": f"{TEXT[:8]} {TEXT[8:]}"}, "of base64"),
    "line break inside": ({"base64": f"{TEXT[:8]}\n{TEXT[8:]}"}, "of base64"),
    "line break at the end": ({"base64": f"{TEXT}\n"}, "of base64"),
    "exclamation mark": ({"base64": f"{TEXT[:8]}!{TEXT[8:]}"}, "of base64"),
    "URL-safe letters": ({"base64": TEXT.replace("+", "-").replace("/", "_")}, "of base64"),
    "not ASCII": ({"base64": f"{TEXT}\N{CAT}"}, "of base64"),
    "cut by one": ({"base64": TEXT[:-1], "size": ...}, "of base64"),
    "cut by two": ({"base64": TEXT[:-2], "size": ...}, "of base64"),
    "cut by three": ({"base64": TEXT[:-3], "size": ...}, "of base64"),
    "padding inside": ({"base64": f"{TEXT[:6]}=={TEXT[8:]}"}, "of base64"),
    "data after padding": ({"base64": f"{TEXT[:6]}==AAAA"}, "of base64"),
    "cut by four": ({"base64": TEXT[:-4]}, "the length of the decoded video"),
    "size too large": ({"size": len(MP4) + 1}, f"found size {len(MP4) + 1}"),
    "size negative": ({"size": -1}, "found size -1"),
    "size as text": ({"size": str(len(MP4))}, f"found size '{len(MP4)}'"),
    "size as truth": ({"size": True}, "found size True"),
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.usefixtures("decoder")
def test_a_broken_answer_leaves_no_file(download: Download, tmp_path: Path, fault: str) -> None:
    changes, reason = BROKEN[fault]
    with pytest.raises(BrokenContractError) as caught:
        download(told(**changes))
    assert reason in caught.value.what
    assert (caught.value.operation, caught.value.task_id) == ("download", SORA_ID)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'"text"', b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_json_object_leaves_no_file(
    download: Download, tmp_path: Path, body: bytes
) -> None:
    with pytest.raises(BrokenContractError, match=r"expected (a JSON|a whole JSON|an) object"):
        download(Answer(200, body, None))
    assert list(tmp_path.iterdir()) == []


NO_MP4 = [b"<html>not a video</html>", b"\x00", b"\x00\x00\x00\x20ftyq", b"ftyp" + b"\x00" * 20]


@pytest.mark.parametrize("video", NO_MP4)
def test_what_is_no_mp4_is_kept_with_a_warning(
    download: Download, tmp_path: Path, caplog: pytest.LogCaptureFixture, video: bytes
) -> None:
    """It was paid for; what it is good for the caller may judge."""
    download(told(base64=base64.b64encode(video).decode(), size=len(video)))
    assert (tmp_path / "cat.mp4").read_bytes() == video
    assert "expected an MP4; it was kept as it came" in caplog.text


@pytest.mark.parametrize("video", NO_MP4)
def test_what_is_no_mp4_leaves_no_file_where_one_is_required(
    download: Download, tmp_path: Path, video: bytes
) -> None:
    with pytest.raises(IntegrityError, match="expected an MP4"):
        download(told(base64=base64.b64encode(video).decode(), size=len(video)), require_mp4=True)
    assert list(tmp_path.iterdir()) == []


@settings(deadline=None)
@given(videos, st.lists(st.integers(0, 300)))
def test_an_mp4_is_known_however_it_is_cut_into_chunks(video: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(video)) for cut in cuts), len(video)]
    chunks = [video[start:stop] for start, stop in itertools.pairwise(edges)]
    assert b"".join(mp4_checked(iter(chunks), WAN_ID, require=True)) == video


@pytest.mark.parametrize(("verify", "outcome"), [("skip", None), ("stop", None), ("compare", IntegrityError)])
def test_two_copies_that_differ_are_told_when_they_are_compared(
    download: Download, verify: str, outcome: type[Exception] | None
) -> None:
    other = base64.b64encode(MP4[:-1] + b"!").decode()
    answer = told(data_url=f"data:video/mp4;base64,{other}")
    with pytest.raises(outcome) if outcome else contextlib.nullcontext():
        assert not download(answer, verify=verify).copies_compared


def test_a_word_that_is_no_way_to_verify_is_refused(download: Download, provider: Scripted) -> None:
    with pytest.raises(ConfigurationError, match="verify: found 'all', expected skip, stop, compare"):
        download(told(), verify="all")
    assert provider.requests == []


def test_copies_that_were_compared_are_told_so(download: Download) -> None:
    assert download(told(), verify="compare").copies_compared


def test_a_refused_download_says_so(download: Download, tmp_path: Path) -> None:
    body = b'{"error": {"message": "Upstream service returned status 404", "type": "server_error"}}'
    with pytest.raises(RefusedError, match="status 404") as caught:
        download(Answer(502, body, "20260101abc"))
    assert (caught.value.operation, caught.value.status) == ("download", 502)
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_checked_before_anything_is_asked(
    client: VideoClient, provider: Scripted, tmp_path: Path
) -> None:
    with pytest.raises(OutputError):
        client.download(SORA_ID, tmp_path / "nowhere" / "cat.mp4")
    assert provider.requests == []


@pytest.mark.parametrize("index", [-1, 1, 2])
def test_a_video_that_is_not_there_is_told(client: VideoClient, tmp_path: Path, index: int) -> None:
    task = Task(WAN_ID, "succeeded", urls=("https://results.example.com/1.mp4",))
    with pytest.raises(
        BrokenContractError, match=f'1 result URLs at status "succeeded", .* numbered {index}'
    ):
        client.download(task, tmp_path / "cat.mp4", index=index)


def test_a_task_without_a_result_says_where_it_stands(client: VideoClient, tmp_path: Path) -> None:
    with pytest.raises(WaitTimeoutError, match='is still "in_progress"'):
        client.download(Task(WAN_ID, "in_progress"), tmp_path / "cat.mp4")


def test_a_second_video_of_sora_is_not_the_first_one(tmp_path: Path) -> None:
    with (
        MockServer(clock="manual", plan=Plan(waiting_s=0, running_s=0)) as mock,
        VideoClient("sk-test", mock.url) as client,
    ):
        task_id = client.submit("A cat", model="sora-2").task_id
        with pytest.raises(BrokenContractError):
            client.download(task_id, tmp_path / "cat.mp4", index=1)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/cat.mp4", "file:///etc/passwd", "expired", "//127.0.0.1/x"])
def test_a_result_that_is_no_http_url_breaks_the_contract(
    client: VideoClient, tmp_path: Path, url: str
) -> None:
    with pytest.raises(BrokenContractError, match="expected http or https"):
        client.download(Task(WAN_ID, "succeeded", urls=(url,)), tmp_path / "cat.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["http://[127.0.0.1/cat.mp4", "http://a..b/cat.mp4"])
def test_a_result_url_nobody_can_parse_is_an_error_of_ours(tmp_path: Path, url: str) -> None:
    with VideoClient("sk-test", "http://127.0.0.1:9") as client, pytest.raises(BrokenContractError):
        client.download(Task(WAN_ID, "succeeded", urls=(url,)), tmp_path / "cat.mp4")


def test_a_result_in_a_data_uri_is_downloaded(client: VideoClient, tmp_path: Path) -> None:
    """The older Veo page answers so, and the schema query/succeeded promises it."""
    task = Task(WAN_ID, "succeeded", urls=(f"data:video/mp4;base64,{TEXT}",))
    client.download(task, tmp_path / "cat.mp4")
    assert (tmp_path / "cat.mp4").read_bytes() == MP4


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("data:video/mp4,AAAA", "expected data:video/mp4;base64,"),
        ("data:video/mp4;base64", "expected data:video/mp4;base64,"),
        ("data:video/mp4;base64,AAA", "expected a multiple of 4"),
        ("data:video/mp4;base64,", "expected a video"),
    ],
)
def test_a_data_uri_without_a_video_leaves_no_file(
    client: VideoClient, tmp_path: Path, uri: str, reason: str
) -> None:
    with pytest.raises(BrokenContractError, match=reason):
        client.download(Task(WAN_ID, "succeeded", urls=(uri,)), tmp_path / "cat.mp4")
    assert list(tmp_path.iterdir()) == []
