"""The lifecycle oracle: legal lives break no law; each law is broken by what it forbids, and by nothing else."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_contract.judging.oracle import LIVENESS_DEADLINE_S, RANKS, TERMINAL, LifecycleOracle

Read = tuple[float, dict[str, Any]]

OPEN = [word for word in RANKS if word not in TERMINAL and word != "unknown"]


def body(status: str, **members: Any) -> dict[str, Any]:
    return {"task_id": "video_1", "status": status, "format": "mp4", **members}


def laws(reads: Sequence[Read], until_s: float | None = None) -> list[str]:
    oracle = LifecycleOracle(submitted_at_s=0.0)
    for at_s, read in reads:
        oracle.read(read, at_s)
    oracle.over(until_s if until_s is not None else (reads[-1][0] if reads else 0.0))
    return [breach.law for breach in oracle.breaches]


@st.composite
def legal_lives(draw: st.DrawFn) -> list[Read]:
    """Statuses that never fall, progress that never falls, facts that stay; two reads at one moment are the same."""
    words = sorted(draw(st.lists(st.sampled_from(OPEN), max_size=8)), key=lambda word: RANKS[word])
    end = draw(st.sampled_from(sorted(TERMINAL)))
    statuses = ["unknown"] * draw(st.integers(0, 2)) + words + [end] * draw(st.integers(1, 4))
    pauses = draw(st.lists(st.floats(0.5, 10), min_size=len(statuses), max_size=len(statuses)))
    progress, at_s, reads = 0, 2.0, []
    for status, pause_s in zip(statuses, pauses, strict=True):
        progress = 100 if status == "succeeded" else max(progress, draw(st.integers(progress, 99)))
        url = {"url": "https://a.example/1.mp4"} if status == "succeeded" else {}
        reads.append((at_s, body(status, metadata={"progress": progress, "model": "sora-2"}, **url)))
        at_s += pause_s
    return reads


@given(legal_lives())
def test_a_legal_life_breaks_no_law(reads: list[Read]) -> None:
    assert laws(reads) == []


@given(legal_lives(), st.data())
def test_asking_twice_at_once_breaks_no_law(reads: list[Read], data: st.DataObject) -> None:
    twice = data.draw(st.integers(0, len(reads) - 1))
    assert laws([*reads[: twice + 1], reads[twice], *reads[twice + 1 :]]) == []


@given(legal_lives(), st.data())
def test_a_status_that_falls_is_told(reads: list[Read], data: st.DataObject) -> None:
    """Whatever the life, an open status after its end breaks the law of ends, and only that of order before it."""
    at = data.draw(st.integers(1, len(reads)))
    before = reads[at - 1][1]["status"]
    lower = [word for word in OPEN if RANKS[word] < RANKS[before]]
    if not lower:
        return
    strange = body(data.draw(st.sampled_from(lower)), metadata=dict(reads[at - 1][1]["metadata"]))
    found = laws([*reads[:at], (reads[at - 1][0] + 0.25, strange), *reads[at:]])
    assert found
    assert set(found) <= {"order", "terminal", "members"}
    assert ("terminal" if before in TERMINAL else "order") in found


ENDED = body("succeeded", url="https://a.example/1.mp4", metadata={"progress": 100, "seed": 5})


@pytest.mark.parametrize(
    ("law", "reads"),
    [
        ("terminal", [(5.0, body("failed")), (6.0, body("succeeded"))]),
        ("takes-time", [(0.0, body("succeeded"))]),
        ("unknown-early", [(50.0, body("unknown"))]),
        ("order", [(5.0, body("in_progress")), (6.0, body("queued"))]),
        (
            "progress",
            [
                (5.0, body("in_progress", metadata={"progress": 5})),
                (6.0, body("in_progress", metadata={"progress": 4})),
            ],
        ),
        ("result", [(5.0, ENDED), (6.0, {**ENDED, "url": "https://a.example/2.mp4"})]),
        ("facts", [(5.0, ENDED), (6.0, {**ENDED, "metadata": {"progress": 100, "seed": 6}})]),
        ("facts", [(5.0, ENDED), (6.0, {**ENDED, "metadata": {"progress": 100, "seed": "5"}})]),
        ("members", [(5.0, ENDED), (6.0, {name: ENDED[name] for name in ENDED if name != "metadata"})]),
        ("alike", [(5.0, body("queued", position=1)), (5.0, body("queued", position=2))]),
        ("ends", [(5.0, body("queued")), (LIVENESS_DEADLINE_S + 1, body("queued"))]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_law_is_broken_alone(law: str, reads: list[Read]) -> None:
    assert laws(reads) == [law]


def test_an_expired_link_is_no_other_result() -> None:
    """A data URI becomes the word expired once it may be gone; before that it is a change."""
    gone = {**ENDED, "url": "expired"}
    assert laws([(5.0, ENDED), (13 * 3600.0, gone)]) == []
    assert laws([(5.0, ENDED), (60.0, gone)]) == ["result"]


def test_an_unknown_word_is_not_taken_for_a_task_that_hangs() -> None:
    """What a new word promises nobody can say; the check of words tells it."""
    assert laws([(5.0, body("paused")), (LIVENESS_DEADLINE_S + 5, body("paused"))]) == []


@given(
    st.lists(
        st.tuples(
            st.floats(0, 1e6),
            st.dictionaries(st.text(max_size=8), st.none() | st.text() | st.lists(st.integers())),
        )
    )
)
def test_no_body_makes_the_oracle_fail(reads: list[Read]) -> None:
    laws(reads)
