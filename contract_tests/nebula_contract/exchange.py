"""A request with its answer, as data; and the one function that makes one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

_TIMEOUT_S = (5, 120)
_LONGEST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its answer. The key is never kept.

    Attributes:
        method: HTTP method.
        path: Path with query, or the whole URL of a result.
        sent: The request body, or None.
        status: HTTP status of the answer.
        headers: Its headers, names in lower case.
        body: Its bytes.
    """

    method: str
    path: str
    sent: bytes | None
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            AssertionError: It is not JSON, or not said to be; the message shows the exchange.
        """
        media_type = self.headers.get("content-type", "none")
        assert media_type.startswith("application/json"), (
            f"{self}: found content type {media_type}, expected JSON"
        )
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise AssertionError(f"{self}: the body is not JSON ({error})") from error

    def __str__(self) -> str:
        """What was asked and what came, cut to what a person reads."""
        sent = "" if self.sent is None else f" {_cut(self.sent)}"
        return f"{self.method} {self.path}{sent} -> {self.status} {_cut(self.body)}"


def _cut(raw: bytes) -> str:
    text = raw[:_LONGEST_SHOWN].decode("utf-8", "backslashreplace")
    return text if len(raw) <= _LONGEST_SHOWN else f"{text}... ({len(raw)} bytes)"


class Wire:
    """Sends requests as they are, right or wrong, to one server. Never resends, never follows."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy and no netrc between the suite and its target

    def send(
        self,
        method: str,
        path: str,
        *,
        key: str | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """One exchange; ``key`` becomes a bearer token, ``path`` may be a whole URL."""
        url = path if path.startswith("http") else self.base_url + path
        sent = dict(headers or {})
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        answer = self._session.request(
            method, url, data=body, headers=sent, timeout=_TIMEOUT_S, allow_redirects=False
        )
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Exchange(method, path, body, answer.status_code, named, answer.content)

    def close(self) -> None:
        """Close connections."""
        self._session.close()
