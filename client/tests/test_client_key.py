"""Promises about the API key: it goes to the provider, in one header, and shows nowhere else."""

import copy
import json
import logging
import pickle
import socket
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nebula_client import ConfigurationError, NebulaError, RefusedError, Task, TaskFailed, VideoClient
from nebula_client.api_key import ApiKey
from nebula_mock import Failure, MockServer, Plan
from scripted import Answer, Scripted, told

CANARY = "sk-c4n4ry-0f-th3-k3y"
SORA_ID = "video_69095b4ce0048190893a01510c0c98b0"
WAN_ID = "ae8eb420-8aa6-440a-8eb8-1d1afe8d5e97"

Provoke = Callable[[VideoClient, MockServer, pytest.MonkeyPatch, Path], object]


def shown(value: object) -> str:
    """Everything a value tells of itself."""
    told = [repr(value), str(value), f"{value!a:}", repr(getattr(value, "__dict__", ""))]
    if isinstance(value, BaseException):
        told += [*traceback.format_exception(value), repr(value.args)]
    return "\n".join(told)


def lost(client: VideoClient, mock: MockServer, _patch: pytest.MonkeyPatch, _path: Path) -> object:
    """A submit whose answer is lost."""
    mock.faults.script("submit", ["reset"])
    return client.submit("A cat", model="sora-2")


def nobody_there(_client: VideoClient, _mock: MockServer, _patch: pytest.MonkeyPatch, _path: Path) -> object:
    """A submit to a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with VideoClient(CANARY, f"http://127.0.0.1:{port}") as client:
        return client.submit("A cat", model="sora-2")


def failed_task(client: VideoClient, mock: MockServer, _patch: pytest.MonkeyPatch, _path: Path) -> object:
    """A task that fails."""
    refused = Plan(failure=Failure("no cats"))
    mock._provider.behaviour = replace(mock._provider.behaviour, plan=refused)
    return client.wait(client.submit("A cat", model="sora-2").task_id)


FAILURES: dict[str, Provoke] = {
    "ConfigurationError": lambda client, *_: client.submit(" ", model="sora-2"),
    "UnreachableError": nobody_there,
    "RefusedError": lambda client, *_: client.query(SORA_ID),
    "SubmitUncertain": lost,
    "BrokenContractError": lambda client, _mock, _patch, path: client.download(
        Task(WAN_ID, "succeeded"), path
    ),
    "TaskFailed": failed_task,
    "WaitTimeoutError": lambda client, *_: client.wait(
        client.submit("A cat", model="sora-2").task_id, timeout_s=1
    ),
    "OutputError": lambda client, _mock, _patch, path: client.generate("A cat", path.parent, model="sora-2"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_no_error_and_no_log_line_shows_the_key(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    with (
        MockServer(clock="manual") as mock,
        VideoClient(CANARY, mock.url, sleep=mock.advance, monotonic=mock.clock.now) as client,
    ):
        with pytest.raises(NebulaError) as caught:
            FAILURES[name](client, mock, monkeypatch, tmp_path / "cat.mp4")
        told = shown(caught.value)
    assert type(caught.value).__name__ == name
    assert CANARY not in told + caplog.text
    assert all(CANARY not in str(vars(record)) for record in caplog.records)


def test_no_result_and_no_log_line_shows_the_key(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    with (
        MockServer(clock="manual") as mock,
        VideoClient(CANARY, mock.url, sleep=mock.advance, monotonic=mock.clock.now) as client,
    ):
        made = client.generate("A cat", tmp_path / "cat.mp4", model="sora-2")
        told = shown(made) + shown(client) + shown(client._transport) + shown(client._transport.key)
    assert CANARY not in told + caplog.text
    assert f"submitted task {made.task.task_id} to sora-2" in caplog.text
    assert all(CANARY not in str(vars(record)) for record in caplog.records)


def test_a_client_shows_its_address_and_stars() -> None:
    with VideoClient(CANARY, "http://127.0.0.1:9") as client:
        assert repr(client) == "VideoClient(base_url='http://127.0.0.1:9', api_key=***)"


@pytest.mark.parametrize("copied", [pickle.dumps, copy.deepcopy, copy.copy], ids=lambda f: f.__name__)
def test_a_key_cannot_be_copied_by_accident(copied: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="an API key is never pickled") as caught:
        copied(ApiKey(CANARY))
    assert CANARY not in shown(caught.value)


def test_a_client_cannot_be_pickled() -> None:
    with VideoClient(CANARY, "http://127.0.0.1:9") as client, pytest.raises(TypeError) as caught:
        pickle.dumps(client)
    assert CANARY not in shown(caught.value)


@pytest.mark.parametrize("status", [200, 401])
def test_a_provider_that_repeats_the_key_does_not_make_it_show(
    status: int,
) -> None:
    """Some answer "Incorrect API key provided: sk-..."; errors.py says that no message ever holds the key."""
    error = {"message": f"Incorrect API key provided: {CANARY}.", "type": "t", "code": "invalid_api_key"}
    provider = Scripted(told({"error": error}, status))
    with (
        VideoClient(CANARY, "http://127.0.0.1:9", adapter=provider) as client,
        pytest.raises(RefusedError) as caught,
    ):
        client.submit("A cat", model="sora-2")
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("escaped", [False, True], ids=["plain", "escaped"])
def test_a_key_in_a_task_does_not_show(escaped: bool, caplog: pytest.LogCaptureFixture) -> None:  # noqa: FBT001 - a case
    """The gateway tells the name of a key in metadata; it could tell more."""
    word = "".join(f"\\u{ord(letter):04x}" for letter in CANARY) if escaped else CANARY
    body = f'{{"task_id": "{SORA_ID}", "status": "failed", "error": {{"message": "bad {word}"}}, "{word}": ["{word}"]}}'
    provider = Scripted(Answer(200, body.encode()))
    with (
        VideoClient(CANARY, "http://127.0.0.1:9", adapter=provider) as client,
        pytest.raises(TaskFailed, match=r"bad \*\*\*") as caught,
    ):
        client.wait(SORA_ID)
    assert CANARY not in shown(caught.value) + shown(caught.value.task) + caplog.text


@pytest.mark.parametrize(
    "body", [f"{CANARY}", f"<{CANARY}>", '{"task_id": "' + CANARY, "[" + CANARY], ids=len
)
def test_a_key_in_an_answer_nobody_can_read_does_not_show(body: str) -> None:
    provider = Scripted(Answer(200, body.encode()))
    with VideoClient(CANARY, "http://127.0.0.1:9", adapter=provider, sleep=lambda _: None) as client:
        for call in (lambda: client.submit("A cat", model="sora-2"), lambda: client.query(SORA_ID)):
            with pytest.raises(NebulaError) as caught:
                call()
            assert CANARY not in shown(caught.value)


LEAKS = {
    "refusal in a 200": Answer(200, json.dumps({"error": {"message": f"bad key {CANARY}"}}).encode()),
    "success": Answer(200, json.dumps({"success": CANARY}).encode()),
    "the body": Answer(200, CANARY.encode()),
    "the beginning of it": Answer(200, f'{{"success": {"x" * 24}{CANARY}'.encode()),
    "data_url": Answer(200, json.dumps({"success": True, "task_id": SORA_ID, "data_url": CANARY}).encode()),
    "type": Answer(200, b"{}", headers={"Content-Type": CANARY}),
    "encoding": Answer(200, b"{}", headers={"Content-Encoding": CANARY}),
    "refusal": Answer(403, json.dumps({"error": {"message": CANARY}}).encode(), CANARY),
    "redirect": Answer(307, b"", headers={"Location": f"http://127.0.0.1:9/{CANARY}"}),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_no_answer_makes_the_key_show(leak: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    provider = Scripted(LEAKS[leak])
    calls: list[Callable[[VideoClient], object]] = [
        lambda client: client.submit("A cat", model="sora-2"),
        lambda client: client.query(SORA_ID),
        lambda client: client.download(SORA_ID, tmp_path / "cat.mp4"),
        lambda client: client.download(
            Task(WAN_ID, "succeeded", urls=("http://127.0.0.1:9/a",)), tmp_path / "b.mp4"
        ),
    ]
    errors: list[NebulaError] = []
    for call in calls:
        with VideoClient(CANARY, "http://127.0.0.1:9", adapter=provider, sleep=lambda _: None) as client:
            try:
                call(client)
            except NebulaError as error:
                errors.append(error)
    # What is no error to the file behind a URL is one to the three operations.
    assert len(errors) >= 3
    for raised in errors:
        assert CANARY[:12] not in shown(raised) + repr(pickle.dumps(raised))
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    "key",
    ["", " ", "\n", f"{CANARY}\r\nX-Evil: 1", f"{CANARY}\n{CANARY}", f"a {CANARY}", f"{CANARY}\N{CAT}", "sk-\x00", "sk-\t1"],
    ids=ascii,
)  # fmt: skip
def test_a_key_no_header_can_carry_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ConfigurationError, match=f"The API key of {len(key)} characters") as caught:
        VideoClient(key, "http://127.0.0.1:9")
    assert CANARY not in shown(caught.value)


def test_a_line_break_at_the_end_of_a_key_is_no_part_of_it() -> None:
    """Keys are read from files."""
    assert ApiKey(f"{CANARY}\n").reveal() == CANARY


def test_a_line_break_at_its_end_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """It came with the text by accident, and may be the sign of another one."""
    ApiKey(f"{CANARY}\r\n")
    assert "ends with a line break" in caplog.text
    assert CANARY not in caplog.text


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A file with the key that nobody else may read."""
    path = tmp_path / "key"
    path.write_text(f"{CANARY}\n")
    path.chmod(0o600)
    return path


def key_of(**options: object) -> str:
    """The key that a client of those options sends."""
    provider = Scripted(told({"task_id": SORA_ID, "status": "queued"}))
    with VideoClient(base_url="http://127.0.0.1:9", adapter=provider, **options) as client:  # type: ignore[arg-type]
        client.query(SORA_ID)
    return provider.requests[0].headers["Authorization"].removeprefix("Bearer ")


def test_a_key_comes_from_a_file(
    key_file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("NEBULA_API_KEY", raising=False)
    assert key_of(api_key_file=key_file) == CANARY
    monkeypatch.setenv("NEBULA_API_KEY_FILE", str(key_file))
    assert key_of() == CANARY
    assert caplog.text == ""


def test_the_argument_wins_then_the_file_then_the_environment(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEBULA_API_KEY", "sk-environment")
    monkeypatch.setenv("NEBULA_API_KEY_FILE", "/nowhere")
    assert key_of(api_key="sk-argument") == "sk-argument"
    assert key_of(api_key_file=key_file) == CANARY
    assert key_of() == "sk-environment"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o610])
def test_a_file_that_others_may_use_is_refused(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(ConfigurationError, match=f"has mode {mode:o}, .* Run chmod 600") as caught:
        key_of(api_key_file=key_file)
    assert CANARY not in shown(caught.value)


@pytest.mark.parametrize("content", [b"", b"\n", b"a\nb\n", b"\xff\xfe", b"k" * 5000, b"sk 1"], ids=ascii)
def test_a_file_without_a_key_is_refused(key_file: Path, content: bytes) -> None:
    key_file.write_bytes(content)
    with pytest.raises(ConfigurationError):
        key_of(api_key_file=key_file)


@pytest.mark.parametrize("name", ["missing", ".", "\x00"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="Cannot read the key file"):
        key_of(api_key_file=tmp_path / name)


def test_a_key_is_given_once(key_file: Path) -> None:
    with pytest.raises(ConfigurationError, match="expected one of them"):
        key_of(api_key=CANARY, api_key_file=key_file)


def test_without_a_key_there_is_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEBULA_API_KEY", raising=False)
    with pytest.raises(ConfigurationError, match="pass api_key or api_key_file, or set NEBULA_API_KEY or"):
        VideoClient(base_url="http://127.0.0.1:9")


def test_an_empty_key_does_not_fall_back_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEBULA_API_KEY", CANARY)
    with pytest.raises(ConfigurationError):
        VideoClient("", "http://127.0.0.1:9")


def test_key_and_address_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with MockServer(clock="manual", keys=(CANARY,)) as mock:
        monkeypatch.setenv("NEBULA_API_KEY", CANARY)
        monkeypatch.setenv("NEBULA_BASE_URL", f"{mock.url}/")
        with VideoClient() as client:
            assert client.base_url == mock.url
            assert client.submit("A cat", model="sora-2").task_id == mock.tasks[0].task_id


def test_without_an_address_it_is_the_live_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEBULA_BASE_URL", raising=False)
    with VideoClient(CANARY) as client:
        assert client.base_url == "https://llm.ai-nebula.com"


@pytest.mark.parametrize(
    "address",
    [
        "http://llm.ai-nebula.com",
        "http://10.0.0.1:8383",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://[::2]:8383",
        "HTTP://EXAMPLE.COM",
    ],
)
def test_the_key_never_goes_to_another_machine_in_the_clear(address: str) -> None:
    with pytest.raises(ConfigurationError, match="would carry the key in the clear"):
        VideoClient(CANARY, address)


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:1",
        "http://127.0.0.1",
        "http://[::1]:8383",
        "http://LOCALHOST",
        "https://example.com/api",
    ],
)
def test_this_machine_and_https_are_fine(address: str) -> None:
    with VideoClient(CANARY, address) as client:
        assert client.base_url == address


@pytest.mark.parametrize(
    "address",
    [
        "llm.ai-nebula.com",
        "ftp://example.com",
        "https://",
        "https:///path",
        "file:///etc/passwd",
        "https://someone:hunter2@example.com",
        "https://example.com?a=b",
    ],
)
def test_what_is_no_address_is_refused_without_showing_a_password(address: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"Found base URL '.*', expected scheme and host, such as https://"
    ) as caught:
        VideoClient(CANARY, address)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:99999",
        "http://127.0.0.1:port",
        "https://a..b",
        "https://" + "a" * 64 + ".example.com",
        "https://exa mple.com",
        "https://*.example.com",
        "http://[::1",
        "http://127.0.0.1#fragment",
        "http://:hunter2@127.0.0.1",
    ],
)
def test_an_address_that_cannot_work_is_refused_at_once(address: str) -> None:
    """Else the first submit is told as "may or may not have been taken", though nothing was ever sent."""
    with pytest.raises(ConfigurationError):
        VideoClient(CANARY, address)
