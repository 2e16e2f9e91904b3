"""A real browser with the provider's results, as the provider's page says to use them."""

import json
from collections.abc import Iterator

import pytest

from browser import CHROMIUM, REASON, run_in_page
from nebula_client import VideoClient
from nebula_mock import MockServer

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=REASON)]

_PLAY = """
const play = src => new Promise((resolve, reject) => {
  const video = document.createElement("video");
  video.muted = true;
  video.onerror = () => reject(new Error(video.error.message));
  video.onended = () => resolve({
    width: video.videoWidth, height: video.videoHeight, duration: video.duration, at: video.currentTime,
  });
  video.onloadedmetadata = () => { video.playbackRate = 8; video.play().catch(reject); };
  video.src = src;
  document.body.append(video);
});
"""

# The provider's own browser sample, from fetch to Blob; only the host, the id and the key are filled in.
_PAGE_SAMPLE = """
const response = await fetch(`${host}/v1/video/generations/download?id=${id}`, {
  headers: {'Authorization': 'Bearer sk-browser'}
});
const data = await response.json();
const binaryString = atob(data.base64);
const bytes = new Uint8Array(binaryString.length);
for (let i = 0; i < binaryString.length; i++) {
  bytes[i] = binaryString.charCodeAt(i);
}
const blob = new Blob([bytes], { type: 'video/mp4' });
const url = URL.createObjectURL(blob);
"""


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer(clock="manual") as server:
        yield server


@pytest.fixture
def client(mock: MockServer) -> VideoClient:
    return VideoClient(api_key="sk-browser", base_url=mock.url)


def test_result_urls_play_with_the_size_and_duration_asked_for(mock: MockServer, client: VideoClient) -> None:
    """One video of each family with a URL, played to its end from another origin."""
    submitted = [
        client.submit("Waves", model="veo-3.1-generate-preview", durationSeconds=4, aspectRatio="9:16"),
        client.submit("A boat", model="wan2.5-t2v-preview", duration=5, size="832*480"),
        client.submit("A fox", model="doubao-seedance-1-5-pro-251215", resolution="720p", ratio="21:9"),
    ]
    mock.advance(10)
    urls = [client.query(one.task_id).urls[0] for one in submitted]
    found = run_in_page(f"{_PLAY} return await Promise.all({json.dumps(urls)}.map(play));")
    assert found == [
        {"width": 1080, "height": 1920, "duration": 4, "at": 4},
        {"width": 832, "height": 480, "duration": 5, "at": 5},
        {"width": 1470, "height": 630, "duration": 5, "at": 5},
    ]


def test_download_plays_as_data_url_and_by_the_page_sample(mock: MockServer, client: VideoClient) -> None:
    """Sora's two ways: ``data_url`` as a video's source, and the page's script from base64 to Blob."""
    task_id = client.submit("A cat", model="sora-2", seconds="4", size="720x1280").task_id
    mock.advance(10)
    known = f"const host = {json.dumps(mock.url)}, id = {json.dumps(task_id)};"
    found = run_in_page(
        f"{_PLAY} {known} {_PAGE_SAMPLE} return [await play(data.data_url), await play(url)];"
    )
    assert found == [{"width": 720, "height": 1280, "duration": 4, "at": 4}] * 2


def test_admin_api_is_closed_to_pages_of_other_origins(mock: MockServer) -> None:
    """A page cannot read or change the mock itself, whatever it sends."""
    script = f"""
    const tried = async (method, type) => {{
      try {{
        const answer = await fetch({json.dumps(mock.url + "/_mock/clock/advance")}, {{
          method, mode: "cors", headers: {{"Content-Type": type}}, body: '{{"seconds": 60}}',
        }});
        return answer.status;
      }} catch {{ return "blocked"; }}
    }};
    return [await tried("POST", "application/json"), await tried("POST", "text/plain")];
    """
    before = mock.clock.now()
    assert run_in_page(script) == ["blocked", "blocked"]
    assert mock.clock.now() == before
