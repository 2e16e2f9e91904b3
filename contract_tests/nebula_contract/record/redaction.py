"""Secrets out of what is kept: keys, the signing values of URLs, names of accounts' keys.

Applied before anything is written or shown. What identity needs is kept as a digest, so that two equal URLs stay equal.
"""

import hashlib
import re
from collections.abc import Collection

_KEY = re.compile(r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{4,}")  # not the end of "task-"
_BEARER = re.compile(r"(?i)\b(bearer\s+)[^\s\"',;]+")
_QUERY = re.compile(
    r"(?i)(https?:(?://|~1~1)[^\s\"'?#<>\\]+)\?([^\s\"'<>\\]*)"
)  # ~1 is a slash of a JSON Pointer
_USER_INFO = re.compile(r"(?i)(https?:(?://|~1~1))[^/\s\"'@]+@")
_SECRET_VALUE = re.compile(
    r"(?i)([?&;][^=&;#]*(?:key|token|secret|sign|passw|pwd|auth|credential)[^=&;#]*)=[^&;#]+"
)
_ESCAPE = re.compile(r"\\u00([2-7][0-9A-Fa-f])")
HIDDEN = "[hidden]"

KEPT_HEADERS: frozenset[str] = frozenset(
    {
        *("content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "date"),
        *("x-oneapi-request-id", "retry-after", "location", "allow", "cache-control", "www-authenticate"),
        *("accept-ranges", "content-range", "content-disposition", "etag", "last-modified", "server", "via"),
        *("x-nebula-mock", "access-control-allow-origin", "vary"),
    }
)
"""The headers of an answer whose values are kept; of any other its name and the length of its value."""


def redacted(text: str, keys: Collection[str] = ()) -> str:
    """``text`` without keys, without credentials in URLs, and with the query of each URL as a digest."""
    for key in keys:
        if key:
            text = text.replace(key, HIDDEN)
    if "sk-" in text:
        text = _KEY.sub(HIDDEN, text)
    if "earer" in text or "EARER" in text:
        text = _BEARER.sub(rf"\1{HIDDEN}", text)
    if "://" in text or ":~1~1" in text:
        text = _USER_INFO.sub(rf"\1{HIDDEN}@", text)
        text = _QUERY.sub(lambda found: f"{found[1]}?{query_token(found[2])}", text)
    return text


def query_token(query: str) -> str:
    """What stands for the query of a URL: the names in it, and a digest that tells two apart."""
    if query.startswith("redacted="):  # already one
        return query
    names = "&".join(part.partition("=")[0] for part in query.split("&"))
    return f"redacted={hashlib.sha256(query.encode('utf-8', 'backslashreplace')).hexdigest()[:16]}&{names}"


def redacted_path(path: str) -> str:
    """The path of a request with the values of its query hidden whose names say that they are secret; the others stay."""
    return _SECRET_VALUE.sub(rf"\1={HIDDEN}", path) if "?" in path else path


def redacted_url(url: str) -> str:
    """A URL with the values of its query hidden; the path stays, since it says which result it is. Never raises."""
    return redacted(url)


def kept_header(name: str, value: str, keys: Collection[str] = ()) -> str:
    """The value of an answer's header as it is kept."""
    if name not in KEPT_HEADERS:
        return f"{len(value)} characters"
    path, question, query = redacted(value, keys).partition("?")
    is_link = name == "location" and question  # a relative one is no URL by its form
    return f"{path}?{query_token(query)}" if is_link else f"{path}{question}{query}"


def unescaped(text: str) -> str:
    """JSON's text with the escapes undone that could hide a URL's own characters from ``redacted``."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text.replace("\\/", "/"))
