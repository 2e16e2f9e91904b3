"""Promises of results in the answer itself: whole, streamed, and gone after twelve hours (Veo)."""

import base64
from typing import Any

import pytest
from flask.testing import FlaskClient

from nebula_mock import AccountRules, ManualClock, Settings, create_app
from nebula_mock.dialects.metadata import VEO_BYTES_CUT
from nebula_schemas import contract

GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-veo"}
VEO = {"model": "veo-3.1-fast-generate-preview", "prompt": "A cat", "resolution": "720p"}
HEAD = "data:video/mp4;base64,"
TWELVE_HOURS_S = 12 * 3600


class Screen:
    """A provider without a socket, and its clock."""

    def __init__(self, **settings: Any) -> None:
        self.clock = ManualClock(1_763_812_800.0)
        made = Settings(clock="manual", **settings)
        self.provider = made.provider(self.clock)
        self.client: FlaskClient = create_app(made, provider=self.provider).test_client()

    def finished(self, **fields: Any) -> str:
        """The id of a finished task."""
        answer = self.client.post(GENERATIONS, json={**VEO, **fields}, headers=KEY)
        self.clock.advance(30)
        return str(answer.get_json()["task_id"])

    def query(self, task_id: str) -> dict[str, Any]:
        """The body of a query, which keeps the contract, and whose length was said."""
        answer = self.client.get(f"{GENERATIONS}/{task_id}", headers=KEY)
        assert answer.content_length == len(answer.data)
        assert answer.content_type == "application/json"
        body: dict[str, Any] = answer.get_json()
        contract().check("query/response", body)
        return body

    def films(self, task_id: str) -> list[bytes]:
        """The videos of a task, from the provider itself."""
        (task,) = (task for task in self.provider.store.tasks() if task.task_id == task_id)
        return [b"".join(self.provider.film(task, index).read()) for index in range(task.film.count)]


@pytest.mark.parametrize("dialect", ["documented", "gateway"])
@pytest.mark.parametrize("count", [1, 3])
def test_the_answer_holds_the_videos_byte_for_byte(dialect: Any, count: int) -> None:
    screen = Screen(video_results="data-uri", dialect=dialect)
    task_id = screen.finished(sampleCount=count)
    url = screen.query(task_id)["url"]
    urls = url if isinstance(url, list) else [url]
    assert (isinstance(url, list), len(urls)) == (count > 1, count)
    assert [base64.b64decode(one.removeprefix(HEAD)) for one in urls] == screen.films(task_id)


def test_metadata_shows_only_how_the_video_begins() -> None:
    screen = Screen(video_results="data-uri")
    body = screen.query(screen.finished())
    (video,) = body["metadata"]["response"]["videos"]
    assert video == {"mimeType": "video/mp4", "encoding": "mp4", "bytesBase64Encoded": VEO_BYTES_CUT}
    assert body["url"].removeprefix(HEAD).startswith(VEO_BYTES_CUT.removesuffix("..."))


@pytest.mark.parametrize("dialect", ["documented", "gateway"])
def test_after_twelve_hours_the_word_expired_is_left(dialect: Any) -> None:
    """The task is still known, and still succeeded (DOC, SRC; that url is the word INF)."""
    screen = Screen(video_results="data-uri", dialect=dialect)
    task_id = screen.finished(sampleCount=2)
    screen.clock.advance(TWELVE_HOURS_S - 20)
    assert screen.query(task_id)["url"][1].startswith(HEAD)
    screen.clock.advance(1)
    body = screen.query(task_id)
    assert (body["status"], body["url"]) == ("succeeded", "expired")
    assert len(body["metadata"]["response"]["videos"]) == 2


def test_nothing_stands_in_the_answer_before_the_end() -> None:
    screen = Screen(video_results="data-uri")
    answer = screen.client.post(GENERATIONS, json=VEO, headers=KEY)
    assert "url" not in screen.query(answer.get_json()["task_id"])


def test_an_account_may_have_its_results_otherwise_than_the_server() -> None:
    screen = Screen(accounts={"sk-veo": AccountRules(video_results="data-uri")})
    assert screen.query(screen.finished())["url"].startswith(HEAD)
    screen = Screen(video_results="data-uri", accounts={"sk-veo": AccountRules(video_results="url")})
    assert screen.query(screen.finished())["url"].startswith("http")


def test_families_with_urls_alone_keep_them() -> None:
    screen = Screen(video_results="data-uri")
    assert screen.query(screen.finished(model="wan2.5-t2v-preview"))["url"].startswith("http")


@pytest.mark.parametrize(
    ("fields", "signed"),
    [
        ({"model": "wan2.5-t2v-preview"}, ("Expires=1763899210", "Signature=")),
        (
            {
                "model": "doubao-seedance-1-0-pro-250528",
                "metadata": {"content": [{"type": "text", "text": "A cat"}]},
            },
            ("X-Tos-Expires=86400", "X-Tos-Date=20251122T120010Z", "X-Tos-Signature="),
        ),
    ],
)
def test_urls_are_signed_as_the_familys_storage_signs_them(
    fields: dict[str, Any], signed: tuple[str, ...]
) -> None:
    screen = Screen()
    url = screen.query(screen.finished(**fields))["url"]
    assert all(part in url.partition("?")[2] for part in signed)
    assert screen.client.get(url.removeprefix("http://localhost")).status_code == 200
