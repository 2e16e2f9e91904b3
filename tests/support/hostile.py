"""Requests that nobody means well with, in a fixed order: every field of every family with every bad value, and
bodies, paths and headers that are none.
"""

import itertools
import json
from collections.abc import Iterator
from typing import Any

from nebula_schemas.catalogue import catalogue

JSON, FORM = "application/json", "multipart/form-data; boundary=b"

# As they stand in the body: some are no value that json.dumps would write.
_VALUES = (
    "null", "true", "0", "-1", "8.0", "1e400", "-0.0", "NaN", "Infinity", "9" * 64, "9" * 4000, '""', '" "', '"8"', '"x"',
    r'"\u0000"', r'"\ud800"', r'"\u202e\u001b[2J"', '"' + "猫" * 300 + '"', '"' + "a" * 20_000 + '"', "[]", "{}", "[[[[[]]]]]",
    "[" * 100_000 + "]" * 100_000, '{"a":' * 200 + "1" + "}" * 200, '{"__proto__":{"x":1}}', '"data:image/png;base64,AAAA"',
    '"http://169.254.169.254/latest"', '"file:///etc/passwd"', '"video_' + "0" * 32 + '"', "tru", "'a'", "0x10", "01", "",
)  # fmt: skip
_WHOLE: tuple[bytes, ...] = (
    b"", b" ", b"null", b"[]", b"5", b"{", b"}", b"{}{}", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b'{"prompt":"\xff"}', b"\x00" * 100,
    b"model=sora-2&prompt=x", b"<xml/>", b"[" * 100_000, b'{"a":1,"a":2}', b"--b\r\n", b"--b--", b"\r\n\r\n",
)  # fmt: skip
_LARGE = (
    b'{"model":"wan2.5-t2v-preview","prompt":"' + b"x" * 10_000_000 + b'"}',
    b'{"model":"sora-2","prompt":"x","input_reference":"' + b"A" * 20_000_000 + b'"}',
    b'{"model":"sora-2","prompt":"x","user":"' + b"u" * 34_000_000 + b'"}',
)


def hostile_bodies() -> Iterator[tuple[str, bytes]]:
    """Content type and body of a submit, without end: the whole set again and again."""
    small = [*_fields(), *((JSON, raw) for raw in _WHOLE), *((FORM, raw) for raw in _WHOLE), *_forms()]
    yield from ((JSON, raw) for raw in _LARGE)
    yield from itertools.cycle(small)


def _fields() -> Iterator[tuple[str, bytes]]:
    for family in catalogue().in_dialect("gateway").families:
        names = {name for rule in family.parameters for name in (*rule.names, *rule.alone, *rule.plain)}
        for name, value in itertools.product(sorted({*names, "model", "prompt", "metadata"}), _VALUES):
            model = "" if name == "model" else f'"model":"{family.models[0].id}",'
            prompt = "" if name == "prompt" else '"prompt":"A cat",'
            yield JSON, f'{{{model}{prompt}"{name}":{value}}}'.encode("utf-8", "surrogatepass")
        if family.prompt_at == "metadata.content":
            yield from ((JSON, _content(family.models[0].id, value)) for value in _VALUES)


def _content(model: str, value: str) -> bytes:
    content = f'[{value},{{"type":"text","text":{value}}},{{"type":{value},"image_url":{value}}}]'
    return f'{{"model":"{model}","metadata":{{"content":{content}}}}}'.encode("utf-8", "surrogatepass")


def _forms() -> Iterator[tuple[str, bytes]]:
    for name, value in itertools.product(("model", "prompt", "seconds", "size", "input_reference"), _VALUES):
        fields: dict[str, Any] = {"model": "sora-2", "prompt": "A cat", name: json.dumps(value)[:2000]}
        parts = (
            f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()
        )
        yield FORM, ("".join(parts) + "--b--\r\n").encode()


def hostile_ids() -> Iterator[str]:
    """Task ids as they stand in a path or a query string, without end."""
    words = (
        "", "x", "download", "..", "%2e%2e%2f", "%00", "%0d%0aX-Injected:1", "%ff", "a" * 5000, "%F0%9F%98%80", "video_" + "0" * 32,
        "1%27%20OR%201=1", "%3Cscript%3E", "{{7*7}}", "id=1&id=2", "null", "-1", "%25", "a/b/c", "a%2Fb", ";", "?", "%u0000",
    )  # fmt: skip
    for number in itertools.count():
        yield from (f"{word}{number or ''}" for word in words)
