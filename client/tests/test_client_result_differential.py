"""The streaming decoder against ``json`` and ``base64``, on ten thousand documents, whole and broken.

What the reference refuses beside what those two refuse is the strictness the decoder promises: known members twice,
padding behind a whole group, letters beyond ASCII in a copy, and an answer that contradicts itself.
"""

import base64
import json
import random
import re
from collections.abc import Sequence
from typing import Any

import pytest

from nebula_client.result_document import ResultDocument
from nebula_client.strict_json import KNOWN_MEMBERS, DocumentError

TASK = "video_1"
SIZES = (1, 2, 3, 5, 7, 64, 65536)
BATCHES, A_BATCH = 20, 500
HEAD = re.compile(r"(data:[ -+\--~]*;base64,)(.*)", re.IGNORECASE | re.DOTALL)
PLAIN = [" ", "\n", "\t", "\r\n  ", ""]


def document(draws: random.Random) -> bytes:
    """An answer with members in any order, escapes and white space; often right in every way."""
    video = draws.randbytes(draws.choice([1, 2, 3, 4, 10, 33]))
    text = base64.b64encode(video).decode()
    head = draws.choice(["data:video/mp4;base64,", "DATA:;Base64,", "data:a/b;c=d;base64,"])
    members: list[tuple[str, Any]] = [
        ("success", True),
        ("task_id", TASK),
        ("size", draws.choice([len(video)] * 8 + [None, len(video) + 1, str(len(video)), -1, 1.5])),
        (
            "base64",
            draws.choice([text] * 8 + [None, "", text + "=", text[:-1], text[:-4], text + "\n", 5, [text]]),
        ),
        (
            "data_url",
            draws.choice([head + text] * 8 + [None, "", head, text, head + text[1:], {"base64": text}]),
        ),
        (
            "extra",
            draws.choice(
                ['a"b', {"base64": "eA==", "size": 5}, [[], {}, "\\"], "caf\xe9 \N{CAT}", 1e5, None]
            ),
        ),
    ]
    draws.shuffle(members)
    if draws.random() < 0.2:
        members.pop()
    if draws.random() < 0.1:
        members.append(
            draws.choice([*members, ("error", {"message": "no"}), ("error", None), ("success", False)])
        )
    space = [draws.choice(PLAIN) for _ in range(3)]
    pairs = (
        f"{space[0]}{spelled(name, draws)}{space[1]}:{spelled(value, draws)}{space[2]}"
        for name, value in members
    )
    return f"{space[2]}{{{','.join(pairs)}}}{space[0]}".encode()


def spelled(value: object, draws: random.Random) -> str:
    """Its JSON; texts sometimes with more escapes than they need."""
    plain = json.dumps(value, ensure_ascii=draws.random() < 0.5)
    if not isinstance(value, str) or draws.random() < 0.6:
        return plain
    if draws.random() < 0.5:
        return plain.replace("/", r"\/")
    often = draws.random()
    units = (
        f"\\u{ord(char):04x}" if ord(char) < 0xD800 and draws.random() < often else json.dumps(char)[1:-1]
        for char in value
    )
    return f'"{"".join(units)}"'


def broken(body: bytes, draws: random.Random) -> bytes:
    """The document cut, changed in a byte, with one more or less, or with a part of it twice."""
    at, to = sorted(draws.choices(range(len(body) + 1), k=2))
    other = draws.choice(b'"\\{}[],:=/+Aa0 \n\x00\xff') if draws.random() < 0.7 else draws.randrange(256)
    head = body[:at]
    changed = [head, head + bytes((other,)) + body[at + 1 :], head + bytes((other,)) + body[at:]]
    return draws.choice([*changed, head + body[at + 1 :], body[:to] + body[at:], head + body[to:]])


def reference(body: bytes) -> bytes | None:
    """The video, by the standard library on the whole document; None where it must be refused."""
    try:
        members = json.loads(body.decode("utf-8-sig"), object_pairs_hook=known_once, parse_constant=refuse)
        video = video_of(members)
    except ValueError:  # of which the errors of JSON, UTF-8 and base64 are kinds
        return None
    error, size = members.get("error"), members.get("size")
    right = members.get("success") is True and members.get("task_id") == TASK
    right = right and not (isinstance(error, dict) and error)
    return video if video and right and (size is None or (type(size) is int and size == len(video))) else None


def known_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs if name in KNOWN_MEMBERS]
    return dict(pairs) if len(set(names)) == len(names) else refuse("a member twice")


def refuse(what: str) -> Any:
    raise ValueError(what)


def video_of(members: object) -> bytes:
    """The first copy that holds anything."""
    if not isinstance(members, dict):
        return bytes(refuse("no object"))
    video = b""
    for name, copy in members.items():
        if name not in {"base64", "data_url"} or copy is None:
            continue
        text = copy if isinstance(copy, str) else refuse("no text")
        text.encode("ascii")
        if video or not text:
            continue  # the second copy is not looked at
        if name == "data_url":
            match = HEAD.fullmatch(text) or refuse("no head")
            text = match[2] if len(match[1]) <= 256 else refuse("a long head")
        if len(text) % 4 or text.endswith("==="):
            refuse("padding")
        video = base64.b64decode(text, validate=True)
    return video


def streamed(body: bytes, size: int) -> bytes | None:
    chunks = (body[start : start + size] for start in range(0, len(body), size))
    try:
        return b"".join(ResultDocument(TASK).video(chunks))
    except DocumentError:
        return None


@pytest.mark.usefixtures("decoder")
@pytest.mark.parametrize("batch", range(BATCHES))
def test_documents_are_decoded_or_refused_as_by_the_standard_library(batch: int) -> None:
    draws = random.Random(batch)  # noqa: S311 - the same documents each time
    outcomes = {True: 0, False: 0}
    for number in range(A_BATCH):
        body = document(draws)
        if number % 2:
            body = broken(body, draws)
        wanted = reference(body)
        outcomes[wanted is not None] += 1
        for size in SIZES:
            assert streamed(body, size) == wanted, (size, body)
    assert min(outcomes.values()) > A_BATCH / 10
