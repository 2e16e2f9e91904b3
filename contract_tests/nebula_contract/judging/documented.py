"""Which members a source documents: every place that a schema names for an answer."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from nebula_schemas.loader import BASE_URI, contract

# Members that the schemas leave open, since they are the upstream's own and vary.
_OPEN = frozenset({"/metadata/error", "/output", "/metadata/usage"})
_FLATTENED = ("/status_code", "/request_id", "/code", "/message", "/output", "/output/task_id")
_EXTRA: Mapping[str, frozenset[str]] = {
    # Wan's submit answer in the server source is the upstream's, flattened (contradiction 13).
    "submit wan": frozenset(_FLATTENED),
    # The gateway's own fields that its blocklist leaves (SRC), for every family.
    "query": frozenset(
        f"/metadata/{name}"
        for name in (
            *("token_name", "model_name", "requested_seconds", "generate_audio"),
            *("durationSeconds", "generateAudio", "sampleCount"),
        )
    ),
}
_SUBMIT_METADATA = {"submit sora": "query/metadata-sora"}


def is_documented(kind: str, place: str) -> bool:
    """Whether a source documents the member at ``place`` of an answer of that kind, such as ``query wan``."""
    known = _places(kind)
    return place in known or any(place.startswith(f"{one}/") for one in _OPEN)


@functools.cache
def _places(kind: str) -> frozenset[str]:
    operation, _, wire = kind.partition(" ")
    found = set(_EXTRA.get(kind, ())) | set(_EXTRA.get(operation, ()))
    if operation == "query":
        found |= set(_of("query/response")) - {p for p in _of("query/response") if p.startswith("/metadata/")}
        found |= {f"/metadata{place}" for place in _of(f"query/metadata-{wire}")}
    elif operation == "submit":
        found |= set(_of("submit/response"))
        if kind in _SUBMIT_METADATA:
            found |= {f"/metadata{place}" for place in _of(_SUBMIT_METADATA[kind])}
    else:
        found |= set(_of("download/response"))
    return frozenset(found)


@functools.cache
def _of(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_named(contract().documents[name], name, "", ())))


def _named(schema: Any, base: str, at: str, above: tuple[str, ...]) -> Iterator[str]:
    """Every place that a schema names, through its branches and references."""
    if not isinstance(schema, Mapping):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str):
        target, name = _resolved(reference, base)
        if target is not None and (name, at) not in {(one, at) for one in above}:
            yield from _named(target, name, at, (*above, name))
    for name, inner in schema.get("properties", {}).items():
        yield f"{at}/{name}"
        yield from _named(inner, base, f"{at}/{name}", above)
    if "items" in schema:
        yield from _named(schema["items"], base, f"{at}/[]", above)
    for word in ("allOf", "anyOf", "oneOf"):
        for inner in schema.get(word, ()):
            yield from _named(inner, base, at, above)
    for word in ("then", "else"):
        yield from _named(schema.get(word), base, at, above)


def _resolved(reference: str, base: str) -> tuple[Any, str]:
    """A schema file that is referred to, with its name; None for resources of the catalogue and for ``$defs``."""
    if reference.startswith("#") or not reference.endswith(".schema.json"):
        return None, ""
    folder = base.rpartition("/")[0]
    name = f"{folder}/{reference}".removesuffix(".schema.json")
    name = name.removeprefix(BASE_URI)
    parts: list[str] = []
    for part in name.split("/"):
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    name = "/".join(parts)
    return contract().documents.get(name), name
