"""NC1: what holds for every answer, whatever was asked."""

import re
from collections.abc import Iterator

from nebula_contract.judging.deviations import deviation, outcome_kind
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.matching import Difference, match
from nebula_contract.judging.members import places
from nebula_contract.judging.registry import Found, exchange_check, run_check
from nebula_contract.judging.views import RunView, Seen
from nebula_contract.record.redaction import HIDDEN

_JSON = "application/json"
_API = frozenset({"submit", "query", "download", "route"})
_NO_CONTENT = frozenset({204, 304})
_THROTTLED = 429
_LIMIT_S = 10  # of the mock's preset rate-limited
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\";\s]*)", re.IGNORECASE)
_RETRY_AFTER = re.compile(r"\d{1,9}|(Mon|Tue|Wed|Thu|Fri|Sat|Sun), .* GMT")


def _is_api(seen: Seen) -> bool:
    return seen.exchange.operation in _API and seen.exchange.request.method != "HEAD"


@exchange_check(
    "NC101",
    "request-id-in-every-answer",
    promise="Every answer of the API names its request in the header X-Oneapi-Request-Id.",
    cause="A proxy or another server answered, or the header was taken out on the way.",
    remedy="Provider: restore the header. Consumer: keep your own id of each request, support asks for one.",
    source="SRC",
)
def request_id(seen: Seen) -> Found:
    if seen.exchange.operation not in _API or seen.exchange.answer is None:
        return None
    value = seen.exchange.answer.headers.get("x-oneapi-request-id", "")
    if value.strip():
        return []
    return [broken(seen, Words("no request id"), "an X-Oneapi-Request-Id", "header x-oneapi-request-id")]


@run_check(
    "NC102",
    "request-ids-differ",
    "risky",
    promise="No two answers have the same request id.",
    cause="An answer is cached, or the id is made once for a connection or a process.",
    remedy="Provider: make one for each request. Consumer: do not take the id for a key of your own.",
    source="SRC: a time and eight random characters",
)
def request_ids_differ(run: RunView) -> Found:
    first: dict[str, Seen] = {}
    repeated = []
    for seen in run.seen:
        value = seen.exchange.answer.headers.get("x-oneapi-request-id") if seen.exchange.answer else None
        if value is None or seen.exchange.operation not in _API:
            continue
        if value in first:
            repeated.append(
                broken(seen, value, f"an id of its own; exchange {first[value].exchange.number} has this one")
            )
        first.setdefault(value, seen)
    return repeated if first else None


@exchange_check(
    "NC103",
    "answers-say-they-are-json",
    promise="Every answer of the API has the content type application/json.",
    cause="A proxy's error page, a crash page, or the header was lost.",
    remedy="Provider: send the header. Consumer: read the body as JSON only where the header says so.",
    source="SRC, INF",
)
def content_type(seen: Seen) -> Found:
    if not _is_api(seen) or seen.exchange.answer is None or seen.exchange.status in _NO_CONTENT:
        return None
    found = seen.exchange.answer.media_type
    if found == _JSON:
        return []
    return [broken(seen, found or Words("no content type"), _JSON, "header content-type", key=found)]


@exchange_check(
    "NC104",
    "body-is-json",
    promise="The body of every answer of the API is one JSON value in UTF-8, each member of an object once.",
    cause="The answer was cut, mixed with another, or written by something else than the API.",
    remedy="Provider: see what wrote it. Consumer: treat it as no answer; a submit may have been taken all the same.",
    source="DOC, RFC 8259",
)
def body_is_json(seen: Seen) -> Found:
    if not _is_api(seen) or seen.exchange.answer is None or seen.exchange.status in _NO_CONTENT:
        return None
    problem = seen.exchange.answer.body.json_problem
    if not problem and seen.exchange.answer.body.film is not None:
        problem = "it is a video"
    return [broken(seen, Words(problem), "JSON")] if problem else []


def _by_difference(seen: Seen, way: Difference, expected: str = "") -> Found:
    if match(seen) is None:
        return None
    return deviation(seen, way, expected, key=str(seen.exchange.status))


@exchange_check(
    "NC106",
    "no-redirects",
    promise="No answer sends the consumer elsewhere.",
    cause="A proxy or a new address; with the key in the request, it would be carried there.",
    remedy="Provider: answer where you were asked. Consumer: never follow one with the key.",
    source="DOC: none is documented",
)
def no_redirects(seen: Seen) -> Found:
    return _by_difference(seen, "redirected", "an answer, no redirect")


@exchange_check(
    "NC107",
    "throttled-only-when-asked-too-often",
    "risky",
    promise="A request at an ordinary rate is not answered with 429.",
    cause="A limit that is new or lower, or an upstream that is busy.",
    remedy="Consumer: wait as Retry-After says; ask what the limits are.",
    source="DOC: limits may exist; no numbers",
)
def not_throttled(seen: Seen) -> Found:
    return _by_difference(seen, "throttled")


@exchange_check(
    "NC108",
    "no-unexpected-server-errors",
    promise="The provider answers without an error of its own.",
    cause="A crash, or trouble behind the gateway.",
    remedy="Provider: see its log by the request id. Consumer: ask again, but never submit again without a look.",
    source="DOC, SRC",
)
def no_server_errors(seen: Seen) -> Found:
    return _by_difference(seen, "server-error")


@exchange_check(
    "NC109",
    "no-error-in-a-200",
    promise="An answer with status 200 carries what was asked for, not an error; a refusal has its own status.",
    cause="The error moved into the body, as some gateways do.",
    remedy="Provider: send the status of the error. Consumer: look for an error object before anything else.",
    source="DOC; SRC has one such answer, of Seedance",
)
def no_in_band_error(seen: Seen) -> Found:
    return _by_difference(seen, "in-band-error")


@exchange_check(
    "NC110",
    "success-is-200",
    promise="Success is answered with status 200, also of a submit.",
    cause="A new version that tells created (201) or accepted (202) from done.",
    remedy="Consumer: take every 2xx with the right body. Provider: announce the change.",
    source="DOC, SRC: 201 of an upstream becomes 200",
)
def success_is_200(seen: Seen) -> Found:
    return _by_difference(seen, "other-success", "HTTP 200")


@exchange_check(
    "NC111",
    "no-key-in-answers",
    promise="No answer repeats the key that the request carried.",
    cause="The request is echoed, in an error message or a header.",
    remedy="Provider: take it out. Consumer: renew the key, and keep answers out of logs until then.",
    source="INF: no source says so; nobody wants it",
)
def no_key_echoed(seen: Seen) -> Found:
    answer = seen.exchange.answer
    if answer is None:
        return None
    named = [f"header {name}" for name, value in answer.headers.items() if HIDDEN in value]
    named += [place for place, text in _texts(seen) if HIDDEN in text]
    if answer.body.json_problem and HIDDEN in answer.body.head:
        named.append("")
    return [broken(seen, Words("a key"), "no key", place) for place in named]


def _texts(seen: Seen) -> Iterator[tuple[str, str]]:
    for place, value in places(seen.json):
        if isinstance(value, str):
            yield place, value


@exchange_check(
    "NC112",
    "retry-after-can-be-read",
    "risky",
    promise="Retry-After, where it stands, is a number of seconds or an HTTP date.",
    cause="A fraction, a unit or a date of another form.",
    remedy="Provider: send whole seconds. Consumer: fall back on your own schedule.",
    source="RFC 9110",
)
def retry_after(seen: Seen) -> Found:
    answer = seen.exchange.answer
    if answer is None or "retry-after" not in answer.headers:
        return None
    value = answer.headers["retry-after"].strip()
    if _RETRY_AFTER.fullmatch(value):
        return []
    return [broken(seen, value, "whole seconds or an HTTP date", "header retry-after")]


@run_check(
    "NC113",
    "answers-come-whole",
    promise="Every request is answered, and every answer comes whole, as long as it is announced to be.",
    cause="The connection was cut, nothing listens, or the answer took longer than the run waits.",
    remedy="Provider: see what closes connections. Consumer: take a cut answer of a submit for one that may be paid.",
    source="RFC 9112",
)
def answers_come_whole(run: RunView) -> Found:
    if not run.exchanges:
        return None
    return [
        broken(one, Words(one.failure), "a whole answer", key=one.failure.partition(":")[0])
        for one in run.failures
    ]


@exchange_check(
    "NC114",
    "no-unasked-encoding",
    "risky",
    promise="An answer is not compressed when the request asks for it as it is.",
    cause="A proxy compresses everything.",
    remedy="Consumer: limit what a body may unpack to. Provider: honour Accept-Encoding.",
    source="RFC 9110",
)
def no_unasked_encoding(seen: Seen) -> Found:
    answer = seen.exchange.answer
    if answer is None:
        return None
    found = answer.headers.get("content-encoding", "identity").strip().lower()
    return (
        []
        if found in ("identity", "")
        else [broken(seen, found, "no encoding", "header content-encoding", key=found)]
    )


@exchange_check(
    "NC115",
    "throttled-answer-says-for-how-long",
    "risky",
    promise="A 429 of a limit on requests that the run arranged at a mock says in Retry-After when to ask again: in 1 to "
    "10 seconds, the length of that limit.",
    cause="The header was lost on the way, or counts something else.",
    remedy="Consumer: fall back on your own schedule. Mock: restore the header.",
    source="INF: this project's mock; no source says that the provider does",
)
def throttled_says_when(seen: Seen) -> Found:
    exchange = seen.exchange
    if exchange.answer is None or exchange.condition != "rate-limited" or exchange.status != _THROTTLED:
        return None
    if outcome_kind(seen) != "refused":
        return []
    found = exchange.answer.headers.get("retry-after")
    if found is None:
        return [broken(seen, Words("no Retry-After"), "seconds to wait", "header retry-after", key="none")]
    is_long = found.isascii() and found.isdigit() and not 1 <= int(found[:9]) <= _LIMIT_S
    return [broken(seen, found, f"1 to {_LIMIT_S}", "header retry-after", key="far")] if is_long else []


@exchange_check(
    "NC116",
    "json-is-said-to-be-utf-8",
    "risky",
    promise="Where an answer of the API names a character encoding of its JSON, that is UTF-8.",
    cause="A proxy or a framework names its own default; consumers that believe it read other letters than were sent.",
    remedy="Provider: name utf-8 or nothing. Consumer: read JSON as UTF-8 whatever the header says.",
    source="RFC 8259: JSON between systems is UTF-8; SRC: charset=utf-8",
)
def charset(seen: Seen) -> Found:
    if not _is_api(seen) or seen.exchange.answer is None or seen.exchange.status in _NO_CONTENT:
        return None
    told = _CHARSET.search(seen.exchange.answer.headers.get("content-type", ""))
    if told is None or told[1].lower() in ("utf-8", "utf8"):
        return []
    return [broken(seen, told[1], "utf-8", "header content-type", key=told[1].lower()[:40])]
