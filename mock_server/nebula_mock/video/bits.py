"""Bits as H.264 writes them: fixed fields, Exp-Golomb codes, and emulation prevention.

Source: ISO/IEC 14496-10, 7.2 (bit order), 9.1 (Exp-Golomb), 7.3.1 and 7.4.1.1 (emulation prevention).
"""

import re

from nebula_mock.video.errors import BitstreamError

# 7.4.1.1: inside a NAL unit, two zero bytes are never followed by one of 0..3; a byte 3 is put between.
# After the inserted byte the count of zeros starts anew, so one left-to-right pass of a regex is exact.
_NEEDS_PREVENTION = re.compile(rb"\x00\x00(?=[\x00-\x03])")
_PREVENTED = re.compile(rb"\x00\x00\x03")

# 9.1: ue(v) codes reach 2**32 - 2, which takes 31 leading zeros. More is a sign of garbage.
_MAX_LEADING_ZEROS = 31
_MAX_UE = 2**32 - 2


class BitReader:
    """Reads fields from the most significant bit on."""

    def __init__(self, data: bytes) -> None:
        """Start at the first bit of ``data``, an RBSP without emulation prevention."""
        self._value = int.from_bytes(data, "big")
        self._size = 8 * len(data)
        self._position = 0

    @property
    def position(self) -> int:
        """Bits read so far."""
        return self._position

    def bits(self, count: int) -> int:
        """The next ``count`` bits as an unsigned number.

        Raises:
            BitstreamError: Fewer bits are left.
        """
        end = self._position + count
        if end > self._size:
            message = f"Bitstream ends at bit {self._size}, expected a field up to bit {end}."
            raise BitstreamError(message)
        self._position = end
        return (self._value >> (self._size - end)) & ((1 << count) - 1)

    def flag(self) -> bool:
        """The next bit."""
        return bool(self.bits(1))

    def ue(self) -> int:
        """The next unsigned Exp-Golomb code, 0 to 2**32 - 2 (9.1).

        Raises:
            BitstreamError: The bits end inside the code, or it starts with more than 31 zeros.
        """
        start, zeros = self._position, 0
        while not self.flag():
            zeros += 1
            if zeros > _MAX_LEADING_ZEROS:
                message = f"Exp-Golomb code at bit {start}: found over {_MAX_LEADING_ZEROS} leading zeros."
                raise BitstreamError(message)
        return (1 << zeros) - 1 + self.bits(zeros)

    def se(self) -> int:
        """The next signed Exp-Golomb code (9.1.1): 0, 1, -1, 2, -2 and so on.

        Raises:
            BitstreamError: As for ``ue``.
        """
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)


class BitWriter:
    """Writes fields from the most significant bit on."""

    def __init__(self) -> None:
        """Start with no bits."""
        self._value = 0
        self._size = 0

    @property
    def position(self) -> int:
        """Bits written so far."""
        return self._size

    def bits(self, value: int, count: int) -> None:
        """Append ``value`` as an unsigned field of ``count`` bits.

        Raises:
            BitstreamError: The value is negative or needs more bits.
        """
        if value < 0 or value >> count:
            message = f"Field of {count} bits: found value {value}, expected 0 to {(1 << count) - 1}."
            raise BitstreamError(message)
        self._value = self._value << count | value
        self._size += count

    def flag(self, value: bool) -> None:  # noqa: FBT001 - the one thing a flag has is its value
        """Append one bit."""
        self.bits(int(value), 1)

    def ue(self, value: int) -> None:
        """Append an unsigned Exp-Golomb code.

        Raises:
            BitstreamError: The value is outside 0 to 2**32 - 2.
        """
        if not 0 <= value <= _MAX_UE:
            message = f"Exp-Golomb code: found {value} as its unsigned number, expected 0 to {_MAX_UE}."
            raise BitstreamError(message)
        self.bits(value + 1, 2 * (value + 1).bit_length() - 1)

    def se(self, value: int) -> None:
        """Append a signed Exp-Golomb code.

        Raises:
            BitstreamError: The value is outside -(2**31 - 1) to 2**31 - 1.
        """
        self.ue(2 * value - 1 if value > 0 else -2 * value)

    def rbsp(self) -> bytes:
        """All bits, closed by the stop bit and zeros up to a whole byte (7.3.2.11)."""
        padding = -(self._size + 1) % 8
        return ((self._value << 1 | 1) << padding).to_bytes((self._size + 1 + padding) // 8, "big")


def with_emulation_prevention(rbsp: bytes) -> bytes:
    """The payload as a NAL unit carries it, so that no start code can appear inside (7.4.1.1).

    Args:
        rbsp: As ``BitWriter.rbsp`` gives it: the last byte holds the stop bit, or ends a pair of zero bytes
            (a cabac_zero_word). Only such payloads can be told apart again.
    """
    guarded = _NEEDS_PREVENTION.sub(b"\x00\x00\x03", rbsp)
    # A payload may not end in a zero byte; that happens only behind cabac_zero_words.
    return guarded + b"\x03" if guarded.endswith(b"\x00") else guarded


def without_emulation_prevention(payload: bytes) -> bytes:
    """The RBSP of a NAL unit's payload; undoes ``with_emulation_prevention`` (7.3.1)."""
    return _PREVENTED.sub(b"\x00\x00", payload)
