"""NC5 and NC6: the video itself, from a download or from the result's URL."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from nebula_contract.judging.checks.every_answer import told
from nebula_contract.judging.checks.queries import EXPIRED, links, own_read
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.matching import match
from nebula_contract.judging.members import member
from nebula_contract.judging.registry import Found, exchange_check, task_check
from nebula_contract.judging.shapes import pointer_of, violations
from nebula_contract.judging.views import Seen, TaskHistory
from nebula_contract.record.exchange import MISSING, Exchange, Film, LongText
from nebula_contract.record.reducing import long_text_of
from nebula_schemas.catalogue import film_facts

_OK = 200
_DATA_HEAD = "data:video/mp4;base64,"
_OWN_CHECKS = ("/task_id", "/generation_id", "/size", "/base64", "/data_url")
_MISSING_OWN = tuple(f"no {name[1:]!r}" for name in _OWN_CHECKS)
_A_FRAME_S = 0.5  # a film is a whole number of loops; players round to a frame


def given(seen: Seen) -> bool:
    """Whether it is a download that was answered with a video, as it may be."""
    compared = match(seen) if seen.exchange.operation == "download" else None
    is_accepted = (
        compared is not None and compared.outcome is not None and compared.outcome.kind == "accepted"
    )
    return is_accepted and isinstance(seen.json, dict)


def text_at(exchange: Exchange, name: str) -> tuple[Any, LongText | None]:
    """A text of the body and its facts, whether it was long enough to be cut or not."""
    found = member(exchange.json, f"/{name}")
    if not isinstance(found, str) or exchange.answer is None:
        return found, None
    return found, exchange.answer.body.long_texts.get(f"/{name}") or long_text_of(found)


@exchange_check(
    "NC501",
    "finished-task-gives-its-video",
    promise="A download of a succeeded Sora task is answered with its video.",
    cause="The upstream has lost the file, or the gateway asks it wrongly.",
    remedy="Consumer: ask again for a while, then ask support. Provider: see the upstream's answer.",
    source="PAGE, DOC, SRC",
)
def finished_gives_video(seen: Seen) -> Found:
    if seen.exchange.operation != "download" or not seen.expected.accepts or seen.expected.refusals:
        return None
    compared = match(seen)
    if compared is None or compared.difference != "refused":
        return []
    head = seen.exchange.answer.body.head if seen.exchange.answer else ""
    return [broken(seen, Words(f"HTTP {seen.exchange.status} {head}"), told(seen.expected))]


@exchange_check(
    "NC502",
    "download-has-its-form",
    promise="A download has success true, format mp4 and the documented members.",
    cause="A member was lost or retyped.",
    remedy="Consumer: rely on base64 and size. Provider: restore it.",
    source="PAGE, DOC, SRC",
)
def download_form(seen: Seen) -> Found:
    if not given(seen):
        return None
    return [
        broken(seen, Words(one.found), one.expected, pointer_of(one.json_path), key=one.keyword)
        for one in violations("download/response", seen.json)
        if not pointer_of(one.json_path).startswith(_OWN_CHECKS) and not one.found.startswith(_MISSING_OWN)
    ]


@exchange_check(
    "NC503",
    "download-names-the-task",
    promise="task_id and generation_id in a download are the id that was asked for.",
    cause="The answer is of another task.",
    remedy="Consumer: never save a video whose id is not yours.",
    source="PAGE, DOC, SRC",
)
def download_names_the_task(seen: Seen) -> Found:
    if not given(seen) or seen.task is None:
        return None
    found = {name: member(seen.json, f"/{name}") for name in ("task_id", "generation_id")}
    return [
        broken(seen, value, seen.task.task_id, f"/{name}")
        for name, value in found.items()
        if value != seen.task.task_id
    ]


@exchange_check(
    "NC504",
    "size-is-that-of-the-video",
    promise="size is the number of bytes of the decoded video.",
    cause="It counts the base64, or was counted for another file.",
    remedy="Consumer: compare and refuse. Provider: count the bytes.",
    source="PAGE, DOC",
)
def size(seen: Seen) -> Found:
    _, facts = text_at(seen.exchange, "base64") if given(seen) else (None, None)
    if facts is None or facts.film is None:
        return None
    found = member(seen.json, "/size")
    if found == facts.film.size and isinstance(found, int) and not isinstance(found, bool):
        return []
    return [broken(seen, found, f"{facts.film.size}, the bytes of the decoded video", "/size")]


@exchange_check(
    "NC505",
    "base64-is-strict",
    promise="base64 is standard base64 with padding and nothing else in it.",
    cause="Another alphabet, line breaks, or a text that was cut.",
    remedy="Consumer: refuse it; half a video may decode. Provider: see the encoder.",
    source="PAGE, RFC 4648",
)
def strict_base64(seen: Seen) -> Found:
    if not given(seen):
        return None
    found, facts = text_at(seen.exchange, "base64")
    if facts is None:
        return [broken(seen, found, "the video in base64", "/base64", key="none")]
    return [] if facts.film is not None else [broken(seen, Words(facts.problem), "strict base64", "/base64")]


@exchange_check(
    "NC506",
    "data-url-is-the-same-video",
    promise=f"data_url, where it stands, is {_DATA_HEAD} followed by base64.",
    cause="One of the two was cut or is of another video.",
    remedy="Consumer: use one of them, and check it. Provider: make one from the other.",
    source="PAGE, DOC, SRC",
)
def data_url(seen: Seen) -> Found:
    if not given(seen) or "data_url" not in seen.json:
        return None
    found, facts = text_at(seen.exchange, "data_url")
    _, other = text_at(seen.exchange, "base64")
    if other is not None and other.film is None:
        return None  # the check of base64 tells that it is broken
    if facts is None or not str(found).startswith(_DATA_HEAD):
        return [broken(seen, str(found)[:40], f"{_DATA_HEAD} and the video", "/data_url", key="head")]
    if other is not None and facts.after_comma != other.sha256:
        return [broken(seen, Words("another text"), "the text of base64", "/data_url", key="text")]
    return []


def _films(seen: Seen) -> Iterator[tuple[str, Film]]:
    """The films of one answer, whichever way they came, with where they stand."""
    if given(seen):
        for name in ("base64", "data_url"):
            _, facts = text_at(seen.exchange, name)
            if facts is not None and facts.film is not None:
                yield f"/{name}", facts.film
    answer = seen.exchange.answer
    if answer is None or seen.exchange.status != _OK:
        return
    if seen.exchange.operation == "result" and answer.body.film is not None:
        yield "", answer.body.film
    if own_read(seen) is not None:
        for place, facts in answer.body.long_texts.items():
            if place.startswith("/url") and facts.film is not None:
                yield "/url", facts.film


@exchange_check(
    "NC507",
    "video-can-be-played",
    promise="What decodes from base64, or comes from the URL, is an MP4 whose index leads to its frames.",
    cause="A file that was cut, mixed up or is of another format.",
    remedy="Consumer: refuse it, and ask again. Provider: see the storage.",
    source="PAGE, ISO/IEC 14496-12",
)
def playable(seen: Seen) -> Found:
    films = list(_films(seen))
    if not films:
        return None
    return [broken(seen, Words(film.problem), "an MP4", place) for place, film in films if film.problem]


@exchange_check(
    "NC508",
    "video-has-the-length-asked-for",
    promise="The video lasts as long as the seconds in use, after coercion.",
    cause="Another length was made; it is billed by the second.",
    remedy="Consumer: measure before you pay on. Provider: see which value was used.",
    source="DOC",
)
def film_length(seen: Seen) -> Found:
    return _film_fact(seen, "duration_s")


@exchange_check(
    "NC509",
    "video-has-the-size-asked-for",
    promise="The video's frame has the width and height in use, after coercion.",
    cause="Another size was made.",
    remedy="Consumer: measure. Provider: see which value was used.",
    source="DOC",
)
def film_size(seen: Seen) -> Found:
    return _film_fact(seen, "frame")


def _film_fact(seen: Seen, which: str) -> Found:
    task = seen.task
    films = [(place, film) for place, film in _films(seen) if not film.problem]
    if task is None or not films or not task.usage or any("remix" in name.lower() for name in task.asked):
        return None
    broke = []
    for place, film in films:
        found, may_be = _compared(film, task, which)
        if not any(_is_near(found, one) for one in may_be):
            wanted = " or ".join(dict.fromkeys(map(str, may_be)))
            broke.append(broken(seen, Words(str(found)), wanted, place))
    return broke


def _compared(film: Film, task: TaskHistory, which: str) -> tuple[Any, list[Any]]:
    model = task.family.model(task.model)
    facts = [film_facts(task.family, model, usage.values) for usage in task.usage.values()]
    if which == "frame":
        return (film.width, film.height), [(one.width, one.height) for one in facts]
    return film.duration_s, [float(one.duration_s) for one in facts]


def _is_near(found: Any, wanted: Any) -> bool:
    if isinstance(found, float) and isinstance(wanted, float):
        return math.isclose(found, wanted, abs_tol=_A_FRAME_S)
    return bool(found == wanted)


@task_check(
    "NC510",
    "two-downloads-are-the-same",
    promise="Every download of a task gives the same bytes.",
    cause="The video is made anew or encoded anew for each download.",
    remedy="Consumer: keep the first whole one. Provider: store it.",
    source="INF",
)
def same_download(task: TaskHistory) -> Found:
    found = [
        (one, facts.film.sha256)
        for one in task.downloads
        if one.status == _OK
        for _, facts in [text_at(one, "base64")]
        if facts is not None and facts.film is not None
    ]
    return _same_bytes(found)


def _same_bytes(found: list[tuple[Exchange, str]]) -> Found:
    if len(found) < 2:  # noqa: PLR2004 - it takes two to differ
        return None
    first = found[0][1]
    return [
        broken(one, Words("other bytes"), "those of the first") for one, digest in found if digest != first
    ]


@exchange_check(
    "NC511",
    "no-video-before-its-time",
    promise="A download of a task that is not finished, has failed, or is of a family with URLs gives no video.",
    cause="An unfinished or another file is given out.",
    remedy="Consumer: download after succeeded only. Provider: see what is given out.",
    source="SRC: the upstream has none; PAGE: Sora only",
)
def no_early_video(seen: Seen) -> Found:
    refusals = [one for one in seen.expected.refusals if one.problem_id == "download-no-file"]
    if seen.exchange.operation != "download" or not refusals or seen.expected.accepts:
        return None
    compared = match(seen)
    gave = compared is not None and compared.difference == "accepted"
    return [broken(seen, Words("a video"), told(seen.expected))] if gave else []


@exchange_check(
    "NC601",
    "result-url-gives-the-file",
    promise="The URL of a result gives the file, without a key, until it expires.",
    cause="The storage wants a key or the signature is wrong.",
    remedy="Consumer: read the URL again; do not send the key there. Provider: sign it anew.",
    source="DOC",
)
def url_gives_file(seen: Seen) -> Found:
    if seen.exchange.operation != "result" or not seen.expected.accepts or seen.expected.refusals:
        return None
    compared = match(seen)
    is_wrong = compared is not None and compared.difference in ("refused", "status", "words", "envelope")
    return [broken(seen, Words(f"HTTP {seen.exchange.status}"), "the file")] if is_wrong else []


@exchange_check(
    "NC602",
    "result-is-said-to-be-an-mp4",
    "risky",
    promise="The file behind a result's URL has the content type video/mp4.",
    cause="The storage does not know what it holds.",
    remedy="Consumer: look at the bytes. Provider: set the type.",
    source="DOC, INF",
)
def result_type(seen: Seen) -> Found:
    answer = seen.exchange.answer
    if seen.exchange.operation != "result" or answer is None or seen.exchange.status != _OK:
        return None
    found = answer.media_type
    return (
        [] if found == "video/mp4" else [broken(seen, found, '"video/mp4"', "header content-type", key=found)]
    )


@exchange_check(
    "NC603",
    "result-is-a-video",
    promise="What a result's URL gives is a video, not a page or an error.",
    cause="A page of the storage or of a proxy with status 200.",
    remedy="Consumer: look at the first bytes before saving. Provider: see what answers there.",
    source="DOC",
)
def result_is_video(seen: Seen) -> Found:
    answer = seen.exchange.answer
    is_get = seen.exchange.request.method == "GET"
    if seen.exchange.operation != "result" or answer is None or seen.exchange.status != _OK or not is_get:
        return None
    return (
        [] if answer.body.film is not None else [broken(seen, Words(answer.body.head or "nothing"), "an MP4")]
    )


@task_check(
    "NC604",
    "result-url-gives-the-same-file",
    promise="A result's URL gives the same bytes each time.",
    cause="The file was replaced.",
    remedy="Consumer: keep the first whole one. Provider: store it once.",
    source="INF",
)
def same_result(task: TaskHistory) -> Found:
    by_url: dict[str, list[tuple[Exchange, str]]] = {}
    for one in task.results:
        film = one.answer.body.film if one.answer is not None and one.status == _OK else None
        if film is not None and one.request.method == "GET":
            by_url.setdefault(one.request.path, []).append((one, film.sha256))
    each = [_same_bytes(found) for found in by_url.values()]
    looked = [found for found in each if found is not None]
    return [one for found in looked for one in found] if looked else None


@task_check(
    "NC605",
    "head-of-a-result-agrees",
    "risky",
    promise="HEAD of a result's URL tells the length and type that GET has.",
    cause="The storage answers HEAD on its own.",
    remedy="Consumer: do not decide by HEAD.",
    source="RFC 9110",
)
def head_agrees(task: TaskHistory) -> Found:
    got = [one for one in task.results if one.request.method == "GET" and one.status == _OK and one.answer]
    heads = [one for one in task.results if one.request.method == "HEAD" and one.status == _OK and one.answer]
    lengths: Mapping[str, int] = {one.request.path: one.answer.body.length for one in got if one.answer}
    pairs = [(one, lengths[one.request.path]) for one in heads if one.request.path in lengths]
    if not pairs:
        return None
    return [
        broken(one, said, f"{length} bytes", "header content-length")
        for one, length in pairs
        for said in [one.answer.headers.get("content-length", MISSING) if one.answer else MISSING]
        if said != str(length)
    ]


@exchange_check(
    "NC606",
    "result-url-expires",
    "risky",
    promise="A signed URL gives nothing after its time, 24 hours for Wan and Seedance.",
    cause="Signatures are not checked, or last longer.",
    remedy="Consumer: treat the URL as a secret all the same. Provider: check signatures.",
    source="DOC",
)
def url_expires(seen: Seen) -> Found:
    if seen.exchange.operation != "result" or not seen.expected.refusals or seen.expected.accepts:
        return None
    compared = match(seen)
    is_open = compared is not None and compared.difference == "accepted"
    return [broken(seen, Words("the file"), told(seen.expected))] if is_open else []


@exchange_check(
    "NC607",
    "data-uri-is-a-video",
    promise="A result that stands in the answer as a data URI is the whole video in strict base64.",
    cause="The text was cut on its way through a log or a database.",
    remedy="Consumer: refuse it. Provider: see where texts are cut.",
    source="DOC",
)
def data_uri(seen: Seen) -> Found:
    task = own_read(seen)
    if task is None or seen.exchange.answer is None:
        return None
    found = [
        one for one in links(seen.json) if isinstance(one, str) and one.startswith("data:") and one != EXPIRED
    ]
    if not found:
        return None
    facts = [one for place, one in seen.exchange.answer.body.long_texts.items() if place.startswith("/url")]
    facts = facts or [long_text_of(one) for one in found]
    return [broken(seen, Words(one.problem), "a video", "/url") for one in facts if one.film is None]
