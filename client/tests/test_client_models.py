"""Promises of the values: frozen, complete, and made from any answer a provider can give."""

import dataclasses
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nebula_client import Generation, Submission, Task, TaskError, Video
from nebula_client.models import submission_from, task_from

unhurried = settings(deadline=None)

VALUES = [
    Submission("video_1", "sora-2"),
    Task("video_1", "queued"),
    TaskError("no"),
    Video(Path("cat.mp4"), 4, "0" * 64, "video_1"),
    Generation(Submission("video_1", "sora-2"), Task("video_1", "succeeded"), (), 1),
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
statuses = st.sampled_from(["queued", "in_progress", "succeeded", "failed", "paused"]) | st.text()
# The members that are looked into get junk of their own shape, too.
parts = json_values | st.dictionaries(
    st.sampled_from(["progress", "output", "error", "message", "code"]),
    json_values | st.dictionaries(st.sampled_from(["message", "code"]), json_values),
)
query_answers = st.builds(
    lambda known, junk: {**junk, **known},
    st.fixed_dictionaries({"task_id": st.text(), "status": statuses}),
    st.dictionaries(st.sampled_from(["url", "metadata", "error", "progress", "format"]) | st.text(), parts),
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_are_frozen(value: Any) -> None:
    name = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, "another")


def test_metadata_and_extra_cannot_be_changed() -> None:
    task = task_from({"task_id": "a", "status": "queued", "metadata": {"progress": 5}, "format": "mp4"}, None)
    for mapping in (task.metadata, task.extra):
        with pytest.raises(TypeError):
            mapping["progress"] = 6  # type: ignore[index]


@unhurried
@given(query_answers)
def test_no_answer_makes_a_task_fail_to_be_made(body: dict[str, Any]) -> None:
    task = task_from(body, "request-1")
    assert (task.task_id, task.status, task.request_id) == (body["task_id"], body["status"], "request-1")
    assert task.progress_percent is None or 0 <= task.progress_percent <= 100
    assert all(type(url) is str and url != "" for url in task.urls)
    assert (task.error is None) or task.status == "failed"
    assert task.is_terminal == (task.status in {"succeeded", "failed"})


@unhurried
@given(query_answers)
def test_members_nobody_knows_are_kept(body: dict[str, Any]) -> None:
    task = task_from(body, None)
    known = {"task_id", "status", "url", "metadata", "error"}
    assert set(task.extra) == set(body) - known
    assert all(task.extra[name] is body[name] for name in task.extra)


@unhurried
@given(json_values)
@example(10**400)
@example(float("inf"))
@example(float("nan"))
def test_junk_for_progress_is_clamped_or_left_out(progress: Any) -> None:
    task = task_from({"task_id": "a", "status": "queued", "metadata": {"progress": progress}}, None)
    is_number = isinstance(progress, int | float) and not isinstance(progress, bool)
    if is_number and progress == progress:  # noqa: PLR0124 - NaN is no number
        assert task.progress_percent == int(min(max(progress, 0), 100))
    else:
        assert task.progress_percent is None


@pytest.mark.parametrize(
    ("url", "urls"),
    [
        (None, ()),
        ("", ()),
        ("https://a/1", ("https://a/1",)),
        (["https://a/1", "", None, "https://a/2"], ("https://a/1", "https://a/2")),
        ({"url": "https://a/1"}, ()),
        (5, ()),
    ],
)
def test_urls_are_a_tuple_however_they_are_told(url: object, urls: tuple[str, ...]) -> None:
    assert task_from({"task_id": "a", "status": "succeeded", "url": url}, None).urls == urls


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"error": {"code": 400, "message": "no cats"}}, TaskError("no cats", 400)),
        ({"error": {"code": "policy", "message": "no cats"}}, TaskError("no cats", "policy")),
        ({"error": {"message": "no cats", "code": [1]}}, TaskError("no cats")),
        ({"metadata": {"output": {"code": "Bad", "message": "no cats"}}}, TaskError("no cats", "Bad")),
        ({"metadata": {"error": {"message": "no cats"}}}, TaskError("no cats")),
        (
            {"error": {"message": "first", "code": 1}, "metadata": {"output": {"message": "second"}}},
            TaskError("first", 1),
        ),
        ({"error": "no cats"}, None),
        ({}, None),
    ],
)
def test_the_reason_is_found_wherever_the_family_puts_it(
    told: dict[str, Any], error: TaskError | None
) -> None:
    assert task_from({"task_id": "a", "status": "failed", **told}, None).error == error


def test_a_task_that_has_not_failed_has_no_error() -> None:
    """Sora's metadata always has a member named error."""
    body = {"task_id": "a", "status": "succeeded", "error": {"message": "an old one"}}
    assert task_from(body, None).error is None


@unhurried
@given(st.dictionaries(st.sampled_from(["status", "metadata", "format"]) | st.text(), json_values))
def test_no_answer_makes_a_submission_fail_to_be_made(junk: dict[str, Any]) -> None:
    body = {**junk, "task_id": "a"}
    made = submission_from(
        body, model="sora-2", price_usd=Decimal("0.40"), idempotency_key="k", request_id="r"
    )
    assert (made.task_id, made.model, made.price_usd) == ("a", "sora-2", Decimal("0.40"))
    assert made.status is None or made.status == body["status"]
    assert set(made.extra) == set(body) - {"task_id", "status", "metadata"}


def test_the_first_video_of_a_generation_has_a_name_of_its_own() -> None:
    first, second = (Video(Path(f"{n}.mp4"), 4, "0" * 64, "a") for n in (1, 2))
    made = Generation(Submission("a", "veo"), Task("a", "succeeded"), (first, second), 1)
    assert made.video is first


@pytest.mark.parametrize("value", [VALUES[0], VALUES[1], VALUES[4]], ids=lambda value: type(value).__name__)
def test_values_survive_pickling(value: object) -> None:
    """A value goes to a process pool or a task queue as any other dataclass does."""
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own bytes
