"""Promises of strict JSON: one plain object, or an error that says what was found and expected."""

import json
import logging
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nebula_client.strict_json import DEEPEST, KNOWN_MEMBERS, DocumentError, excerpt, json_object

WHOLE = st.integers(-(2**63), 2**64 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)

REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "found the end in 0 bytes"),
    "white space alone": (b" \n", "found the end"),
    "HTML": (b"<html>", "found '<html>' in 6 bytes, expected a JSON object"),
    "an array": (b"[{}]", "found JSON that is an array, expected an object"),
    "text": (b'"{}"', "found JSON that is text"),
    "a number": (b"5", "found JSON that is a number"),
    "null": (b"null", "found JSON that is null"),
    "something behind the object": (b"{}{}", "found '{}'"),
    "a cut object": (b'{"size": 5', "found the end"),
    "a comma too many": (b'{"size": 5,}', "expected a JSON object"),
    "a comment": (b"{} // fine", "found '// fine'"),
    "single quotes": (b"{'size': 5}", "expected a JSON object"),
    "a raw line break in text": (b'{"status": "a\nb"}', "control character"),
    "an escape JSON does not have": (rb'{"status": "\x41"}', "escape"),
    "NaN": (b'{"size": NaN}', "found NaN, expected a number that JSON knows"),
    "Infinity": (b'{"size": Infinity}', "found Infinity"),
    "-Infinity": (b'{"size": [-Infinity]}', "found -Infinity"),
    "a number that overflows": (b'{"size": 1e999}', "found '1e999', expected a number that fits a double"),
    "the same below nought": (b'{"size": -1e999}', "found '-1e999'"),
    "one over 64 bits": (b'{"size": 18446744073709551616}', "expected one of 64 bits"),
    "one under 63 bits and a sign": (b'{"size": -9223372036854775809}', "expected one of 64 bits"),
    "5,000 digits": (b'{"size": ' + b"9" * 5000 + b"}", "99'..., expected one of 64 bits"),
    "two byte order marks": (b"\xef\xbb\xbf" * 2 + b"{}", "expected a JSON object"),
    "UTF-16 with a mark": ("{}".encode("utf-16"), "UTF-16 or UTF-32, expected UTF-8"),
    "UTF-16, little": ("{}".encode("utf-16-le"), "UTF-16 or UTF-32, expected UTF-8"),
    "UTF-16, big": ("{}".encode("utf-16-be"), "UTF-16 or UTF-32, expected UTF-8"),
    "UTF-32 with a mark": ("{}".encode("utf-32"), "UTF-16 or UTF-32, expected UTF-8"),
    "UTF-32, big": ("{}".encode("utf-32-be"), "UTF-16 or UTF-32, expected UTF-8"),
    "Latin-1": (b'{"status": "caf\xe9"}', r"found '\\xe9' at byte 15, expected UTF-8"),
    "an overlong slash": (b'{"status": "\xc0\xaf"}', "expected UTF-8"),
    "a surrogate in UTF-8": (b'{"status": "\xed\xa0\x80"}', "expected UTF-8"),
    "100,000 arrays": (b'{"a":' + b"[" * 100_000, "more than 32 levels deep"),
    "100,000 arrays, closed": (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "more than 32 levels deep"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_plain_object_is_refused_with_what_was_found(what: str) -> None:
    body, reason = REFUSED[what]
    with pytest.raises(DocumentError) as caught:
        json_object(body)
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 250
    assert str(caught.value).isascii()
    assert str(caught.value).isprintable()


@given(value=st.dictionaries(st.text(), VALUES, max_size=6), escaped=st.booleans())
def test_every_plain_object_is_read_as_json_reads_it(*, value: dict[str, Any], escaped: bool) -> None:
    assert json_object(json.dumps(value, ensure_ascii=escaped).encode()) == value


@given(
    st.binary(max_size=40)
    | st.text(alphabet='{}[]":,0123456789.eE+-ntfalsrui\\ ', max_size=30).map(str.encode)
)
@example(b'{"a":-0}')
@example(b'{"a":1E400}')
def test_nothing_is_read_that_json_refuses_and_nothing_else_is_raised(body: bytes) -> None:
    try:
        value = json_object(body)
    except DocumentError:
        return
    assert value == json.loads(body.decode("utf-8-sig"))


@pytest.mark.parametrize("name", sorted(KNOWN_MEMBERS))
@pytest.mark.parametrize(
    "form", ["{%s: 1, %s: 1}", '{%s: 1, "other": 2, %s: null}', '{"metadata": [{%s: 1, %s: 2}]}']
)
def test_a_known_member_is_there_once_or_the_object_is_refused(name: str, form: str) -> None:
    with pytest.raises(DocumentError, match=f"found the member '{name}' twice, expected it once"):
        json_object((form % (f'"{name}"', f'"\\u{ord(name[0]):04x}{name[1:]}"')).encode())


def test_an_unknown_member_may_be_there_twice() -> None:
    assert json_object(b'{"new": 1, "new": 2, "size": 3}') == {"new": 2, "size": 3}


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
@pytest.mark.parametrize("inside", [b"1", b"[]", b"{}"])
def test_thirty_two_levels_are_read_and_one_more_is_not(
    opening: bytes, closing: bytes, inside: bytes
) -> None:
    levels = DEEPEST - 1 - (inside != b"1")

    def nested(depth: int) -> bytes:
        return b'{"a":' + opening * depth + inside + closing * depth + b"}"

    assert json_object(nested(levels))
    with pytest.raises(DocumentError, match="more than 32 levels deep"):
        json_object(nested(levels + 1))


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert json_object(b'{"a":[' + b",".join([b"[[]]"] * 100) + b"]}")["a"] == [[[]]] * 100


def test_a_byte_order_mark_is_skipped_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "nebula_client"):
        assert json_object(b'\xef\xbb\xbf{"size": 5}') == {"size": 5}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "byte order mark" in caplog.text


def test_a_lone_surrogate_passes_for_the_echo_of_a_prompt() -> None:
    assert json_object(rb'{"prompt": "\ud800"}') == {"prompt": "\ud800"}


@given(st.text() | st.binary())
def test_an_excerpt_is_short_printable_ascii(found: str | bytes) -> None:
    shown = excerpt(found)
    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) <= 40 * 10 + 5
    assert shown.endswith("...") == (len(found) > 40)
