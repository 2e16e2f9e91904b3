"""Many cases side by side on one clock: each says for how long it waits, and is woken then."""

import heapq
from collections.abc import Generator, Iterable

from nebula_contract.sending.clock import TargetClock

Steps = Generator[float, None, None]
"""A case: it sends, then yields the seconds until it wants to go on, and ends by returning."""

_APART_S, _STARTS = 1.0, 5


def interleaved(clock: TargetClock, cases: Iterable[Steps]) -> None:
    """Run every case to its end, each at the moments it asks for; the clock moves from one moment to the next.

    Cases begin a second apart, five moments in all, so that tasks of every stage are there at once.
    """
    waiting: list[tuple[float, int, Steps]] = [
        (clock.now_s() + _APART_S * (number % _STARTS), number, steps) for number, steps in enumerate(cases)
    ]
    heapq.heapify(waiting)
    while waiting:
        due_s, number, steps = waiting[0]
        clock.pass_time(due_s - clock.now_s())
        pause_s = next(steps, None)
        if pause_s is None:
            heapq.heappop(waiting)
        else:
            heapq.heapreplace(waiting, (max(due_s, clock.now_s()) + pause_s, number, steps))
