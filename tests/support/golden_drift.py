"""Pairs of observations that differ in one way, one for each rule of drift, and what is told of two of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nebula_contract.drift.comparing.requests import WHOLE
from nebula_contract.drift.finding import DriftFinding
from nebula_contract.drift.observation import LifeSeen, Observations, RequestsSeen, Span
from nebula_contract.drift.promises import kept_again
from nebula_contract.drift.rules import (
    Severities,
)
from nebula_contract.drift.variants import variant_findings
from nebula_contract.drift.witnesses import Witnesses, weighed
from nebula_schemas.catalogue import Dialect
from observations import observations

QUERY, SUBMIT = "wan/query/ok/succeeded", "wan/submit/ok/-"
STRANGER, KEYLESS, WRONG = "-/query/unknown-task/-", "-/query/missing-key/-", "wan/submit/invalid-size/-"


@dataclass(frozen=True)
class Golden:
    """Two observations that differ in one way.

    Attributes:
        before: What was seen.
        after: What is.
        key: Of the change.
        back: Of the change backwards.
        mocks: What the mock says, where that matters.
    """

    before: Observations
    after: Observations
    key: str
    back: str = ""
    mocks: Mapping[Dialect, Observations] = field(default_factory=dict)


def golden(seen: Iterable[Observations], key: str, back: str = "") -> Golden:
    """Of two observations."""
    before, after = seen
    return Golden(before, after, key, back)


def of_trait(cell: str, trait: str, before: str, after: str, key: str, back: str) -> Golden:
    """A trait of an answer that was one thing and is another; several words joined by blanks."""
    return golden(
        (observations({cell: {trait: dict.fromkeys(words.split(", "), 9)}}) for words in (before, after)),
        key,
        back,
    )


def of_answer(cell: str, before: str, after: str, key: str, back: str) -> Golden:
    """An answer as a whole."""
    return of_trait(cell, "answer", before, after, key, back)


def of_member(before: Mapping[str, int], after: Mapping[str, int], key: str = "", back: str = "") -> Golden:
    """The types of a member; the object that has it is there each time."""
    return golden(
        (
            observations({QUERY: {"type": {"object": sum(types.values())}, "type /length": dict(types)}})
            for types in (before, after)
        ),
        key,
        back,
    )


def of_names(before: Mapping[str, str], after: Mapping[str, str], key: str, back: str) -> Golden:
    """Members and their types; the object that has them is there each time."""
    return golden(
        (
            observations(
                {QUERY: {"type": {"object": 3}, **{place: {kind: 3} for place, kind in those.items()}}}
            )
            for those in (before, after)
        ),
        key,
        back,
    )


def of_header(*, before: bool, after: bool) -> Golden:
    """A header of every answer, or of none."""
    return golden(
        (
            observations(
                {QUERY: {"answer": {"200 task": 3}, **({"header x-limit": {"present": 3}} if there else {})}}
            )
            for there in (before, after)
        ),
        "",
    )


def of_request(feature: str, *, is_refused: bool, others: int = 2) -> Golden:
    """A feature of requests that is accepted, or refused; ``others`` are accepted beside it."""
    beside = Counter({"prompt": others}) if others else Counter()
    accepted = RequestsSeen(beside + Counter({feature: 1} if others else {"prompt": 1}))
    refused = RequestsSeen(beside, [(frozenset({feature, "prompt"}), "400 e1 a/b", 7)])
    seen = [Observations(requests={"wan": one}) for one in (accepted, refused)]
    return golden((seen if is_refused else reversed(seen)), feature, feature)


def of_status(new: str, *, is_last: bool, comes: bool) -> Golden:
    """A status more, or less, in which tasks stay or which they leave."""

    def seen(*statuses: str) -> Observations:
        last = Counter({"succeeded": 3, **({new: 3} if is_last and new in statuses else {})})
        return observations(
            {"wan/query/ok/*": {"word /status": dict.fromkeys(statuses, 9)}},
            lives={"wan": LifeSeen(3, last=last)},
        )

    before, after = seen("queued", "succeeded"), seen("queued", "succeeded", new)
    return golden(((before, after) if comes else (after, before)), new, new)


def of_span(what: str, before: float, after: float) -> Golden:
    """Something that took so long, and takes so long, in seconds."""
    return golden(
        (Observations(lives={"wan": LifeSeen(2, spans={what: Span(2, s, s, s)})}) for s in (before, after)),
        "",
    )


_MOCKS: Mapping[Dialect, Observations] = {
    "documented": observations({QUERY: {"type": {"object": 3}, "type /a": {"string": 3}}}),
    "gateway": observations({QUERY: {"type": {"object": 3}, "type /b": {"string": 3}}}),
}

GOLDEN: Mapping[str, Golden] = {
    "DR101": of_answer(SUBMIT, "200 task", "201 task", "200>201", "201>200"),
    "DR102": of_answer(STRANGER, "404 e1 a/b", "200 e1 a/b", "404>200", "200>404"),
    "DR103": of_answer(STRANGER, "200 e1 a/b", "404 e1 a/b", "200>404", "404>200"),
    "DR104": of_answer(STRANGER, "404 e1 a/b", "404 e2 a/b", "e1>e2", "e2>e1"),
    "DR105": of_answer(STRANGER, "404 e1 a/b", "400 e1 a/b", "404>400", "400>404"),
    "DR106": of_answer(STRANGER, "404 e1 a/b", "404 e1 a/c", "b>c", "c>b"),
    "DR107": of_trait(QUERY, "media", "application/json", "text/plain", "application/json>text/plain", "text/plain>application/json"),
    "DR108": of_header(before=True, after=False),
    "DR109": of_header(before=False, after=True),
    "DR111": of_answer(KEYLESS, "401 e1 a/b", "200 task", "", "200>401"),
    "DR112": of_answer(KEYLESS, "200 task", "401 e1 a/b", "200>401", ""),
    "DR113": of_trait(STRANGER, "language", "latin", "han", "han", "latin"),
    "DR115": of_trait(SUBMIT, "envelope", "plain", "wrapped", "wrapped", "plain"),
    "DR116": of_trait(SUBMIT, "envelope", "wrapped", "plain", "plain", "wrapped"),
    "DR117": golden(
        (observations({QUERY: {"answer": {"200 task": 3}, f"header {name}": {"present": 3}}}) for name in ("x-id", "x-request-id")),
        "x-request-id",
        "x-id",
    ),
    "DR201": of_member({"string": 3}, {"absent": 3}, "", "string"),
    "DR202": of_member({"absent": 3}, {"string": 3}, "string", ""),
    "DR203": of_member({"string": 2, "absent": 2}, {"absent": 6}, "", "string"),
    "DR204": of_member({"absent": 6}, {"string": 2, "absent": 2}, "string", ""),
    "DR205": of_member({"string": 5}, {"string": 1, "absent": 2}, "", ""),
    "DR206": of_member({"string": 1, "absent": 2}, {"string": 5}, "", ""),
    "DR207": of_member({"string": 3}, {"null": 3}, "", "null>string"),
    "DR208": of_member({"null": 3}, {"string": 3}, "null>string", ""),
    "DR209": of_member({"string": 9}, {"string": 2, "object": 2}, "string>object/string", "object/string>string"),
    "DR210": of_member({"string": 2, "object": 2}, {"string": 9}, "object/string>string", "string>object/string"),
    "DR211": of_member({"string": 3}, {"object": 3}, "string>object", "object>string"),
    "DR212": of_member({"integer": 3}, {"string": 3}, "integer>string", "string>integer"),
    "DR213": of_member({"string": 3}, {"number": 3}, "string>number", "number>string"),
    "DR214": of_member({"string": 3}, {"array": 3}, "string>array", "array>string"),
    "DR215": of_member({"array": 3}, {"string": 3}, "array>string", "string>array"),
    "DR217": of_trait(QUERY, "word /format", "mp4", "mp4, webm", "webm", "webm"),
    "DR218": of_trait(QUERY, "word /format", "mp4, webm", "mp4", "webm", "webm"),
    "DR219": of_trait(QUERY, "form /task_id", "<task>", "uuid", "<task>>uuid", "uuid><task>"),
    "DR220": of_trait(QUERY, "form /task_id", "uuid", "<task>", "uuid><task>", "<task>>uuid"),
    "DR221": of_trait(QUERY, "form /url", "https-url", "path", "https-url>path", "path>https-url"),
    "DR222": of_trait(QUERY, "docs /length", "new", "new, maximum", "maximum", ""),
    "DR223": of_trait(QUERY, "word /format", "mp4", "MP4", "upper", "lower"),
    "DR224": of_trait(QUERY, "word /format", "mp4, webm", "avi, mkv", "avi+mkv", "mp4+webm"),
    "DR225": of_names({"type /length": "string"}, {"type /size": "string"}, "size", "length"),
    "DR226": of_names(
        {"type /length": "string"}, {"type /data": "object", "type /data/length": "string"}, "/data", "/"
    ),
    "DR301": of_answer(WRONG, "400 e1 a/b", "200 task", "400>200", "200>400"),
    "DR302": of_answer(WRONG, "200 task", "400 e1 a/b", "200>400", "400>200"),
    "DR303": of_request("without seed", is_refused=True),
    "DR304": of_request("without seed", is_refused=False),
    "DR305": of_request("model=veo-3", is_refused=True),
    "DR306": of_request("model=veo-3", is_refused=False),
    "DR307": of_request("duration as seconds", is_refused=True),
    "DR308": of_request("duration as seconds", is_refused=False),
    "DR309": of_request("duration=10", is_refused=True),
    "DR310": of_request("duration=10", is_refused=False),
    "DR311": of_request(WHOLE, is_refused=True, others=0),
    "DR312": of_request(WHOLE, is_refused=False, others=0),
    "DR407": of_status("archived", is_last=True, comes=True),
    "DR408": of_status("archived", is_last=True, comes=False),
    "DR409": of_status("paused", is_last=False, comes=True),
    "DR410": of_status("paused", is_last=False, comes=False),
    "DR411": of_span("poll lag", 8, 40),
    "DR412": of_span("poll lag", 40, 8),
    "DR413": of_span("to succeeded", 30, 300),
    "DR414": of_span("to succeeded", 300, 30),
    "DR490": Golden(
        Observations(broken={"NC405 query wan /progress"}), Observations(checks={"NC405": 4}), "NC405"
    ),
    "DR601": Golden(
        Observations(variants={"Veo's result": Counter(url=1)}),
        Observations(variants={"Veo's result": Counter(base64=1)}),
        "base64",
        "url",
    ),
    "DR602": Golden(_MOCKS["documented"], _MOCKS["gateway"], "", "", _MOCKS),
}  # fmt: skip


def fired(
    before: Observations, after: Observations, mocks: Mapping[Dialect, Observations]
) -> list[tuple[str, str]]:
    """Rule and key of everything that is told of two observations, each once."""
    witnesses = Witnesses(mocks, before)
    found = weighed(after, witnesses)
    told = [("DR602", "") if one.switched else (one.difference.rule, one.difference.key) for one in found]
    plain: list[DriftFinding] = [
        *kept_again(after, witnesses, Severities()),
        *variant_findings(after, witnesses, Severities(), set()),
    ]
    return list(dict.fromkeys([*told, *((one.rule.id, one.key) for one in plain)]))
