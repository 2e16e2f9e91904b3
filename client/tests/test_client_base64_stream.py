"""Promises of the base64 stream: the bytes of the standard library, strictly, with either decoder."""

import base64
import binascii
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nebula_client.base64_stream import Base64Stream
from nebula_client.data_uri import DataUriStream, data_uri_blocks
from nebula_client.strict_json import DocumentError

SIZES = [1, 2, 3, 4, 5, 7, 64, 65536]


pytestmark = pytest.mark.usefixtures("decoder")

anything = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def pieces(text: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def decoded(text: bytes, size: int = 65536, *, breaks: bool = False) -> bytes:
    stream = Base64Stream("base64", allow_line_breaks=breaks)
    video = b"".join(stream.decoded(piece) for piece in pieces(text, size))
    stream.end()
    return video


def decoded_uri(text: bytes, size: int = 65536) -> bytes:
    stream = DataUriStream("data_url")
    video = b"".join(stream.decoded(piece) for piece in pieces(text, size))
    stream.end()
    return video


@given(st.binary(max_size=200), st.sampled_from(SIZES))
@anything
def test_any_bytes_come_back_in_any_pieces(video: bytes, size: int) -> None:
    assert decoded(base64.b64encode(video), size) == video
    assert decoded(base64.encodebytes(video), size, breaks=True) == video
    assert decoded_uri(b"data:video/mp4;base64," + base64.b64encode(video), size) == video


def expected(text: bytes) -> bytes | None:
    """What the standard library makes of a text, with the one rule that it lacks."""
    if len(text) % 4 or text.endswith(b"==="):
        return None
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None


@given(st.text(alphabet="AQgw+/==-_ \n!\N{CAT}", max_size=16).map(str.encode) | st.binary(max_size=9))
@example(b"AAAA====")
@example(b"AAAA=")
@example(b"====")
@example(b"AA==AAAA")
@example(b"AB==")
@anything
def test_a_text_is_taken_exactly_where_the_strict_standard_library_takes_it(text: bytes) -> None:
    outcomes: set[bytes | str] = set()
    for size in SIZES:
        try:
            outcomes.add(decoded(text, size))
        except DocumentError as error:
            outcomes.add(str(error))
    (outcome,) = outcomes  # the error, too, is the same in any pieces
    wanted = expected(text)
    assert outcome == wanted if wanted is not None else isinstance(outcome, str)


BROKEN: dict[bytes, str] = {
    b"QUJDQU!D": "found '!' at character 6 of base64, expected base64",
    b"QUJDQ UJD": "found ' ' at character 5",
    b"QUJD\nQUJD": r"found '\n' at character 4",
    b"QUJD-_==": "found '-' at character 4",
    b"QU\xc3\xa9D": r"found '\\xc3' at character 2",
    b"QUJDQU=D": "found 'D' at character 7",
    b"QUJDQ===": "found '=' at character 5",
    b"QUJD====": "found '=' at character 4",
    b"QUJDQQ=!": "found '!' at character 7",
    b"QUJDQQ==QUJD": "found 'Q' at character 8 of base64, expected the end behind the padding",
    b"QUJDQQ===": "found '=' at character 8 of base64, expected the end behind the padding",
    b"QUJDQ": "found 5 characters of base64 in base64, expected a multiple of 4",
    b"QUJDQQ=": "found 7 characters of base64 in base64, expected a multiple of 4",
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", BROKEN)
def test_what_is_not_base64_is_named_with_its_place(text: bytes, size: int) -> None:
    with pytest.raises(DocumentError) as caught:
        decoded(text, size)
    assert BROKEN[text] in str(caught.value)


@pytest.mark.parametrize("size", SIZES)
def test_bits_that_padding_makes_meaningless_are_not_looked_at(size: int) -> None:
    assert decoded(b"QR==", size) == decoded(b"QQ==", size) == b"A"
    assert decoded(b"QUJ=", size) == decoded(b"QUI=", size) == b"AB"


@pytest.mark.parametrize("size", SIZES)
def test_no_text_is_no_bytes(size: int) -> None:
    assert decoded(b"", size) == b""


@pytest.mark.parametrize("size", SIZES)
def test_line_breaks_pass_only_where_they_are_allowed_and_then_anywhere(size: int) -> None:
    text = b"\r\nQ\nU\rJDQQ\r\n=\n=\n\n"
    assert decoded(text, size, breaks=True) == b"ABCA"
    with pytest.raises(DocumentError):
        decoded(text, size)
    with pytest.raises(DocumentError, match="found ' ' at character 4"):
        decoded(b"QU\nJD\n QUJ", size, breaks=True)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("head", ["data:;base64,", "DATA:Image/PNG;Base64,", "data:a/b;codecs=x;BASE64,"])
def test_a_data_uri_may_be_of_any_media_type_and_case(head: str, size: int) -> None:
    assert decoded_uri(f"{head}QUJD".encode(), size) == b"ABC"
    assert b"".join(data_uri_blocks(f"{head}QUJD")) == b"ABC"


LONG_HEAD = "data:" + "x" * (256 - len("data:;base64,")) + ";base64,"
NO_HEADS = [
    "data:video/mp4,QUJD",
    "data:video/mp4;base64",
    "https://example.com/a.mp4",
    "https://example.com/a;base64,QUJD",
    "QUJD",
    "xdata:;base64,QUJD",
    LONG_HEAD.replace("x", "xx", 1) + "QUJD",
    "x" * 1000,
    "data:" + "x" * 1000,
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("uri", NO_HEADS)
def test_a_text_without_the_head_of_a_data_uri_is_refused(uri: str, size: int) -> None:
    with pytest.raises(DocumentError, match="in data_url, expected data:video/mp4;base64,"):
        decoded_uri(uri.encode(), size)
    with pytest.raises(DocumentError, match="in url, expected data:video/mp4;base64,"):
        list(data_uri_blocks(uri))


@pytest.mark.parametrize("size", SIZES)
def test_a_head_may_be_of_256_bytes(size: int) -> None:
    assert len(LONG_HEAD) == 256
    assert decoded_uri(f"{LONG_HEAD}QUJD".encode(), size) == b"ABC"


@pytest.mark.parametrize("uri", ["", "data:video/mp4;base64,"])
def test_a_data_uri_that_holds_nothing_is_no_video(uri: str) -> None:
    assert decoded_uri(uri.encode()) == b""
    with pytest.raises(DocumentError, match="found nothing in url, expected a video"):
        list(data_uri_blocks(uri))


def test_a_data_uri_with_other_letters_is_refused() -> None:
    for text in ("QU\N{CAT}D", "QU\ud800D", "QUJ"):
        with pytest.raises(DocumentError, match=r"of url, expected base64|in url, expected a multiple of 4"):
            list(data_uri_blocks(f"data:;base64,{text}"))
