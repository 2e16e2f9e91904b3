"""Keyed randomness: a draw depends on what it is for, not on what was drawn before.

A shared generator is never reproducible under concurrency. Here every draw is an HMAC over its
own key, so that thirty-two concurrent consumers get the same ids in two runs with the same seed.
"""

import functools
import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

_ALNUM = "0123456789abcdefghijklmnopqrstuvwxyz"
_HASH_BLOCK_BYTES = 128  # of SHA-512
_UUID_BYTES = 16
_UNIT_BYTES, _UNIT_SPARE_BITS = 8, 11  # of 64 bits a float holds 53
_STRIDE = 22_801_763_489  # a prime, so no divisor of a power of 36: every text is visited


@dataclass(frozen=True, slots=True)
class DrawNote:
    """That a draw was made and used: enough, with the seed, to make it again.

    Attributes:
        purpose: What it was for, such as ``task-id``.
        account: Whose request it was.
        operation: ``submit``, ``query`` or ``download``.
        ordinal: Which one of the account's requests of that operation about the same, from 0.
        form: How the draw was read: ``hex:32``, ``uuid4``, ``unit``, ``normal``, or ``serial:6:3`` for the third
            of a sequence.
        value: What was read.
        about: What the request was about: of a submit a digest of what it asks for, else the task.
    """

    purpose: str
    account: str
    operation: str
    ordinal: int
    form: str
    value: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Draw:
    """One keyed draw: 64 bytes that can be read as text of several forms."""

    digest: bytes
    _note: Callable[[DrawNote], None] | None = field(default=None, repr=False, compare=False)
    _of: tuple[str, str, str, int, str] = field(default=("", "", "", 0, ""), repr=False, compare=False)

    def read(self, form: str) -> str:
        """The draw in one of the forms of ``DrawNote``.

        Raises:
            ValueError: There is no such form.
        """
        kind, *sizes = form.split(":")
        match (kind, [int(size) for size in sizes]):
            case ("hex", [length]):
                return self.hex(length)
            case ("serial", [length, ordinal]):
                return self.serial(length, ordinal)
            case ("uuid4", []):
                return self.uuid4()
            case ("unit", []):
                return repr(self.unit())
            case ("normal", []):
                return repr(self.normal())
        message = f"found the form {form[:40]!r}, expected hex:N, serial:N:ORDINAL, uuid4, unit or normal"
        raise ValueError(message)

    def _noted(self, form: str, value: str) -> str:
        if self._note is not None:
            purpose, account, operation, ordinal, about = self._of
            self._note(DrawNote(purpose, account, operation, ordinal, form, value, about))
        return value

    def hex(self, length: int) -> str:
        """``length`` hexadecimal digits, at most 128."""
        return self._noted(f"hex:{length}", self.digest.hex()[:length])

    def unit(self) -> float:
        """A number of at least 0 and below 1, as exact as a float."""
        value = _unit(self.digest[:_UNIT_BYTES])
        self._noted("unit", repr(value))
        return value

    def normal(self) -> float:
        """A number of the normal distribution with mean 0 and deviation 1 (Box and Muller, 1958)."""
        radius = math.sqrt(-2 * math.log(1 - _unit(self.digest[:_UNIT_BYTES])))
        value = radius * math.cos(math.tau * _unit(self.digest[_UNIT_BYTES : 2 * _UNIT_BYTES]))
        self._noted("normal", repr(value))
        return value

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
        return self._noted(f"serial:{length}:{ordinal}", "".join(digits))

    def uuid4(self) -> str:
        """A UUID of version 4 (RFC 9562), lower case."""
        raw = bytearray(self.digest[:_UUID_BYTES])
        raw[6] = raw[6] & 0x0F | 0x40
        raw[8] = raw[8] & 0x3F | 0x80
        text = raw.hex()
        return self._noted("uuid4", f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")


def _unit(raw: bytes) -> float:
    return (int.from_bytes(raw) >> _UNIT_SPARE_BITS) / (1 << 64 - _UNIT_SPARE_BITS)


@functools.lru_cache(maxsize=16)
def _keyed(seed: bytes) -> tuple["hashlib._Hash", "hashlib._Hash"]:
    """The inner and the outer hash of an HMAC-SHA512 (RFC 2104) that have taken the key and nothing else."""
    key = (hashlib.sha512(seed).digest() if len(seed) > _HASH_BLOCK_BYTES else seed).ljust(
        _HASH_BLOCK_BYTES, b"\0"
    )
    inner, outer = (hashlib.sha512(bytes(byte ^ pad for byte in key)) for pad in (0x36, 0x5C))
    return inner, outer


def _hmac_sha512(seed: bytes, message: bytes) -> bytes:
    """What ``hmac.digest`` gives, which lets other threads run meanwhile: of four draws a submit waits for each."""
    inner, outer = (hash_.copy() for hash_ in _keyed(seed))
    inner.update(message)
    outer.update(inner.digest())
    return outer.digest()


@dataclass(frozen=True, slots=True)
class Draws:
    """All draws of one server.

    Attributes:
        seed: The same seed gives the same draws, whatever the order of requests.
        note: Is told of every draw that is used; None where nobody asks.
    """

    seed: bytes = field(repr=False)
    note: Callable[[DrawNote], None] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of_seed(cls, seed: int) -> "Draws":
        """The draws of a server that was started with that number as its seed."""
        return cls(str(seed).encode())

    def noted_by(self, note: Callable[[DrawNote], None] | None) -> "Draws":
        """The same draws, of which ``note`` is told."""
        return self if note is None else Draws(self.seed, note)

    def draw(self, account: str, operation: str, ordinal: int, purpose: str, about: str = "") -> Draw:
        """The draw for one purpose of one request.

        Args:
            account: Whose request it is.
            operation: ``submit``, ``query`` or ``download``.
            ordinal: Which one of the account's requests of that operation about the same, from 0.
            purpose: What the draw is for, such as ``task-id``.
            about: What the request is about.
        """
        key = "\0".join((account, operation, about, str(ordinal), purpose)).encode("utf-8", "surrogatepass")
        digest = _hmac_sha512(self.seed, key)
        if self.note is None:
            return Draw(digest)
        return Draw(digest, self.note, (purpose, account, operation, ordinal, about))


@dataclass(frozen=True, slots=True)
class RequestDraws:
    """The draws of one request, by their purpose.

    Attributes:
        draws: All of the server.
        account: Whose request it is.
        operation: ``submit``, ``query`` or ``download``.
        about: What it is about.
        ordinal: Which one of the account's requests of that operation about the same, from 0.
    """

    draws: Draws
    account: str
    operation: str
    about: str
    ordinal: int

    def __call__(self, purpose: str) -> Draw:
        """The draw for that purpose, such as ``task-id``."""
        return self.draws.draw(self.account, self.operation, self.ordinal, purpose, self.about)

    def of_first(self, purpose: str) -> Draw:
        """The draw for that purpose of the first request about the same: where a sequence begins."""
        return self.draws.draw(self.account, self.operation, 0, purpose, self.about)


def replayed(draws: Draws, note: DrawNote) -> DrawNote:
    """The note that the same draw leaves with these draws: equal, where the seed is the same.

    Raises:
        ValueError: The note has no form that there is.
    """
    drawn = draws.draw(note.account, note.operation, note.ordinal, note.purpose, note.about)
    return replace(note, value=drawn.read(note.form))
