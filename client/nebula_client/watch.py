"""An eye on one request: what was sent, how long it takes, how slowly it comes.

The time limits of sockets hold for one piece at a time, so a provider that sends a byte every second
is never too late for them. A watch also knows the request's end and its least rate. It stands between
the HTTP library and the socket, where even a status line that never ends passes by.
"""

import contextlib
import io
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

_SHORTEST_S = 0.001  # a socket's time limit of 0 would mean "do not wait at all"


class Watch:
    """What one request may take, and what became of it.

    Attributes:
        sent: Whether a byte of the request was given to the connection; before that it surely had no effect.
        verdict: Why the watch ended the request, or None.
        excess_bytes: Bytes that came after the answer's announced end.
        was_stale: Whether it was sent on a connection that had served before and answered nothing now.
    """

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        read_s: float,
        total_s: float,
        least_rate: float = 0.0,
        rate_window_s: float = 30.0,
    ) -> None:
        """Start the time.

        Args:
            monotonic: Seconds that never fall.
            read_s: Seconds until the next piece.
            total_s: Seconds for the request as a whole.
            least_rate: Bytes a second, from the answer's first byte on.
            rate_window_s: Seconds over which the rate is taken.
        """
        self.sent = False
        self.verdict: str | None = None
        self.excess_bytes = 0
        self.was_stale = False
        self._monotonic = monotonic
        self._read_s, self._total_s = read_s, total_s
        self._ends_at = monotonic() + total_s
        self._least, self._window_s = least_rate * rate_window_s, rate_window_s
        self._window_began: float | None = None
        self._in_window = 0

    def patience_s(self) -> float:
        """Seconds to wait for the next piece.

        Raises:
            TimeoutError: The request's time is over.
        """
        left = self._ends_at - self._monotonic()
        if left <= 0:
            self._end(f"it took longer than {self._total_s:g} s in all")
        return max(_SHORTEST_S, min(self._read_s, left))

    def nothing_came(self) -> NoReturn:
        """End the request, since its next piece did not come in time.

        Raises:
            TimeoutError: Always; the verdict says which time was over.
        """
        self.patience_s()
        self._end(f"nothing came in time, for {self._read_s:g} s")

    def came(self, count: int) -> None:
        """Note ``count`` bytes of the answer.

        Raises:
            TimeoutError: They come too slowly.
        """
        self.was_stale = False
        now = self._monotonic()
        if self._window_began is None:
            self._window_began = now
        self._in_window += count
        if now - self._window_began >= self._window_s:
            if self._in_window < self._least:
                self._end(f"it sent {self._in_window} bytes in {now - self._window_began:.0f} s")
            self._window_began, self._in_window = now, 0

    def _end(self, verdict: str) -> NoReturn:
        self.verdict = verdict
        raise TimeoutError(verdict)


_watches: dict[threading.Thread, Watch] = {}


@contextlib.contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Requests that this thread starts within the block are ``watch``'s."""
    thread = threading.current_thread()
    _watches[thread] = watch
    try:
        yield
    finally:
        _watches.pop(thread, None)


def current_watch(thread: threading.Thread | None = None) -> Watch | None:
    """The watch of the request that a thread, or this one, is starting."""
    return _watches.get(thread or threading.current_thread())


class WatchedSocket:
    """A connected socket under the watch of whichever request uses it."""

    def __init__(self, plain: socket.socket) -> None:
        self._plain = plain
        self._answers = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)

    def sendall(self, data: Any) -> None:
        """Send; the watch learns of it before the first byte leaves."""
        watch = current_watch()
        if watch is not None:
            watch.sent = True
            watch.was_stale = self._answers > 0
            self._plain.settimeout(watch.patience_s())
        self._plain.sendall(data)

    def makefile(self, mode: Any = "r", *args: Any, **options: Any) -> Any:
        """A file for one answer."""
        watch = current_watch()
        if mode != "rb" or watch is None:
            return self._plain.makefile(mode, *args, **options)
        self._answers += 1
        return WatchedFile(_WatchedRaw(self._plain, watch), self._plain, watch)


class _WatchedRaw(io.RawIOBase):
    """Reads from a socket, each time no longer than the watch allows."""

    def __init__(self, plain: socket.socket, watch: Watch) -> None:
        self._plain = plain
        self._raw = plain.makefile("rb", buffering=0)  # keeps the connection open until it is closed itself
        self._watch = watch
        self._count = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._count

    def readinto(self, buffer: Any) -> int | None:
        self._plain.settimeout(self._watch.patience_s())
        try:
            count = self._raw.readinto(buffer)
        except TimeoutError:
            self._watch.nothing_came()
        if count:
            self._count += count
            self._watch.came(count)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class WatchedFile(io.BufferedReader):
    """An answer's bytes. What was read beyond its end makes the connection unfit for another answer.

    Attributes:
        last_line: The last line that was read as one; empty at the end of what came.
    """

    last_line = b""

    def __init__(self, raw: _WatchedRaw, plain: socket.socket, watch: Watch) -> None:
        super().__init__(raw)
        self._raw_file, self._plain, self._watch = raw, plain, watch

    def readline(self, size: int | None = -1, /) -> bytes:
        """As its parent; the line is kept."""
        self.last_line = super().readline(size)
        return self.last_line

    def close(self) -> None:
        """Close it; the connection too where more came than the answer announced."""
        if not self.closed:
            excess = self._raw_file.tell() - self.tell()
            if excess > 0:
                self._watch.excess_bytes = excess
                with contextlib.suppress(OSError):  # it may be closed already
                    self._plain.shutdown(socket.SHUT_RDWR)
        super().close()
