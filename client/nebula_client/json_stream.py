"""A JSON object read in chunks, of which the long strings pass through and only the rest is kept.

Strings at given places are *diverted*: their content comes out in pieces as it arrives. Every other byte goes
to a bounded *skeleton*, the document with each diverted string empty. The tokenizer follows strings, brackets and
the names of top-level members, which is all it takes to know the places; whether commas, numbers, literals and
escapes are right is settled at the end, when the skeleton is read by ``strict_json``. Until then a piece is a
claim: whoever acts on pieces must be able to take it back.

Memory: the skeleton, and a few times the longest window. Time: proportional to the bytes, whatever the chunks.
"""

import json
import re
from collections.abc import Collection, Generator, Iterable, Iterator
from typing import Any, NamedTuple

from nebula_client.strict_json import (
    BYTE_ORDER_MARK,
    DEEPEST,
    KNOWN_MEMBERS,
    DocumentError,
    excerpt,
    json_object,
    too_deep,
    twice,
    without_mark,
)

_WINDOW = 384 * 1024  # bytes looked at in one go; a longer chunk is taken apart
_SKELETON_LIMIT = 64 * 1024

_SPACE = b" \t\r\n"
_CONTROLS = bytes(range(0x20))
_QUOTE = ord('"')
_OPENED_BY = {ord("}"): ord("{"), ord("]"): ord("[")}

_MARK = re.compile(rb'["{}\[\]:,]')
_KEPT = re.compile(
    rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL
)  # a string's content, up to a quote or a cut escape
_HEX = rb"[0-9A-Fa-f]"
_HIGH, _LOW = rb"u[dD][89abAB]" + _HEX + rb"{2}", rb"\\u[dD][c-fC-F]" + _HEX + rb"{2}"
# The same with every escape checked; it stops before whatever is no content, or not yet.
_DIVERTED = re.compile(
    rb'(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])' + _HEX + rb"{4}|" + _HIGH + _LOW + rb"))*+"
)
_CUT_ESCAPE = re.compile(rb"\\(?:u" + _HEX + rb"{0,3}|" + _HIGH + rb"(?:\\(?:u" + _HEX + rb"{0,3})?)?)?")
_ASCII = re.compile(rb"[\x00-\x7f]+")


class Piece(NamedTuple):
    """Some of a diverted string.

    Attributes:
        name: The top-level member that it is, or is an item of.
        data: Content without escapes: UTF-8 whose validity is the reader's to check, perhaps empty.
        ended: Whether the string ends with it.
    """

    name: str
    data: bytes
    ended: bool


class JsonStream:
    """One document, read once.

    Attributes:
        bytes_read: Bytes taken from the chunks so far.
        settled: Known and diverted top-level members whose values have been seen to their end.
        members: Those of the document, diverted strings empty; empty until the document has ended.
    """

    def __init__(
        self,
        diverted: Collection[str],
        *,
        items: bool = False,
        skeleton_limit: int = _SKELETON_LIMIT,
        finds_controls: bool = True,
    ) -> None:
        """Choose the places.

        Args:
            diverted: Names of top-level members whose strings are diverted.
            items: Whether that holds for strings in an array that is such a member, too.
            skeleton_limit: Most bytes that everything else may take.
            finds_controls: Whether raw control characters in a diverted string are refused here. It takes half of
                the reading's time; a reader of base64 refuses them itself.
        """
        self.bytes_read = 0
        self.settled: set[str] = set()
        self.members: dict[str, Any] = {}
        self._diverted = frozenset(diverted)
        self._watched = self._diverted | KNOWN_MEMBERS
        self._items = items
        self._limit = skeleton_limit
        self._finds_controls = finds_controls
        self._skeleton = bytearray()
        self._settled_at = 0  # length of the skeleton without the members that are still open
        self._open = bytearray()  # the brackets that are
        self._at_start = True
        self._begun = self._key_next = False
        self._string: str | None = None  # what the string is that we are in: "key", "value" or "diverted"
        self._string_at = 0
        self._name = ""
        self._seen: set[str] = set()

    def pieces(self, chunks: Iterable[bytes]) -> Iterator[Piece]:
        """The diverted strings in their order, each as pieces of which the last is marked.

        Raises:
            DocumentError: The chunks are not one JSON object as ``strict_json`` wants it, or end too early.
        """
        rest = b""  # an escape or a byte order mark of which more must come
        for chunk in chunks:
            for start in range(0, len(chunk), _WINDOW):
                window = chunk[start : start + _WINDOW]  # a short chunk is not copied by this
                self.bytes_read += len(window)
                data = rest + window if rest else window
                taken = yield from self._pieces_of(data)
                rest = data[taken:]
        if self._open or not self._begun:
            inside = f" of member {excerpt(self._name)}" if self._open and self._name else ""
            what = f"found the end after {self.bytes_read} bytes{inside}, expected a whole JSON object"
            raise DocumentError(what)
        self.members = json_object(bytes(self._skeleton))

    def settled_members(self) -> dict[str, Any]:
        """The members whose values have been seen to their end, before the document has.

        Raises:
            DocumentError: What came so far is no beginning of a JSON object.
        """
        return json_object(bytes(self._skeleton[: self._settled_at]) + b"}") if self._settled_at else {}

    def _pieces_of(self, data: bytes) -> Generator[Piece, None, int]:
        """Pieces of ``data``; returns how much of it is done with: all but what is cut."""
        at = 0 if self._begun else self._begin(data)
        while at < len(data) and self._begun:
            if not self._open:
                self._refuse_more(data, at)
                return len(data)
            if self._string is None:
                at = self._follow(data, at)
                continue
            diverted = self._string == "diverted"
            content, stop = self._content(data, at) if diverted else (b"", _reach(_KEPT, data, at))
            if not diverted:
                self._keep(data[at:stop])
            ended = stop < len(data) and data[stop] == _QUOTE
            if ended:
                self._end_string()
            if diverted and (content or ended):
                yield Piece(self._name, content, ended)
            if not ended:
                return stop
            at = stop + 1
        return at

    def _begin(self, data: bytes) -> int:
        """Go past the first brace, and the byte order mark and white space before it."""
        at = 0
        if self._at_start:
            if len(data) < len(BYTE_ORDER_MARK) and BYTE_ORDER_MARK.startswith(data):
                return 0
            self._at_start = False
            at = len(data) - len(without_mark(data))
        inner = data[at:].lstrip(_SPACE)
        if not inner:
            return len(data)
        if inner[0] != ord("{"):
            raise DocumentError(f"found {excerpt(inner)}, expected a JSON object")
        self._begun = True
        self._keep(b"{")
        self._mark(ord("{"))
        return len(data) - len(inner) + 1

    def _refuse_more(self, data: bytes, at: int) -> None:
        more = data[at:].strip(_SPACE)
        if more:
            raise DocumentError(f"found {excerpt(more)} behind the closing brace, expected the end")

    def _follow(self, data: bytes, at: int) -> int:
        """Keep what stands between strings, up to and with the next mark."""
        mark = _MARK.search(data, at)
        stop = mark.end() if mark else len(data)
        self._keep(data[at:stop])
        if mark:
            self._mark(data[stop - 1])
        return stop

    def _mark(self, byte: int) -> None:
        """Follow a bracket, comma, colon or opening quote; it is the last byte of the skeleton."""
        if byte == _QUOTE:
            self._string = "key" if self._key_next else "diverted" if self._is_place() else "value"
            self._string_at = len(self._skeleton) - 1
        elif byte in b"{[":
            self._open.append(byte)
            if len(self._open) > DEEPEST:
                raise too_deep()
        elif byte in b"}]":
            if self._open[-1] != _OPENED_BY[byte]:
                raise DocumentError(f"found {excerpt(bytes((byte,)))} where another bracket is open")
            self._settle(len(self._skeleton) - 1)
            del self._open[-1]
        elif byte == ord(","):
            self._settle(len(self._skeleton) - 1)
        self._key_next = byte in b"{," and self._open[-1:] == b"{"

    def _is_place(self) -> bool:
        return self._name in self._diverted and (self._open == b"{" or (self._items and self._open == b"{["))

    def _settle(self, at: int) -> None:
        if self._open == b"{" and self._name in self._watched:
            self.settled.add(self._name)
            self._settled_at = at

    def _end_string(self) -> None:
        kind, self._string = self._string, None
        self._keep(b'"')
        if kind == "diverted":
            self._settle(len(self._skeleton))
        elif kind == "key" and self._open == b"{":
            key = bytes(self._skeleton[self._string_at :])
            (self._name,) = json_object(b"{" + key + b":0}")
            if self._name in self._seen:
                raise twice(self._name)
            if self._name in self._watched:
                self._seen.add(self._name)

    def _content(self, data: bytes, at: int) -> tuple[bytes, int]:
        """What ``data`` has of a diverted string from ``at`` on, unescaped, and where that stops."""
        end = data.find(b'"', at)
        stop = end if end >= 0 else len(data) - data.endswith(b"\\")
        content = data[at:stop]
        if b"\\" in content and not content.endswith(b"\\"):
            content = content.replace(b"\\/", b"/")  # all there is where slashes are escaped, and quick
        if b"\\" not in content and not (self._finds_controls and _has_controls(content)):
            return content, stop
        stop = _reach(_DIVERTED, data, at)
        if stop < len(data) and data[stop] != _QUOTE and not _CUT_ESCAPE.fullmatch(data, stop):
            where = self.bytes_read - len(data) + stop
            found = excerpt(data[stop : stop + 6])
            raise DocumentError(f"found {found} in {excerpt(self._name)} at byte {where}, expected JSON text")
        return _unescaped(data[at:stop]), stop

    def _keep(self, part: bytes) -> None:
        self._skeleton += part
        if len(self._skeleton) > self._limit:
            what = f"found more than {self._limit} bytes besides {', '.join(sorted(self._diverted))}, expected less"
            raise DocumentError(what)


def _has_controls(content: bytes) -> bool:
    return len(content.translate(None, _CONTROLS)) < len(content)


def _reach(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    match = pattern.match(data, at)
    return match.end() if match else at


def _unescaped(content: bytes) -> bytes:
    """What a string's whole and proper escapes stand for, in UTF-8."""
    return _ASCII.sub(lambda run: json.loads(f'"{run[0].decode()}"').encode(), content)
