"""Promises of the JSON stream: long strings pass through, the rest is checked, whatever the chunks."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nebula_client.json_stream import JsonStream
from nebula_client.strict_json import DocumentError, json_object

LONG = ("base64", "data_url")
SIZES = [1, 2, 3, 5, 7, 64, 65536]

scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8)
nested = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*LONG, "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)
documents = st.dictionaries(
    st.sampled_from([*LONG, "size", "status"]) | st.text(max_size=4),
    nested | st.text(max_size=60),
    max_size=6,
)


def chunked(body: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def read(
    body: bytes, size: int = 65536, *, names: tuple[str, ...] = LONG, items: bool = False, limit: int = 65536
) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """The diverted strings, with the member each was found in, and the members."""
    stream = JsonStream(names, items=items, skeleton_limit=limit)
    strings, content = [], b""
    for piece in stream.pieces(chunked(body, size)):
        content += piece.data
        if piece.ended:
            strings.append((piece.name, content.decode()))
            content = b""
    assert content == b""
    assert stream.bytes_read == len(body)
    return strings, stream.members


def written(value: object, draws: random.Random) -> str:
    """JSON with white space and escapes where it may have them."""
    space = draws.choice(["", "", " ", "\n\t", "\r\n"])
    if isinstance(value, str):
        return f"{space}{text_of(value, draws)}{space}"
    if isinstance(value, list):
        return f"{space}[{','.join(written(item, draws) for item in value) or space}]{space}"
    if isinstance(value, dict):
        pairs = (f"{written(name, draws)}:{written(item, draws)}" for name, item in value.items())
        return f"{space}{{{','.join(pairs) or space}}}{space}"
    return f"{space}{json.dumps(value)}{space}"


def text_of(value: str, draws: random.Random) -> str:
    often = draws.choice([0, 0.1, 1])
    forms = [
        json.dumps(char)[1:-1] if draws.random() < often else json.dumps(char, ensure_ascii=False)[1:-1]
        for char in value
    ]
    slashed = (r"\/" if form == "/" and draws.random() < often else form for form in forms)
    units = (
        f"\\u{ord(f):04X}" if len(f) == 1 and ord(f) < 0xD800 and draws.random() < often / 2 else f
        for f in slashed
    )
    return f'"{"".join(units)}"'


@given(documents, st.randoms(use_true_random=False), st.sampled_from(SIZES))
@settings(deadline=None, max_examples=300)
def test_strings_and_members_are_those_that_json_reads(
    value: dict[str, Any], draws: random.Random, size: int
) -> None:
    strings, members = read(written(value, draws).encode(), size)
    told = dict(strings)
    assert len(told) == len(strings)
    assert told == {name: value[name] for name in LONG if isinstance(value.get(name), str)}
    assert members == value | dict.fromkeys(told, "")
    assert list(members) == list(value)


@given(st.lists(nested, max_size=4), st.randoms(use_true_random=False), st.sampled_from(SIZES))
@settings(deadline=None)
def test_strings_of_an_array_come_in_their_order_and_no_deeper_ones(
    items: list[Any], draws: random.Random, size: int
) -> None:
    value = {"a": ["x"], "url": items, "b": {"url": "y"}}
    strings, members = read(written(value, draws).encode(), size, names=("url",), items=True)
    assert strings == [("url", item) for item in items if isinstance(item, str)]
    assert members == value | {"url": ["" if isinstance(item, str) else item for item in items]}


def test_strings_of_an_array_stay_where_only_the_member_is_a_place() -> None:
    assert read(b'{"base64": ["QUJD"]}') == ([], {"base64": ["QUJD"]})


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "key", [r"base\u0036\u0034", r"\u0062ase64", r"\u0062\u0061\u0073\u0065\u0036\u0034"]
)
def test_a_name_written_with_escapes_is_that_name(key: str, size: int) -> None:
    assert read(f'{{"{key}": "QUJD"}}'.encode(), size) == ([("base64", "QUJD")], {"base64": ""})


MISLEADING = [
    r'{"a": "\"base64\": \"QUJD\"", "base64": "eA=="}',
    r'{"a": "\\", "base64": "eA=="}',
    r'{"\"base64": "QUJD", "base64": "eA==", "base64 ": "QUJD", "Base64": "QUJD"}',
    '{"a": {"base64": "QUJD"}, "b": [{"base64": "QUJD"}, "base64", "QUJD"], "base64": "eA=="}',
    '{"base6": "QUJD", "a": "base64", "base64": "eA==", "": "base64"}',
    '{"base64": "eA==", "metadata": {"base64": {"base64": ["QUJD"]}}}',
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", MISLEADING)
def test_what_only_looks_like_the_member_misleads_nobody(text: str, size: int) -> None:
    strings, members = read(text.encode(), size)
    assert strings == [("base64", "eA==")]
    assert members == json.loads(text) | {"base64": ""}


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "found the end after 0 bytes, expected a whole JSON object"),
    "a mark alone": (b"\xef\xbb\xbf", "found the end after 3 bytes"),
    "HTML": (b" <html>", "expected a JSON object"),
    "an array": (b'["base64"]', "expected a JSON object"),
    "UTF-16": ('{"base64": "QUJD"}'.encode("utf-16"), "expected a JSON object"),
    "UTF-16 without a mark": ('{"base64": "QUJD"}'.encode("utf-16-le"), "expected"),
    "cut in the text": (b'{"base64": "QUJD', "found the end after 16 bytes of member 'base64'"),
    "cut behind the text": (b'{"base64": "QUJD"', "found the end after 17 bytes of member 'base64'"),
    "cut in an escape": (rb'{"base64": "\u00', "found the end after 16 bytes of member 'base64'"),
    "more behind it": (b'{"base64": "QUJD"} {', "found '{' behind the closing brace, expected the end"),
    "twice": (b'{"base64": "QUJD", "base64": "QUJD"}', "found the member 'base64' twice"),
    "twice, once escaped": (rb'{"base64": "QUJD", "base6\u0034": "QUJD"}', "found the member 'base64' twice"),
    "a known one twice": (b'{"size": 1, "base64": "QUJD", "size": 1}', "found the member 'size' twice"),
    "a raw line break": (b'{"base64": "QU\nJD"}', "in 'base64' at byte 14, expected JSON text"),
    "a raw NUL": (b'{"base64": "QUJD\0"}', "at byte 16, expected JSON text"),
    "an escape that is none": (rb'{"base64": "QU\x41"}', "at byte 14, expected JSON text"),
    "an escape cut by the quote": (rb'{"base64": "QU\u00"}', "at byte 14, expected JSON text"),
    "a high surrogate alone": (rb'{"base64": "\ud83dx"}', "at byte 12, expected JSON text"),
    "a low surrogate alone": (rb'{"base64": "\ude00"}', "at byte 12, expected JSON text"),
    "two high surrogates": (rb'{"base64": "\ud83d\ud83d"}', "at byte 12, expected JSON text"),
    "an escape in a name": (rb'{"base\x41": 1}', "escape"),
    "no comma": (b'{"size": 1 "base64": "QUJD"}', "expected a JSON object"),
    "a comma too many": (b'{"base64": "QUJD",}', "expected a JSON object"),
    "no colon": (b'{"base64" "QUJD"}', "expected a JSON object"),
    "two colons": (b'{"base64":: "QUJD"}', "expected a JSON object"),
    "two texts": (b'{"base64": "QUJD" "QUJD"}', "expected a JSON object"),
    "text in no member": (b'{"base64": "QUJD", "QUJD"}', "expected a JSON object"),
    "a word": (b'{"base64": QUJD}', "expected a JSON object"),
    "a brace for a bracket": (b'{"a": [}', "found '}' where another bracket is open"),
    "a bracket for a brace": (b'{"base64": "QUJD"]', "found ']' where another bracket is open"),
    "NaN": (b'{"base64": "QUJD", "size": NaN}', "found NaN"),
    "1e999": (b'{"base64": "QUJD", "size": 1e999}', "found '1e999'"),
    "Latin-1 in a name": (b'{"caf\xe9": 1}', "expected UTF-8"),
    "Latin-1 in a text": (b'{"status": "caf\xe9"}', "expected UTF-8"),
    "32 levels and one": (b'{"a":' + b"[" * 32, "more than 32 levels deep"),
    "100,000 levels": (b'{"a":' * 100_000, "more than 32 levels deep"),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_whole_object_is_refused_at_any_chunk_size(what: str, size: int) -> None:
    body, reason = REFUSED[what]
    with pytest.raises(DocumentError) as caught:
        read(body, size)
    assert reason in str(caught.value)


BODY = rb'{"a": [1, {"b": "\\\u00e9"}], "base64": "QU\/\u004a\ud83d\ude00D\\", "data_url": null, "ok": true}'


@pytest.mark.parametrize("size", [1, 2, 3, 64])
def test_a_document_cut_anywhere_is_an_error_that_tells_how_much_came(size: int) -> None:
    assert read(BODY, size)[0] == [("base64", "QU/J\N{GRINNING FACE}D\\")]
    for length in range(len(BODY)):
        with pytest.raises(DocumentError, match=f"found the end after {length} bytes"):
            read(BODY[:length], size)


@given(st.binary(max_size=30) | st.text(alphabet='{}[]":,\\/u0aQ \nbase64dt_rl', max_size=40).map(str.encode))
@example(b'{"base64":"\\\\"}')
@settings(deadline=None, max_examples=500)
def test_any_bytes_are_read_alike_at_every_chunk_size_and_as_strict_json_reads_them(body: bytes) -> None:
    told = set()
    for size in SIZES[:4]:
        try:
            told.add(json.dumps(read(body, size)))
        except (DocumentError, UnicodeDecodeError):
            told.add("")
    (once,) = told
    if once:
        strings, members = json.loads(once)
        assert json_object(body) == members | dict(strings)


@pytest.mark.parametrize("size", SIZES)
def test_white_space_and_a_byte_order_mark_may_stand_around_the_object(size: int) -> None:
    strings, _ = read(b"\xef\xbb\xbf \r\n\t" + b'{"base64": "QUJD"}' + b" \r\n\t" * 9, size)
    assert strings == [("base64", "QUJD")]


def test_everything_besides_the_long_strings_is_bounded() -> None:
    body = b'{"base64": "' + b"Q" * 1000 + b'", "a": "' + b"x" * 60 + b'"}'
    skeleton = len(body) - 1000
    assert read(body, limit=skeleton)[0] == [("base64", "Q" * 1000)]
    for size in SIZES:
        with pytest.raises(DocumentError, match=f"more than {skeleton - 1} bytes besides base64, data_url"):
            read(body, size, limit=skeleton - 1)


def test_members_are_known_as_soon_as_they_have_been_seen_to_their_end() -> None:
    body = b'{"size": 5, "status": "x", "base64": "QUJD", "success": true, "data_url": "QUJD", "error": null}'
    stream = JsonStream(LONG)
    seen = [(piece, set(stream.settled), stream.settled_members()) for piece in stream.pieces([body])]
    early = {"size": 5, "status": "x", "base64": ""}
    later = early | {"success": True, "data_url": ""}
    assert [(settled, members) for _, settled, members in seen] == [
        (set(early), early),
        (set(later), later),
    ]


HOSTILE = {
    "quotes": (b'{"base64": "' + rb"\"" * 2**20 + b'"}', '"' * 2**20),
    "backslashes": (b'{"base64": "' + rb"\\" * 2**20 + b'"}', "\\" * 2**20),
    "escapes": (b'{"base64": "' + rb"\u0041" * 2**18 + b'"}', "A" * 2**18),
    "short texts": (b'{"url": [' + b'"a",' * 2**17 + b'"a"]}', "a" * (2**17 + 1)),
    "white space": (b" " * 2**21 + b'{"url": "a"}' + b" " * 2**21, "a"),
}


@pytest.mark.parametrize("size", [97, 2**22])
@pytest.mark.parametrize("what", HOSTILE)
def test_megabytes_of_hostile_text_are_read_in_one_chunk_and_in_many(what: str, size: int) -> None:
    """Well under a second each; anything quadratic would take minutes."""
    body, content = HOSTILE[what]
    strings, _ = read(body, size, names=("base64", "url"), items=True, limit=2**20)
    assert "".join(string for _, string in strings) == content
