"""Which addresses the key may be sent to; judged before anything is."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from nebula_client.errors import ConfigurationError

DEFAULT_BASE_URL = "https://llm.ai-nebula.com"
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)
_LONGEST_NAME = 253  # characters (RFC 1035)


def checked_host(base_url: str) -> str:
    """The host of a base URL that can work and may carry the key.

    Raises:
        ConfigurationError: It is no http(s) address of a host and an optional port and path, or it
            would send the key in the clear to another machine. Credentials in it are not shown.
    """
    parts = _parts(base_url)
    if parts is None or not parts.hostname:
        shown = base_url.rpartition("@")[2]
        message = f"Found base URL {shown!r}, expected scheme and host, such as {DEFAULT_BASE_URL}."
        raise ConfigurationError(message)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        message = f"The base URL http://{parts.hostname} would carry the key in the clear to another machine. Use https."
        raise ConfigurationError(message)
    return parts.hostname


def _parts(base_url: str) -> SplitResult | None:
    if not base_url.isprintable() or " " in base_url:
        return None  # urlsplit would quietly take line breaks off
    try:
        parts = urlsplit(base_url)
        port = parts.port  # reading it checks it
    except ValueError:
        return None
    extra = parts.username or parts.password or parts.query or parts.fragment
    if parts.scheme not in {"http", "https"} or extra or port == 0 or not _is_host(parts.hostname or ""):
        return None
    return parts


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        try:
            ascii_host = host.encode("idna").decode()
        except UnicodeError:
            return False
        labels = ascii_host.removesuffix(".").split(".")
        return len(ascii_host) <= _LONGEST_NAME and all(map(_LABEL.fullmatch, labels))
    return True
