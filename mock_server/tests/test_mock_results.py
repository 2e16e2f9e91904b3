"""Promises of a result URL: the MP4 whole or in the range a player asks for, without a key."""

from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from nebula_mock import ManualClock, Settings, create_app

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

KEY = {"Authorization": "Bearer sk-test"}
GENERATIONS = "/v1/video/generations"
VEO = {"model": "veo-3.0-generate-001", "prompt": "A cat", "resolution": "720p", "fps": 1, "sampleCount": 4}

small = settings(patient, max_examples=60)


@dataclass(frozen=True, slots=True)
class Results:
    """A succeeded Veo task of four samples."""

    client: FlaskClient
    paths: tuple[str, ...]
    whole: bytes

    def get(self, wanted: str | None = None, *, method: str = "GET", **headers: str) -> TestResponse:
        """The first result, perhaps a range of it; no key is sent."""
        ranged = {"Range": wanted} if wanted is not None else {}
        return self.client.open(self.paths[0], method=method, headers={**ranged, **headers})


def paths_of(client: FlaskClient, clock: ManualClock) -> tuple[str, ...]:
    """The paths of the results of a new task, once it succeeded."""
    task_id = client.post(GENERATIONS, json=VEO, headers=KEY).get_json()["task_id"]
    clock.advance(10)
    urls = client.get(f"{GENERATIONS}/{task_id}", headers=KEY).get_json()["url"]
    return tuple(url.removeprefix("http://localhost") for url in urls)


@pytest.fixture(scope="module")
def results() -> Results:
    """The four results of a task."""
    clock = ManualClock(1_763_812_800.0)
    client = create_app(provider=Settings(seed=1).provider(clock)).test_client()
    paths = paths_of(client, clock)
    return Results(client, paths, client.get(paths[0]).data)


def test_a_result_is_an_mp4_that_says_it_takes_ranges(results: Results) -> None:
    answer = results.get()
    assert answer.status_code == 200
    assert answer.data[4:8] == b"ftyp"
    assert (answer.content_type, answer.content_length) == ("video/mp4", len(answer.data))
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_four_samples_are_four_videos(results: Results) -> None:
    assert len({results.client.get(path).data for path in results.paths}) == 4


def test_a_head_tells_all_but_the_video(results: Results) -> None:
    whole, head = results.get(), results.get(method="HEAD")
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "Accept-Ranges"):
        assert head.headers[name] == whole.headers[name]


def part(results: Results, start: int, stop: int) -> tuple[int, str, bytes]:
    """What a satisfied range looks like: the bytes from ``start`` up to, not including, ``stop``."""
    length = len(results.whole)
    return 206, f"bytes {start}-{stop - 1}/{length}", results.whole[start:stop]


def seen(answer: TestResponse) -> tuple[int, str | None, bytes]:
    """What an answer to a range looks like."""
    assert answer.content_length == len(answer.data)
    return answer.status_code, answer.headers.get("Content-Range"), answer.data


@small
@given(st.data())
def test_any_range_is_that_slice_of_the_whole(results: Results, data: st.DataObject) -> None:
    length = len(results.whole)
    first = data.draw(st.integers(0, length - 1))
    last = data.draw(st.integers(first, length + 1000))
    assert seen(results.get(f"bytes={first}-{last}")) == part(results, first, min(last + 1, length))


@small
@given(st.data())
def test_an_open_range_runs_to_the_end(results: Results, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(results.whole) - 1))
    assert seen(results.get(f"bytes={first}-")) == part(results, first, len(results.whole))


@small
@given(st.data())
def test_a_suffix_is_the_last_bytes(results: Results, data: st.DataObject) -> None:
    length = len(results.whole)
    suffix = data.draw(st.integers(1, length))
    assert seen(results.get(f"bytes=-{suffix}")) == part(results, length - suffix, length)


@pytest.mark.parametrize("more", [1, 10**9])
def test_a_suffix_longer_than_the_file_is_all_of_it(results: Results, more: int) -> None:
    length = len(results.whole)
    assert seen(results.get(f"bytes=-{length + more}")) == part(results, 0, length)


@pytest.mark.parametrize("past", [0, 1, 10**12])
def test_a_range_past_the_end_cannot_be_satisfied(results: Results, past: int) -> None:
    length = len(results.whole)
    answer = results.get(f"bytes={length + past}-")
    assert seen(answer) == (416, f"bytes */{length}", b"")


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=0-1,4-5",
        "bytes=5-2",
        "bytes=abc",
        "bytes=",
        "bytes",
        "",
        "items=0-1",
        "bytes=1.5-2",
        "bytes=--1",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_several_ranges_or_none_that_can_be_read_are_the_whole(results: Results, wanted: str) -> None:
    assert seen(results.get(wanted)) == (200, None, results.whole)


@small
@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=30))
def test_any_range_header_gets_video_or_416(results: Results, text: str) -> None:
    for wanted in (text, f"bytes={text}"):
        assert results.get(wanted).status_code in {200, 206, 416}


def test_a_range_means_nothing_to_a_head(results: Results) -> None:
    head = results.get("bytes=0-1", method="HEAD")
    assert (head.status_code, head.content_length) == (200, len(results.whole))


@pytest.mark.parametrize("validator", ['"another-file"', "Sat, 22 Nov 2025 12:00:00 GMT"])
def test_a_range_of_another_file_is_the_whole_of_this_one(results: Results, validator: str) -> None:
    assert seen(results.get("bytes=0-1", **{"If-Range": validator})) == (200, None, results.whole)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/0.mp4", "/4.mp4"),
        ("/0.mp4", "/-1.mp4"),
        ("/0.mp4", "/1e0.mp4"),
        ("/0.mp4", "/" + "1" * 5000 + ".mp4"),
        ("/0.mp4", "/0.mov"),
        ("/0.mp4", "/"),
        ("/0.mp4", "0/0.mp4"),
        ("/results/", "/results/x"),
        ("/results/", "/Results/"),
    ],
)
def test_a_wrong_token_or_index_is_an_unknown_route(results: Results, old: str, new: str) -> None:
    path = results.paths[0].replace(old, new)
    answer = results.client.get(path)
    shown = path if len(path) <= 200 else f"{path[:200]}... ({len(path)} characters)"
    error = {
        "message": f"Invalid URL (GET {shown})",
        "type": "invalid_request_error",
        "param": "",
        "code": "",
    }
    assert (answer.status_code, answer.get_json()) == (404, {"error": error})


def test_nothing_is_there_before_success() -> None:
    clock = ManualClock(1_763_812_800.0)
    provider = Settings(seed=1).provider(clock)
    client = create_app(provider=provider).test_client()
    client.post(GENERATIONS, json=VEO, headers=KEY)
    (task,) = provider.store.tasks()
    statuses = []
    for _ in range(3):
        statuses.append(client.get(f"/results/{task.result_token}/3.mp4").status_code)
        clock.advance(5)
    assert statuses == [404, 404, 200]


def test_a_sora_task_has_no_result_url() -> None:
    clock = ManualClock(1_763_812_800.0)
    provider = Settings(seed=1).provider(clock)
    client = create_app(provider=provider).test_client()
    client.post(GENERATIONS, json={"model": "sora-2", "prompt": "A cat"}, headers=KEY)
    (task,) = provider.store.tasks()
    clock.advance(10)
    assert client.get(f"/results/{task.result_token}/0.mp4").status_code == 404


def test_a_result_url_names_the_host_that_was_asked() -> None:
    clock = ManualClock(1_763_812_800.0)
    client = create_app(provider=Settings(seed=1).provider(clock)).test_client()
    task_id = client.post(GENERATIONS, json=VEO, headers=KEY).get_json()["task_id"]
    clock.advance(10)
    for host in ("127.0.0.1:8383", "localhost", "[::1]:8383"):
        answer = client.get(f"{GENERATIONS}/{task_id}", headers={**KEY, "Host": host})
        assert [url.split("/results/")[0] for url in answer.get_json()["url"]] == [f"http://{host}"] * 4
