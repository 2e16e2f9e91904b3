"""No answer makes the judge fail: whatever type a member has, a verdict comes."""

import json
from dataclasses import replace
from typing import Any

import pytest

from nebula_contract.judging.judge import judge
from nebula_contract.judging.registry import all_checks, check_of
from nebula_contract.record.exchange import Answer, Exchange, Request
from nebula_contract.record.reducing import body_of

STRANGE: tuple[Any, ...] = ([], {}, [[1]], {"a": []}, None, True, 1.5, "", [None])
PLACES = ("status", "url", "error", "format", "metadata", "task_id", "data")
INNER = (
    "id",
    "seconds",
    "progress",
    "created_at",
    "completed_at",
    "expires_at",
    "output",
    "usage",
    "response",
)
BODIES = {
    "sora": {"model": "sora-2", "prompt": "A cat"},
    "veo": {"model": "veo-3.1-fast-generate-preview", "prompt": "A cat"},
    "wan": {"model": "wan2.5-t2v-preview", "prompt": "A cat"},
}
IDS = {
    "sora": "video_" + "0" * 32,
    "veo": "cHJvamVjdHMv" + "a" * 100,
    "wan": "ae8eb420-8aa6-440a-8eb8-1d1afe8d5e97",
}


def exchange(number: int, method: str, path: str, sent: Any, came: Any) -> Exchange:
    raw = json.dumps(came).encode()
    body = None if sent is None else json.dumps(sent).encode()
    request = Request(method, path, "own", {"content-type": "application/json"}, body)
    answer = Answer(200, {"content-type": "application/json"}, body_of(raw, "application/json"))
    return Exchange(number, "c", "submit" if sent else "query", request, answer, at_s=float(number))


@pytest.mark.parametrize("family", BODIES)
@pytest.mark.parametrize("strange", STRANGE, ids=repr)
def test_a_member_of_any_type_is_judged(family: str, strange: Any) -> None:
    task_id = IDS[family]
    made = {"task_id": task_id, "status": "submitted", "format": "mp4"}
    read = {"task_id": task_id, "status": "succeeded", "format": "mp4"}
    answers = [{**read, place: strange} for place in PLACES]
    answers += [{**read, "metadata": {inner: strange}} for inner in INNER]
    answers += [{**read, "metadata": dict.fromkeys(INNER, strange)}]
    path = "/v1/video/generations"
    for answer in answers:
        reads = [exchange(number, "GET", f"{path}/{task_id}", None, answer) for number in (2, 3)]
        submits = [exchange(1, "POST", path, BODIES[family], made)]
        verdict = judge([*submits, *reads], is_mock=False)
        assert (verdict.exchanges, verdict.quarantined) == (3, ())
    for inner in INNER:
        strange_made = {**made, "metadata": {inner: strange}}
        verdict = judge([exchange(1, "POST", path, BODIES[family], strange_made)], is_mock=False)
        assert (verdict.exchanges, verdict.quarantined) == (1, ())


def test_what_a_check_cannot_read_is_quarantined_and_the_rest_is_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A check that fails on an answer is no finding and no pass; the others go on."""

    def fails(_seen: object) -> None:
        raise TypeError

    broken = replace(check_of("NC305"), look=fails)
    checks = tuple(broken if check.code == "NC305" else check for check in all_checks())
    monkeypatch.setattr("nebula_contract.judging.judge.all_checks", lambda: checks)
    read = {"task_id": "video_" + "1" * 32, "status": "succeeded", "format": "webm"}
    made = {"task_id": IDS["sora"], "status": "submitted", "format": "mp4"}
    path = "/v1/video/generations"
    every = [
        exchange(1, "POST", path, BODIES["sora"], made),
        exchange(2, "GET", f"{path}/{IDS['sora']}", None, read),
    ]
    verdict = judge(every, is_mock=False)
    assert verdict.quarantined == tuple(
        f"NC305 cannot read exchange {number}: TypeError" for number in (1, 2)
    )
    assert "NC306" in {one.code for one in verdict.findings}
