"""Promises of the download: the video byte for byte, or no file and a reason."""

import base64
import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nebula_client import (
    BrokenContractError,
    NebulaError,
    OutputError,
    RefusedError,
    Task,
    Video,
    VideoClient,
)
from nebula_client.download import checked, decoded
from nebula_client.transport import Answer
from nebula_mock import MockServer, Plan

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


@pytest.fixture(params=["standard library", "pybase64"])
def decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of the two decoders: the extra ``fast`` is optional, and must change nothing."""
    name = str(request.param)
    if name == "standard library":
        monkeypatch.setattr("nebula_client.download.pybase64", None)
    else:
        assert find_spec("pybase64") is not None
    return name


@pytest.fixture
def client() -> Iterator[VideoClient]:
    """A client of a provider that is not there."""
    with VideoClient("sk-test", "http://127.0.0.1:9") as client:
        yield client


@pytest.fixture
def download(
    client: VideoClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[Answer], Video]:
    """Downloads a Sora task to ``cat.mp4`` and gives the client that answer."""

    def downloaded(answer: Answer) -> Video:
        monkeypatch.setattr(client._transport, "get", lambda *_: answer)
        return client.download(SORA_ID, tmp_path / "cat.mp4")

    return downloaded


Download = Callable[[Answer], Video]


@given(videos)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("decoder")
def test_the_video_is_decoded_byte_for_byte(video: bytes) -> None:
    answer = told(base64=base64.b64encode(video).decode(), size=len(video))
    assert decoded(answer, SORA_ID) == video


def test_a_download_tells_file_length_and_digest(download: Download, tmp_path: Path) -> None:
    assert download(told()) == Video(
        path=tmp_path / "cat.mp4",
        size_bytes=len(MP4),
        sha256=hashlib.sha256(MP4).hexdigest(),
        task_id=SORA_ID,
    )
    assert (tmp_path / "cat.mp4").read_bytes() == MP4


@pytest.mark.parametrize("changes", [{"size": ...}, {"size": None}, {"data_url": ...}, {"format": ...}])
def test_a_member_the_pages_leave_out_may_be_missing(changes: dict[str, Any]) -> None:
    assert decoded(told(**changes), SORA_ID) == MP4


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "success false": ({"success": False}, "found success False, expected true"),
    "success missing": ({"success": ...}, "found success None, expected true"),
    "success as text": ({"success": "true"}, "found success 'true', expected true"),
    "another task": ({"task_id": "video_1"}, "found task_id 'video_1', expected the one asked for"),
    "no task": ({"task_id": ...}, "expected the one asked for"),
    "no base64": ({"base64": ...}, "found no base64"),
    "null base64": ({"base64": None}, "found no base64"),
    "empty base64": ({"base64": ""}, "found no base64"),
    "number as base64": ({"base64": 5}, "found no base64"),
    "space inside": ({"base64": f"{TEXT[:8]} {TEXT[8:]}"}, "not strict"),
    "line break inside": ({"base64": f"{TEXT[:8]}\n{TEXT[8:]}"}, "not strict"),
    "line break at the end": ({"base64": f"{TEXT}\n"}, "not strict"),
    "exclamation mark": ({"base64": f"{TEXT[:8]}!{TEXT[8:]}"}, "not strict"),
    "URL-safe letters": ({"base64": TEXT.replace("+", "-").replace("/", "_")}, "not strict"),
    "not ASCII": ({"base64": f"{TEXT}\N{CAT}"}, "not strict"),
    "cut by one": ({"base64": TEXT[:-1], "size": ...}, "not strict"),
    "cut by two": ({"base64": TEXT[:-2], "size": ...}, "not strict"),
    "cut by three": ({"base64": TEXT[:-3], "size": ...}, "not strict"),
    "padding inside": ({"base64": f"{TEXT[:6]}=={TEXT[8:]}"}, "not strict"),
    "data after padding": ({"base64": f"{TEXT[:6]}==AAAA"}, "not strict"),
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


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="AQgw+/=-_ \n!\N{CAT}", max_size=16))
@example("AAAA=")
@example("AAAA====")
def test_both_decoders_agree_on_every_text(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """The extra ``fast`` changes the speed, never the outcome."""

    def outcome() -> bytes | None:
        try:
            return decoded(told(base64=text, size=...), SORA_ID)
        except BrokenContractError:
            return None

    fast = outcome()
    with monkeypatch.context() as without:
        without.setattr("nebula_client.download.pybase64", None)
        assert outcome() == fast


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'"text"', b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_json_object_leaves_no_file(
    download: Download, tmp_path: Path, body: bytes
) -> None:
    with pytest.raises(BrokenContractError, match=r"expected (a JSON|an) object"):
        download(Answer(200, body, None))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "video", [b"<html>not a video</html>", b"\x00", b"\x00\x00\x00\x20ftyq", b"ftyp" + b"\x00" * 20]
)
def test_what_is_no_mp4_leaves_no_file(download: Download, tmp_path: Path, video: bytes) -> None:
    with pytest.raises(BrokenContractError, match="expected an MP4"):
        download(told(base64=base64.b64encode(video).decode(), size=len(video)))
    assert list(tmp_path.iterdir()) == []


@settings(deadline=None)
@given(videos, st.lists(st.integers(0, 300)))
def test_an_mp4_is_known_however_it_is_cut_into_chunks(video: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(video)) for cut in cuts), len(video)]
    chunks = [video[start:stop] for start, stop in itertools.pairwise(edges)]
    assert b"".join(checked(iter(chunks), WAN_ID)) == video


def test_a_refused_download_says_so(download: Download, tmp_path: Path) -> None:
    body = b'{"error": {"message": "Upstream service returned status 404", "type": "server_error"}}'
    with pytest.raises(RefusedError, match="status 404") as caught:
        download(Answer(502, body, "20260101abc"))
    assert (caught.value.operation, caught.value.status) == ("download", 502)
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_checked_before_anything_is_asked(
    client: VideoClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(client._transport, "get", lambda *told: asked.append(told))
    with pytest.raises(OutputError):
        client.download(SORA_ID, tmp_path / "nowhere" / "cat.mp4")
    assert asked == []


@pytest.mark.parametrize("index", [-1, 1, 2])
def test_a_video_that_is_not_there_is_told(client: VideoClient, tmp_path: Path, index: int) -> None:
    task = Task(WAN_ID, "succeeded", urls=("https://results.example.com/1.mp4",))
    with pytest.raises(
        BrokenContractError, match=f'1 result URLs at status "succeeded", .* numbered {index}'
    ):
        client.download(task, tmp_path / "cat.mp4", index=index)


def test_a_task_without_a_result_says_where_it_stands(client: VideoClient, tmp_path: Path) -> None:
    with pytest.raises(BrokenContractError, match='found 0 result URLs at status "in_progress"'):
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
def test_a_result_url_nobody_can_parse_is_an_error_of_ours(
    client: VideoClient, tmp_path: Path, url: str
) -> None:
    with pytest.raises(NebulaError):
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
        ("data:video/mp4;base64,AAA", "not strict"),
        ("data:video/mp4;base64,", "expected an MP4"),
        ("data:text/html;base64,PGh0bWw+PC9odG1sPg==", "expected an MP4"),
    ],
)
def test_a_data_uri_without_a_video_leaves_no_file(
    client: VideoClient, tmp_path: Path, uri: str, reason: str
) -> None:
    with pytest.raises(BrokenContractError, match=reason):
        client.download(Task(WAN_ID, "succeeded", urls=(uri,)), tmp_path / "cat.mp4")
    assert list(tmp_path.iterdir()) == []
