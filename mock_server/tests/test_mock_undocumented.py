"""Promises of the routes that only the server source has: there in the gateway dialect, nowhere else."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from nebula_mock import AccountRules, Failure, ManualClock, Plan, Settings, create_app

GENERATIONS, VIDEOS = "/v1/video/generations", "/v1/videos"
KEY = {"Authorization": "Bearer sk-own"}
SORA = {"model": "sora-2", "prompt": "A cat"}


class Backstage:
    """A provider without a socket, its clock five seconds past a pass of the poller."""

    def __init__(self, dialect: Any = "gateway", **settings: Any) -> None:
        self.clock = ManualClock(1_763_812_805.0)
        made = Settings(clock="manual", dialect=dialect, **settings)
        self.client: FlaskClient = create_app(made, provider=made.provider(self.clock)).test_client()

    def submitted(self) -> str:
        """The id of a new task, by way of the undocumented route."""
        return str(self.client.post(VIDEOS, json=SORA, headers=KEY).get_json()["task_id"])

    def contents(self, task_id: str) -> list[tuple[int, str]]:
        """Status and message of both routes of the raw video; no key is sent."""
        paths = (f"{VIDEOS}/{task_id}/content", f"{GENERATIONS}/{task_id}/content/x")
        answers = [self.client.get(path) for path in paths]
        return [
            (
                one.status_code,
                "" if one.is_streamed and one.status_code == 200 else one.get_json()["error"]["message"],
            )
            for one in answers
        ]


def test_videos_is_another_name_of_generations() -> None:
    stage = Backstage()
    task_id = stage.submitted()
    answers = [stage.client.get(f"{root}/{task_id}", headers=KEY) for root in (VIDEOS, GENERATIONS)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].get_json() == answers[1].get_json()


def test_the_raw_video_is_given_to_anybody_once_it_is_done() -> None:
    stage = Backstage()
    task_id = stage.submitted()
    stage.clock.advance(10)
    answer = stage.client.get(f"{VIDEOS}/{task_id}/content")
    assert (answer.status_code, answer.content_type) == (200, "video/mp4")
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert answer.data[4:8] == b"ftyp"
    assert stage.contents(task_id) == [(200, "")] * 2


@pytest.mark.parametrize(
    ("plan", "seconds", "status"),
    [
        (Plan(), 1, "NOT_START"),
        (Plan(waiting_s=60), 11, "QUEUED"),
        (Plan(waiting_s=1, running_s=60), 11, "IN_PROGRESS"),
        (Plan(failure=Failure("no")), 30, "FAILURE"),
    ],
)
def test_before_that_it_is_refused_with_the_internal_status(plan: Plan, seconds: float, status: str) -> None:
    stage = Backstage(plan=plan)
    task_id = stage.submitted()
    stage.clock.advance(seconds)
    expected = f"Task is not completed yet, current status: {status}"
    assert stage.contents(task_id) == [(400, expected)] * 2


def test_the_raw_video_of_an_unknown_task_is_not_found() -> None:
    assert Backstage().contents("video_none") == [(404, "Task not found")] * 2


@pytest.mark.parametrize("headers", [{}, KEY, {"Authorization": "own"}])
def test_the_documented_dialect_has_none_of_them(headers: dict[str, str]) -> None:
    client = Backstage("documented").client
    answers = [
        client.post(VIDEOS, json=SORA, headers=headers),
        client.get(f"{VIDEOS}/video_1", headers=headers),
        client.get(f"{VIDEOS}/video_1/content", headers=headers),
        client.get(f"{GENERATIONS}/video_1/content/x", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert all("Invalid URL" in answer.get_json()["error"]["message"] for answer in answers)


def test_an_account_with_the_gateway_dialect_has_them_on_a_documented_server() -> None:
    stage = Backstage("documented", accounts={"sk-own": AccountRules(dialect="gateway")})
    task_id = stage.submitted()
    stage.clock.advance(10)
    assert stage.contents(task_id) == [(200, "")] * 2
    other = stage.client.post(GENERATIONS, json=SORA, headers={"Authorization": "Bearer sk-other"})
    assert stage.contents(other.get_json()["task_id"]) == [(404, "Task not found")] * 2


def test_a_gateway_asks_for_a_key_on_its_other_names_too() -> None:
    client = Backstage().client
    assert [client.post(VIDEOS, json=SORA).status_code, client.get(f"{VIDEOS}/x").status_code] == [401, 401]
