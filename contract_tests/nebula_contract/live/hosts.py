"""Where a live run may go: to one host, unless another is named; and where it may fetch results from, without a key."""

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from nebula_client.addresses import DEFAULT_BASE_URL, LOOPBACK_HOSTS, checked_host
from nebula_client.errors import ConfigurationError

_HTTPS_PORT = 443
_LONGEST_URL = 8192


class HostError(ValueError):
    """An address may not be asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request goes.

    Attributes:
        scheme: ``https``, or ``http`` to this machine.
        host: Host name or address.
        port: Port.
        path: Path with query, for a result; empty for a base address.
    """

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        return self.host in LOOPBACK_HOSTS

    @property
    def authority(self) -> str:
        """The ``Host`` of requests; this machine always with its port."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == _HTTPS_PORT and not self.is_loopback else f"{shown}:{self.port}"


def allowed_place(base_url: str, allowed: Collection[str] = ()) -> Place:
    """The place of a base URL that the key may be sent to.

    Args:
        base_url: Such as ``https://llm.ai-nebula.com``.
        allowed: More hosts, each exactly as it stands in the URL: ``HOST`` or ``HOST:PORT``.

    Raises:
        HostError: It is another host, not https, or no plain base URL. Credentials in it are not shown.
    """
    try:
        checked_host(base_url)
    except ConfigurationError as error:
        message = f"--base-url: {error} Nothing was sent."
        raise HostError(message) from error
    parts = urlsplit(base_url)
    place = Place(
        parts.scheme, parts.hostname or "", parts.port or (_HTTPS_PORT if parts.scheme == "https" else 80)
    )
    if parts.path.strip("/"):
        message = f"--base-url: found the path {parts.path[:40]!r}, expected none: a plan names whole paths. Nothing was sent."
        raise HostError(message)
    home = urlsplit(DEFAULT_BASE_URL).netloc
    if not place.is_loopback and place.authority not in {home, *allowed}:
        message = (
            f"--base-url: found the host {place.authority}, expected {home}. Nothing was sent. "
            f"Allow another with --allow-host {place.authority}, if it is the one you mean."
        )
        raise HostError(message)
    return place


def result_place(url: str, base: Place) -> Place:
    """Where a result URL points, when it may be fetched: https to a public host, or the provider itself.

    A key never goes there. What a provider says is no reason to ask a machine of the local network.

    Raises:
        HostError: It may not be fetched.
    """
    shown = url[:60]
    try:
        if not url.isascii() or not url.isprintable() or " " in url or len(url) > _LONGEST_URL:
            message = f"the result URL {shown!r} holds what no request line can"
            raise HostError(message)
        parts = urlsplit(url)
        port = parts.port or (_HTTPS_PORT if parts.scheme == "https" else 80)
    except ValueError as error:
        if isinstance(error, HostError):
            raise
        message = f"the result URL {shown!r} is none"
        raise HostError(message) from error
    place = Place(
        parts.scheme,
        parts.hostname or "",
        port,
        f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}",
    )
    is_same = (place.scheme, place.host, place.port) == (base.scheme, base.host, base.port)
    if parts.username or parts.password or not place.host:
        message = "the result URL carries credentials or no host"
        raise HostError(message)
    if not is_same and (place.scheme != "https" or place.is_loopback or _is_private(place.host)):
        message = (
            f"the result URL points at {place.scheme}://{place.authority}, which is no public https host"
        )
        raise HostError(message)
    return place


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host.removesuffix(".")
