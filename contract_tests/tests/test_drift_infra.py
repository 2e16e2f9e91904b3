"""Trouble of the provider or of the account is no drift: nothing is told as changed, and the run proves too little."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drifting import live_run, record_of
from nebula_contract.drift.drifted import DriftBounds, drifted
from nebula_contract.record.exchange import Answer, Body, Exchange

Trouble = Callable[[int, Exchange], Exchange]
JSON = "application/json"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> list[Exchange]:
    """A live run at a mock that does nothing wrong."""
    return live_run(tmp_path_factory.mktemp("live"))


def answered(status: int, body: Any, media: str = JSON) -> Trouble:
    """Every third answer is that one."""

    def trouble(place: int, one: Exchange) -> Exchange:
        headers = {"content-type": media, "x-oneapi-request-id": f"20261122060000000{place:06}abcdefgh"}
        return replace(one, answer=Answer(status, headers, Body(90, "00", body))) if place % 3 == 1 else one

    return trouble


def troubled(run: list[Exchange], trouble: Trouble) -> list[Exchange]:
    """The run at a provider in trouble; nothing is asked about a task of which nobody knows that it was made."""
    found: list[Exchange] = []
    lost_jobs: set[str] = set()
    for place, one in enumerate(run):
        job = "/".join(one.case.split("/")[:2])
        if job in lost_jobs:
            continue
        turned = trouble(place, one)
        if turned is not one and one.purpose == "submit" and one.operation == "submit":
            lost_jobs.add(job)
        found.append(turned)
    return found


def error(kind: str, code: str) -> dict[str, Any]:
    """The gateway's error object."""
    return {"error": {"message": "later", "type": kind, "code": code, "param": None}}


def of_the_own_key(trouble: Trouble) -> Trouble:
    """Only answers to requests with the run's own key."""
    return lambda place, one: (
        trouble(3 * place + 1, one) if one.request.credential == "own" and place > 40 else one
    )


def lost(place: int, one: Exchange) -> Exchange:
    """Every third answer is lost."""
    return replace(one, answer=None, failure="timeout: nothing came in 120 s") if place % 3 == 1 else one


TROUBLES: Mapping[str, Trouble] = {
    "429 storm": answered(429, error("rate_limit_error", "rate_limit_exceeded")),
    "429 of a proxy": answered(429, None, "text/html"),
    "500": answered(500, error("server_error", "internal")),
    "502 of a proxy": answered(502, None, "text/html"),
    "503": answered(503, error("nebula_api_error", "get_channel_failed")),
    "504": answered(504, None, "text/html"),
    "timeouts": lost,
    "a key that is refused": of_the_own_key(answered(401, error("nebula_api_error", "invalid_api_key"))),
    "an empty balance": of_the_own_key(answered(403, error("nebula_api_error", "insufficient_user_quota"))),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_trouble_is_never_drift(trouble: Trouble, run: list[Exchange], tmp_path: Path) -> None:
    before = record_of(tmp_path / "before.ndjson", run)
    record = record_of(tmp_path / "now.ndjson", troubled(run, trouble))
    for baseline in (before.path, tmp_path / "none.json"):
        bounds = DriftBounds(baseline=baseline, accepted=tmp_path / "accepted.json")
        report = drifted(record, bounds)
        told = [(one.rule.id, one.place, one.now) for one in report.findings if one.severity != "info"]
        assert (told, report.ending.code) == ([], 3)
        assert sum(report.unobservable.values()) > 0
        assert any("could not be looked at" in reason for reason in report.ending.reasons)


def test_trouble_is_forgiven_when_asked_to_and_still_told(run: list[Exchange], tmp_path: Path) -> None:
    trouble = TROUBLES["503"]
    record = record_of(tmp_path / "now.ndjson", troubled(run, trouble))
    bounds = DriftBounds(
        baseline=tmp_path / "none.json", accepted=tmp_path / "accepted.json", inconclusive_ok=True
    )
    report = drifted(record, bounds)
    assert report.ending.code == 0
    assert report.ending.reasons


def test_a_change_beside_trouble_is_still_a_change(run: list[Exchange], tmp_path: Path) -> None:
    def turned(place: int, one: Exchange) -> Exchange:
        if one.operation == "query" and one.status == 200 and "/wan/" in one.case and one.answer is not None:
            body = {name: value for name, value in one.json.items() if name != "format"}
            return replace(one, answer=replace(one.answer, body=replace(one.answer.body, json=body)))
        return TROUBLES["500"](place, one) if "/sora/" in one.case else one

    record_of(tmp_path / "before.ndjson", run)
    record = record_of(tmp_path / "now.ndjson", troubled(run, turned))
    bounds = DriftBounds(baseline=tmp_path / "before.ndjson", accepted=tmp_path / "accepted.json")
    report = drifted(record, bounds)
    assert [(one.rule.id, one.place.family) for one in report.findings] == [("DR201", "wan")]
    assert report.ending.code == 1
