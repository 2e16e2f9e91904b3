"""Promises of replays: a recorded task goes its way again within what was seen of it, however fast somebody polls."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_contract.calibrating.calibrated import calibrated
from nebula_contract.calibrating.lives import Life, Span, life_of
from nebula_contract.judging.oracle import RANKS
from nebula_contract.judging.views import RunView, TaskHistory
from nebula_mock.scenario_checks import scenario_violations
from nebula_mock.scenario_files import source_of
from recorded import BODIES, header_of, lived, played, view_of

LONG_AFTER = 5000.0
SOURCE = f"video_{'0' * 32}"

pauses = st.lists(st.floats(0.05, 60).map(lambda one: round(one, 3)), max_size=10).map(
    lambda some: [*some, LONG_AFTER]
)
bounds = st.lists(st.integers(0, 90), min_size=2, max_size=2).map(sorted)
timings = st.fixed_dictionaries(
    {"timing": st.just("uniform"), "waiting_s": bounds, "running_s": bounds}
) | st.fixed_dictionaries(
    {"timing": st.just("fixed"), "waiting_s": st.integers(0, 60), "running_s": st.integers(0, 90)}
)
outcomes = st.just([{"outcome": "succeeded"}, {"outcome": "failed", "failure": "capacity"}]) | st.just(
    [{"outcome": "failed", "failure": {"message": "The upstream is on holiday", "code": "Holiday"}}]
)
scenarios = st.fixed_dictionaries(
    {
        "description": st.just("x"),
        "lifecycle": st.fixed_dictionaries({"default": timings}),
        "outcomes": outcomes,
    }
)
dialects: Any = st.sampled_from(["documented", "gateway"])


def lives_in(view: RunView) -> list[Life]:
    """The life of every task, all of which ended."""
    found = [life_of(task) for task in view.tasks]
    assert len(found) == len(BODIES)
    assert None not in found
    return [life for life in found if life is not None]


def reached(span: Span, elapsed_s: float) -> set[bool]:
    """Whether a transition in that span can have been by then, and whether not."""
    return {True} if elapsed_s >= span.high else {False} if elapsed_s <= span.low else {True, False}


def assert_within(life: Life, again: TaskHistory) -> None:
    """Each read of the task made again is one that the record lets be."""
    assert again.reads
    for status, one in again.statuses:
        elapsed_s = round(one.at_s - again.submit.at_s, 6)
        for span, least in (
            (life.known, "submitted"),
            (life.started, "in_progress"),
            (life.ended, "succeeded"),
        ):
            assert (RANKS[status] >= RANKS[least]) in reached(span, elapsed_s), (status, elapsed_s, span)


@settings(max_examples=25)
@given(scenarios, dialects, pauses, pauses)
def test_a_replay_is_within_what_was_seen_at_any_rhythm(
    scenario: dict[str, Any], dialect: Any, recorded: list[float], polled: list[float]
) -> None:
    before = played(scenario, recorded, dialect=dialect)
    made = calibrated(before, header_of(dialect)).scenario
    assert scenario_violations(made) == ()
    after = played(made, polled, dialect=dialect)
    for life, again in zip(lives_in(before), lives_in(after), strict=True):
        assert_within(life, again.task)
        ends = [task.end.json for task in (life.task, again.task) if task.end is not None]
        assert ends[0]["status"] == ends[1]["status"]
        assert ends[0].get("error") == ends[1].get("error")


@settings(max_examples=25)
@given(scenarios, dialects, pauses)
def test_at_the_rhythm_of_the_record_every_read_is_the_same_again_and_so_is_the_scenario(
    scenario: dict[str, Any], dialect: Any, rhythm: list[float]
) -> None:
    before = played(scenario, rhythm, dialect=dialect)
    made = calibrated(before, header_of(dialect)).scenario
    after = played(made, rhythm, dialect=dialect)
    for one, other in zip(before.tasks, after.tasks, strict=True):
        told = [
            [(read.json["status"], read.json["metadata"].get("progress")) for read in task.reads]
            for task in (one, other)
        ]
        assert told[0] == told[1]
    assert calibrated(after, header_of(dialect)).scenario == made


@settings(max_examples=10)
@given(scenarios, pauses, st.integers(1, 4))
def test_asking_more_often_changes_nothing(scenario: dict[str, Any], rhythm: list[float], times: int) -> None:
    """What a list of answers to be given one after the other would not survive."""
    made = calibrated(played(scenario, rhythm), header_of()).scenario
    seldom = played(made, rhythm)
    often = played(made, [step for pause in rhythm for step in (pause, *[0.0] * times)])
    for one, other in zip(seldom.tasks, often.tasks, strict=True):
        assert [status for status, _ in one.statuses for _ in range(times + 1)] == [
            status for status, _ in other.statuses
        ]


def test_tasks_are_replayed_in_the_order_of_their_submits_for_the_values_they_had() -> None:
    sora = dict(BODIES[0])
    longer = {**sora, "seconds": "8"}
    view = view_of(
        lived([(5, "queued"), (9, "succeeded")], body=sora, task_id="a"),
        lived([(50, "in_progress"), (90, "succeeded")], body=longer, task_id="b"),
        lived([(20, "in_progress"), (30, "failed")], body=sora, task_id="c"),
    )
    replays = calibrated(view, header_of()).scenario["replays"]
    assert [(one["values"]["seconds"], one["waiting_s"] + one["running_s"]) for one in replays] == [
        (4, 7),
        (8, 70),
        (4, 25),
    ]


def test_what_both_dialects_make_of_a_request_is_matched_where_nobody_knows_which_it_was() -> None:
    """Of Veo's twelve seconds the documents say eight, the gateway passes them on."""
    reads = [(50, "in_progress"), (90, "succeeded")]
    body = {**BODIES[1], "durationSeconds": 12}
    (known,) = calibrated(view_of(lived(reads, body=body)), header_of()).scenario["replays"]
    (unknown,) = calibrated(view_of(lived(reads, body=body)), header_of("", "live")).scenario["replays"]
    assert "durationSeconds" in known["values"]
    assert "durationSeconds" not in unknown["values"]
    assert unknown["values"]["resolution"] == known["values"]["resolution"] == "720p"


def test_a_remix_is_replayed_as_one() -> None:
    remix = {"model": "sora-2", "prompt": "At night", "remix_from_video_id": SOURCE}
    view = view_of(
        lived([(5, "queued"), (9, "succeeded")], task_id=SOURCE),
        lived([(5, "queued"), (9, "succeeded")], body=remix, task_id="b", since_s=20),
    )
    replays = calibrated(view, header_of()).scenario["replays"]
    assert [one.get("remix", False) for one in replays] == [False, True]
    assert "video" not in str(replays)


@pytest.mark.parametrize(
    ("reads", "points"),
    [
        ([(1, 0), (2, 7), (4, 7), (5, 7), (9, 80)], [[1, 0], [2, 7], [5, 7], [9, 80]]),
        ([(1, 50), (2, 30)], [[1, 50], [2, 50]]),
        ([(1, 1e9), (2, -5)], [[1, 99], [2, 99]]),
        ([(1, "half"), (2, True)], None),
    ],
)
def test_progress_is_told_as_far_as_a_task_can_have_it(reads: list[Any], points: Any) -> None:
    told = [(at_s, "in_progress", {"metadata": {"progress": one}}) for at_s, one in reads]
    (replay,) = calibrated(view_of(lived([*told, (20, "succeeded")])), header_of()).scenario["replays"]
    assert replay.get("progress") == points


def test_a_long_rhythm_leaves_as_many_points_as_fit() -> None:
    reads = [(at_s, "in_progress", {"metadata": {"progress": at_s // 5}}) for at_s in range(1, 450)]
    (replay,) = calibrated(view_of(lived([*reads, (500, "succeeded")])), header_of()).scenario["replays"]
    assert len(replay["progress"]) <= 40
    assert (replay["progress"][0], replay["progress"][-1]) == ([1, 0], [449, 89])


def test_a_provider_that_goes_back_is_replayed_as_it_first_came_on() -> None:
    reads = [(10, "in_progress"), (20, "queued"), (30, "succeeded"), (40, "in_progress")]
    (replay,) = calibrated(view_of(lived(reads)), header_of()).scenario["replays"]
    assert (replay["waiting_s"], replay["running_s"]) == (5, 20)


def test_a_task_of_over_a_day_and_one_without_an_end_are_no_replays() -> None:
    view = view_of(
        lived([(10, "queued"), (200_000, "succeeded")], task_id="a"),
        lived([(10, "queued")], task_id="b"),
        lived([(10, "queued"), (20, "paused"), (30, "succeeded")], task_id="c"),
    )
    made = calibrated(view, header_of())
    assert len(made.scenario["replays"]) == 1
    told = "\n".join(made.notes)
    assert "1 task that took over a day" in told
    assert "3 tasks were made, 2 of them were seen to end" in told
    assert "in a status that no document knows" in told


def test_more_tasks_than_a_scenario_can_have_are_left_out_and_said() -> None:
    view = view_of(*(lived([(1, "queued"), (2, "succeeded")], task_id=f"t{one}") for one in range(1003)))
    made = calibrated(view, header_of(), parts=["replays"])
    assert len(made.scenario["replays"]) == 1000
    assert "3 tasks behind the first 1000" in "\n".join(made.notes)


def test_replays_stay_below_the_largest_file_that_the_mock_reads(tmp_path: Path) -> None:
    """Forty moments and three hundred letters of which each takes six bytes, for every task."""
    told = {"error": {"message": "\N{SNOWMAN}" * 999, "code": "\N{SNOWMAN}" * 999}}
    moments = [(one + 0.123456, "in_progress", {"metadata": {"progress": one * 2}}) for one in range(45)]
    lives = (lived([*moments, (99, "failed", told)], task_id=f"t{one}") for one in range(600))
    made = calibrated(view_of(*lives), header_of())
    assert 100 < len(made.scenario["replays"]) < 600
    assert "which fill a scenario" in "\n".join(made.notes)
    path = tmp_path / "full.json"
    path.write_text(json.dumps(made.scenario), "utf-8")
    assert source_of(path).current().replays
