"""Promises of the walk over an MP4's boxes: a whole file is known, and a cut one wherever it is cut."""

import itertools
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_client import Task, UnreachableError, VideoClient
from nebula_client.mp4_boxes import BoxWalk
from nebula_mock import MockServer, Plan
from scripted import Answer, Scripted


def box(kind: bytes, content: bytes, *, long: bool = False) -> bytes:
    """A box of an MP4."""
    if long:
        return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), kind) + content


FILE = box(b"ftyp", b"isom" * 4) + box(b"moov", b"index" * 9) + box(b"mdat", b"pictures" * 9, long=True)


def is_whole(data: bytes, cuts: list[int]) -> bool:
    """What a walk says of ``data`` that comes in blocks."""
    walk = BoxWalk()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, stop in itertools.pairwise(edges):
        walk.take(data[start:stop])
    return walk.is_whole


@given(st.lists(st.integers(0, len(FILE))))
def test_a_whole_file_is_known_however_it_comes(cuts: list[int]) -> None:
    assert is_whole(FILE, cuts)


@given(st.integers(0, len(FILE) - 1), st.lists(st.integers(0, len(FILE))))
def test_a_cut_file_is_known_wherever_it_is_cut(end: int, cuts: list[int]) -> None:
    assert not is_whole(FILE[:end], cuts)


def test_a_last_box_may_go_to_the_end() -> None:
    assert is_whole(FILE[: -(16 + 72)] + struct.pack(">I4s", 0, b"mdat") + b"pictures", [])


@given(st.binary(max_size=100))
def test_no_bytes_break_the_walk(data: bytes) -> None:
    assert not is_whole(data, [len(data) // 2])


@pytest.mark.parametrize("model", ["sora-2", "veo-3.1-generate-preview", "wan2.5-t2v-preview"])
def test_every_film_of_the_mock_is_whole(model: str) -> None:
    with (
        MockServer(clock="manual", plan=Plan(waiting_s=0, running_s=0)) as mock,
        VideoClient("sk-test", mock.url) as client,
    ):
        client.submit("A cat", model=model)
        film = b"".join(mock._provider.film(mock.tasks[-1], 0).read())
    assert is_whole(film, list(range(0, len(film), 65536)))
    assert not is_whole(film[:-1], [])


@pytest.mark.parametrize("end", [len(FILE), len(FILE) - 1, 24, 30])
def test_a_result_without_a_length_is_held_to_its_boxes(end: int, tmp_path: Path) -> None:
    """A connection that is closed may be the end of the file, or one that was lost."""
    provider = Scripted(Answer(200, FILE[:end], headers={"Content-Type": "video/mp4"}))
    task = Task("ae8eb420-8aa6-440a-8eb8-1d1afe8d5e97", "succeeded", urls=("http://127.0.0.1:9/cat.mp4",))
    with VideoClient("sk-test", "http://127.0.0.1:9", adapter=provider, sleep=lambda _: None) as client:
        if end == len(FILE):
            assert client.download(task, tmp_path / "cat.mp4").size_bytes == end
            return
        with pytest.raises(UnreachableError, match="closed within the video"):
            client.download(task, tmp_path / "cat.mp4")
    assert (len(provider.requests), list(tmp_path.iterdir())) == (4, [])
