"""A provider that is a list of answers: a requests adapter, so that no socket is needed."""

import io
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        status: HTTP status.
        body: Its bytes.
        request_id: ``X-Oneapi-Request-Id``, or None.
        headers: More headers.
    """

    status: int
    body: bytes
    request_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def told(body: object, status: int = 200, **headers: str) -> Answer:
    """An answer with a JSON body; an underscore in a header's name is a dash."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps(body).encode(), "20260101abc", named)


Reply = Answer | BaseException


class Scripted(BaseAdapter):
    """Gives each request the next reply, the last one for ever; an exception is raised.

    Attributes:
        requests: Every request, as prepared.
    """

    def __init__(self, *replies: Reply) -> None:
        """Give ``replies``."""
        super().__init__()
        self.requests: list[PreparedRequest] = []
        self._builder = HTTPAdapter()
        self._replies: Iterator[Reply] = iter(())
        self.script(*replies)

    def script(self, *replies: Reply) -> None:
        """Give these from now on."""
        self._replies = itertools.chain(replies, itertools.repeat(replies[-1])) if replies else iter(())

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, with their query strings."""
        return [request.path_url for request in self.requests]

    def send(self, request: PreparedRequest, *_arguments: Any, **_options: Any) -> Response:
        """The next reply."""
        self.requests.append(request)
        reply = next(self._replies)
        if isinstance(reply, BaseException):
            raise reply
        head = {"Content-Type": "application/json", **reply.headers}
        if reply.request_id is not None:
            head["X-Oneapi-Request-Id"] = reply.request_id
        raw = HTTPResponse(io.BytesIO(reply.body), head, reply.status, preload_content=False)
        return self._builder.build_response(request, raw)

    def close(self) -> None:
        """There is nothing to close."""
