"""``GET /v1/video/generations/download?id={task_id}``: the video as JSON, Sora 2 only."""

from hypothesis import given
from hypothesis import strategies as st

from nebula_contract.promises import promise_download, promise_refusal, promise_request_id
from nebula_contract.runs import GENERATIONS, LifecycleRun, download
from nebula_contract.targets import Target
from nebula_schemas.catalogue import Family

_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789_-."


def test_finished_task_gives_its_video(target: Target, run: LifecycleRun, family: Family) -> None:
    """Sora's video comes twice in base64, the same each time; other families have none here."""
    exchange = download(target, run.task_id or "none")
    if family.delivery == "download":
        first = promise_download(run.task_id or "none", exchange)
        again = promise_download(run.task_id or "none", download(target, run.task_id or "none"))
        assert first == again, "two downloads of one task differ"
    else:
        promise_refusal("download-no-file", exchange)


def test_unfinished_task_has_no_video(run: LifecycleRun) -> None:
    promise_refusal("download-no-file", run.early_download)


def test_another_account_gets_no_video(target: Target, run: LifecycleRun) -> None:
    exchange = download(target, run.task_id or "none", key=target.other_key)
    promise_refusal("invalid-key" if exchange.status == 401 else "download-unknown-task", exchange)


def test_download_without_id_is_refused(target: Target) -> None:
    for path in ("", "?id=", "?task_id=video_1"):
        exchange = target.wire.send("GET", f"{GENERATIONS}/download{path}", key=target.key)
        promise_refusal("download-without-id", exchange)


def test_download_without_a_key_is_refused(target: Target, run: LifecycleRun) -> None:
    promise_refusal("missing-key", target.wire.send("GET", f"{GENERATIONS}/download?id={run.task_id}"))


@given(task_id=st.text(_ID_LETTERS, min_size=1, max_size=64))
def test_unknown_task_has_no_video(target: Target, task_id: str) -> None:
    exchange = download(target, task_id)
    promise_refusal("download-unknown-task", exchange)
    promise_request_id(exchange)
