"""What a jump of the clock changed: every task that is in another stage after it, and no other."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nebula_mock import Failure, Plan, Settings
from nebula_mock.core.changes import TaskChange, changes
from nebula_mock.core.task import Task

SUBMITTED = Settings(seed=1).provider().submit("account-0", {"model": "sora-2", "prompt": "A cat"})
NOON = 1_763_812_800.0  # 2025-11-22T12:00:00Z

seconds = st.integers(0, 40).map(float) | st.integers(0, 4_000).map(lambda tenths: tenths / 100)
tasks = st.builds(
    lambda at_s, plan: replace(SUBMITTED, submitted_at=NOON + at_s, plan=plan),
    seconds,
    st.builds(Plan, seconds, seconds, st.none() | st.just(Failure("Blocked")), is_endless=st.booleans()),
)


@given(st.lists(tasks, max_size=8), seconds, seconds)
def test_exactly_the_tasks_in_another_stage_changed(those: list[Task], from_s: float, for_s: float) -> None:
    before, after = NOON + from_s, NOON + from_s + for_s
    stages = [(task.observed_at(before).stage, task.observed_at(after).stage) for task in those]
    assert changes(those, before, after) == tuple(
        TaskChange(task.task_id, task.account, was, now)
        for task, (was, now) in zip(those, stages, strict=True)
        if was != now
    )
