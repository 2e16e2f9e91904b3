"""A hundred ways to ask for a live run that must not begin: each is told in one sentence, and nothing is sent.

Counted at the socket: a provider counts what reaches it, and no other address is ever connected to.
"""

import json
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from nebula_contract.live.commands import live_command
from spending import OWN, SECOND, TASK_ID, Spending, plan_file, provider

Edit = Callable[[dict[str, Any]], Any]
Prepare = Callable[[Path], object]


@dataclass(frozen=True)
class Row:
    """One way.

    Attributes:
        label: In a few words.
        told: What the sentence says.
        options: Options in place of the right ones; None leaves one out.
        environment: Variables in place of the right ones.
        edit: Changes the plan's JSON, or gives its bytes.
        prepare: Makes files.
    """

    label: str
    told: str
    options: Mapping[str, str | None] = field(default_factory=dict)
    environment: Mapping[str, str | None] = field(default_factory=dict)
    edit: Edit | None = None
    prepare: Prepare | None = None


_NO_CAPS = (
    "", " ", "1e9", "1E2", "1e-3", "NaN", "nan", "sNaN", "-1", "-0", "+1", "Infinity", "inf", "-inf", "0x10", "1_000",
    "1,50", " 1", "1 ", "1.", ".5", "0.00001", "01", "100.01", "1000", "999999", "1000000", "\u0661", "\u00bd", "1\n", "$1", "1 USD",
    "None", "true", "1.5.1", "1/2",
)  # fmt: skip
_HOSTS = (
    "https://llm.ai-nebula.com.evil.example", "https://evil.example", "https://evil.example/llm.ai-nebula.com",
    "https://llm.ai-nebula.com@evil.example", "https://user:secret@llm.ai-nebula.com", "http://llm.ai-nebula.com",
    "https://llm.ai-nebula.com:8443", "https://llm.ai-nebula.com.", "https://llm-ai-nebula.com",
    "https://llm.ai-nebul\u0430.com", "https://llm.ai-nebula.com/v1", "https://llm.ai-nebula.com?x=1",
    "https://llm.ai-nebula.com#x", "ftp://llm.ai-nebula.com", "//llm.ai-nebula.com", "llm.ai-nebula.com", "",
    "http://10.0.0.1", "http://0.0.0.0:8080", "http://127.0.0.1.evil.example", "http://localhost.evil.example",
    "https://127.0.0.1@evil.example", "https://[::1", "https://llm.ai-nebula.com\n.evil.example", "http://169.254.169.254",
    "https://ai-nebula.com", "https://www.llm.ai-nebula.com", "https://llm.ai-nebula.com\\@evil.example",
)  # fmt: skip


def _submit(plan: dict[str, Any]) -> dict[str, Any]:
    (found,) = (case for case in plan["cases"] if case["name"] == "job/sora/submit")
    return found  # type: ignore[no-any-return]  # JSON


def _set(name: str, value: Any) -> Edit:
    return lambda plan: _submit(plan).update({name: value})


def _body(**changes: Any) -> Edit:
    """Another body at the same price."""

    def edit(plan: dict[str, Any]) -> None:
        submit = _submit(plan)
        submit["body"] = json.dumps({**json.loads(submit["body"]), **changes})

    return edit


def _other(name: str, **changes: Any) -> Edit:
    """Changes of another case of the plan."""

    def edit(plan: dict[str, Any]) -> None:
        (found,) = (case for case in plan["cases"] if case["name"] == name)
        found.update(changes)

    return edit


def _added(**case: Any) -> Edit:
    """One more case, at the front."""
    plain = {
        "name": "x",
        "class": "x",
        "purpose": "x",
        "method": "GET",
        "path": "/v1/x",
        "credential": "none",
    }
    return lambda plan: plan["cases"].insert(
        0, {**plain, "expects": ["accepted"], "price_usd": "0.00", **case}
    )


_PLANS: tuple[tuple[str, str, Edit], ...] = (
    ("its price lowered", "expected at least 0.40", _set("price_usd", "0.39")),
    ("its price zero", "expected at least 0.40", _set("price_usd", "0.00")),
    ("a longer video at the price of a short one", "expected at least 1.20", _body(seconds=12)),
    ("a length in another spelling", "expected at least 1.20", _body(n_seconds=12)),
    ("a length that nobody documents", "expected at least 1.20", _body(seconds=3600)),
    ("a member that differs in case", "expected at least 12.80", _body(SECONDS=12)),
    ("values in metadata", "expected at least 1.20", _body(metadata={"seconds": 12})),
    ("a dearer model", "expected at least 1.20", _body(model="sora-2-pro")),
    ("a model of another family", "expected at least", _body(model="veo-3.1-generate-preview", sampleCount=4)),
    ("an unknown model", "expected at least", _body(model="sora-3")),
    ("a body that is no JSON", "expected at least 12.80", _set("body", '{"model":"sora-2","seconds":12,}')),
    ("a member twice", "expected at least 12.80", _set("body", '{"model":"sora-2","seconds":4,"seconds":12}')),
    ("a free submit with a good key", "expected at least", _added(method="POST", credential="own", body="{}")),
    ("a free submit with the second key", "expected at least", _added(method="POST", credential="second", body="{}")),
    ("a free submit elsewhere", "expected at least", _added(method="POST", path="/v1/videos", credential="own", body="{}")),
    ("a free submit without a body", "expected at least", _added(method="POST", credential="own")),
    ("half a character", "lone surrogate", _set("body", "\ud800")),
    ("another format", "found format 2, expected 1", lambda plan: plan.update(format=2)),
    ("a format that is true", "found format true", lambda plan: plan.update(format=True)),
    ("no format", "found format null", lambda plan: plan.pop("format")),
    ("an unknown field", "additionalProperties", lambda plan: plan.update(cap="100")),
    ("an unknown field of a case", "additionalProperties", _set("retries", 3)),
    ("two cases of a name", "two cases of that name", lambda plan: plan["cases"].append(_submit(plan))),
    ("another sum", "the sum of its cases", lambda plan: plan.update(worst_usd="0.01")),
    ("a price as a number", "type", _set("price_usd", 0.4)),
    ("a price with an exponent", "pattern", _set("price_usd", "1e9")),
    ("a key in a body", "looks like an API key", _body(user="sk-abcdefgh1234")),
    ("a key in a header", "looks like an API key", _added(credential="malformed", authorization="Bearer sk-abcdefgh1234")),
    ("a key in escapes", "looks like an API key", lambda plan: json.dumps(plan).replace('"seed"', '"s\\u006b-abcdefgh1234": 1, "seed"').encode()),
    ("a header with a key", "additionalProperties", _set("headers", {"authorization": "Bearer x"})),
    ("a form", "const", _set("headers", {"content-type": "multipart/form-data"})),
    ("another address", "pattern", _set("path", "https://evil.example/v1/video/generations")),
    ("another address behind a user name", "pattern", _set("path", "@evil.example/v1")),
    ("a line break in its path", "pattern", _set("path", "/v1/x HTTP/1.1\r\nHost: evil.example")),
    ("a method that is none of ours", "enum", _set("method", "PUT")),
    ("a body of a read", "expected none", _added(body="{}")),
    ("a submit that is polled", "nothing that could be charged is repeated", _set("poll", {"every_s": 3, "most": 9})),
    ("polls without pause", "minimum", _other("job/sora/poll", poll={"every_s": 0, "most": 9})),
    ("somebody's credential", "enum", _set("credential", "stolen")),
    ("a made-up key beside a good one", "expected authorization", _set("authorization", "Bearer madeup")),
    ("a key to where a result is", "a key never goes there", _added(path="{result}", credential="own", task="job/sora/submit")),
    ("a task of no case", "expected an earlier submit", _other("job/sora/poll", task="job/sora/nothing")),
    ("a task of a later case", "expected an earlier submit", _added(path="/v1/{task}", task="job/sora/submit")),
    ("a task of a refused case", "expected an earlier submit", _other("job/sora/poll", task="free/no-key/two-defects")),
    ("a task of an earlier run by another name", "expected known:FAMILY in cases", _other("job/sora/poll", task="known:sora")),
    ("a known task of another family", "expected known:FAMILY in cases", _other("known/sora/query", task="known:wan")),
    ("a known task of no earlier run", "expected known:FAMILY in cases", _other("known/sora/query", task="job/sora/submit")),
    ("a twin of nothing", "twin_of", _other("job/sora/query-twin", twin_of="job/nothing")),
    ("an expectation of nothing", "row of the error table", _set("expects", ["wonders"])),
    ("no case", "minItems", lambda plan: plan.update(cases=[])),
    ("text", "no JSON", lambda _: b"plan"),
    ("nothing", "no JSON", lambda _: b""),
    ("a list", "found format null", lambda _: b"[]"),
    ("NaN", "no JSON", lambda _: b'{"format": NaN}'),
    ("two formats", "twice", lambda _: b'{"format": 1, "format": 1}'),
    ("depth", "nested too deeply", lambda _: b"[" * 100_000),
    ("size", "at most that many", lambda _: b" " * (1024 * 1024 + 1)),
    ("bytes that are no text", "no JSON", lambda _: b"\xff\xfe"),
)  # fmt: skip


def _ledger_of(*lines: bytes) -> Prepare:
    return lambda folder: (folder / "ledger.ndjson").write_bytes(b"".join(lines))


def _reserve(entry: str = "a", usd: str = "0.10", **changes: str) -> bytes:
    line = {
        "kind": "reserve",
        "usd": usd,
        "id": entry,
        "run": "r",
        "case": "c",
        "host": "127.0.0.1:1",
        "account": "a",
    }
    return json.dumps({**line, "plan": "p", "at": "2026-11-22T06:00:00.000000Z", **changes}).encode() + b"\n"


_RELEASE = b'{"kind":"release","id":"a","outcome":"refused","at":"2026-11-22T06:00:00.000000Z"}\n'
_LEDGERS: tuple[tuple[str, str, Prepare], ...] = (
    ("a line of noise", "line 2", _ledger_of(_reserve(), b"noise\n", _reserve("b"))),
    ("a line cut in the middle of the file", "line 1", _ledger_of(_reserve()[:40], b"\n", _reserve("b"))),
    ("an empty line", "line 2", _ledger_of(_reserve(), b"\n", _reserve("b"))),
    ("an id twice", "line 2", _ledger_of(_reserve(), _reserve())),
    ("a release of nothing", "line 1", _ledger_of(_RELEASE)),
    ("a release twice", "line 3", _ledger_of(_reserve(), _RELEASE, _RELEASE)),
    ("a negative amount", "line 1", _ledger_of(_reserve(usd="-9.00"))),
    ("an amount that is none", "line 1", _ledger_of(_reserve(usd="NaN"))),
    ("an amount with an exponent", "line 1", _ledger_of(_reserve(usd="1e9"))),
    ("an unknown member", "line 1", _ledger_of(_reserve(key="x"))),
    ("a member twice", "line 1", _ledger_of(_reserve()[:-2] + b',"usd":"0.00"}\n')),
    ("a time that is none", "line 1", _ledger_of(_reserve(at="soon"))),
    ("an unknown kind", "line 1", _ledger_of(_reserve(kind="refund"))),
    ("a folder", "cannot be opened", lambda folder: (folder / "ledger.ndjson").mkdir()),
    ("a link to another file", "which is the file of --plan too", lambda folder: (folder / "ledger.ndjson").symlink_to(folder / "plan.json")),
    ("a link to nothing", "cannot be opened", lambda folder: (folder / "ledger.ndjson").symlink_to(folder / "nothing")),
    ("a pipe", "no plain file", lambda folder: os.mkfifo(folder / "ledger.ndjson")),
)  # fmt: skip


def _key_file(mode: int, text: str) -> Prepare:
    def prepare(folder: Path) -> None:
        (folder / "key").write_text(text)
        (folder / "key").chmod(mode)

    return prepare


_NO_KEY = {"NEBULA_API_KEY": None}
_FILE = {"--api-key-file": "key"}
ROWS = (
    *(Row(f"cap {text!r}", "--max-spend: found", {"--max-spend": text}) for text in _NO_CAPS),
    *(Row(f"day {text!r}", "--max-spend-day: found", {"--max-spend-day": text}) for text in _NO_CAPS[:12]),
    *(
        Row(f"month {text!r}", "--max-spend-month: found", {"--max-spend-month": text})
        for text in _NO_CAPS[:12]
    ),
    *(Row(f"host {url!r}", "--base-url", {"--base-url": url}) for url in _HOSTS),
    *(
        Row(
            f"allowing {one!r}", "--base-url", {"--base-url": "https://api.evil.example", "--allow-host": one}
        )
        for one in (
            "*",
            "evil.example",
            "*.evil.example",
            ".evil.example",
            "https://api.evil.example",
            "api.evil.example:8443",
            "",
        )
    ),
    *(Row(f"a plan with {label}", told, edit=edit) for label, told, edit in _PLANS),
    *(Row(f"a ledger with {label}", told, prepare=prepare) for label, told, prepare in _LEDGERS),
    Row("a ledger nowhere", "cannot be opened", {"--ledger": "/proc/ledger.ndjson"}),
    Row("a ledger below a file", "ledger", {"--ledger": "plan.json/ledger.ndjson"}),
    Row("a ledger on a device", "no plain file", {"--ledger": "/dev/full"}),
    Row("no plan", "Missing option '--plan'", {"--plan": None}),
    Row("a plan that is not there", "cannot read", {"--plan": "other.json"}),
    Row("a plan that is a folder", "cannot read", {"--plan": "."}),
    Row("no key", "There is no API key", environment=_NO_KEY),
    Row("an empty key", "is empty", environment={"NEBULA_API_KEY": ""}),
    Row("a key with a space", "holds spaces", environment={"NEBULA_API_KEY": "sk-a b"}),
    Row("a key with a header in it", "control", environment={"NEBULA_API_KEY": "sk-a\r\nX-Other: 1"}),
    Row("a key file that is not there", "Cannot read the key file", _FILE, _NO_KEY),
    Row("a key file that others may read", "has mode 644", _FILE, _NO_KEY, prepare=_key_file(0o644, OWN)),
    Row("an empty key file", "is empty", _FILE, _NO_KEY, prepare=_key_file(0o600, "")),
    Row(
        "one key for two accounts", "same API key under two names", environment={"NEBULA_SECOND_API_KEY": OWN}
    ),
    Row(
        "one key for rich and poor",
        "same API key under two names",
        environment={"NEBULA_REDUCED_API_KEY": OWN},
    ),
    Row("a key that stands in the plan", "a key of this run", environment={"NEBULA_API_KEY": "generations"}),
    Row("polls too often", "--poll-every", {"--poll-every": "2.9"}),
    Row("no time", "--deadline", {"--deadline": "0"}),
    Row("time without end", "--deadline", {"--deadline": "inf"}),
    Row("an option that is none", "No such option", {"--i-know-what-i-do": "1"}),
)


@pytest.fixture
def at_the_socket(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every host that anything would connect to but this machine; none is looked up or reached."""
    tried: list[Any] = []
    look_up = socket.getaddrinfo

    def only_here(host: Any, *rest: Any, **named: Any) -> Any:
        if host in {"127.0.0.1", "::1", "localhost"}:
            return look_up(host, *rest, **named)
        tried.append(host)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", only_here)
    return tried


def arguments(row: Row, folder: Path, url: str) -> list[str]:
    """The command line of a row."""
    right: dict[str, str | None] = {
        "--plan": "plan.json",
        "--max-spend": "50",
        "--ledger": "ledger.ndjson",
        "--base-url": url,
    }
    chosen = {**right, **row.options}
    files = {"--plan", "--ledger", "--api-key-file"}
    return [
        part
        for name, value in chosen.items()
        if value is not None
        for part in (name, str(folder / value) if name in files else value)
    ]


@pytest.mark.parametrize("row", ROWS, ids=[row.label.encode("unicode_escape").decode() for row in ROWS])
def test_a_run_that_must_not_begin_sends_nothing(row: Row, tmp_path: Path, at_the_socket: list[Any]) -> None:
    plan = plan_file(tmp_path)
    if row.edit is not None:
        value = json.loads(plan.read_bytes())
        edited = row.edit(value)
        plan.write_bytes(edited if isinstance(edited, bytes) else json.dumps(value).encode())
    if row.prepare is not None:
        row.prepare(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    with provider() as target:
        done = CliRunner().invoke(
            live_command(),
            arguments(row, tmp_path, target.url),
            env={"NEBULA_API_KEY": OWN, **row.environment},
        )
        assert (target.submits, target.asked, at_the_socket) == ([], [], [])
    assert (done.exit_code, row.told in done.stderr, done.stdout) == (2, True, ""), done.output
    assert not any(secret in done.output for secret in (OWN, SECOND, "secret"))
    assert all(path.read_bytes() == was for path, was in before.items())


def test_there_are_a_hundred_of_them() -> None:
    assert len({row.label for row in ROWS}) == len(ROWS) >= 100


def test_the_same_command_begins_where_all_is_right(tmp_path: Path) -> None:
    """Else the table would prove nothing."""
    target: Spending
    plan_file(tmp_path)
    with provider(b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") as target:
        row = Row("right", "")
        done = CliRunner().invoke(
            live_command(), arguments(row, tmp_path, target.url), env={"NEBULA_API_KEY": OWN}
        )
    assert (done.exit_code, len(target.submits)) == (3, 1), done.output
    assert TASK_ID not in done.output
