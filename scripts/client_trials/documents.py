"""Videos and documents that are not what they should be (faults 46 to 62): each as the body of an answer."""

import json
from collections.abc import Iterator, Mapping

from client_trials.answers import (
    TASK_ID,
    VIDEO,
    Missing,
    document,
    members,
)
from client_trials.bodies import BROKEN, DAMAGED, FILE, TEXT, got
from client_trials.raw_provider import Play, answer, chunked, says
from client_trials.trial import Trial, at_raw, kept_as


def _apart(body: bytes, size: int) -> Play:
    """The body in parts, each sent alone."""
    whole = answer(200, body)
    head = whole[: len(whole) - len(body)]
    return says(head, *(body[at : at + size] for at in range(0, len(body), size)))


def _cuts() -> Iterator[Trial]:
    """Cuts that the framing hides, at the end of each kind of token."""
    whole = document()
    first = whole.index(b'"base64"')
    places = {
        "nothing": 0,
        "the first brace": 1,
        "within a name": 4,
        "behind a name": whole.index(b":"),
        "within true": whole.index(b"true") + 2,
        "within a number": whole.index(b'"size"') + 9,
        "behind a comma": whole.index(b",") + 1,
        "within the base64": first + 300,
        "before the closing quote": whole.index(b'", "data_url"'),
        "behind the closing quote": whole.index(b', "data_url"'),
        "within the second copy": len(whole) - 300,
        "before the last brace": len(whole) - 1,
    }
    for name, at in places.items():
        yield Trial(46, f"cut at {name}: download", BROKEN, at_raw("download", got(whole[:at])))
        yield Trial(
            46,
            f"cut at {name}, chunked: download",
            BROKEN,
            at_raw("download", says(chunked(answer(200, whole[:at])))),
        )
    told = json.dumps({"task_id": TASK_ID, "status": "succeeded"}).encode()
    for at in (0, 1, 20, len(told) - 1):
        yield Trial(
            46,
            f"cut at {at}: query",
            "BrokenContractError, 6 GET, slept 0.438 0.875 1.75 3.5 7",
            at_raw("query", got(told[:at])),
        )
        yield Trial(46, f"cut at {at}: submit", "SubmitUncertain, 1 POST", at_raw("submit", got(told[:at])))


def _documents() -> Iterator[tuple[int, str, bytes, str, str]]:
    """Fault, name, body, what comes of its download, what is said."""
    for rest in (1, 2, 3):
        yield (
            47,
            f"{4 - rest} of 4 characters left",
            document(base64=TEXT[: 400 - rest], size=Missing),
            BROKEN,
            "multiple of 4",
        )
    yield (
        47,
        "4 of 4 left, and a size",
        document(base64=TEXT[:400]),
        DAMAGED,
        f"size {len(VIDEO)}, expected 300",
    )
    yield 47, "4 of 4 left, and no quote", document()[: document().index(b'"base64"') + 411], BROKEN, ""
    for name, found in (
        ("a space", " "),
        ("a line break", "\n"),
        ("url-safe letters", "-_"),
        ("an exclamation mark", "!"),
        ("padding inside", "="),
        ("another alphabet", "é"),
    ):
        text = f"{TEXT[:100]}{found}{TEXT[100:]}"
        yield 48, name, document(base64=text), BROKEN, "at character [0-9]+ of base64"
    yield 49, "one too many", document(size=len(VIDEO) + 1), DAMAGED, "found size"
    yield 49, "negative", document(size=-1), DAMAGED, "found size -1"
    yield 49, "text", document(size=str(len(VIDEO))), DAMAGED, "found size"
    yield 49, "a fraction", document(size=len(VIDEO) + 0.5), DAMAGED, "found size"
    yield 49, "true", document(size=True), DAMAGED, "found size True"
    yield 49, "none", document(size=Missing), FILE, "size_checked=False"
    yield 49, "null", document(size=None), FILE, "size_checked=False"
    yield 49, "right", document(), FILE, "size_checked=True"
    backwards = dict(reversed(members().items()))
    yield 51, "data_url first", json.dumps(backwards).encode(), FILE, ""
    yield 51, "no base64", document(base64=Missing), FILE, ""
    yield 51, "base64 null", document(base64=None), FILE, ""
    yield 51, "no data_url", document(data_url=Missing), FILE, ""
    yield 51, "neither", document(base64=Missing, data_url=Missing), BROKEN, "no base64 and no data_url"
    yield 51, "both null", document(base64=None, data_url=None), BROKEN, "no base64 and no data_url"
    yield 51, "base64 a number", document(base64=7), BROKEN, "found base64 7"
    uri = f"data:video/mp4;base64,{TEXT}"
    for name, text, outcome in (
        ("upper case", f"DATA:VIDEO/MP4;BASE64,{TEXT}", FILE),
        ("another type", uri.replace("video/mp4", "application/octet-stream"), FILE),
        ("parameters", uri.replace(";base64", ";codecs=avc1;base64"), FILE),
        ("no type", uri.replace("video/mp4", ""), FILE),
        ("not base64", "data:video/mp4,abc", BROKEN),
        ("no comma", "data:video/mp4;base64" + "a" * 500, BROKEN),
        ("an address", "https://host/cat.mp4", BROKEN),
    ):
        yield 52, name, document(base64=Missing, data_url=text), outcome, ""
    slashes = document().replace(b"/", b"\\/")
    letters = document(base64="@").replace(b"@", "".join(f"\\u{ord(c):04x}" for c in TEXT).encode())
    yield 53, "slashes", slashes, FILE, ""
    yield 53, "every letter", letters, FILE, ""
    yield 53, "the name", document().replace(b'"base64"', b'"base\\u00364"'), FILE, ""
    for name in ("task_id", "base64", "success", "size"):
        twice = document()[:-1] + b', "%s": %s}' % (name.encode(), json.dumps(members()[name]).encode())
        yield 54, name, twice, BROKEN, f"'{name}' twice"
    yield 54, "a name that nobody knows", document()[:-1] + b', "x": 1, "x": 2}', FILE, ""
    for name, number in {
        **{word: word for word in ("NaN", "Infinity", "-Infinity", "1e999")},
        "30 digits": "9" * 30,
        "5,000 digits": "9" * 5000,
    }.items():
        yield (
            55,
            name,
            document()[:-1] + f', "x": {number}}}'.encode(),
            BROKEN,
            "",
        )
    yield 56, "a byte order mark", b"\xef\xbb\xbf" + document(), FILE, "byte order mark"
    yield 56, "UTF-16", document().decode().encode("utf-16"), BROKEN, "expected a JSON object"
    yield (
        56,
        "UTF-16 without a mark",
        document().decode().encode("utf-16-le"),
        BROKEN,
        "expected a JSON object",
    )
    yield 56, "UTF-32", document().decode().encode("utf-32"), BROKEN, "expected a JSON object"
    yield 56, "a byte that is no UTF-8", document()[:-1] + b', "x": "\xff"}', BROKEN, ""
    yield 57, "in a member", document()[:-1] + b', "prompt": "\\ud800 cat"}', FILE, ""
    for name, deep in (("arrays", b"[" * 100_000), ("objects", b'{"a":' * 100_000)):
        yield 58, f"100,000 {name}", document()[:-1] + b', "x": ' + deep + b"}", BROKEN, "levels deep"
    yield 61, "0 bytes", document(b""), BROKEN, ""
    yield (
        62,
        "a page",
        document(b"<html><body>Hello</body></html>"),
        "file, 1 GET",
        "expected an MP4; it was kept",
    )


_OWN_VIDEO: Mapping[str, bytes] = {"a page": b"<html><body>Hello</body></html>"}


def _simple() -> Iterator[Trial]:
    for fault, name, body, expected, words in _documents():
        run = kept_as(at_raw("download", got(body)), _OWN_VIDEO.get(name, VIDEO))
        yield Trial(fault, f"{name}: download", expected, run, says=words)
    for size in (1, 2, 3, 7):
        for name, body in (("slashes", document().replace(b"/", b"\\/")), ("plain", document())):
            yield Trial(
                53, f"{name}, in pieces of {size}: download", FILE, at_raw("download", _apart(body, size))
            )


TRIALS = (*_cuts(), *_simple())
