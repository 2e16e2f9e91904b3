"""Examples for documents: the committed ones that a schema takes, and made ones where there are none.

A file ``<schema>/examples/<name>/valid/*.json`` is an example of the schema ``<schema>/<name>``. One whose
file name begins with a dialect is of that dialect alone.
"""

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from nebula_schemas.catalogue import DIALECTS, Dialect, Family
from nebula_schemas.problems import Problem, WireError

_PICTURE = "https://images.example.com/cat.png"
_PROMPT = "A cute little cat playing in the garden"
_REQUEST_ID = "20251222160000000000aB3dE5gH"

# A fact for every placeholder of the error table's messages, and those that one row alone has otherwise.
_FACTS: Mapping[str, object] = {
    "expected": "integer",
    "field": "duration",
    "found": "string",
    "limit": 33_554_432,
    "method": "POST",
    "model": "sora-9",
    "most": 3,
    "path": "/v1/video/generation",
    "reason": "Expecting value: line 1 column 1 (char 0)",
    "request_id": _REQUEST_ID,
    "task_id": "video_69095b4ce0048190893a01510c0c98b0",
    "upstream_body": '{"error":{"message":"Video content is not available","type":"invalid_request_error"}}',
    "upstream_status": 404,
}
_FACTS_OF_ROW: Mapping[str, Mapping[str, object]] = {
    "broken-form": {"reason": "no multipart boundary param in Content-Type"},
    "content-not-ready": {"status": "IN_PROGRESS"},
    "content-item": {"index": 1, "expected": "type text or image_url"},
    "encoded-body": {"found": "gzip"},
    "head-timeout": {"reason": "The head of the request did not arrive within 10 s"},
    "head-too-large": {"reason": "The request has over 100 headers"},
    "http-version": {"reason": "HTTP Version Not Supported"},
    "image-format": {"field": "image"},
    "image-size": {"field": "image"},
    "missing-image": {"field": "image", "model": "wan2.5-i2v-preview"},
    "model-not-allowed": {"model": "sora-2"},
    "not-http": {"reason": "The request breaks off before its headers end"},
    "request-line-too-long": {"reason": "The request line is over 8192 bytes"},
    "too-many-connections": {
        "reason": "256 connections are open, which is the limit; nothing was done, try again in 1 s"
    },
    "wrong-content-type": {"found": "text/plain"},
}


class _Facts(dict[str, object]):
    """Facts for an example; one that nobody gave is told by its name, so that a row needs no entry here."""

    def __missing__(self, name: str) -> object:
        return name


def refusal_example(problem: Problem, wire: WireError) -> dict[str, Any]:
    """A body that ``problem`` could be answered with, in those words."""
    return wire.body(_Facts(sample_facts(problem)))


def sample_facts(problem: Problem) -> Mapping[str, object]:
    """A fact for every placeholder of the problem's words."""
    return {**_FACTS, **_FACTS_OF_ROW.get(problem.id, {})}


def committed_examples(name: str, dialect: Dialect) -> Iterator[tuple[str, Any]]:
    """Name and value of every committed example of a schema, such as ``query/succeeded``, in that dialect."""
    folder, _, stem = name.partition("/")
    home = resources.files("nebula_schemas") / folder / "examples" / stem / "valid"
    if not home.is_dir():
        return
    for entry in sorted(home.iterdir(), key=lambda entry: entry.name):
        title = entry.name.removesuffix(".json")
        of_one = next((one for one in DIALECTS if title.startswith(f"{one}-")), dialect)
        if of_one == dialect:
            yield title, json.loads(entry.read_text("utf-8"))


def least_submit(family: Family) -> dict[str, Any]:
    """The least body that makes a video with the family's first model."""
    model = family.models[0]
    content = {"metadata": {"content": [{"type": "text", "text": _PROMPT}]}}
    needed = {
        parameter.name: _PICTURE
        for parameter in family.parameters
        if set(parameter.required_modes) & set(model.modes)
    }
    return {"model": model.id, **({"prompt": _PROMPT} if family.prompt_at == "prompt" else content), **needed}
