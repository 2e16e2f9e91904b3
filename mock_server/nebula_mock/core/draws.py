"""Keyed randomness: a draw depends on what it is for, not on what was drawn before.

A shared generator is never reproducible under concurrency. Here every draw is an HMAC over its
own key, so that thirty-two concurrent consumers get the same ids in two runs with the same seed.
"""

import hashlib
import hmac
import math
from dataclasses import dataclass

_ALNUM = "0123456789abcdefghijklmnopqrstuvwxyz"
_UUID_BYTES = 16
_UNIT_BYTES, _UNIT_SPARE_BITS = 8, 11  # of 64 bits a float holds 53
_STRIDE = 22_801_763_489  # a prime, so no divisor of a power of 36: every text is visited


@dataclass(frozen=True, slots=True)
class Draw:
    """One keyed draw: 64 bytes that can be read as text of several forms."""

    digest: bytes

    def hex(self, length: int) -> str:
        """``length`` hexadecimal digits, at most 128."""
        return self.digest.hex()[:length]

    def unit(self) -> float:
        """A number of at least 0 and below 1, as exact as a float."""
        return _unit(self.digest[:_UNIT_BYTES])

    def normal(self) -> float:
        """A number of the normal distribution with mean 0 and deviation 1 (Box and Muller, 1958)."""
        radius = math.sqrt(-2 * math.log(1 - self.unit()))
        return radius * math.cos(math.tau * _unit(self.digest[_UNIT_BYTES : 2 * _UNIT_BYTES]))

    def serial(self, length: int, ordinal: int) -> str:
        """The ``ordinal``-th of a sequence of ``length`` digits and lower-case letters.

        The draw decides where the sequence begins. It visits every text of that length once before
        it comes back, in an order that does not look like counting.
        """
        size = len(_ALNUM) ** length
        number = (int.from_bytes(self.digest) + ordinal * _STRIDE) % size
        digits = []
        for _ in range(length):
            number, digit = divmod(number, len(_ALNUM))
            digits.append(_ALNUM[digit])
        return "".join(digits)

    def uuid4(self) -> str:
        """A UUID of version 4 (RFC 9562), lower case."""
        raw = bytearray(self.digest[:_UUID_BYTES])
        raw[6] = raw[6] & 0x0F | 0x40
        raw[8] = raw[8] & 0x3F | 0x80
        text = raw.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _unit(raw: bytes) -> float:
    return (int.from_bytes(raw) >> _UNIT_SPARE_BITS) / (1 << 64 - _UNIT_SPARE_BITS)


@dataclass(frozen=True, slots=True)
class Draws:
    """All draws of one server.

    Attributes:
        seed: The same seed gives the same draws, whatever the order of requests.
    """

    seed: bytes

    def draw(self, account: str, operation: str, ordinal: int, purpose: str) -> Draw:
        """The draw for one purpose of one request.

        Args:
            account: Whose request it is.
            operation: ``submit``, ``query`` or ``download``.
            ordinal: Which one of the account's requests of that operation, from 0.
            purpose: What the draw is for, such as ``task-id``.
        """
        key = "\0".join((account, operation, str(ordinal), purpose)).encode()
        return Draw(hmac.digest(self.seed, key, hashlib.sha512))
