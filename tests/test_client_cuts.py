"""A download that is cut at any byte leaves no file, however plausible its end looks."""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from client_trials.answers import TASK_ID, WAN_ID, document
from client_trials.raw_provider import Peer, RawProvider, answer, chunked
from nebula_client import BrokenContractError, NebulaError, Task, UnreachableError, VideoClient
from nebula_mock import MockServer
from nebula_mock.requests_adapter import AppAdapter

SMALL = b"\x00\x00\x00\x20ftypisom" + bytes(range(188))
LARGE_BYTES = 15 * 1024 * 1024
CUTS_OF_LARGE = 200
SEED = 20261124


class Provider:
    """Sends what is set, as it is; the tries after the first one are reset, so that none is long."""

    def __init__(self, stack: ExitStack) -> None:
        self.parts: Iterator[bytes] = iter(())
        self.server = stack.enter_context(RawProvider(self.play))
        self.client = stack.enter_context(VideoClient("sk-test", self.server.url, sleep=lambda _: None))

    def play(self, peer: Peer) -> None:
        peer.request()
        begun = False
        for part in self.parts:
            begun = True
            peer.send(part)
        if not begun:
            peer.reset()


@pytest.fixture
def provider() -> Iterator[Provider]:
    with ExitStack() as stack:
        yield Provider(stack)


def announced(body: bytes, cut: int) -> bytes:
    """A Content-Length that is true of the whole."""
    return answer(200, body[:cut], length=len(body))


def in_a_chunk(body: bytes, cut: int) -> bytes:
    """A chunk of what there is, and the last one: an end in order."""
    return chunked(answer(200, body[:cut]))


def to_the_end(body: bytes, cut: int) -> bytes:
    """Nothing but the end of the connection says where the body ends: also an end in order."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + body[:cut]


FRAMINGS: Mapping[Callable[[bytes, int], bytes], type[NebulaError]] = {
    announced: UnreachableError,
    in_a_chunk: BrokenContractError,
    to_the_end: BrokenContractError,
}


def refused(provider: Provider, path: Path, *parts: bytes) -> type[NebulaError]:
    """What a download of those parts raises; nothing is left of it."""
    provider.parts = iter(parts)
    with pytest.raises(NebulaError) as caught:
        provider.client.download(TASK_ID, path)
    assert caught.value.task_id == TASK_ID
    assert list(path.parent.iterdir()) == []
    return type(caught.value)


@pytest.mark.parametrize("framed", FRAMINGS)
def test_a_document_that_is_cut_at_any_byte_leaves_no_file(
    provider: Provider, tmp_path: Path, framed: Callable[[bytes, int], bytes]
) -> None:
    body, path = document(SMALL), tmp_path / "cat.mp4"
    found = [refused(provider, path, framed(body, cut)) for cut in range(len(body))]
    assert len(found) > 650
    assert set(found) == {FRAMINGS[framed]}
    provider.parts = iter([framed(body, len(body))])
    assert provider.client.download(TASK_ID, path).path.read_bytes() == SMALL


@pytest.mark.parametrize("framed", FRAMINGS)
def test_an_answer_that_is_cut_within_its_head_leaves_no_file(
    provider: Provider, tmp_path: Path, framed: Callable[[bytes, int], bytes]
) -> None:
    whole = framed(document(SMALL), len(document(SMALL)))
    head = whole.index(b"\r\n\r\n") + 4
    for cut in range(1, head):
        assert refused(provider, tmp_path / "cat.mp4", whole[:cut]) is UnreachableError


def test_a_large_document_that_is_cut_anywhere_leaves_no_file(provider: Provider, tmp_path: Path) -> None:
    """Seeded offsets, all framings in turn; the old file stays as it is."""
    draw = random.Random(SEED)  # noqa: S311 - offsets, no secrets
    body = document(SMALL[:12] + draw.randbytes(LARGE_BYTES - 12))
    old = tmp_path / "cat.mp4"
    old.write_bytes(SMALL)
    cuts = [draw.randrange(len(body)) for _ in range(CUTS_OF_LARGE)]
    for cut, (framed, kind) in zip(cuts, itertools.cycle(FRAMINGS.items()), strict=False):
        provider.parts = iter([framed(body, cut)])
        with pytest.raises(kind):
            provider.client.download(TASK_ID, old, overwrite=True)
        assert [entry.read_bytes() for entry in tmp_path.iterdir()] == [SMALL]


RESULT_TYPE = "Content-Type: video/mp4"


@pytest.fixture(scope="module")
def film() -> bytes:
    """An MP4 as a provider makes it."""
    with MockServer(clock="manual", video_size_bytes=20_000) as mock:
        adapter = AppAdapter(mock.app)
        with VideoClient("sk-test", "http://localhost", sleep=mock.advance, adapter=adapter) as client:
            submission = client.submit("A cat", model="sora-2", seconds=4)
            client.wait(submission.task_id)
            with TemporaryDirectory() as folder:
                return client.download(submission.task_id, Path(folder) / "cat.mp4").path.read_bytes()


@pytest.mark.parametrize("announces", [True, False])
def test_a_result_that_is_cut_anywhere_leaves_no_file(
    provider: Provider, tmp_path: Path, film: bytes, *, announces: bool
) -> None:
    """Without an announced length the boxes of the file alone tell."""
    draw = random.Random(SEED)  # noqa: S311 - offsets, no secrets
    done = Task(WAN_ID, "succeeded", urls=(f"{provider.server.url}/cat.mp4",))
    path = tmp_path / "cat.mp4"
    cuts = {*range(64), *(draw.randrange(len(film)) for _ in range(400)), *range(len(film) - 64, len(film))}
    for cut in sorted(cuts):
        whole = answer(200, film[:cut], RESULT_TYPE, length=len(film))
        open_end = f"HTTP/1.1 200 OK\r\n{RESULT_TYPE}\r\nConnection: close\r\n\r\n".encode() + film[:cut]
        provider.parts = iter([whole if announces else open_end])
        with pytest.raises(NebulaError):
            provider.client.download(done, path)
        assert list(tmp_path.iterdir()) == [], cut


def test_a_result_that_is_cut_leaves_no_file_however_its_beginning_is_parted(
    tmp_path: Path, film: bytes
) -> None:
    """What it is can be told from eight bytes, which may come one by one."""
    done = Task(WAN_ID, "succeeded", urls=("http://localhost/cat.mp4",))
    parts = iter([[film[:size], film[size:10_000]] for size in range(1, 9)] * 4)

    def app(_environ: object, start_response: Callable[[str, list[tuple[str, str]]], object]) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "video/mp4")])
        return next(parts)

    client = VideoClient("sk-test", "http://localhost", sleep=lambda _: None, adapter=AppAdapter(app))
    for _ in range(8):
        with pytest.raises(UnreachableError):
            client.download(done, tmp_path / "cat.mp4")
        assert list(tmp_path.iterdir()) == []
