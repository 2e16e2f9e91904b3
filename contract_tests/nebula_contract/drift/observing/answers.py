"""What an answer is as a whole: status, envelope and error words in one line, its headers, and which schema it breaks."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nebula_contract.drift.observation import Trait
from nebula_contract.drift.observing.forms import form_of, script_of
from nebula_contract.drift.observing.walk import LONGEST
from nebula_contract.judging.documented import is_documented
from nebula_contract.judging.matching import envelope_of
from nebula_contract.judging.shapes import pointer_of, violations
from nebula_contract.judging.views import Seen
from nebula_contract.record.exchange import MISSING, Answer

ANSWER = Trait("answer")
LANGUAGE = Trait("language")
_LONGEST_WORD, _MOST = 60, 100
_HOP = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "date",
        "keep-alive",
        "location",
        "server",
        "transfer-encoding",
        "via",
        "x-nebula-mock",
    }
)
"""Headers of the connection, the server's software and the clock, which say nothing of the API; where a redirect leads, which
is told of the answer as a whole; and what a body is packed in, which a check looks at."""
_FORMED_HEADERS = ("x-oneapi-request-id",)
_BY_CHANCE = frozenset({"digits", "word"})
"""Forms that an id of letters and digits has now and then."""
_SCHEMAS = {"submit": "submit/response", "query": "query/response", "download": "download/response"}


def signature(seen: Seen) -> str:
    """``200 task``, ``400 e2 type/code``, ``302 redirect``: what the answer is, as one word of ours.

    Of a refusal it holds type and code, by which consumers tell refusals apart, and no message.
    """
    answer = seen.exchange.answer
    status = seen.exchange.status
    if answer is None or status in range(300, 400):
        return f"{status} redirect"
    envelope = envelope_of(seen.json)
    if not envelope:
        return f"{status} {_kind(seen)}"
    told = seen.json if envelope == "e2" else seen.json.get("error", {})
    words = [_word(told.get(name)) for name in ("type", "code")] if isinstance(told, Mapping) else []
    return f"{status} {envelope} {'/'.join(words)}"


def _kind(seen: Seen) -> str:
    body = seen.json
    if seen.exchange.answer is not None and seen.exchange.answer.body.film is not None:
        return "video"
    if body is MISSING:
        return "other" if seen.exchange.answer and seen.exchange.answer.body.length else "empty"
    return "task" if isinstance(body, Mapping) and seen.exchange.operation != "result" else "json"


def _word(value: Any) -> str:
    return "-" if value is None or value == "" else str(value)[:_LONGEST_WORD].replace("/", "_")


def language(body: Any) -> str:
    """The script in which a refusal's message is written; empty where there is none."""
    if not isinstance(body, Mapping):
        return ""
    error = body.get("error")
    message = error.get("message") if isinstance(error, Mapping) else body.get("message")
    return script_of(message) if isinstance(message, str) and message else ""


def headers(answer: Answer) -> Iterator[tuple[Trait, str]]:
    """Each header that says something of the API, the form of the request's id, and the media type."""
    for name in answer.headers:
        if name not in _HOP:
            yield Trait("header", name[:_LONGEST_WORD]), "present"
    for name in _FORMED_HEADERS:
        if name in answer.headers:
            form = form_of(answer.headers[name], {})
            yield Trait("form", f"header {name}"), "text" if form in _BY_CHANCE else form
    if answer.media_type or answer.body.length:
        yield Trait("media"), answer.media_type[:_LONGEST_WORD] or "none"


def schema_breaks(seen: Seen, body: Any, traits: Iterable[Trait]) -> Iterator[tuple[str, str]]:
    """Location and keyword of everything in a successful answer that no source documents.

    ``new`` stands for a member that none names, ``required`` for one that must be there and is not. Members are named as
    ``walked`` names them, and as few: ``traits`` are what it gave.
    """
    name = _SCHEMAS.get(seen.exchange.operation)
    if name is None or seen.family is None:
        return
    if not isinstance(body, Mapping):
        yield "", "type"
        return
    metadata = body.get("metadata")
    found = [*_breaks(name, body, "")]
    if seen.exchange.operation == "query" and isinstance(metadata, Mapping):
        found += _breaks(f"query/metadata-{seen.family.wire}", metadata, "/metadata")
    yield from ((place[:LONGEST], keyword) for place, keyword in found[:_MOST])
    kind = f"{seen.exchange.operation} {seen.family.wire}"
    for aspect, place in dict.fromkeys(traits):
        is_member = aspect == "type" and place and not place.endswith("/[]")
        if is_member and not is_documented(kind, place):
            yield place, "new"


def _breaks(name: str, body: Any, under: str) -> Iterator[tuple[str, str]]:
    for one in violations(name, body):
        place = under + pointer_of(one.json_path)
        if one.keyword == "required":
            for missing in one.found.removeprefix("no ").split(", "):
                yield f"{place}/{missing.strip(chr(39))}", "required"
        else:
            yield place, one.keyword
