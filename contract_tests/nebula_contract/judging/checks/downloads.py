"""NC5: the video in a download."""

from typing import Any

from nebula_contract.judging.deviations import deviation, form_breaks, outcome_kind
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.members import member
from nebula_contract.judging.registry import Found, exchange_check, task_check
from nebula_contract.judging.views import Seen, TaskHistory
from nebula_contract.record.exchange import Exchange, LongText
from nebula_contract.record.reducing import long_text_of

_OK = 200
_DATA_HEAD = "data:video/mp4;base64,"
_OWN_CHECKS = ("/task_id", "/generation_id", "/size", "/base64", "/data_url")


def given(seen: Seen) -> bool:
    """Whether it is a download that was answered with a video, as it may be."""
    is_download = seen.exchange.operation == "download"
    return is_download and outcome_kind(seen) == "accepted" and isinstance(seen.json, dict)


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
    return deviation(seen, "refused")


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
    return form_breaks(seen, "download/response", others=_OWN_CHECKS)


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
    return same_bytes(found)


def same_bytes(found: list[tuple[Exchange, str]]) -> Found:
    """Those whose digest is not that of the first."""
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
    return deviation(seen, "accepted")
