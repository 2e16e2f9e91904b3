"""Promises of ``nebula-mock``: ready when it says so, gone when told, and one sentence when it cannot start."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from nebula_schemas.version import VERSION

COMMAND = [sys.executable, "-c", "from nebula_mock.cli import main; main(prog_name='nebula-mock')"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("NEBULA_")}
GENERATIONS = "/v1/video/generations"
SORA = {"model": "sora-2", "prompt": "A cat"}
WATCHDOG_S = 30
STOP_S = 1.0
CANARY = "sk-canary-4711"


@dataclass(frozen=True, slots=True)
class Served:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    ready: str

    @property
    def url(self) -> str:
        """Where it says it is."""
        return self.ready.removeprefix("nebula-mock ready on ").rstrip("\n")

    def exchange(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and body of one exchange."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": "Bearer sk-test", "Content-Type": "application/json", **named}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def stop(self, kind: signal.Signals = signal.SIGTERM) -> tuple[int, str, str, float]:
        """Exit code, the rest of both streams, and the seconds it took."""
        started = time.monotonic()
        self.process.send_signal(kind)
        out, err = self.process.communicate()
        return self.process.returncode, out, err, time.monotonic() - started


@contextmanager
def serving(*options: str, **environment: str) -> Iterator[Served]:
    """A server on any free port, killed at the end or when it hangs."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, **environment},
    )
    watchdog = threading.Timer(WATCHDOG_S, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        yield Served(process, process.stdout.readline())
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


def ran(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command that ends by itself."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=WATCHDOG_S,
        check=False,
        env={**ENVIRONMENT, **environment},
    )
    return done.returncode, done.stdout, done.stderr


def test_one_line_says_that_it_is_ready_and_it_answers_at_once() -> None:
    with serving() as served:
        assert re.fullmatch(r"nebula-mock ready on http://127\.0\.0\.1:[0-9]{2,5}\n", served.ready)
        status, body = served.exchange("GET", "/_mock/health")
        assert (status, body["status"], body["version"]) == (200, "ok", VERSION)
        _, rest, _, _ = served.stop()
    assert rest == "", "the ready line is all there is on standard output"


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_within_a_second(kind: signal.Signals) -> None:
    with serving("--quiet") as served:
        code, out, err, seconds = served.stop(kind)
    assert (code, out, err) == (0, "", "nebula-mock stopped\n")
    assert seconds < STOP_S


def test_a_signal_stops_it_in_the_middle_of_downloads() -> None:
    with serving("--clock", "manual", "--video-size", "64MiB") as served, socket.socket() as idle:
        _, submitted = served.exchange("POST", GENERATIONS, SORA)
        served.exchange("POST", "/_mock/clock/advance", {"seconds": 10})
        host, port = served.url.removeprefix("http://").split(":")
        idle.connect((host, int(port)))
        query = f"GET {GENERATIONS}/download?id={submitted['task_id']} HTTP/1.1\r\n"
        idle.sendall(f"{query}Host: localhost\r\nAuthorization: Bearer sk-test\r\n\r\n".encode())
        assert idle.recv(1)
        code, _, err, seconds = served.stop()
    assert (code, "Traceback" in err) == (0, False)
    assert seconds < STOP_S


def test_its_port_is_free_right_after() -> None:
    with serving() as served:
        served.exchange("GET", "/_mock/health")
        port = served.url.rpartition(":")[2]
        served.stop()
    with serving("--port", port) as again:
        assert again.url == served.url
        assert again.exchange("GET", "/_mock/health")[0] == 200


@pytest.mark.parametrize("announced", ["7fffffff", "3000000"])
def test_nothing_is_read_as_the_body_that_was_not_sent(announced: str) -> None:
    """In a process of its own, since it may crash."""
    head = f"POST {GENERATIONS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk-test\r\n"
    typed = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving("--quiet") as served:
        host, port = served.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(f"{head}{typed}{announced}\r\n{{}}".encode())
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(12) == b"HTTP/1.1 400"


def test_a_port_in_use_is_told_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, out, err = ran("serve", "--port", str(port))
    reason = f"Cannot listen on 127.0.0.1 port {port}: Address already in use."
    assert (code, out) == (2, "")
    assert err == f"Error: {reason} Choose another with --port, or --port 0 for any free one.\n"


EVERYWHERE = "0.0.0.0"  # noqa: S104 - refused, or bound with a token only
REFUSED = [
    (["--host", "nowhere"], "Error: --host: found 'nowhere', expected an IP address of this machine"),
    (["--host", "256.0.0.1"], "Error: --host: found '256.0.0.1', expected an IP address of this machine"),
    (["--host", ""], "Error: --host: found '', expected an IP address of this machine"),
    (["--host", EVERYWHERE], "Error: --host: 0.0.0.0 lets other machines in"),
    (["--host", EVERYWHERE, "--admin-token", ""], "Error: --host: 0.0.0.0 lets other machines in"),
    (["--host", "::"], "Error: --host: :: lets other machines in"),
    (["--speed", "0"], "Error: --speed: found 0.0, expected a number above 0"),
    (["--speed", "-1"], "Error: --speed: found -1.0, expected a number above 0"),
    (["--speed", "nan"], "Error: --speed: found nan, expected a number above 0"),
    (["--clock", "manual", "--speed", "2"], "Error: --speed: found 2.0 with the manual clock"),
    (["--video-size", "257MiB"], "Error: --video-size: found 269484032, expected 1 to 268435456"),
    (["--video-size", "0"], "Error: --video-size: found 0, expected 1 to 268435456"),
    (["--key", ""], "Error: --key: found a key that no Authorization header can carry"),
]
USAGE = [
    (["--video-size", "999GiB"], "'999GiB' is not a size"),
    (["--video-size", "-1"], "'-1' is not a size"),
    (["--video-size", "1.5MiB"], "'1.5MiB' is not a size"),
    (["--speed", "fast"], "'fast' is not a valid float"),
    (["--port", "65536"], "65536 is not in the range 0<=x<=65535"),
    (["--clock", "slow"], "'slow' is not one of 'real', 'manual'"),
    (["--dialect", "french"], "'--dialect'"),
    (["--sped", "2"], "No such option"),
    (["extra"], "unexpected extra argument"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED, ids=[" ".join(case[0]) for case in REFUSED])
def test_what_cannot_work_is_told_in_one_sentence(options: list[str], sentence: str) -> None:
    code, out, err = ran("serve", "--port", "0", *options)
    assert (code, out) == (2, "")
    assert err.startswith(sentence)
    assert err.count("\n") == 1


@pytest.mark.parametrize(("options", "reason"), USAGE, ids=[" ".join(case[0]) for case in USAGE])
def test_what_cannot_be_read_is_a_usage_error(options: list[str], reason: str) -> None:
    code, out, err = ran("serve", "--port", "0", *options)
    assert (code, out) == (2, "")
    assert reason in err.splitlines()[-1]
    assert "Traceback" not in err


def test_other_machines_are_let_in_with_a_token_and_a_warning() -> None:
    with serving("--host", EVERYWHERE, "--admin-token", "s3cret", "--quiet") as served:
        port = served.url.rpartition(":")[2]
        local = Served(served.process, f"nebula-mock ready on http://127.0.0.1:{port}\n")
        assert local.exchange("GET", "/_mock/health")[0] == 401
        assert local.exchange("GET", "/_mock/health", X_Nebula_Admin_Token="s3cret")[0] == 200
        assert local.exchange("POST", GENERATIONS, SORA)[0] == 200
        _, _, err, _ = served.stop()
    assert err == "warning: 0.0.0.0 can be reached from other machines\nnebula-mock stopped\n"


def test_only_named_keys_are_accounts() -> None:
    with serving("--key", "sk-one", "--key", "mock-two") as served:
        statuses = [
            served.exchange("POST", GENERATIONS, SORA, Authorization=f"Bearer {key}")[0]
            for key in ("sk-one", "mock-two", "sk-test")
        ]
    assert statuses == [200, 200, 401]


def test_a_seed_repeats_the_ids() -> None:
    runs = []
    for seed in ("7", "7", "8"):
        with serving("--seed", seed) as served:
            runs.append([served.exchange("POST", GENERATIONS, SORA)[1]["task_id"] for _ in range(3)])
    assert runs[0] == runs[1]
    assert not set(runs[0]) & set(runs[2])


def test_a_manual_clock_moves_when_it_is_told_to() -> None:
    with serving("--clock", "manual") as served:
        task_id = served.exchange("POST", GENERATIONS, SORA)[1]["task_id"]
        seen = []
        for _ in range(3):
            seen.append(served.exchange("GET", f"{GENERATIONS}/{task_id}")[1]["status"])
            assert served.exchange("POST", "/_mock/clock/advance", {"seconds": 5})[0] == 200
    assert seen == ["queued", "in_progress", "succeeded"]


def test_speed_is_how_fast_time_passes() -> None:
    with serving("--speed", "1000000") as served:
        task_id = served.exchange("POST", GENERATIONS, SORA)[1]["task_id"]
        found = served.exchange("GET", f"{GENERATIONS}/{task_id}")[1]
        assert found["status"] == "succeeded"


@pytest.mark.parametrize(
    ("text", "size"), [("200000", 200_000), ("200kB", 200_000), ("200 KiB", 204_800), ("1mib", 1_048_576)]
)
def test_a_size_is_bytes_or_a_number_with_a_unit(text: str, size: int) -> None:
    with serving("--clock", "manual", "--video-size", text) as served:
        task_id = served.exchange("POST", GENERATIONS, SORA)[1]["task_id"]
        served.exchange("POST", "/_mock/clock/advance", {"seconds": 10})
        assert served.exchange("GET", f"{GENERATIONS}/download?id={task_id}")[1]["size"] == size


def test_another_name_is_answered_when_it_is_allowed() -> None:
    with serving("--allow-host", "mock.example") as served:
        assert served.exchange("GET", "/_mock/health", Host="mock.example:80")[0] == 200
        assert served.exchange("GET", "/_mock/health", Host="other.example")[0] == 421


def test_requests_are_told_on_standard_error_unless_it_is_quiet() -> None:
    told = []
    for options in ([], ["--quiet"]):
        with serving(*options) as served:
            served.exchange("GET", f"{GENERATIONS}/video_1?key={CANARY}", Authorization=f"Bearer {CANARY}")
            told.append(served.stop()[2])
    assert f"GET {GENERATIONS}/video_1 404\n" in told[0]
    assert told[1] == "nebula-mock stopped\n"
    assert CANARY not in "".join(told)


SECRETS = {"NEBULA_MOCK_KEY": CANARY, "NEBULA_MOCK_ADMIN_TOKEN": CANARY, "NEBULA_API_KEY": CANARY}


def test_help_names_every_option_and_tells_no_key() -> None:
    asked: tuple[list[str], ...] = (["serve", "--help"], ["serve", "--key", CANARY, "--help"], ["--help"], [])
    told = [ran(*arguments, **SECRETS) for arguments in asked]
    assert [code for code, _, _ in told[:3]] == [0, 0, 0]
    for option in ("host", "port", "dialect", "clock", "speed", "seed", "key", "admin-token", "video-size"):
        assert f"--{option}" in told[0][1]
    assert CANARY not in str(told)


def test_key_and_token_may_come_from_the_environment() -> None:
    with serving(NEBULA_MOCK_KEY=f"{CANARY} sk-other", NEBULA_MOCK_ADMIN_TOKEN="s3cret") as served:
        statuses = [
            served.exchange("POST", GENERATIONS, SORA, Authorization=f"Bearer {key}")[0]
            for key in (CANARY, "sk-other", "sk-test")
        ]
        assert statuses == [200, 200, 401]
        assert served.exchange("GET", "/_mock/health")[0] == 401


def test_it_tells_its_version() -> None:
    assert ran("--version") == (0, f"nebula-mock, version {VERSION}\n", "")


def test_the_command_is_installed_beside_this_interpreter() -> None:
    installed = os.path.join(os.path.dirname(sys.executable), "nebula-mock")  # noqa: PTH118, PTH120
    done = subprocess.run(
        [installed, "--version"], capture_output=True, text=True, timeout=WATCHDOG_S, check=True
    )
    assert done.stdout == f"nebula-mock, version {VERSION}\n"
