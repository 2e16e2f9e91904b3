"""Whether a result was fetched: an answer with the video in it was handed over whole, and taken.

It must count before the consumer has the last byte, who may ask for the bill at once; so it counts just before
that byte is sent, and no longer if it was not taken after all. What breaks or cuts the answer comes before that.
"""

from collections.abc import Callable, Iterable, Iterator

from flask import Response, request

from nebula_mock.core.task import Task
from nebula_mock.provider import Provider
from nebula_mock.wire_count import WireCount


def counted_when_whole(answer: Response, provider: Provider, task: Task) -> Response:
    """The same answer, of a known length, which counts as a fetch of the task's result once all of it is taken.

    On a server that does not count what is sent, that is once it is all handed over.
    """
    length, wire = answer.content_length, WireCount.of(request.environ)
    if request.method != "GET":
        return answer
    if wire is None:
        answer.response = _told_at_end(answer.iter_encoded(), length, lambda: provider.count_fetched(task))
        return answer
    fetch = _Fetch(provider, task, wire, length)
    wire.tell_last(length, fetch.begin)
    wire.tell_break(fetch.end)
    answer.call_on_close(fetch.end)
    return answer


class _Fetch:
    """One answer with a video, on a connection that counts."""

    def __init__(self, provider: Provider, task: Task, wire: WireCount, length: int) -> None:
        self._provider, self._task, self._wire, self._length = provider, task, wire, length
        self._is_counted = False

    def begin(self) -> None:
        """The last byte is about to be sent."""
        self._is_counted = self._provider.count_fetched(self._task)

    def end(self) -> None:
        """The answer is over, or is about to be broken off: it stays counted if exactly its bytes were taken."""
        if self._is_counted and self._wire.body_bytes != self._length:
            self._provider.count_fetched(self._task, -1)
        self._is_counted = False


def _told_at_end(blocks: Iterable[bytes], length: int, told: Callable[[], object]) -> Iterator[bytes]:
    """The same blocks; ``told`` is called before the one that makes ``length`` bytes of them is handed over."""
    handed = 0
    for block in blocks:
        handed += len(block)
        if block and handed == length:
            told()
        yield block
