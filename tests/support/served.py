"""``nebula-mock serve`` in a process of its own, whose memory can be measured (Linux: read from /proc)."""

import http.client
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMAND = [sys.executable, "-c", "from nebula_mock.cli import main; main(prog_name='nebula-mock')", "serve"]
CAN_MEASURE = Path("/proc/self/status").exists()
_LONGEST_S = 300  # a server that hangs is killed


class AnyPath(http.client.HTTPConnection):
    """A connection that sends any path, where the base class refuses what is hostile."""

    def _validate_path(self, url: str) -> None:
        """Nothing is refused."""


class Served:
    """A running server."""

    def __init__(self, pid: int, address: str) -> None:
        """Know it by its process and its ``HOST:PORT``."""
        self._status = Path(f"/proc/{pid}/status")
        self.address = address

    def resident_bytes(self) -> int:
        """The memory it has resident now."""
        return self._told("VmRSS")

    def peak_bytes(self) -> int:
        """The most memory it ever had resident."""
        return self._told("VmHWM")

    def _told(self, field: str) -> int:
        match = re.search(rf"{field}:\s+([0-9]+) kB", self._status.read_text("ascii"))
        assert match is not None
        return int(match[1]) * 1024

    def status(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> int:
        """The status of the answer; 0 when the connection was closed in the middle of an upload."""
        connection = AnyPath(self.address, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            answer.read()
        except (BrokenPipeError, ConnectionResetError):
            return 0
        else:
            return answer.status
        finally:
            connection.close()


@contextmanager
def served(*options: str) -> Iterator[Served]:
    """A server on a free port with these options, killed at the end."""
    command = [*COMMAND, "--port", "0", "--quiet", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    watchdog = threading.Timer(_LONGEST_S, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        yield Served(process.pid, process.stdout.readline().rstrip("\n").partition("http://")[2])
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()
