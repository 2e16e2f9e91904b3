"""The result as bytes: decoded from the JSON of a download, or streamed from a result URL."""

import binascii
from collections.abc import Iterator

from nebula_client.errors import BrokenContractError
from nebula_client.transport import Answer

try:
    import pybase64
except ImportError:  # the extra "fast" is not installed; the standard library gives the same bytes
    pybase64 = None  # type: ignore[assignment]

_GROUP, _MOST_PADDING = 4, 2  # base64: characters a group, and how many of the last may be "="
_MP4_MARK = b"ftyp"
_MARK_AT = 4  # bytes; an MP4 begins with the length of its first box, then "ftyp" (PAGE sample)


def decoded(answer: Answer, task_id: str) -> bytes:
    """The video in a download answer, checked.

    Raises:
        BrokenContractError: The answer is no JSON object, is of another task, does not say
            success, has no base64 or not strictly so, or its ``size`` is not that of the video.
    """
    try:
        body = answer.json_object()
    except ValueError as error:
        raise BrokenContractError("download", str(error), task_id) from error
    if body.get("success") is not True:
        raise BrokenContractError(
            "download", f"found success {body.get('success')!r}, expected true", task_id
        )
    if body.get("task_id") != task_id:
        found = str(body.get("task_id"))
        raise BrokenContractError("download", f"found task_id {found!r}, expected the one asked for", task_id)
    text = body.get("base64")
    if not isinstance(text, str) or not text:
        raise BrokenContractError("download", "found no base64, expected the video", task_id)
    video = _strictly(text, task_id)
    size = body.get("size")
    if size is not None and (isinstance(size, bool) or size != len(video)):
        what = f"found size {size!r}, expected {len(video)}, the length of the decoded video"
        raise BrokenContractError("download", what, task_id)
    return video


def inline(data_uri: str, task_id: str) -> bytes:
    """The video in a data URI, the form in which older Veo answers carry it (DOC).

    Raises:
        BrokenContractError: It is not base64, or not strictly so.
    """
    head, comma, text = data_uri.partition(",")
    if not comma or not head.lower().endswith(";base64"):
        raise BrokenContractError(
            "download", f"found {head[:40]!r}, expected data:video/mp4;base64,", task_id
        )
    return _strictly(text, task_id)


def checked(chunks: Iterator[bytes], task_id: str) -> Iterator[bytes]:
    """The chunks as they come, once the first shows that they are an MP4.

    Raises:
        BrokenContractError: They are empty or begin otherwise.
    """
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _MARK_AT + len(_MP4_MARK):
            break
    if head[_MARK_AT : _MARK_AT + len(_MP4_MARK)] != _MP4_MARK:
        what = f"found {len(head)} bytes or more that begin with {head[:12]!r}, expected an MP4"
        raise BrokenContractError("download", what, task_id)
    yield head
    yield from chunks


def _strictly(text: str, task_id: str) -> bytes:
    """Standard base64, padded, nothing else in it; both decoders refuse the same texts."""
    try:
        if pybase64 is not None:
            return pybase64.b64decode(text, validate=True)
        return _by_standard_library(text)
    except ValueError as error:
        raise BrokenContractError(
            "download", f"found base64 that is not strict ({error})", task_id
        ) from error


def _by_standard_library(text: str) -> bytes:
    padding = len(text) - len(text.rstrip("="))
    if len(text) % _GROUP or padding > _MOST_PADDING:  # binascii lets padding after a whole group pass
        message = f"{len(text)} characters, {padding} of them padding"
        raise ValueError(message)
    return binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
