"""Whether an MP4 is whole, told from its outermost boxes alone.

A file is a row of boxes, each with its length before it; a whole one has an index (``moov``) and pictures
(``mdat``) and ends where a box ends. That is the only proof where an answer does not announce its length.
"""

import struct

_HEAD, _LONG_HEAD = 8, 16
_TO_THE_END, _LENGTH_FOLLOWS = 0, 1
_NEEDED = frozenset({b"moov", b"mdat"})


class BoxWalk:
    """Goes from box to box of a file that comes in blocks."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self._seen: set[bytes] = set()
        self._head = bytearray()
        self._left = 0  # bytes of the open box that are to come
        self._ends_with_file = False
        self._is_strange = False

    def take(self, block: bytes) -> None:
        """Go on with the next bytes."""
        at = 0
        while at < len(block) and not (self._ends_with_file or self._is_strange):
            if self._left:
                step = min(self._left, len(block) - at)
                self._left -= step
                at += step
                continue
            wanted = _LONG_HEAD if self._head[:4] == b"\0\0\0\1" else _HEAD
            part = block[at : at + wanted - len(self._head)]
            self._head += part
            at += len(part)
            if len(self._head) == wanted:
                self._open_box()

    @property
    def is_whole(self) -> bool:
        """Whether the bytes so far are a whole MP4."""
        is_between = not self._left and not self._head and not self._is_strange
        return self._seen >= _NEEDED and (is_between or self._ends_with_file)

    def _open_box(self) -> None:
        (length,) = struct.unpack_from(">I", self._head)
        head = len(self._head)
        if length == _LENGTH_FOLLOWS:
            if head == _HEAD:
                return  # eight bytes more say how long it is
            (length,) = struct.unpack_from(">Q", self._head, _HEAD)
        self._seen.add(bytes(self._head[4:_HEAD]))
        self._head.clear()
        if length == _TO_THE_END:
            self._ends_with_file = True
        elif length < head:
            self._is_strange = True
        else:
            self._left = length - head
