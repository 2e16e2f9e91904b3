"""``GET /v1/video/generations/{task_id}``: statuses, results, and what is not there."""

from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from nebula_contract.promises import (
    promise_legal_trace,
    promise_mp4,
    promise_refusal,
    promise_request_id,
    promise_schema,
)
from nebula_contract.runs import GENERATIONS, LifecycleRun, query
from nebula_contract.targets import Target
from nebula_schemas.catalogue import Family

_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789_-."


def test_every_poll_keeps_the_contract(run: LifecycleRun) -> None:
    """Whatever the status, the body is as documented and of the task asked for."""
    promise_schema("submit/response", run.submitted)
    for poll in run.polls:
        body = promise_schema("query/response", poll)
        promise_request_id(poll)
        assert body["task_id"] == run.task_id, f"{poll}: expected task {run.task_id}"


def test_statuses_come_in_order_and_the_last_one_stays(run: LifecycleRun, family: Family) -> None:
    promise_legal_trace(family, run.statuses)


def test_task_is_not_done_at_once(run: LifecycleRun) -> None:
    """A video takes time; a consumer that never polls twice would be wrong."""
    assert run.statuses[0] not in {"succeeded", "failed"}, f"{run.polls[0]}"


def test_progress_never_falls(run: LifecycleRun) -> None:
    bodies = [poll.json() for poll in run.polls]
    told = [(body.get("metadata") or {}).get("progress") for body in bodies]
    known = [progress for progress in told if progress is not None]
    assert known == sorted(known), f"found progress {known}"


def test_result_is_an_mp4_and_stays_the_same(target: Target, run: LifecycleRun, family: Family) -> None:
    """Families with a URL give an MP4 there without a key; Sora gives none."""
    bodies = [poll.json() for poll in run.polls]
    ends = [body for body in bodies if body["status"] == "succeeded"]
    assert ends, f"{run.last}: expected the task to succeed"
    urls = [body.get("url") or "" for body in ends]
    assert len(set(map(str, urls))) == 1, f"the result changed between reads: {urls}"
    if family.delivery == "download":
        assert urls[0] == "", f"found url {urls[0]!r}, expected none: the result comes from download"
        return
    exchange = target.wire.send("GET", urls[0] if isinstance(urls[0], str) else urls[0][0])
    assert exchange.status == 200, f"{exchange}: expected the video"
    promise_mp4(exchange.body, urls[0])
    assert int(exchange.headers["content-length"]) == len(exchange.body)


def test_another_account_sees_no_task(target: Target, run: LifecycleRun) -> None:
    """Another key's task is an unknown task, or the key itself is refused."""
    exchange = query(target, run.task_id or "none", key=target.other_key)
    promise_refusal("invalid-key" if exchange.status == 401 else "unknown-task", exchange)


def test_query_without_a_key_is_refused(target: Target, run: LifecycleRun) -> None:
    exchange = target.wire.send("GET", f"{GENERATIONS}/{run.task_id}")
    promise_refusal("missing-key", exchange)


@given(
    task_id=st.text(_ID_LETTERS, min_size=1, max_size=64).filter(
        lambda word: word.strip(".") and word != "download"
    )
)
def test_unknown_task_is_refused(target: Target, task_id: str) -> None:
    exchange = query(target, quote(task_id))
    promise_refusal("unknown-task", exchange)
    promise_request_id(exchange)
