"""One request, one answer: requests as the wire, with everything a paid API forbids switched off.

No redirects, no retries, no credentials from netrc, no cookies, no key to another host or over plain
HTTP to another machine. What went wrong is told apart by what it means for money: surely not sent, or
perhaps taken.
"""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.auth import AuthBase
from urllib3.exceptions import LocationParseError

from nebula_client.addresses import LOOPBACK_HOSTS, checked_host
from nebula_client.api_key import ApiKey
from nebula_client.errors import BrokenContractError, ConfigurationError, UnreachableError
from nebula_client.failures import WIRE_ERRORS, Failure, LostAnswerError, NotSentError, failure_from
from nebula_client.reply import SUCCESSES, Reply
from nebula_client.settings import Limits, Timeouts
from nebula_client.watch import Watch, watching
from nebula_client.wire import WatchedAdapter
from nebula_schemas.version import VERSION

Operation = Literal["submit", "query", "download", "result"]


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
class _Pace:
    """What one request may take: seconds for a piece and in all, and bytes a second."""

    read_s: float
    total_s: float
    least_rate: float = 0.0
    successes: range = SUCCESSES


@contextlib.contextmanager
def _usable_addresses() -> Iterator[None]:
    """The provider's address was judged; what the libraries cannot read here is a proxy's, or worse than it looked.

    Raises:
        ConfigurationError: They cannot. Nothing was sent, and nothing of the address is shown: it may have a password.
    """
    try:
        yield
    except (requests.exceptions.InvalidURL, LocationParseError) as error:
        _forget_address(error)
        message = (
            "The base URL, or a proxy of the environment (HTTPS_PROXY, ALL_PROXY), is no address that can be used; "
            "expected https://HOST, and for a proxy http://HOST:PORT (no SOCKS). Nothing was sent."
        )
        raise ConfigurationError(message) from None


def _forget_address(error: BaseException | None) -> None:
    """Take out of an error, and of those it came from, the address it names, which may have a password."""
    while error is not None:
        error.args = ()
        vars(error).clear()
        error = error.__cause__ or error.__context__


def _shown_address(url: str) -> str:
    """A result URL without what may be secret in it."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise BrokenContractError("result", f"found result URL {url[:80]!r}, {error}") from error
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


class Transport:
    """Sends requests to one provider. Threads may share one; a forked process makes connections of its own.

    Attributes:
        base_url: Scheme, host and port, without a slash at the end.
        key: The key it sends, to this address alone.
    """

    def __init__(
        self,
        base_url: str,
        key: ApiKey,
        *,
        adapter: BaseAdapter | None = None,
        timeouts: Timeouts | None = None,
        limits: Limits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
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
        self.key = key
        self._timeouts, self._limits = timeouts or Timeouts(), limits or Limits()
        self._monotonic = monotonic
        self._adapter = adapter
        self._session, self._process = self._new_session(), os.getpid()

    def submit_watch(self) -> Watch:
        """The watch of one submit, whose time begins now; ``sent`` tells an interrupt whether anything left."""
        return self._watch(_Pace(self._timeouts.submit_read_s, self._timeouts.submit_total_s))

    @contextlib.contextmanager
    def submit(
        self, path: str, body: Mapping[str, Any], idempotency_key: str, watch: Watch
    ) -> Iterator[Reply]:
        """The answer to ``body``, sent once, on a connection of its own, under a ``submit_watch``.

        A pooled connection that the provider closed meanwhile looks like an answer lost after the
        request was sent; a fresh one cannot be stale.

        Raises:
            NotSentError: Surely not sent.
            LostAnswerError: Perhaps taken; also while the answer is read within the block.
        """
        request = requests.Request(
            "POST",
            self.base_url + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Idempotency-Key": idempotency_key},
            auth=_Bearer(self.key),
        )
        pace = _Pace(self._timeouts.submit_read_s, self._timeouts.submit_total_s)
        with (
            contextlib.closing(self._new_session()) as session,
            _usable_addresses(),
            self._exchange(session, request, pace, self._limits.submit_bytes, watch) as reply,
        ):
            yield reply

    @contextlib.contextmanager
    def get(
        self,
        operation: Operation,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        left_s: float | None = None,
    ) -> Iterator[Reply]:
        """The answer to a GET of a provider's path, with the key.

        Args:
            operation: ``query`` or ``download``; decides how long it may take and how much it may hold.
            path: Below the base URL.
            params: The query string.
            left_s: Seconds the request may take at most, below what the settings allow; None for those.

        Raises:
            UnreachableError: No whole answer; also while it is read within the block.
        """
        request = requests.Request("GET", self.base_url + path, params=params, auth=_Bearer(self.key))
        with _usable_addresses(), self._got(operation, request, self.base_url, left_s) as reply:
            yield reply

    @contextlib.contextmanager
    def get_result(self, url: str) -> Iterator[Reply]:
        """The answer to a GET of a result URL, which is another host's: the key is not sent.

        Raises:
            UnreachableError: No whole answer; also while it is read within the block.
            BrokenContractError: The URL is none.
        """
        if not url.lower().startswith(("http://", "https://")):
            raise BrokenContractError("result", f"found result URL {url[:80]!r}, expected http or https")
        request = requests.Request("GET", url, auth=_NoKey())
        try:
            with self._got("result", request, _shown_address(url), None) as reply:
                yield reply
        except (requests.exceptions.InvalidURL, LocationParseError, UnicodeError) as error:
            _forget_address(error)
            what = (
                f"found result URL {url[:80]!r}, which cannot be asked, expected an http or https address; "
                "if it is one, look at the proxy in HTTPS_PROXY or ALL_PROXY"
            )
            raise BrokenContractError("result", what) from None

    @contextlib.contextmanager
    def _got(
        self, operation: Operation, request: requests.Request, address: str, left_s: float | None
    ) -> Iterator[Reply]:
        times = self._timeouts
        if operation == "query":
            pace, limit = _Pace(times.poll_read_s, times.poll_total_s), self._limits.query_bytes
        else:
            # A part of a file, or an empty answer, is a success for HTTP alone.
            pace = _Pace(times.download_read_s, times.download_total_s, times.least_rate, range(200, 201))
            limit = self._limits.download_bytes
        if left_s is not None:
            pace = replace(pace, read_s=min(pace.read_s, left_s), total_s=min(pace.total_s, left_s))
        lost: Failure
        try:
            with self._exchange(self._own_session(), request, pace, limit, self._watch(pace)) as reply:
                yield reply
                return
        except NotSentError as error:
            lost = error.failure
        # Outside the handler, as in _opened.
        raise UnreachableError(
            operation,
            self.key.masked(lost.reason),
            address=address,
            retryable=lost.passes,
            was_sent=lost.was_sent,
        )

    def _watch(self, pace: _Pace) -> Watch:
        watch = Watch(
            self._monotonic,
            read_s=pace.read_s,
            total_s=pace.total_s,
            least_rate=pace.least_rate,
            rate_window_s=self._timeouts.rate_window_s,
        )
        watch.sent = self._adapter is not None  # what an adapter of the caller's sends, nobody sees
        return watch

    @contextlib.contextmanager
    def _exchange(
        self, session: requests.Session, request: requests.Request, pace: _Pace, limit: int, watch: Watch
    ) -> Iterator[Reply]:
        response = self._opened(session, request, watch, pace)
        with contextlib.closing(response):
            try:
                reply = Reply(
                    response,
                    watch,
                    self.key,
                    most_bytes=limit,
                    most_error_bytes=self._limits.error_bytes,
                    successes=pace.successes,
                )
                yield reply
            except Exception as error:
                self.key.mask_error(error)  # whatever of the answer it quotes, headers included
                raise
            reply.finish()

    def _opened(
        self, session: requests.Session, request: requests.Request, watch: Watch, pace: _Pace
    ) -> requests.Response:
        """The answer's head.

        A pooled connection that the provider closed meanwhile is no failure of the provider's: what changes
        nothing is sent once more, on another.
        """
        try:
            return self._sent(session, request, watch, pace)
        except (requests.exceptions.InvalidURL, LocationParseError):
            raise  # nothing was sent; whose address it is knows the caller
        except WIRE_ERRORS as error:
            failure = failure_from(error, watch if self._adapter is None else None)
        if watch.was_stale and request.method == "GET":
            watch.was_stale = False
            session.get_adapter(self.base_url).close()  # the other idle ones are no younger
            return self._opened(session, request, watch, pace)
        # Raised outside the handler: an error that a caller keeps would else keep, through its context, the
        # connection that failed.
        raise (LostAnswerError if failure.was_sent else NotSentError)(failure)

    def _sent(
        self, session: requests.Session, request: requests.Request, watch: Watch, pace: _Pace
    ) -> requests.Response:
        """The answer's head. The session prepares the request; its own way to send follows redirects' bodies."""
        prepared = session.prepare_request(request)
        url = prepared.url or ""
        settings: Mapping[str, Any] = session.merge_environment_settings(
            url=url, proxies={}, stream=True, verify=None, cert=None
        )
        with watching(watch):
            return session.get_adapter(url).send(
                prepared,
                stream=True,
                timeout=(min(self._timeouts.connect_s, pace.total_s), pace.read_s),
                verify=settings["verify"],
                cert=settings["cert"],
                proxies=settings["proxies"],
            )

    def close(self) -> None:
        """Close pooled connections."""
        self._session.close()

    def _own_session(self) -> requests.Session:
        """The session of this process: connections are not shared over a fork."""
        if os.getpid() != self._process:
            self._session, self._process = self._new_session(), os.getpid()
        return self._session

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = self._use_environment
        session.headers["User-Agent"] = f"nebula-video/{VERSION}"
        session.headers["Accept-Encoding"] = "identity"
        adapter = WatchedAdapter(max_retries=0) if self._adapter is None else self._adapter
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        return session

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
