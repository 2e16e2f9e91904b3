"""Every public name of ``nebula_client`` as a caller writes it. Nothing runs this: mypy --strict reads it.

What a caller may rely on in types is asserted here, so that a return type which becomes wider, an attribute
that may suddenly be None, or an argument that is renamed is seen before a caller sees it.
"""

import warnings
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, assert_type

import requests.adapters

from nebula_client import (
    BrokenContractError,
    ChangedValueWarning,
    ConfigurationError,
    Generation,
    IntegrityError,
    Limits,
    NebulaError,
    OutputError,
    PollSchedule,
    RefusedError,
    ResultExpired,
    Submission,
    SubmitUncertain,
    Task,
    TaskCancelled,
    TaskError,
    TaskFailed,
    Timeouts,
    UnexpectedRedirect,
    UnreachableError,
    Verify,
    Video,
    VideoClient,
    WaitTimeoutError,
    __version__,
)


def clients(adapter: requests.adapters.BaseAdapter) -> Iterator[VideoClient]:
    """Every argument, positional where that is allowed."""
    yield VideoClient()
    yield VideoClient("sk-test", "http://localhost:8383")
    yield VideoClient(api_key_file=Path("key"), strict=True)
    yield VideoClient(api_key_file="key")
    yield VideoClient(
        schedule=PollSchedule(first_s=1, growth=2, longest_s=30, jitter=0),
        request_retries=0,
        timeouts=Timeouts(connect_s=1, download_total_s=7200, least_rate=0),
        limits=Limits(query_bytes=1024, download_bytes=2**31),
        sleep=lambda _seconds: None,
        monotonic=lambda: 0.0,
        random=lambda: 0.5,
        adapter=adapter,
    )


def steps(client: VideoClient) -> None:
    """The steps one by one."""
    assert_type(client.base_url, str)
    submission = client.submit("A cat", model="sora-2", seconds=4, size="720x1280")
    assert_type(submission, Submission)
    assert_type(client.submit(model="wan2.5-i2v-preview", strict=True, idempotency_key="k"), Submission)
    assert_type(client.query(submission.task_id), Task)
    task = client.wait(submission.task_id, timeout_s=60, on_update=on_update)
    assert_type(task, Task)
    assert_type(client.download(task, "cat.mp4"), Video)
    assert_type(client.download(task.task_id, Path("cat.mp4"), index=1, overwrite=True), Video)
    ways: tuple[Verify, ...] = ("skip", "stop", "compare")
    for verify in ways:
        client.download(task, "cat.mp4", verify=verify, require_mp4=True, line_breaks=True)
    assert_type(client.download_all(task.task_id, "cat.mp4", overwrite=True), tuple[Video, ...])
    assert_type(client.close(), None)


def in_one_call() -> Generation:
    """From prompt to file."""
    with VideoClient() as client:
        assert_type(client, VideoClient)
        return client.generate(
            "A cat",
            "cat.mp4",
            model="veo-3.1-generate-preview",
            timeout_s=1200,
            overwrite=True,
            verify="compare",
            require_mp4=True,
            strict=False,
            idempotency_key="order-7",
            on_submit=on_submit,
            on_update=on_update,
            durationSeconds=6,
        )


def on_submit(submission: Submission) -> None:
    """What an accepted submit tells."""
    assert_type(submission.task_id, str)
    assert_type(submission.model, str)
    assert_type(submission.status, str | None)
    assert_type(submission.price_usd, Decimal | None)
    assert_type(submission.idempotency_key, str)
    assert_type(submission.request_id, str | None)
    assert_type(submission.metadata, Mapping[str, Any])
    assert_type(submission.extra, Mapping[str, Any])


def on_update(task: Task, polls: int) -> None:
    """What a query tells."""
    assert_type(polls, int)
    assert_type(task.task_id, str)
    assert_type(task.status, str)
    assert_type(task.reported_status, str)
    assert_type(task.is_terminal, bool)
    assert_type(task.urls, tuple[str, ...])
    assert_type(task.progress_percent, int | None)
    assert_type(task.retry_after_s, float | None)
    assert_type(task.error, TaskError | None)
    assert_type(task.request_id, str | None)
    assert_type(task.metadata, Mapping[str, Any])
    assert_type(task.extra, Mapping[str, Any])
    if task.error is not None:
        assert_type(task.error.message, str)
        assert_type(task.error.code, int | str | None)


def made(generation: Generation) -> None:
    """What a generation tells."""
    assert_type(generation.submission, Submission)
    assert_type(generation.task, Task)
    assert_type(generation.videos, tuple[Video, ...])
    assert_type(generation.polls, int)
    video = generation.video
    assert_type(video, Video)
    assert_type(video.path, Path)
    assert_type(video.size_bytes, int)
    assert_type(video.sha256, str)
    assert_type(video.task_id, str)
    assert_type(video.size_checked, bool)
    assert_type(video.copies_compared, bool)


def handled(client: VideoClient) -> str:  # noqa: C901, PLR0911, PLR0912 - one branch for each class
    """Every class of error, the narrow ones first, with what it tells."""
    try:
        client.generate("A cat", "cat.mp4", model="sora-2")
    except SubmitUncertain as error:
        assert_type(error.sent_at, str)
        assert_type(error.idempotency_key, str)
        return error.reason
    except TaskCancelled as error:
        assert_type(error.task, Task)
        return error.message
    except TaskFailed as error:
        assert_type(error.code, int | str | None)
        return error.message
    except WaitTimeoutError as error:
        assert_type(error.last_status, str | None)
        assert_type(error.waited_s, float)
        assert_type(error.polls, int)
        return error.task_id
    except UnexpectedRedirect as error:
        return error.target
    except ResultExpired as error:
        return error.message
    except RefusedError as error:
        assert_type(error.code, str | None)
        assert_type(error.type, str | None)
        assert_type(error.fields, tuple[Any, ...])
        return error.message
    except UnreachableError as error:
        assert_type(error.was_sent, bool)
        assert_type(error.address, str)
        return error.reason
    except IntegrityError as error:
        return error.what
    except BrokenContractError as error:
        return error.what
    except OutputError as error:
        assert_type(error.path, Path)
        return error.reason
    except ConfigurationError as error:
        as_value_error: ValueError = error
        return str(as_value_error)
    except NebulaError as error:
        assert_type(error.operation, str | None)
        assert_type(error.status, int | None)
        assert_type(error.request_id, str | None)
        assert_type(error.task_id, str | None)
        assert_type(error.idempotency_key, str | None)
        assert_type(error.attempts, int)
        assert_type(error.retry_after_s, float | None)
        assert_type(error.retryable, bool)
    return assert_type(__version__, str)


def warned() -> None:
    """A warning category like any other."""
    warnings.simplefilter("error", category=ChangedValueWarning)
