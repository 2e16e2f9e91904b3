"""A command from a report sends what was sent, byte by byte, and reveals nothing."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchanges import answered, bodies, submitted
from nebula_contract.record.exchange import Exchange, Request
from nebula_contract.reports.curl import curl, quoted
from verdicts import CANARY

BASH, CURL = shutil.which("bash"), shutil.which("curl")
pytestmark = pytest.mark.skipif(not (BASH and CURL), reason="needs bash and curl: apt-get install curl")


@dataclass
class Heard:
    """A server of this machine that keeps the last request it heard."""

    url: str
    last: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def heard() -> Iterator[Heard]:
    """The server, for the module."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            path = self.raw_requestline.split()[1].decode()  # as it came: the library takes slashes out
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            kept.last = {
                "method": self.command, "path": path, "headers": headers, "body": self.rfile.read(length),
            }  # fmt: skip
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept = Heard(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


def sent(exchange: Exchange, heard: Heard, target: str | None = None) -> dict[str, Any]:
    """What the server heard of the command, run by bash."""
    heard.last.clear()
    environment = {**os.environ, "NEBULA_API_KEY": "sk-own", "NEBULA_SECOND_API_KEY": "sk-second"}
    environment["NEBULA_BASE_URL"] = heard.url
    command = curl(exchange, heard.url if target is None else target)
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, (command, done.stderr)
    return dict(heard.last)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=bodies())
def test_a_body_arrives_byte_by_byte(heard: Heard, body: bytes) -> None:
    """Whatever it holds: quotes, line ends, dollars, bytes that are no text."""
    got = sent(submitted(body=body), heard)
    assert (got["method"], got["path"], got["body"]) == ("POST", "/v1/video/generations", body)
    assert got["headers"]["content-type"] == "application/json"


HARD_BODIES = (
    b"",
    b"@/etc/passwd",
    b"\x00\xff",
    b"a\r\nb\n",
    b"'\"$(id)`id`\\!",
    b"\\x41",
    "\u202e\ud7ff".encode(),
)


@pytest.mark.parametrize("body", HARD_BODIES, ids=repr)
def test_a_body_that_means_something_to_a_shell_arrives(heard: Heard, body: bytes) -> None:
    assert sent(submitted(body=body), heard)["body"] == body


@pytest.mark.parametrize(
    ("credential", "scheme", "authorization"),
    [
        ("own", "", "Bearer sk-own"),
        ("second", "", "Bearer sk-second"),
        ("own", "bearer {key}", "bearer sk-own"),
        ("own", "{key}", "sk-own"),
        ("own", "{key} {x}", "sk-own {x}"),
        ("none", "", None),
        ("malformed", "", ""),
        ("malformed", "Basic 'a\"b$c", "Basic 'a\"b$c"),
        ("malformed", "Bearer sk-test sk-test", "Bearer sk-own sk-own"),
    ],
)
def test_the_key_comes_from_the_environment(
    heard: Heard, credential: Any, scheme: str, authorization: str | None
) -> None:
    plain = submitted(credential=credential)
    got = sent(replace(plain, request=replace(plain.request, scheme=scheme)), heard)
    assert got["headers"].get("authorization") == authorization


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/video/generations/video_1"),
        ("GET", "/v1/video/generations/download?id=a%20b&c='x'"),
        ("GET", "/v1/video/generations/[1-3]{a,b}"),
        ("GET", "/v1/video/../generations/./x"),
        ("GET", "//v1//video"),
        ("HEAD", "/v1/video/generations/video_1"),
        ("DELETE", "/v1/video/generations/$HOME"),
        ("QUERY", "/v1/video/generations"),
    ],
)
def test_method_and_path_arrive_as_they_were(heard: Heard, method: str, path: str) -> None:
    asked = answered({}, request=Request(method, path, "own"))
    got = sent(asked, heard)
    assert (got["method"], got["path"], got["body"]) == (method, path, b"")
    assert sent(asked, heard, target="mock")["path"] == path


def test_a_header_without_a_value_and_no_content_type_stay_as_they_are(heard: Heard) -> None:
    plain = submitted()
    got = sent(replace(plain, request=replace(plain.request, headers={"x-empty": ""})), heard)
    assert got["headers"]["x-empty"] == ""
    assert "content-type" not in got["headers"]


@pytest.mark.parametrize(
    ("target", "path", "told"),
    [
        ("http://u:pw-canary@h.example/api?k=canary#canary", "/v1/x", "http://h.example/api/v1/x"),
        ("https://h.example", "/v1/x?api_key=canary&id=a", "'https://h.example/v1/x?api_key=[hidden]&id=a'"),
        ("mock", "/v1/x?id=a&X-Signature=canary;Token=canary", "'/v1/x?id=a&X-Signature=[hidden];Token=[hidden]'"),
    ],
)  # fmt: skip
def test_secrets_in_addresses_that_somebody_wrote_are_hidden(target: str, path: str, told: str) -> None:
    command = curl(answered({}, request=Request("GET", path, "own")), target)
    assert "canary" not in command
    assert command.endswith(told)
    assert ("--globoff" in command) == ("[" in told)


def test_what_cannot_be_sent_again_is_a_comment_that_says_so() -> None:
    result = answered(
        {}, operation="result", request=Request("GET", "https://x.example/v?redacted=1", "none")
    )
    for exchange in (result, submitted(label="cut")):
        assert curl(exchange).startswith("# ")
        assert "\n" not in curl(exchange)


@given(st.text(max_size=40))
def test_a_command_is_one_line_that_can_be_printed(text: str) -> None:
    told = curl(submitted(body=text.encode(), case=text))
    assert told.isprintable()


def test_no_key_stands_in_a_command() -> None:
    assert "canary" not in curl(submitted(body=f'{{"prompt": "{CANARY}"}}'.encode()))
    assert quoted(f"a {CANARY} b") == "'a '\"$NEBULA_API_KEY\"' b'"
