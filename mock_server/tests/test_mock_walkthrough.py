"""The provider's download page, done as it is written there, with only the host changed."""

import base64
import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from nebula_mock import MockServer

KEY = {"Authorization": "Bearer sk-xxxxxxxxxx"}

# The body of the page's curl command, to the byte.
SUBMIT_BODY = b"""{
"model": "sora-2",
"prompt": "A cute little cat playing in the garden",
"seconds": "4",
"size": "720x1280"
}"""


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """The provider, its time stopped, its videos as long as the page's sample."""
    with MockServer(clock="manual", video_size_bytes=15_728_640) as started:
        yield started


def exchange(
    mock: MockServer, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, str, bytes]:
    """Status, content type and bytes of the answer to one of the page's commands."""
    connection = http.client.HTTPConnection(mock.url.removeprefix("http://"), timeout=30)
    try:
        connection.request(method, path, body, {**KEY, **headers})
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()
    finally:
        connection.close()


def submitted(mock: MockServer) -> str:
    """The task id of the page's submit."""
    named = {"Content-Type": "application/json"}
    *_, body = exchange(mock, "POST", "/v1/video/generations", SUBMIT_BODY, **named)
    task_id: str = json.loads(body)["task_id"]
    return task_id


@pytest.mark.proves("endpoints.submit", "auth.bearer", "auth.json", "submitted.sora")
def test_the_first_command_is_answered_as_the_page_shows(mock: MockServer) -> None:
    named = {"Content-Type": "application/json"}
    answer = exchange(mock, "POST", "/v1/video/generations", SUBMIT_BODY, **named)
    (task,) = mock.tasks
    assert re.fullmatch("video_[0-9a-f]{32}", task.task_id)
    sample = b'{"task_id":"video_69095b4ce0048190893a01510c0c98b0","status":"submitted","format":"mp4"}'
    expected = sample.replace(b"video_69095b4ce0048190893a01510c0c98b0", task.task_id.encode())
    assert answer == (200, "application/json; charset=utf-8", expected)


@pytest.mark.proves("endpoints.query")
def test_the_second_command_is_repeated_until_the_status_is_succeeded(mock: MockServer) -> None:
    task_id = submitted(mock)
    seen: list[tuple[int, str, str]] = []
    while not seen or seen[-1] != (200, "application/json", "succeeded"):
        status, content_type, body = exchange(mock, "GET", f"/v1/video/generations/{task_id}")
        seen.append((status, content_type, json.loads(body)["status"]))
        mock.advance(3)
        assert len(seen) < 10
    assert [status for _, _, status in seen] == [
        "queued",
        "in_progress",
        "in_progress",
        "in_progress",
        "succeeded",
    ]


@pytest.mark.proves("endpoints.download", "download.body")
def test_the_third_command_is_answered_as_the_page_shows(mock: MockServer) -> None:
    task_id = submitted(mock)
    mock.advance(10)
    status, content_type, body = exchange(mock, "GET", f"/v1/video/generations/download?id={task_id}")
    text = base64.b64encode(base64.b64decode(json.loads(body)["base64"], validate=True))
    shown = b'{"success":true,"generation_id":"%b","task_id":"%b","format":"mp4","size":15728640,' % (
        (task_id.encode(),) * 2
    )
    expected = b'%b"base64":"%b","data_url":"data:video/mp4;base64,%b"}' % (shown, text, text)
    assert (status, content_type) == (200, "application/json; charset=utf-8")
    assert body == expected
    assert re.match(rb"AAAA[A-Za-z0-9+/]{2}Z0eX", text), "the MP4 begins with an ftyp box, as in the sample"


def download_video(base_url: str, video_id: str, api_key: str) -> bool:
    """The page's Python sample, but for the host."""
    url = f"{base_url}/v1/video/generations/download?id={video_id}"
    headers = {"Authorization": f"Bearer {api_key}"}
    response = requests.get(url, headers=headers, timeout=30)
    data: dict[str, Any] = response.json()
    if data.get("success"):
        video_data = base64.b64decode(data["base64"])
        with Path("video.mp4").open("wb") as f:
            f.write(video_data)
        return True
    return False


def test_the_python_sample_saves_the_video(
    mock: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    task_id = submitted(mock)
    assert not download_video(mock.url, task_id, "sk-xxxxxxxxxx"), "it is not finished"
    mock.advance(10)
    assert download_video(mock.url, task_id, "sk-xxxxxxxxxx")
    assert (tmp_path / "video.mp4").stat().st_size == 15_728_640


def test_a_browser_may_read_the_download_from_another_origin(mock: MockServer) -> None:
    """The page's script fetches with a header of its own, so the browser asks for leave first."""
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    wanted = {"Access-Control-Request-Headers": "authorization"}
    url = f"{mock.url}/v1/video/generations/download?id={submitted(mock)}"
    mock.advance(10)
    leave = requests.options(url, headers={**asked, **wanted}, timeout=30)
    data = requests.get(url, headers={**KEY, "Origin": "https://app.example"}, timeout=30)
    assert (leave.status_code, leave.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert "Authorization" in leave.headers["Access-Control-Allow-Headers"]
    assert (data.status_code, data.headers["Access-Control-Allow-Origin"]) == (200, "*")
