"""Base64 decoded as it arrives, strictly, by whichever decoder is there: with both the same bytes and errors.

Standard alphabet, padded, nothing else in it. Both decoders get whole groups without padding, where they agree; the
padding, where they do not (binascii takes ``AAAA====``), is judged here, and a padded group always goes to binascii.
Bits that padding makes meaningless are not looked at: neither decoder does, and they change no byte.
"""

import binascii
import re
import string

from nebula_client.strict_json import DocumentError, excerpt

try:
    import pybase64
except ImportError:  # the extra "fast" is not installed; the standard library gives the same bytes
    pybase64 = None  # type: ignore[assignment]

_GROUP = 4  # characters, for three bytes
_FEWEST_LETTERS = 2  # of a group; the rest is padding
_LETTERS = (string.ascii_letters + string.digits + "+/").encode()
_FOREIGN = re.compile(rb"[^A-Za-z0-9+/]")
_PADDED = re.compile(rb"[A-Za-z0-9+/]{2}[A-Za-z0-9+/=]=")


class Base64Stream:
    """One base64 text, fed in pieces of any length.

    Attributes:
        characters: How many have been decoded; line breaks are not counted.
    """

    def __init__(self, name: str = "the text", *, allow_line_breaks: bool = False) -> None:
        r"""Begin a text.

        Args:
            name: What it is called in errors.
            allow_line_breaks: Skip ``\r`` and ``\n``, which MIME encoders put in. The offsets in errors skip them too.
        """
        self.characters = 0
        self._name = name
        self._allow_line_breaks = allow_line_breaks
        self._rest = b""  # up to three characters of a group
        self._padded = False

    def decoded(self, text: bytes) -> bytes:
        """What ``text`` adds to the bytes; of its last group the rest must come.

        Raises:
            DocumentError: It is not base64; the message names the offset in characters from the beginning.
        """
        if self._allow_line_breaks:
            text = text.translate(None, b"\r\n")
        if not text:
            return b""
        if self._padded:
            raise self._broken(text, 0, "the end behind the padding")
        data = self._rest + text if self._rest else text
        whole = len(data) - len(data) % _GROUP
        pad = data.find(b"=", 0, whole)
        plain = whole if pad < 0 else pad - pad % _GROUP
        block = self._letters(memoryview(data)[:plain])
        if pad >= 0:
            group = data[plain : plain + _GROUP]
            if not _PADDED.fullmatch(group):
                raise self._broken(data, plain + _misfit(group), "base64")
            if plain + _GROUP < len(data):
                raise self._broken(data, plain + _GROUP, "the end behind the padding")
            block += binascii.a2b_base64(group, strict_mode=True)
            self._padded = True
        self._rest = data[whole:]
        self.characters += whole
        return block

    def end(self) -> None:
        """Confirm that the text may end here.

        Raises:
            DocumentError: Its last group is not whole.
        """
        if self._rest:
            total = self.characters + len(self._rest)
            found = f"found {total} characters of base64 in {self._name}"
            raise DocumentError(f"{found}, expected a multiple of {_GROUP}")

    def _letters(self, data: memoryview) -> bytes:
        """Whole groups that hold no padding, decoded."""
        try:
            if pybase64 is not None:
                return pybase64.b64decode(data, validate=True)
            return binascii.a2b_base64(data, strict_mode=True)
        except ValueError as error:
            foreign = _FOREIGN.search(data)
            raise self._broken(data, foreign.start() if foreign else 0, "base64") from error

    def _broken(self, data: bytes | memoryview, at: int, expected: str) -> DocumentError:
        where = self.characters + at
        found = excerpt(bytes(data[at : at + 1]))
        return DocumentError(f"found {found} at character {where} of {self._name}, expected {expected}")


def _misfit(group: bytes) -> int:
    """For a group with padding in it: the place of the first character that cannot be there."""
    letters = len(group) - len(group.lstrip(_LETTERS))
    pads_once = letters == _FEWEST_LETTERS and group[letters] == ord("=")
    return letters + pads_once
