"""One request as it is, right or wrong; one answer, whole or with how it failed; both into the recorder.

Never resends, never follows a redirect, asks the environment for no proxy and keeps no cookies: an adapter of
``requests`` is called without a session, which does all of that and takes half of its time.
"""

import hashlib
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

from requests import PreparedRequest
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPResponse
from urllib3.connection import HTTPConnection

from nebula_contract.record.exchange import (
    MISSING,
    Answer,
    Condition,
    Credential,
    Exchange,
    Operation,
    Request,
)
from nebula_contract.record.recorder import Recorder
from nebula_contract.record.redaction import redacted, redacted_url
from nebula_contract.record.reducing import reduced
from nebula_contract.sending.failing import FAILURES, told, whole_body

MOST_FAILURES_IN_A_ROW = 8
"""After so many requests without a whole answer, one after the other, it is no use to go on."""

KEY = "{key}"
"""Stands for the account's key in an ``Authorization`` of another form than ``Bearer {key}``."""

_TIMEOUT_S = (5.0, 120.0)
_JSON = "application/json"


class OutOfReachError(Exception):
    """The target has not answered for ``MOST_FAILURES_IN_A_ROW`` requests; the message is the last failure."""


class ReadsTime(Protocol):
    """What the wire needs of a clock.

    Attributes:
        began_at: What the target's own clock said when the run began, in seconds since 1970; None where it is unknown.
    """

    began_at: float | None

    def now_s(self) -> float:
        """Seconds of the target's clock since the run began."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """One request before it is sent.

    Attributes:
        method: HTTP method.
        path: Path with query as it goes out; for a result, its whole URL.
        credential: Whose key it carries.
        body: Its bytes; None for none.
        content_type: Its ``Content-Type``; empty for none.
        headers: More headers.
        authorization: For a malformed credential what stands in ``Authorization``; for another the form in which
            its key stands there, with ``KEY`` for the key, where that is not the usual one.
        operation: What is asked for.
        case: The case it belongs to.
        purpose: Why it is sent, in a word.
        subject: What it is about.
        condition: What the run has arranged.
        label: The input class it is meant to be of.
    """

    method: str
    path: str
    credential: Credential = "own"
    body: bytes | None = None
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    authorization: str = ""
    operation: Operation = "route"
    case: str = ""
    purpose: str = ""
    subject: str = ""
    condition: Condition = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a request: the exchange as it is kept, and in memory alone what came.

    Attributes:
        exchange: As recorded.
        raw: The bytes of the answer, with secrets; they go no further than the drive.
    """

    exchange: Exchange
    raw: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        """The JSON body with real URLs; ``MISSING`` when there is none."""
        return MISSING if self.exchange.json is MISSING else json.loads(self.raw)


class Wire:
    """Sends requests to one target.

    Attributes:
        base_url: Scheme, host and port, without a slash at the end.
        recorder: Where exchanges go.
        failures_in_a_row: How many of the last requests got no whole answer.
        adapter: Carries requests to the target.
        keys: Every key of the run, none of which is recorded.
        clock: The target's.
    """

    def __init__(
        self,
        base_url: str,
        accounts: Mapping[Credential, str],
        recorder: Recorder,
        clock: ReadsTime,
        adapter: BaseAdapter | None = None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            base_url: The target.
            accounts: The keys of ``own``, ``second``, ``unused`` and ``reduced``; never recorded.
            recorder: Takes the exchanges.
            clock: The target's.
            adapter: Carries requests to the target in place of the network.
        """
        self.base_url = base_url
        self.recorder = recorder
        self.failures_in_a_row = 0
        self._accounts = dict(accounts)
        self.keys = tuple(key for key in accounts.values() if key)
        self.clock = clock
        self._network = AsItIs()
        self.adapter = adapter or self._network
        self._home = address(base_url)

    def send(self, asked: Asked) -> Sent:
        """One exchange, recorded.

        Raises:
            OutOfReachError: It was one failure too many in a row; this one is recorded too.
        """
        is_elsewhere = asked.operation == "result" and not self.is_home(asked.path)
        url = asked.path if asked.operation == "result" else self.base_url + asked.path
        request = prepared(url, asked, self._authorization(asked))
        at_s, began = self.clock.now_s(), time.perf_counter()
        adapter = self._network if is_elsewhere else self.adapter
        answer, failure, raw = carried(adapter, request, self.keys)
        took_s, until_s = time.perf_counter() - began, self.clock.now_s()
        target_time = None if self.clock.began_at is None else self.clock.began_at + at_s
        exchange = self.recorder.add(
            exchange_of(
                asked,
                answer,
                failure,
                at_s=at_s,
                until_s=until_s,
                took_s=took_s,
                target_time=target_time,
            )
        )
        self.failures_in_a_row = self.failures_in_a_row + 1 if answer is None else 0
        if self.failures_in_a_row >= MOST_FAILURES_IN_A_ROW:
            self.failures_in_a_row = 0
            raise OutOfReachError(failure)
        return Sent(exchange, raw)

    def is_home(self, url: str) -> bool:
        """Whether a URL is of the target itself: the same scheme, host and port."""
        return address(url) == self._home

    def key_of(self, credential: Credential) -> str:
        """The key of an account of the run; empty where it has none."""
        return self._accounts.get(credential, "")

    def _authorization(self, asked: Asked) -> str | None:
        if asked.operation == "result" or asked.credential == "none":
            return None
        if asked.credential == "malformed":
            return asked.authorization
        return (asked.authorization or f"Bearer {KEY}").replace(KEY, self.key_of(asked.credential))

    def close(self) -> None:
        """Close connections."""
        self._network.close()
        self.adapter.close()


class _Connection(HTTPConnection):
    """Acknowledges at once what comes.

    Many servers send the head and the body of an answer in two segments, and hold the second back until the first is
    acknowledged, which a system by itself puts off for 40 ms on a connection in use: forty times what a request takes.
    """

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's own
        """The answer; the system forgets the wish, so that it stands before each."""
        if self.sock is not None and hasattr(socket, "TCP_QUICKACK"):  # Linux has it
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return super().getresponse()


class _Pool(HTTPConnectionPool):
    """Connections of that kind."""

    ConnectionCls = _Connection


class AsItIs(HTTPAdapter):
    """Carries requests over the network without mending their path."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Connections that acknowledge at once; where TLS is, the library's own."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {**self.poolmanager.pool_classes_by_scheme, "http": _Pool}

    def request_url(self, request: PreparedRequest, proxies: Mapping[str, str] | None) -> str:
        """The path and query as they are; two slashes stay two."""
        del proxies  # there are none
        parts = urlsplit(request.url or "")
        path = parts.path or "/"
        return f"{path}?{parts.query}" if parts.query else path


def prepared(url: str, asked: Asked, authorization: str | None) -> PreparedRequest:
    """The request as it goes out; nothing is mended, added or checked but its length."""
    request = PreparedRequest()
    headers: CaseInsensitiveDict[str] = CaseInsensitiveDict(asked.headers)
    if asked.content_type:
        headers["Content-Type"] = asked.content_type
    if authorization is not None:
        headers["Authorization"] = authorization
    if asked.body is not None:
        headers["Content-Length"] = str(len(asked.body))
    request.method, request.url, request.headers, request.body = asked.method, url, headers, asked.body
    return request


def exchange_of(
    asked: Asked,
    answer: Answer | None,
    failure: str,
    *,
    at_s: float,
    until_s: float,
    took_s: float,
    target_time: float | None = None,
) -> Exchange:
    """The exchange as it is kept; no key is in it."""
    body, headers = asked.body, {name.lower(): value for name, value in asked.headers.items()}
    if asked.content_type:
        headers["content-type"] = asked.content_type
    request = Request(
        asked.method,
        redacted_url(asked.path) if asked.operation == "result" else asked.path,
        asked.credential,
        headers,
        body,
        hashlib.sha256(body).hexdigest() if body else "",
        asked.authorization,
    )
    return Exchange(
        0,
        asked.case,
        asked.operation,
        request,
        answer,
        failure,
        at_s,
        until_s,
        took_s,
        asked.condition,
        asked.purpose,
        asked.subject,
        asked.label,
        target_time,
    )


def carried(
    adapter: BaseAdapter, request: PreparedRequest, keys: tuple[str, ...]
) -> tuple[Answer | None, str, bytes]:
    """What came, reduced; or None with how it failed; and the bytes that came. One attempt."""
    try:
        response = adapter.send(request, stream=True, timeout=_TIMEOUT_S, verify=True, proxies={})
        try:
            raw = whole_body(response)
        finally:
            response.close()
            if request.headers.get("Connection", "").lower() == "close":
                adapter.close()  # the target closes it too, in its own time: the next request must not meet that
    except FAILURES as error:
        return None, redacted(told(error), keys), b""
    headers = {name.lower(): value for name, value in response.raw.headers.itermerged()}
    return reduced(response.status_code, headers, raw, keys), "", raw


def address(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of a URL; None for one that has none."""
    try:
        parts: SplitResult = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname and port else None
