"""One request, one answer: requests as the wire, with everything a paid API forbids switched off.

No redirects, no retries, no credentials from netrc, no key to another host or over plain HTTP to
another machine. What went wrong is told apart by what it means for money: surely not sent, or
perhaps taken.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import requests
from requests.adapters import BaseAdapter
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, HTTPError, IncompleteRead, NewConnectionError

from nebula_client.addresses import LOOPBACK_HOSTS, checked_host
from nebula_client.errors import BrokenContractError, ConfigurationError, RefusedError, UnreachableError
from nebula_schemas.version import VERSION

_CONNECT_TIMEOUT_S = 5
_READ_TIMEOUT_S = 60
_LARGEST_ERROR_BODY = 64 * 1024
_MASK = "***"
_CHUNK_BYTES = 256 * 1024
_OK = 200


class NotSentError(Exception):
    """The request surely did not reach the provider: no connection was made."""


class LostAnswerError(Exception):
    """The request may have reached the provider, and no whole answer came back."""


class ApiKey:
    """An API key that does not show itself in logs, reprs, pickles or tracebacks."""

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        """Keep it.

        Raises:
            ConfigurationError: It is empty or holds what no header can carry.
        """
        stripped = secret.strip()
        if not stripped or not stripped.isascii() or not stripped.isprintable() or " " in stripped:
            message = (
                f"The API key of {len(secret)} characters is empty or holds spaces, control or non-ASCII characters. "
                "Pass api_key or set NEBULA_API_KEY to the text the provider gave you, such as sk-..."
            )
            raise ConfigurationError(message)
        self._secret = stripped

    def reveal(self) -> str:
        """The key itself, for the one header that carries it."""
        return self._secret

    def __repr__(self) -> str:
        return "ApiKey(***)"

    def __reduce__(self) -> str:
        message = "an API key is never pickled"
        raise TypeError(message)


class _Bearer(AuthBase):
    """Puts the key on a request; given to requests as auth, so that it asks no netrc for another."""

    def __init__(self, key: ApiKey) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key.reveal()}"
        return request


class _NoKey(AuthBase):
    """Sends no credentials at all, whatever the environment holds."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer.

    Attributes:
        status: HTTP status.
        body: Its bytes.
        request_id: ``X-Oneapi-Request-Id``, or None.
    """

    status: int
    body: bytes
    request_id: str | None

    def json_object(self) -> dict[str, Any]:
        """The JSON object in the body.

        Raises:
            ValueError: The body is no JSON object; the message says what it is.
        """
        try:
            value = json.loads(self.body, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            message = f"found {len(self.body)} bytes that are not JSON, expected a JSON object"
            raise ValueError(message) from error
        if not isinstance(value, dict):
            message = f"found JSON of type {type(value).__name__}, expected an object"
            raise ValueError(message)  # noqa: TRY004 - one kind of error for one kind of caller
        return value


def _no_constant(name: str) -> Any:
    message = f"{name} is not JSON"
    raise ValueError(message)


class Transport:
    """Sends requests to one provider.

    Attributes:
        base_url: Scheme, host and port, without a slash at the end.
    """

    def __init__(
        self,
        base_url: str,
        key: ApiKey,
        *,
        adapter: BaseAdapter | None = None,
        read_timeout_s: float = _READ_TIMEOUT_S,
    ) -> None:
        """Check the address; nothing is sent. ``adapter`` carries what is sent, where it is not the network.

        Raises:
            ConfigurationError: The address is no http(s) URL, or would send the key in the clear to
                another machine.
        """
        host = checked_host(base_url)
        # What is spoken to this machine stays on it, whatever proxy the environment names for the rest.
        self._use_environment = host not in LOOPBACK_HOSTS
        self.base_url = base_url.rstrip("/")
        self._key = key
        self._adapter = adapter
        self._timeout = (_CONNECT_TIMEOUT_S, read_timeout_s)
        self._session = self._new_session()

    def submit(self, path: str, body: Mapping[str, Any], idempotency_key: str) -> Answer:
        """POST ``body`` once, on a connection of its own.

        A pooled connection that the provider closed meanwhile looks like an answer lost after the
        request was sent; a fresh one cannot be stale.

        Raises:
            NotSentError: Surely not sent.
            LostAnswerError: Perhaps taken.
        """
        with self._new_session() as session:
            answer = _whole(
                session,
                "POST",
                self.base_url + path,
                data=json.dumps(body).encode(),
                headers={"Content-Type": "application/json", "Idempotency-Key": idempotency_key},
                auth=_Bearer(self._key),
                timeout=self._timeout,
            )
        return self._masked(answer)

    def get(self, operation: str, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """GET a provider path with the key.

        Raises:
            UnreachableError: No whole answer.
        """
        try:
            answer = _whole(
                self._session,
                "GET",
                self.base_url + path,
                params=params,
                auth=_Bearer(self._key),
                timeout=self._timeout,
            )
        except (NotSentError, LostAnswerError) as error:
            raise UnreachableError(operation, str(error)) from error
        return self._masked(answer)

    def stream_result(self, url: str) -> Iterator[bytes]:
        """The bytes of a result URL, which is another host's: the key is not sent.

        Raises:
            UnreachableError: The transfer failed or was cut.
            RefusedError: The answer is not 200.
            BrokenContractError: The URL is none.
        """
        if not url.lower().startswith(("http://", "https://")):
            raise BrokenContractError("download", f"found result URL {url!r}, expected http or https")
        lost: str
        try:
            with self._session.get(
                url, stream=True, auth=_NoKey(), timeout=self._timeout, allow_redirects=False
            ) as response:
                if response.status_code != _OK:
                    message = response.reason or "no reason"
                    raise RefusedError(
                        "result",
                        response.status_code,
                        code=None,
                        type=None,
                        message=message,
                        request_id=None,
                    )
                yield from response.iter_content(_CHUNK_BYTES)
                return
        except requests.RequestException as error:
            lost = _told(error)
        except (ValueError, HTTPError) as error:  # an address that no library can read
            raise BrokenContractError("download", f"found result URL {url!r}, {error}") from error
        raise UnreachableError("download", lost)

    def _masked(self, answer: Answer) -> Answer:
        """The answer without the key, which some providers quote back in a refusal."""
        if len(answer.body) > _LARGEST_ERROR_BODY:
            return answer  # a result; nothing of it is ever shown
        secret = self._key.reveal().encode()
        request_id = answer.request_id and answer.request_id.replace(secret.decode(), _MASK)
        return Answer(answer.status, answer.body.replace(secret, _MASK.encode()), request_id)

    def close(self) -> None:
        """Close pooled connections."""
        self._session.close()

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = self._use_environment
        session.headers["User-Agent"] = f"nebula-video/{VERSION}"
        session.headers["Accept-Encoding"] = "identity"
        if self._adapter is not None:
            session.mount("http://", self._adapter)
            session.mount("https://", self._adapter)
        return session

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def refusal_from(operation: str, answer: Answer) -> RefusedError:
    """The refusal that an answer other than 200 tells of, whichever envelope it uses."""
    try:
        body = answer.json_object() if len(answer.body) <= _LARGEST_ERROR_BODY else {}
    except ValueError:
        body = {}
    error = body.get("error")
    told = error if isinstance(error, dict) else body
    return RefusedError(
        operation,
        answer.status,
        code=_text(told.get("code")),
        type=_text(told.get("type")),
        message=_text(told.get("message")) or f"no message in {len(answer.body)} bytes",
        request_id=answer.request_id,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(session: requests.Session, method: str, url: str, **options: Any) -> Answer:
    # The failure is raised outside the handler: an error that a caller keeps would else keep, through
    # its context, the connection that failed.
    try:
        response = session.request(method, url, allow_redirects=False, **options)
    except requests.RequestException as error:
        kind = NotSentError if _surely_not_sent(error) else LostAnswerError
        failure = kind(_told(error))
    else:
        return Answer(response.status_code, response.content, response.headers.get("X-Oneapi-Request-Id"))
    raise failure


def _surely_not_sent(error: requests.RequestException) -> bool:
    """Whether no connection was made. Everything else, TLS and proxies included, is not sure."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _told(error: requests.RequestException) -> str:
    """What happened, without the layers of pools and retries that requests wraps around it."""
    cause = error.args[0] if error.args else error
    for part in getattr(cause, "args", ()):
        if isinstance(part, IncompleteRead):
            return f"the connection was lost after {part.partial} bytes, {part.expected} more were announced"
    reason = str(getattr(cause, "reason", cause))
    return f"{type(error).__name__}, {reason.rpartition(': ')[2]}"
