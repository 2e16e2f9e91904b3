"""NC6: the file behind the URL of a result, or in the answer itself."""

from nebula_contract.judging.checks.downloads import same_bytes
from nebula_contract.judging.checks.queries import links, own_read, status_of
from nebula_contract.judging.deviations import deviation, differs
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.oracle import EXPIRED
from nebula_contract.judging.registry import Found, exchange_check, run_check, task_check
from nebula_contract.judging.views import RunView, Seen, TaskHistory
from nebula_contract.record.exchange import Exchange
from nebula_contract.record.reducing import long_text_of

_OK = 200


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
    is_wrong = differs(seen, "refused", "status", "words", "envelope")
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
    each = [same_bytes(found) for found in by_url.values()]
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
    answers = [(one, one.answer) for one in task.results if one.status == _OK and one.answer is not None]
    got = {one.request.path: answer for one, answer in answers if one.request.method == "GET"}
    heads = [
        (one, answer) for one, answer in answers if one.request.method == "HEAD" and one.request.path in got
    ]
    if not heads:
        return None
    broke = []
    for one, answer in heads:
        body = got[one.request.path]
        for name, wanted in (
            ("content-length", str(body.body.length)),
            ("content-type", body.headers.get("content-type")),
        ):
            said = answer.headers.get(name)
            if said != wanted:
                broke.append(broken(one, said, f"{wanted!r}, as GET", f"header {name}"))
    return broke


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
    return deviation(seen, "accepted")


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


@run_check(
    "NC608",
    "a-result-url-is-of-one-task",
    promise="No URL of a result is shown for two tasks.",
    cause="The answer shows the result of another task: a cache, or two tasks that were mixed up.",
    remedy="Consumer: compare with the URLs that you have before you hand a video on. Provider: see what was mixed up.",
    source="INF: an id names one task, and each has its own result",
)
def own_url(run: RunView) -> Found:
    first: dict[str, TaskHistory] = {}
    broke = []
    for seen in run.seen:
        task = own_read(seen)
        if task is None or status_of(seen) != "succeeded" or task.family.delivery != "url":
            continue
        for url in links(seen.json):
            if not isinstance(url, str) or not url.startswith(("https://", "http://")):
                continue
            other = first.setdefault(url, task)
            if other is not task:
                broke.append(broken(seen, url, f"another URL than that of {other.task_id}", "/url"))
    return broke if first else None
