"""What it means when no whole answer came: surely not sent, or perhaps taken; and in which words."""

import http.client
import ssl
from dataclasses import dataclass

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    IncompleteRead,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from nebula_client.watch import Watch


class UnreadableAnswerError(http.client.HTTPException):
    """The head of an answer contradicts itself or announces too much."""


WIRE_ERRORS = (requests.RequestException, HTTPError, OSError, http.client.HTTPException)
"""Everything that the libraries below raise when a request or its answer fails."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no whole answer.

    Attributes:
        reason: In words.
        was_sent: Whether the provider may have the request: False only when no byte of it left.
        passes: Whether another try has hope; a wrong certificate does not mend itself.
    """

    reason: str
    was_sent: bool
    passes: bool


class NotSentError(Exception):
    """The request surely did not reach the provider: no byte of it left.

    Attributes:
        failure: What happened.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


class LostAnswerError(NotSentError):
    """The request may have reached the provider, and no whole answer came back."""


def failure_from(error: BaseException, watch: Watch | None) -> Failure:
    """What the failure of a request means.

    Args:
        error: One of ``WIRE_ERRORS``.
        watch: The request's; None where it did not travel over a socket of ours, so that the kind of
            error alone tells whether it was sent.
    """
    root = _root(error)
    was_sent = not isinstance(root, NewConnectionError | ConnectTimeoutError) if watch is None else watch.sent
    reason = (watch.verdict if watch else None) or _words(root)
    if not was_sent and "407" in reason:
        return Failure(f"the proxy asks for credentials: {reason}", was_sent, passes=False)
    if isinstance(root, ProxyError):
        return Failure(f"the proxy failed: {reason}", was_sent, passes=True)
    if isinstance(root, SSLError | ssl.SSLError) and not was_sent:
        return Failure(f"no trusted TLS connection: {reason}", was_sent, passes=False)
    return Failure(reason, was_sent, passes=True)


def _root(error: BaseException) -> BaseException:
    """The error within the layers of retries and pools that the libraries wrap around it."""
    while True:
        inner = error.reason if isinstance(error, MaxRetryError) else error.args[0] if _wraps(error) else None
        if not isinstance(inner, BaseException):
            return error
        error = inner


def _wraps(error: BaseException) -> bool:
    return isinstance(error, requests.RequestException) and bool(error.args)


def _words(error: BaseException) -> str:
    if isinstance(error, ReadTimeoutError | TimeoutError):
        return "nothing came in time"
    if isinstance(error, ProtocolError):
        for part in error.args:
            if isinstance(part, IncompleteRead):
                return (
                    f"the connection was lost after {part.partial} bytes, {part.expected} more were announced"
                )
            if isinstance(part, BaseException):
                return f"{type(part).__name__}, {part}"
    if isinstance(error, UnreadableAnswerError):
        return str(error)
    text = (
        str(error).rpartition(": ")[2]
        if isinstance(error, NewConnectionError | ConnectTimeoutError)
        else str(error)
    )
    return f"{type(error).__name__}, {text}"
