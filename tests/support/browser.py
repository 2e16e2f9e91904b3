"""A page in a real browser: served on loopback, run in headless Chromium, its findings sent back."""

import json
import queue
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
REASON = "needs a browser: apt-get install chromium"

_TIMEOUT_S = 90
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
_PAGE = """<!doctype html><meta charset="utf-8"><title>test</title><body><script type="module">
const told = value => fetch("/told", {method: "POST", body: JSON.stringify(value)});
try { told({found: await (async () => { %s })()}); } catch (error) { told({error: String(error)}); }
</script>"""


def run_in_page(script: str, flags: Sequence[str] = ()) -> Any:
    """What ``script`` returns: the body of an async function, run in a page of its own origin; ``flags`` are Chromium's.

    Raises:
        AssertionError: The script threw; the message is the page's.
        queue.Empty: It did not come to an end.
    """
    answers: queue.Queue[dict[str, Any]] = queue.Queue()
    with (
        _served(_PAGE % script, answers) as url,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
    ):
        assert CHROMIUM is not None
        command = [CHROMIUM, *_FLAGS, *flags, f"--user-data-dir={profile}", url]
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            told = answers.get(timeout=_TIMEOUT_S)
        finally:
            browser.terminate()
            browser.wait()
    assert "error" not in told, told["error"]
    return told["found"]


def console_of(file: Path) -> list[str]:
    """What a browser that opens a file writes to its console: errors, warnings, and what its policy forbade."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [CHROMIUM, *_FLAGS, "--enable-logging=stderr", "--dump-dom", f"--user-data-dir={profile}"]
        done = subprocess.run(
            [*command, file.as_uri()], capture_output=True, text=True, timeout=_TIMEOUT_S, check=True
        )
    assert "</html>" in done.stdout
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@contextmanager
def _served(page: str, answers: queue.Queue[dict[str, Any]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def do_POST(self) -> None:
            answers.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
