"""Promises of a remix: a finished task of one's own, made again with another prompt, or a refusal."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from nebula_mock import AccountRules, Failure, ManualClock, Plan, Settings, create_app

GENERATIONS = "/v1/video/generations"
KEY, OTHER = {"Authorization": "Bearer sk-remix"}, {"Authorization": "Bearer sk-other"}
SORA = {"model": "sora-2", "prompt": "A cat", "seconds": "8", "size": "1280x720"}
FIELD = {"documented": "remix_from_video_id", "gateway": "remix_video_id"}
dialects = pytest.mark.parametrize("dialect", ["documented", "gateway"])


class Studio:
    """A provider without a socket, and its clock."""

    def __init__(self, dialect: Any, **settings: Any) -> None:
        self.clock = ManualClock(1_763_812_800.0)
        made = Settings(clock="manual", dialect=dialect, **settings)
        self.client: FlaskClient = create_app(made, provider=made.provider(self.clock)).test_client()
        self.field = FIELD[dialect]

    def submitted(self, fields: Mapping[str, Any], key: dict[str, str] = KEY) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer to a submit."""
        answer = self.client.post(GENERATIONS, json=fields, headers=key)
        return answer.status_code, answer.get_json()

    def finished(self) -> str:
        """The id of a finished task of eight seconds in landscape."""
        task_id = str(self.submitted(SORA)[1]["task_id"])
        self.clock.advance(30)
        return task_id

    def remixed(self, source: str, key: dict[str, str] = KEY, **fields: Any) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer to a remix."""
        return self.submitted({"model": "sora-2", "prompt": "A dog", self.field: source, **fields}, key)

    def metadata(self, task_id: str) -> dict[str, Any]:
        """What a query shows as really used."""
        body = self.client.get(f"{GENERATIONS}/{task_id}", headers=KEY).get_json()
        metadata: dict[str, Any] = body["metadata"]
        return metadata


@dialects
def test_a_remix_has_the_form_of_its_source_whatever_else_is_asked(dialect: Any) -> None:
    """Only the prompt counts (DOC, SRC)."""
    studio = Studio(dialect)
    source = studio.finished()
    status, body = studio.remixed(source, seconds="12", size="720x1280")
    shown = studio.metadata(body["task_id"])
    told = [status, shown["seconds"], shown["size"], shown["remixed_from_video_id"]]
    assert told == [200, "8", "1280x720", source]


@dialects
def test_a_remix_costs_what_its_source_cost(dialect: Any) -> None:
    studio = Studio(dialect)
    studio.remixed(studio.finished(), seconds="12")
    (bill,) = studio.client.get("/_mock/ledger").get_json()["accounts"]
    assert (bill["charged_usd"], bill["running_usd"], bill["live_usd"]) == ("0.80", "0.80", "1.60")


@dialects
@pytest.mark.parametrize("prompt", ["", " ", None])
def test_a_remix_needs_a_prompt_all_the_same(dialect: Any, prompt: str | None) -> None:
    studio = Studio(dialect)
    assert studio.remixed(studio.finished(), prompt=prompt)[0] == 400


@dialects
def test_a_remix_of_no_task_of_ones_own_is_refused_by_the_upstream(dialect: Any) -> None:
    studio = Studio(dialect)
    answers = [studio.remixed("video_none"), studio.remixed(studio.finished(), OTHER)]
    assert [(status, body["code"]) for status, body in answers] == [(404, "fail_to_fetch_task")] * 2
    assert '"Video video_none was not found"' in answers[0][1]["message"]


@dialects
def test_a_remix_of_what_is_not_finished_is_refused_by_the_upstream(dialect: Any) -> None:
    running, failed = Studio(dialect), Studio(dialect, plan=Plan(failure=Failure("no")))
    source = running.submitted(SORA)[1]["task_id"]
    answers = [running.remixed(source), failed.remixed(failed.finished())]
    assert [(status, body["code"]) for status, body in answers] == [(400, "fail_to_fetch_task")] * 2


@dialects
@pytest.mark.parametrize("other", ["task_1", "", 5, None, "VIDEO_1"])
def test_an_id_without_the_prefix_makes_an_ordinary_video(dialect: Any, other: object) -> None:
    """The costliest surprise: no error, and a bill (SRC)."""
    studio = Studio(dialect)
    status, body = studio.submitted({**SORA, studio.field: other})
    shown = studio.metadata(body["task_id"])
    assert (status, shown["seconds"], shown["remixed_from_video_id"]) == (200, "8", None)


@pytest.mark.parametrize(
    ("dialect", "field"), [("gateway", FIELD["documented"]), ("documented", "remixVideoId")]
)
def test_each_dialect_drops_the_name_of_the_other(dialect: Any, field: str) -> None:
    studio = Studio(dialect)
    status, body = studio.submitted({**SORA, field: studio.finished()})
    assert (status, studio.metadata(body["task_id"])["remixed_from_video_id"]) == (200, None)


def test_a_task_of_another_family_cannot_be_remixed() -> None:
    studio = Studio("documented")
    wan = studio.submitted({"model": "wan2.5-t2v-preview", "prompt": "A cat"})[1]["task_id"]
    studio.clock.advance(30)
    assert studio.remixed(f"video_{wan}")[0] == 404


@dialects
def test_the_upstream_refuses_only_what_the_balance_covers(dialect: Any) -> None:
    """Order of checks: fields, price, balance, upstream (SRC)."""
    poor = {"sk-remix": AccountRules(balance_usd=Decimal(0), dialect=dialect)}
    status, body = Studio(dialect, accounts=poor).remixed("video_none")
    assert (status, body.get("code") or body["error"]["code"]) == (403, "quota_not_enough")
