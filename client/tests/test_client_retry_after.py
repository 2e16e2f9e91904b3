"""Promises of how long the provider's wish is waited for: every row of the table of wishes."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_client import RefusedError, VideoClient
from nebula_client.retry_after import LONGEST_S, asked_s, pause_s
from scripted import Answer, Scripted, told

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TASK_ID = "video_69095b4ce0048190893a01510c0c98b0"


def date(seconds: float) -> str:
    """An HTTP date so long after now."""
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


# The wish, and the seconds slept for it by a client without jitter: None for its own backoff (1 s first, of which the
# whole is taken), "told" where the wait is too long and the caller learns of it.
TABLE = [
    ("2", 2),
    ("0", 0),
    ("-5", None),
    ("1.5", 1.5),
    ("3600", "told"),
    ("9999999999", "told"),
    ("1e400", "told"),
    ("nan", None),
    (date(30), 30),
    (date(-30), None),
    (date(10 * 365 * 86400), "told"),
    ("soon", None),
    ("", None),
    ("120", 120),
    ("120.1", "told"),
    ("infinity", None),
    ("1_0", None),
    ("Wed, 99 Nov 2026 12:00:00 GMT", None),
]


@pytest.mark.parametrize(("wish", "slept"), TABLE, ids=lambda part: repr(part)[:40])
def test_a_wish_is_waited_for_told_or_replaced_by_the_own_backoff(
    wish: str, slept: float | str | None
) -> None:
    refusal = Answer(429, b"{}", headers={"Retry-After": wish, "Date": date(0)})
    provider = Scripted(refusal, told({"task_id": TASK_ID, "status": "queued"}))
    pauses: list[float] = []
    draw = 1.0 if slept is None else 0.0
    with VideoClient(
        "sk-test", "http://127.0.0.1:9", adapter=provider, sleep=pauses.append, random=lambda: draw
    ) as client:
        if slept == "told":
            with pytest.raises(RefusedError, match="It asks to wait") as caught:
                client.query(TASK_ID)
            assert caught.value.retry_after_s == asked_s({"Retry-After": wish, "Date": date(0)})
            assert pauses == []
        else:
            client.query(TASK_ID)
            assert pauses == [1.0 if slept is None else slept]


def test_milliseconds_come_first() -> None:
    assert asked_s({"retry-after-ms": "1500", "Retry-After": "9"}) == 1.5
    assert asked_s({"retry-after-ms": "-1", "Retry-After": "9"}) == 9


def test_without_a_date_of_its_own_a_wish_is_taken_by_this_clock() -> None:
    assert asked_s({"Retry-After": date(30)}, lambda: NOW) == 30


def test_a_wrong_clock_here_does_no_harm() -> None:
    wrong = lambda: NOW + timedelta(days=4000)  # noqa: E731 - one expression
    assert asked_s({"Retry-After": date(30), "Date": date(0)}, wrong) == 30


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    asked = asked_s({"Retry-After": text, "Date": text, "retry-after-ms": text})
    assert asked is None or asked >= 0


@given(st.floats(0, math.inf), st.floats(0, 1000), st.floats(0, 1))
def test_a_wait_is_never_shorter_than_asked_nor_a_tenth_longer(
    asked: float, left_s: float, draw: float
) -> None:
    pause = pause_s(asked, left_s, lambda: draw)
    if asked > min(LONGEST_S, left_s):
        assert pause is None
    else:
        assert pause is not None
        assert asked <= pause <= asked * 1.1 + 1e-9
