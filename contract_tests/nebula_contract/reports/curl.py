"""An exchange as a command line for bash: the same bytes again, the key from the environment.

What cannot be printed is spelled out, so that pasting it does what it shows. A signed URL is not kept, so a result is
told as one that cannot be fetched again. Credentials of the target, its query, and values of a request's query whose
names say that they are secret are left out, whoever wrote the record.
"""

import base64
import re
from urllib.parse import urlsplit

from nebula_contract.record.coding import CUT
from nebula_contract.record.exchange import Credential, Exchange, Request
from nebula_contract.record.redaction import redacted_path
from nebula_contract.record.run import plain_target

LOCAL = "${NEBULA_BASE_URL:-http://127.0.0.1:8383}"
"""Where a mock of the run's own is looked for, which is gone by then."""
KEY_VARIABLES: dict[Credential, str] = {
    "own": "NEBULA_API_KEY",
    "second": "NEBULA_SECOND_API_KEY",
    "unused": "NEBULA_UNUSED_API_KEY",
    "reduced": "NEBULA_REDUCED_API_KEY",
}
_KEY = re.compile(r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{4,}")
_KEY_PLACE = "{key}"
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_NO_BODY = frozenset({"GET", "HEAD"})


def curl(exchange: Exchange, target: str = "") -> str:
    """The command, on one line; a comment where the request is not kept whole.

    Args:
        exchange: What was asked.
        target: The base URL; empty or ``mock`` for a mock that is started by hand.
    """
    request = exchange.request
    if exchange.operation == "result":
        return "# the signed address of a result is not kept: query the task for a new one"
    if exchange.label == CUT:
        return "# the request's body was too long to be kept whole"
    body = _body(request)
    feed = ""
    if body is not None and not _is_inline(body):
        feed = f"printf %s {quoted(base64.b64encode(body).decode('ascii'))} | base64 -d | "
    path = redacted_path(request.path)
    options = [*_method(request), *_path_options(path), *_headers(request, has_body=body is not None)]
    if body is not None:
        options += ["--data-binary", "@-" if feed else quoted(body.decode("utf-8"))]
    address = plain_target(target) if target.startswith(("http://", "https://")) else ""
    url = f'"{LOCAL}"{quoted(path)}' if not address else quoted(address.rstrip("/") + path)
    return " ".join([f"{feed}curl -sS", *options, url])


def _body(request: Request) -> bytes | None:
    return request.body if request.body or request.method not in _NO_BODY else None


def _method(request: Request) -> list[str]:
    if request.method == "HEAD":
        return ["--head"]
    if request.method == "GET" and request.body is None:
        return []
    return ["-X", quoted(request.method)]


def _path_options(path: str) -> list[str]:
    """What keeps curl from reading brackets as ranges, and from taking out dots."""
    plain = urlsplit(path).path if "?" in path else path
    return [
        *(["--globoff"] if any(letter in path for letter in "[]{}") else []),
        *(["--path-as-is"] if "/." in plain else []),
    ]


def _headers(request: Request, *, has_body: bool) -> list[str]:
    told = [quoted(f"{name}: {value}" if value else f"{name};") for name, value in request.headers.items()]
    if has_body and "content-type" not in request.headers:
        told.append(quoted("content-type:"))  # else curl says that it is a form
    if request.credential == "malformed":
        told.append(quoted(f"Authorization: {request.scheme}" if request.scheme else "Authorization;"))
    elif (variable := KEY_VARIABLES.get(request.credential)) is not None:
        form = request.scheme or f"Bearer {_KEY_PLACE}"
        told.append(_with_key(f"Authorization: {form}", variable))
    return [part for one in told for part in ("-H", one)]


def _with_key(text: str, variable: str) -> str:
    """A text in which the key stands, as one word of the shell."""
    before, _, after = text.partition(_KEY_PLACE)
    plain = all(part.replace(" ", "").replace(":", "").isalnum() or not part for part in (before, after))
    if plain:
        return f'"{before}${{{variable}}}{after}"' if after else f'"{before}${variable}"'
    return f'{quoted(before)}"${variable}"{quoted(after) if after else ""}'


def _is_inline(body: bytes) -> bool:
    """Whether bytes can stand in a command line; ``@`` at the start would name a file."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\x00" not in body and not body.startswith(b"@")


def quoted(text: str) -> str:
    """A text as one word of bash; a key in it becomes the variable that holds one."""
    parts = _KEY.split(text)
    words = [_quoted(part) if part or len(parts) == 1 else "" for part in parts]
    return f'"${KEY_VARIABLES["own"]}"'.join(words)


def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "'\\''") + "'"
    return "$'" + "".join(map(_spelled, text)) + "'"


def _spelled(letter: str) -> str:
    """A letter inside ``$'...'``; what cannot be printed byte by byte, so that no locale matters."""
    if letter in "\\'":
        return "\\" + letter
    if letter == "\n":
        return "\\n"
    if letter.isprintable():
        return letter
    return "".join(f"\\x{byte:02x}" for byte in letter.encode("utf-8", "surrogatepass"))
