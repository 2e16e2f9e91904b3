"""Promises of the adapter without a socket: the same answers as over one, made while they are read."""

import io
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from nebula_client import VideoClient
from nebula_mock import MockServer
from nebula_mock.requests_adapter import AppAdapter

GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-test"}
SORA = {"model": "sora-2", "prompt": "A cat"}
VEO = {"model": "veo-3.1-fast-generate-preview", "prompt": "A cat"}
OWN = {"x-oneapi-request-id", "date", "server", "connection"}  # of a server, or of one request


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """A mock with a seed, which is started too."""
    with MockServer(clock="manual", seed=1) as started:
        yield started


@pytest.fixture
def session(mock: MockServer) -> Iterator[requests.Session]:
    """A session that calls the mock without a socket."""
    with requests.Session() as made:
        made.mount("http://", AppAdapter(mock.app))
        yield made


def submitted(session: requests.Session, body: Any = SORA) -> str:
    """The id of a new task."""
    answer = session.post(f"http://localhost{GENERATIONS}", json=body, headers=KEY)
    return str(answer.json()["task_id"])


def test_a_whole_job_runs_through_our_client_with_nothing_started(tmp_path: Path) -> None:
    mock = MockServer(clock="manual")
    client = VideoClient("sk-test", "http://localhost", sleep=mock.advance, adapter=AppAdapter(mock.app))
    for model in ("sora-2", VEO["model"]):
        path = tmp_path / f"{model}.mp4"
        client.generate("A cat", path, model=model)
        assert path.read_bytes()[4:8] == b"ftyp"
    assert mock.account("sk-test").bill.charged == 2
    assert {one.operation for one in mock.journal} == {"submit", "query", "download", "result"}


def test_every_answer_is_the_same_as_over_a_socket(mock: MockServer, session: requests.Session) -> None:
    sora, veo = submitted(session), submitted(session, VEO)
    mock.advance(60)
    file = (
        session.get(f"http://localhost{GENERATIONS}/{veo}", headers=KEY)
        .json()["url"]
        .removeprefix("http://localhost")
    )
    for method, path in [
        ("GET", f"{GENERATIONS}/{sora}"),
        ("GET", f"{GENERATIONS}/download?id={sora}"),
        ("GET", f"{GENERATIONS}/na%2Fme%20%C3%A9?x=%20"),
        ("GET", file),
        ("HEAD", file),
        ("GET", "/_mock/ledger"),
        ("DELETE", GENERATIONS),
    ]:
        near = session.request(method, f"http://localhost{path}", headers=KEY)
        far = requests.request(method, f"{mock.url}{path}", headers={**KEY, "Host": "localhost"}, timeout=10)
        assert (near.status_code, near.reason, near.content) == (far.status_code, far.reason, far.content)
        heads = [{name.lower(): one for name, one in answer.headers.items()} for answer in (near, far)]
        assert heads[0] == {name: one for name, one in heads[1].items() if name not in OWN} | {
            "x-oneapi-request-id": heads[0]["x-oneapi-request-id"]
        }


def blocks() -> Iterable[bytes]:
    """A body in blocks."""
    yield b'{"model": "sora-2", '
    yield b'"prompt": "A cat"}'


@pytest.mark.parametrize(
    "body",
    [b"".join(blocks()), b"".join(blocks()).decode(), io.BytesIO(b"".join(blocks())), blocks()],
    ids=["bytes", "text", "file", "blocks"],
)
def test_a_body_of_any_kind_arrives_whole(mock: MockServer, session: requests.Session, body: Any) -> None:
    answer = session.post(
        f"http://localhost{GENERATIONS}", data=body, headers={**KEY, "Content-Type": "application/json"}
    )
    assert answer.status_code == 200
    assert [task.prompt for task in mock.tasks] == ["A cat"]


def test_a_form_with_a_file_arrives(mock: MockServer, session: requests.Session) -> None:
    answer = session.post(f"http://localhost{GENERATIONS}", data=SORA, files={"x": b"picture"}, headers=KEY)
    assert answer.status_code == 200
    assert len(mock.tasks) == 1


def test_what_would_break_a_connection_is_refused_and_nothing_is_done(
    mock: MockServer, session: requests.Session
) -> None:
    mock.faults.script("submit", ["reset"])
    answer = session.post(f"http://localhost{GENERATIONS}", json=SORA, headers=KEY)
    assert (answer.status_code, answer.headers["Content-Type"]) == (501, "application/problem+json")
    assert mock.tasks == ()
    assert not mock.faults.met.verified


def test_what_happens_above_the_connection_works(mock: MockServer, session: requests.Session) -> None:
    mock.faults.script("query", ["http 503", "gzip", "broken-json"])
    path = f"http://localhost{GENERATIONS}/x"
    assert [session.get(path, headers=KEY).status_code for _ in range(2)] == [503, 404]
    with pytest.raises(requests.JSONDecodeError):
        session.get(path, headers=KEY).json()
    mock.faults.verify()


def test_a_large_video_is_made_while_it_is_read() -> None:
    mock = MockServer(clock="manual", video_size_bytes=16 * 1024 * 1024)
    with requests.Session() as session:
        session.mount("http://", AppAdapter(mock.app))
        task_id = submitted(session)
        mock.advance(60)
        tracemalloc.start()
        try:
            with session.get(
                f"http://localhost{GENERATIONS}/download?id={task_id}", headers=KEY, stream=True
            ) as answer:
                size = sum(map(len, answer.iter_content(65_536)))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert size == int(answer.headers["Content-Length"])
        assert most < 4 * 1024 * 1024


def test_who_stops_reading_is_in_the_journal_as_cut(mock: MockServer, session: requests.Session) -> None:
    task_id = submitted(session)
    mock.advance(60)
    with session.get(
        f"http://localhost{GENERATIONS}/download?id={task_id}", headers=KEY, stream=True
    ) as answer:
        next(answer.iter_content(10))
    (*_, entry) = mock.journal
    assert (entry.operation, entry.ended) == ("download", "cut")
