"""Changes of bytes while they stream: what becomes of them, and how many there are then. Pure, in constant memory.

The length is told before the first byte is made, since an answer announces it first.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

Block = bytes | memoryview

_LOOKED_THROUGH_BYTES = 64 * 1024  # how far a text to be replaced is looked for


class ByteChange(Protocol):
    """One change of a stream of bytes."""

    def length(self, before: int) -> int:
        """How many bytes ``before`` bytes become."""
        ...

    def applied(self, blocks: Iterable[Block], before: int) -> Iterator[Block]:
        """The changed blocks; ``before`` is how many bytes come."""
        ...


def changed_length(changes: Iterable[ByteChange], before: int) -> int:
    """How many bytes are left of ``before`` when all changes are made in their order."""
    for change in changes:
        before = change.length(before)
    return before


def changed(changes: Iterable[ByteChange], blocks: Iterable[Block], before: int) -> Iterable[Block]:
    """The blocks after all changes in their order."""
    for change in changes:
        blocks, before = change.applied(blocks, before), change.length(before)
    return blocks


@dataclass(frozen=True, slots=True)
class Cut:
    """The end is missing.

    Attributes:
        fraction: How much stays, 0 to 1.
        group: What stays is a multiple of so many bytes,
        extra: and so many more; all of it stays where there are not as many.
    """

    fraction: float
    group: int = 1
    extra: int = 0

    def length(self, before: int) -> int:
        """What stays."""
        return min(before, int(before * self.fraction) // self.group * self.group + self.extra)

    def applied(self, blocks: Iterable[Block], before: int) -> Iterator[Block]:
        """Up to the cut."""
        left = self.length(before)
        for block in blocks:
            if left <= 0:
                return
            yield block[:left]
            left -= len(block)


@dataclass(frozen=True, slots=True)
class Overlay:
    """Some bytes are replaced by as many others.

    Attributes:
        fraction: Where, 0 to 1 of the length; so far before the end that the patch fits.
        patch: The others.
    """

    fraction: float
    patch: bytes

    def length(self, before: int) -> int:
        """As many as before."""
        return before

    def applied(self, blocks: Iterable[Block], before: int) -> Iterator[Block]:
        """The blocks, with the patch in them."""
        patch = self.patch[:before]
        start = max(0, min(int(before * self.fraction), before - len(patch)))
        yield from _overlaid(blocks, start, patch)


@dataclass(frozen=True, slots=True)
class Flipped:
    """One bit is another.

    Attributes:
        fraction: Where, 0 to 1 of the length.
    """

    fraction: float

    def length(self, before: int) -> int:
        """As many as before."""
        return before

    def applied(self, blocks: Iterable[Block], before: int) -> Iterator[Block]:
        """The blocks, with the lowest bit of one byte turned."""
        left = min(int(before * self.fraction), before - 1)
        for block in blocks:
            if 0 <= left < len(block):
                turned = bytearray(block)
                turned[left] ^= 1
                yield bytes(turned)
            else:
                yield block
            left -= len(block)


@dataclass(frozen=True, slots=True)
class Ending:
    """The last bytes are others.

    Attributes:
        drop: How many go.
        text: What comes for them.
    """

    drop: int
    text: bytes

    def length(self, before: int) -> int:
        """Less what goes, more what comes."""
        return max(0, before - self.drop) + len(self.text)

    def applied(self, blocks: Iterable[Block], before: int) -> Iterator[Block]:
        """All but the last bytes, then the text."""
        left = max(0, before - self.drop)
        for block in blocks:
            if left > 0:
                yield block[:left]
            left -= len(block)
        yield self.text


@dataclass(frozen=True, slots=True)
class Translated:
    """Each byte becomes what a table says.

    Attributes:
        table: Bytes to other bytes; as many.
    """

    table: Mapping[int, int]

    def length(self, before: int) -> int:
        """As many as before."""
        return before

    def applied(self, blocks: Iterable[Block], before: int) -> Iterator[Block]:
        """The blocks, translated."""
        del before
        table = bytes(self.table.get(byte, byte) for byte in range(256))
        for block in blocks:
            yield bytes(block).translate(table)


@dataclass(frozen=True, slots=True)
class Lines:
    """A separator stands after every so many bytes, not at the end.

    Attributes:
        width: How many.
        separator: What stands there.
    """

    width: int
    separator: bytes

    def length(self, before: int) -> int:
        """With all separators."""
        return before + max(0, -(-before // self.width) - 1) * len(self.separator)

    def applied(self, blocks: Iterable[Block], before: int) -> Iterator[Block]:
        """The lines; what a block has of one waits for the next."""
        del before
        line = bytearray()
        for block in blocks:
            line += block
            whole = (len(line) - 1) // self.width * self.width  # the last one may be the end
            if whole > 0:
                pieces = (bytes(line[at : at + self.width]) for at in range(0, whole, self.width))
                yield self.separator.join(pieces) + self.separator
                del line[:whole]
        yield bytes(line)


@dataclass(frozen=True, slots=True)
class Substituted:
    """The first of some text, within the first 64 KiB, is another of the same length.

    Attributes:
        text: What is looked for.
        other: What stands there then.
    """

    text: bytes
    other: bytes

    def length(self, before: int) -> int:
        """As many as before."""
        return before

    def applied(self, blocks: Iterable[Block], before: int) -> Iterator[Block]:
        """The blocks, the first ones put together."""
        del before
        rest = iter(blocks)
        start = bytearray()
        for block in rest:
            start += block
            if len(start) >= _LOOKED_THROUGH_BYTES:
                break
        yield bytes(start).replace(self.text, self.other, 1)
        yield from rest


@dataclass(frozen=True, slots=True)
class Instead:
    """Something else comes.

    Attributes:
        text: It.
    """

    text: bytes

    def length(self, before: int) -> int:
        """That of the text."""
        del before
        return len(self.text)

    def applied(self, blocks: Iterable[Block], before: int) -> Iterator[Block]:
        """The text alone; the blocks are not made."""
        del blocks, before
        yield self.text


def _overlaid(blocks: Iterable[Block], start: int, patch: bytes) -> Iterator[Block]:
    at = 0  # of the block in the whole
    for block in blocks:
        first, last = max(start, at), min(start + len(patch), at + len(block))
        if first < last:
            mended = bytearray(block)
            mended[first - at : last - at] = patch[first - start : last - start]
            yield bytes(mended)
        else:
            yield block
        at += len(block)
