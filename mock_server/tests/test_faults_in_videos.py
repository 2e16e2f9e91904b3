"""Promises of faults in videos: seen on a raw socket, in JSON and behind a URL, and never more than the one fault."""

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import av
import pytest

from decoding import decoded
from nebula_mock import MockServer
from nebula_mock.core.faults.videos import HOSTILE_NAMES
from raw_exchange import VEO, Seen, downloaded, exchange, queried, submitted

HEAD = "data:video/mp4;base64,"


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    """A mock whose clock is moved by hand."""
    with MockServer(clock="manual", video_size_bytes=1) as started:
        yield started


@pytest.fixture(scope="module")
def task_id(mock: MockServer) -> str:
    """A finished Sora task."""
    made = submitted(mock)
    mock.advance(300)
    return made


@pytest.fixture(scope="module")
def url_path(mock: MockServer) -> str:
    """The path of a finished result."""
    made = submitted(mock, VEO)
    mock.advance(300)
    address = urlsplit(queried(mock, made).json()["url"])
    return f"{address.path}?{address.query}"


@pytest.fixture(autouse=True)
def all_met(mock: MockServer) -> Iterator[None]:
    """Every fault that a test scripts is met."""
    mock.faults.clear()
    yield
    mock.faults.verify()


def download_with(mock: MockServer, task_id: str, step: str) -> Seen:
    """A download with a fault; the journal says that it is whole, as it is announced."""
    mock.faults.script("download", [step])
    seen = downloaded(mock, task_id)
    (*_, entry) = mock.journal
    assert (entry.ended, entry.bytes_sent) == ("complete", len(seen.body))
    return seen


def video_of(seen: Seen) -> bytes:
    """The video of a download."""
    return base64.b64decode(seen.json()["base64"], validate=True)


def plays(video: bytes) -> bool:
    """Whether a decoder finds every frame of four seconds."""
    try:
        return decoded(video).duration_s == 4
    except (av.error.FFmpegError, IndexError):  # no MP4, or none with a picture in it
        return False


def test_base64_that_is_cut_in_a_group_does_not_decode(mock: MockServer, task_id: str) -> None:
    plain, body = (downloaded(mock, task_id).json(), download_with(mock, task_id, "corrupt-base64").json())
    assert len(body["base64"]) % 4 == 2
    assert plain["base64"].startswith(body["base64"])
    assert body["data_url"] == HEAD + body["base64"]
    with pytest.raises(binascii.Error):
        base64.b64decode(body["base64"], validate=True)


def test_base64_that_is_cut_between_groups_decodes_to_less_than_its_size(
    mock: MockServer, task_id: str
) -> None:
    plain, seen = downloaded(mock, task_id), download_with(mock, task_id, "corrupt-base64 cut-at-group")
    video = video_of(seen)
    assert video_of(plain).startswith(video)
    assert len(video) < seen.json()["size"] == len(video_of(plain))


@pytest.mark.parametrize(
    ("how", "mended"),
    [
        ("whitespace", lambda text: text.replace("\r\n", "")),
        ("url-safe", lambda text: text.replace("-", "+").replace("_", "/")),
        ("padding", lambda text: text[:-1]),
    ],
)
def test_base64_in_another_writing_is_the_same_video(
    mock: MockServer, task_id: str, how: str, mended: "object"
) -> None:
    plain = downloaded(mock, task_id).json()
    body = download_with(mock, task_id, f"corrupt-base64 {how}").json()
    assert body["base64"] != plain["base64"]
    assert mended(body["base64"]) == plain["base64"]  # type: ignore[operator]
    assert {name: one for name, one in body.items() if name not in {"base64", "data_url"}} == {
        name: one for name, one in plain.items() if name not in {"base64", "data_url"}
    }


def test_an_illegal_character_is_one_and_the_length_is_right(mock: MockServer, task_id: str) -> None:
    plain = downloaded(mock, task_id).json()["base64"]
    text = download_with(mock, task_id, "corrupt-base64 illegal-character").json()["base64"]
    assert [other for one, other in zip(plain, text, strict=True) if one != other] == ["*"]


def test_the_size_is_off_by_what_is_said(mock: MockServer, task_id: str) -> None:
    plain, body = (downloaded(mock, task_id).json(), download_with(mock, task_id, "wrong-size -3").json())
    assert body == {**plain, "size": plain["size"] - 3}


def test_the_two_videos_of_a_download_can_differ_by_one_bit(mock: MockServer, task_id: str) -> None:
    plain, body = (downloaded(mock, task_id).json(), download_with(mock, task_id, "differing-videos").json())
    assert body["base64"] == plain["base64"]
    other = base64.b64decode(body["data_url"].removeprefix(HEAD), validate=True)
    video = base64.b64decode(plain["base64"])
    assert sum((one ^ two).bit_count() for one, two in zip(video, other, strict=True)) == 1


@pytest.mark.parametrize("how", ["no-index", "cut", "no-mp4", "empty"])
def test_a_broken_file_does_not_play_and_its_size_is_true(mock: MockServer, task_id: str, how: str) -> None:
    seen = download_with(mock, task_id, f"broken-mp4 {how}")
    assert len(video_of(seen)) == seen.json()["size"]
    assert plays(video_of(downloaded(mock, task_id)))
    assert not plays(video_of(seen))


def test_a_flipped_bit_keeps_length_and_changes_the_digest(mock: MockServer, task_id: str) -> None:
    plain = video_of(downloaded(mock, task_id))
    video = video_of(download_with(mock, task_id, "broken-mp4 flipped-bit"))
    assert sum((one ^ two).bit_count() for one, two in zip(plain, video, strict=True)) == 1


def test_a_broken_file_behind_a_url_is_the_same_whole_or_in_part(mock: MockServer, url_path: str) -> None:
    plain = exchange(mock, "GET", url_path)
    mock.faults.script("result", ["broken-mp4 cut", "broken-mp4 flipped-bit"])
    cut, flipped = exchange(mock, "GET", url_path), exchange(mock, "GET", url_path)
    assert cut.header("Content-Length") == str(len(cut.body)) == str(len(plain.body) // 2)
    assert plain.body.startswith(cut.body)
    assert flipped.body != plain.body
    assert len(flipped.body) == len(plain.body)


def test_a_result_can_break_on_the_wire_and_be_refused(mock: MockServer, url_path: str) -> None:
    plain = exchange(mock, "GET", url_path)
    mock.faults.script("result", ["truncate at 50%", "reset after 1000", "http 403"])
    cut, reset, refused = (exchange(mock, "GET", url_path) for _ in range(3))
    assert (cut.body, cut.end) == (plain.body[: len(plain.body) // 2], "FIN")
    assert (reset.body, reset.end) == (plain.body[:1000], "RST")
    assert refused.status == 403
    told = [(one.operation, one.ended, one.bytes_sent) for one in list(mock.journal)[-3:]]
    assert told[:2] == [("result", "cut", len(cut.body)), ("result", "reset", 1000)]


def test_there_are_twenty_hostile_names_and_each_comes_in_turn(mock: MockServer, task_id: str) -> None:
    mock.faults.script("download", ["hostile-file-name"] * 20)
    names = {downloaded(mock, task_id).json()["filename"] for _ in range(20)}
    assert names == set(HOSTILE_NAMES)
    assert len(HOSTILE_NAMES) == 20


@pytest.mark.parametrize("variant", range(1, 21))
def test_a_hostile_name_in_a_header_stays_one_header(mock: MockServer, url_path: str, variant: int) -> None:
    mock.faults.script("result", [{"fault": "hostile-file-name", "variant": variant}])
    seen = exchange(mock, "GET", url_path)
    told = seen.header("Content-Disposition") or ""
    plain, _, encoded = told.partition("; filename*=UTF-8''")
    assert plain.startswith('attachment; filename="')
    assert unquote(encoded) == HOSTILE_NAMES[variant - 1]
    assert sum(1 for line in seen.head.splitlines() if line.startswith(b"Content-Disposition: ")) == 1
    assert seen.header("Set-Cookie") is None
