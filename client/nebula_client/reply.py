"""An answer as it comes: its head judged before a byte of its body is read, its body bounded and whole."""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from nebula_client.api_key import ApiKey
from nebula_client.errors import quoted
from nebula_client.failures import WIRE_ERRORS, Failure, LostAnswerError, failure_from
from nebula_client.inflating import inflated
from nebula_client.query_document import task_members
from nebula_client.retry_after import asked_s
from nebula_client.strict_json import DocumentError, json_object
from nebula_client.watch import Watch

_log = logging.getLogger("nebula_client")

_BLOCK_BYTES = 384 * 1024
SUCCESSES = range(200, 300)
_LENGTH = re.compile(r"[0-9]{1,18}")
# Dots alone would lead to another path. Veo's ids are the longest, well over 100 characters.
TASK_ID = re.compile(r"(?!\.+$)[A-Za-z0-9._~-]{1,512}")
"""The form of every family's task ids."""
_NAMED_ID = re.compile(rb'"task_id"\s*:\s*"([A-Za-z0-9._~-]{1,512})"')


class Reply:
    """One answer.

    Attributes:
        status: HTTP status.
        headers: The answer's headers; names are case-insensitive.
        request_id: ``X-Oneapi-Request-Id`` without the key, or None.
        retry_after_s: Seconds it asks to wait, or None.
        is_success: Whether the status is one of those that were hoped for.
        announces_its_end: Whether its head tells where its body ends; else only the closed connection does.
        media_type: ``Content-Type`` without parameters, in lower case; empty where there is none.
    """

    def __init__(
        self,
        response: requests.Response,
        watch: Watch,
        key: ApiKey,
        *,
        most_bytes: int,
        most_error_bytes: int,
        successes: range = SUCCESSES,
    ) -> None:
        """Judge the head.

        Raises:
            LostAnswerError: It contradicts itself, so nobody can say where its body ends.
            DocumentError: It announces more than is allowed.
        """
        self._response, self._watch, self._key = response, watch, key
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        name = response.headers.get("X-Oneapi-Request-Id")
        self.request_id = name and key.masked(name)
        self.retry_after_s = asked_s(response.headers)
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        self.media_type = quoted(key.masked(media_type))
        self.is_success = self.status in successes
        self._most_bytes = most_bytes if self.is_success else most_error_bytes
        self._body = bytearray()  # as far as it was read whole into memory
        self._length = self._announced_length()
        self.announces_its_end = self._length is not None or "Transfer-Encoding" in self.headers
        if self.is_success and self._length is not None and self._length > most_bytes:
            message = f"found an answer of {self._length:,} bytes, expected at most {most_bytes:,}"
            raise DocumentError(message)

    def blocks(self) -> Iterator[bytes]:
        """The body in blocks, unpacked where it came packed.

        Raises:
            LostAnswerError: It broke off or came too slowly.
            DocumentError: It holds more than is allowed, or is packed in a way that cannot be read.
        """
        return inflated(self._raw_blocks(), self.headers.get("Content-Encoding"), self._most_bytes)

    def json_object(self) -> dict[str, Any]:
        """The JSON object in the body; the key in it is masked.

        Raises:
            LostAnswerError: As ``blocks``.
            DocumentError: It is none; the message says what it is.
        """
        for block in self.blocks():
            self._body += block
        members: dict[str, Any] = self._key.masked_members(json_object(bytes(self._body)))
        return members

    @property
    def hinted_task_id(self) -> str | None:
        """The one task id that what was read names, whatever else is wrong with it; None for none or several."""
        named = {name.decode() for name in _NAMED_ID.findall(self._body)}
        hint = named.pop() if len(named) == 1 else ""
        return hint if TASK_ID.fullmatch(hint) else None

    def task_members(self) -> dict[str, Any]:
        """The members of a query's answer, long data URIs cut to their heads; the key in them is masked.

        Raises:
            LostAnswerError, DocumentError: As ``json_object``.
        """
        members: dict[str, Any] = self._key.masked_members(task_members(self.blocks()))
        return members

    def told(self) -> tuple[dict[str, Any], int]:
        """What an answer that is no success says, as far as it can be read, and how many bytes it has.

        Raises:
            LostAnswerError: It broke off.
        """
        try:
            return self.json_object(), len(self._body)
        except DocumentError:
            return {}, len(self._body)

    @property
    def redirect_target(self) -> str:
        """Where a redirect points, without credentials, query and fragment."""
        target = self._key.masked(self.headers.get("Location", ""))
        try:
            parts = urlsplit(target)
        except ValueError:
            return quoted(target)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()

    def finish(self) -> None:
        """Say what came beyond the announced end; the connection is not used again then."""
        if self._watch.excess_bytes:
            _log.warning(
                "the provider sent %d bytes beyond its answer's announced end; they were dropped",
                self._watch.excess_bytes,
            )

    def _raw_blocks(self) -> Iterator[bytes]:
        raw = self._response.raw
        count = 0
        while True:
            failure: Failure
            try:
                # At most one read of the socket, so that no block waits for a slow provider to fill it.
                block = raw.read1(_BLOCK_BYTES, decode_content=False)
            except WIRE_ERRORS as error:
                failure = failure_from(error, self._watch)
            else:
                if not block:
                    break
                count += len(block)
                if count > self._most_bytes and self.is_success:
                    message = f"found an answer of over {self._most_bytes:,} bytes, expected no more"
                    raise DocumentError(message)
                yield block
                if count > self._most_bytes:
                    return  # of an error nobody needs the rest
                continue
            raise LostAnswerError(Failure(failure.reason, was_sent=True, passes=True))
        if self._length is not None and count < self._length:
            missing = self._length - count
            self._refuse(f"the connection was lost after {count} bytes, {missing} more were announced")

    def _announced_length(self) -> int | None:
        """``Content-Length``, where that alone says where the body ends."""
        raw_headers: Any = getattr(self._response.raw, "headers", None)
        several = raw_headers.getlist("Content-Length") if hasattr(raw_headers, "getlist") else []
        lengths = {part.strip() for text in several for part in text.split(",")}
        codings = self.headers.get("Transfer-Encoding")
        if codings is not None and (lengths or codings.strip().lower() != "chunked"):
            self._refuse(
                f"its end is told twice or unreadably: Transfer-Encoding {codings!r}, Content-Length {lengths}"
            )
        if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
            self._refuse(
                f"it announces its length as {', '.join(sorted(map(repr, lengths)))}, expected one number"
            )
        return int(lengths.pop()) if lengths else None

    def _refuse(self, reason: str) -> None:
        raise LostAnswerError(Failure(reason, was_sent=True, passes=True))
