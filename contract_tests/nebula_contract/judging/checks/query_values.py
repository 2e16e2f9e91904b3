"""NC3, from NC321: whether what an answer says of a task is true: its upstream's status, values, times and links."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from nebula_contract.judging.checks.queries import links, own_read, plain_read, status_of
from nebula_contract.judging.findings import Level
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.members import is_moment, is_number, member
from nebula_contract.judging.oracle import EXPIRED
from nebula_contract.judging.registry import Found, exchange_check
from nebula_contract.judging.views import TERMINAL, Seen, TaskHistory
from nebula_contract.record.exchange import MISSING, LongText
from nebula_schemas.catalogue import catalogue, tokens

_AGREES: Mapping[str, Mapping[str, frozenset[str]]] = {
    # The upstream's word to the provider's (SRC: the mappings of its adaptors).
    "sora": {
        "queued": frozenset({"queued", "unknown", "submitted"}),
        "in_progress": frozenset({"in_progress"}),
        "completed": frozenset({"succeeded"}),
        "failed": frozenset({"failed"}),
    },
    "wan": {
        "PENDING": frozenset({"submitted", "in_progress", "queued", "unknown"}),
        "RUNNING": frozenset({"in_progress"}),
        "SUCCEEDED": frozenset({"succeeded"}),
        "FAILED": frozenset({"failed"}),
        "CANCELED": frozenset({"failed"}),
        "UNKNOWN": frozenset({"failed"}),
    },
    "seedance": {
        "queued": frozenset({"queued", "unknown", "submitted"}),
        "running": frozenset({"in_progress"}),
        "succeeded": frozenset({"succeeded"}),
        "failed": frozenset({"failed"}),
        "cancelled": frozenset({"failed"}),
    },
}
_UPSTREAM_STATUS = {
    "sora": "/metadata/status",
    "wan": "/metadata/output/task_status",
    "seedance": "/metadata/status",
}


@exchange_check(
    "NC321",
    "metadata-agrees-with-the-status",
    promise="The upstream's own status in metadata is the one that status was made of.",
    cause="The two are of different moments, or the mapping changed.",
    remedy="Consumer: read status alone. Provider: see which of the two is late.",
    source="SRC: the mappings",
)
def upstream_status(seen: Seen) -> Found:
    task = plain_read(seen)
    if task is None or task.family.wire not in _UPSTREAM_STATUS:
        return None
    place = _UPSTREAM_STATUS[task.family.wire]
    found, status = member(seen.json, place), status_of(seen)
    if found is MISSING:
        return None
    agrees = _AGREES[task.family.wire].get(str(found))
    if agrees is None:
        known = ", ".join(_AGREES[task.family.wire])
        return [broken(seen, found, f"one of {known}", place, key=str(found)[:40])]
    return (
        []
        if status in agrees
        else [broken(seen, found, f"what stands for {status}", place, key=str(status)[:40])]
    )


@exchange_check(
    "NC322",
    "progress-fits-the-status",
    "risky",
    promise="progress is a whole percentage: 100 when the task has succeeded, less before.",
    cause="Progress and status are of different moments, or the scale changed.",
    remedy="Consumer: show it and decide nothing by it.",
    source="DOC",
)
def progress_fits(seen: Seen) -> Found:
    if plain_read(seen) is None:
        return None
    broke, looked = [], False
    for place in ("/metadata/progress", "/progress"):
        found = member(seen.json, place)
        if found is MISSING:
            continue
        looked = True
        if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= _WHOLE:
            broke.append(broken(seen, found, "a whole number from 0 to 100", place, key=type(found).__name__))
        elif (found == _WHOLE) != (status_of(seen) == "succeeded") and status_of(seen) != "failed":
            expected = "100" if status_of(seen) == "succeeded" else "less than 100"
            broke.append(broken(seen, found, f"{expected} while {status_of(seen)}", place, key=expected))
    return broke if looked else None


_WHOLE = 100


@exchange_check(
    "NC323",
    "metadata-shows-the-values-in-use",
    promise="What metadata says of length, size, ratio, rate and so on are the values really used, after coercion.",
    cause="A value is coerced to another than documented, or what was asked for is echoed.",
    remedy="Consumer: see what you are billed for. Provider: announce a new default.",
    source="DOC, SRC",
)
def values_in_use(seen: Seen) -> Found:
    task = own_read(seen)
    if task is None or not task.in_use:
        return None
    broke, looked = [], False
    for place, of in _ECHO[task.family.wire].items():
        found = member(seen.json, place)
        may_be = {json_like(of(values)) for values in task.in_use} - {"None"}
        if found is MISSING or not may_be or (place in _DRAWN_ELSE and not _is_given(task, of)):
            continue
        looked = True
        if json_like(found) not in may_be:
            broke.append(broken(seen, found, " or ".join(sorted(may_be)), place))
    return broke if looked else None


def _is_given(task: TaskHistory, of: Callable[[Mapping[str, Any]], Any]) -> bool:
    """Whether a value is in use whichever dialect it is read in."""
    return all(of(values) is not None for values in task.in_use)


def json_like(value: object) -> str:
    """A value and its JSON type, so that 4 and "4" differ."""
    return f"{value!r}" if isinstance(value, str | bool) or value is None else str(value)


def _same(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda values: values.get(name)


def _text(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda values: None if values.get(name) is None else str(values[name])


def _lines(values: Mapping[str, Any]) -> Any:
    resolution = values.get("resolution")
    return int(resolution.removesuffix("p")) if isinstance(resolution, str) and "size" not in values else None


def _group(values: Mapping[str, Any]) -> Any:
    """The resolution of Wan: as given, or that of the group of its size."""
    size = values.get("size")
    return (
        values.get("resolution")
        if size is None
        else catalogue().family("wan").parameter("size").group_of(size)
    )


_DRAWN_ELSE = frozenset({"/metadata/seed"})
"""What the provider draws where it is not given."""

_ECHO: Mapping[str, Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "sora": {
        "/metadata/seconds": _text("seconds"),
        "/metadata/size": _same("size"),
        "/seconds": _text("seconds"),
        "/size": _same("size"),
    },
    "veo": {
        f"/metadata/{name}": _same(name)
        for name in ("durationSeconds", "aspectRatio", "resolution", "fps", "generateAudio", "sampleCount")
    },
    "wan": {
        "/metadata/usage/duration": _same("duration"),
        "/metadata/usage/video_duration": _same("duration"),
        "/metadata/usage/size": _same("size"),
        "/metadata/usage/video_ratio": _same("size"),
        "/metadata/usage/SR": _lines,
        "/metadata/usage/resolution": _group,
        "/metadata/requested_seconds": _same("duration"),
    },
    "seedance": {
        "/metadata/resolution": _same("resolution"),
        "/metadata/duration": _same("duration"),
        "/metadata/ratio": _same("ratio"),
        "/metadata/framespersecond": _same("fps"),
        "/metadata/seed": _same("seed"),
        "/metadata/requested_seconds": _same("duration"),
    },
}


@exchange_check(
    "NC324",
    "times-are-in-order",
    "risky",
    promise="Times in metadata are whole seconds since 1970 (Wan's are text), the later never before the earlier, "
    "and those of the end stand only after it.",
    cause="Another unit or time zone, or times of another task.",
    remedy="Consumer: do not compute with them. Provider: restore the unit.",
    source="DOC, SRC",
)
def times_in_order(seen: Seen) -> Found:
    if plain_read(seen) is None:
        return None
    metadata = member(seen.json, "/metadata")
    if not isinstance(metadata, dict):
        return None
    broke = list(_strange_moments(seen, metadata))
    for names, where in ((_MOMENTS, metadata), (_WAN_TIMES, member(metadata, "/output"))):
        known = [
            (name, where[name]) for name in names if isinstance(where, dict) and where.get(name) is not None
        ]
        for (earlier, first), (later, then) in itertools.pairwise(known):
            if _is_before(then, first):
                place = f"/metadata/{later}" if where is metadata else f"/metadata/output/{later}"
                broke.append(broken(seen, then, f"no earlier than {earlier}, {first}", place, key="order"))
    is_over = status_of(seen) in TERMINAL
    ended = metadata.get("completed_at")
    if "completed_at" in metadata and (ended is not None) != is_over:
        wanted = "the moment of its end" if is_over else "null while it goes on"
        broke.append(broken(seen, ended, wanted, "/metadata/completed_at", key=wanted))
    return broke if any(name in metadata for name in ("created_at", "output")) else None


def _is_before(one: object, other: object) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one < other
    return isinstance(one, int) and isinstance(other, int) and one < other


_MOMENTS = ("created_at", "completed_at", "expires_at")
_WAN_TIMES = ("submit_time", "scheduled_time", "end_time")


def _strange_moments(seen: Seen, metadata: Mapping[str, Any]) -> Iterator[Any]:
    for name in (*_MOMENTS, "updated_at"):
        found = metadata.get(name)
        if found is not None and not is_moment(found):
            yield broken(seen, found, "whole seconds since 1970", f"/metadata/{name}", key="unit")


@exchange_check(
    "NC325",
    "retention-is-as-documented",
    "risky",
    promise="expires_at of a Sora task is 24 hours after its end.",
    cause="Results are kept for another time.",
    remedy="Consumer: download at once. Provider: say how long.",
    source="DOC",
)
def retention(seen: Seen) -> Found:
    task = own_read(seen)
    ended, expires = (member(seen.json, f"/metadata/{name}") for name in ("completed_at", "expires_at"))
    if task is None or not is_number(ended) or not is_number(expires):
        return None
    kept = expires - ended
    if abs(kept - task.family.task_kept_s) <= 1:
        return []
    return [broken(seen, kept, f"{task.family.task_kept_s} s after completed_at", "/metadata/expires_at")]


@exchange_check(
    "NC326",
    "prompt-comes-back-unchanged",
    promise="The prompt that an answer shows is the one that was sent, in whatever script, and used unless rewriting is "
    "asked for.",
    cause="An encoding was taken for another, or the text was cut.",
    remedy="Provider: see where UTF-8 is lost. Consumer: see what was really generated.",
    source="DOC: orig_prompt, prompt; actual_prompt, rewritten with smart_rewrite",
)
def prompt_unchanged(seen: Seen) -> Found:
    task = own_read(seen)
    if task is None or not isinstance(task.asked.get("prompt"), str):
        return None
    asked = task.asked["prompt"]
    levels: dict[str, Level | None] = {"/metadata/output/orig_prompt": None, "/prompt": None}
    if task.in_use and not any(values.get("smart_rewrite") for values in task.in_use):
        levels["/metadata/output/actual_prompt"] = "risky"  # DOC: rewritten only where that is asked for
    looked = {place: member(seen.json, place) for place in levels}
    known = {place: found for place, found in looked.items() if found is not MISSING}
    if not known or any(place in _long_texts(seen) for place in known):
        return None
    return [
        broken(seen, found, asked[:60], place, level=levels[place])
        for place, found in known.items()
        if found != asked
    ]


def _long_texts(seen: Seen) -> Mapping[str, LongText]:
    return {} if seen.exchange.answer is None else seen.exchange.answer.body.long_texts


@exchange_check(
    "NC327",
    "as-many-results-as-asked-for",
    promise="There is one URL for each video that was asked for: Veo's sampleCount, else one.",
    cause="Videos were lost or filtered, or one is shown several times.",
    remedy="Consumer: count before billing your own customer. Provider: say what was filtered.",
    source="DOC, SRC",
)
def result_count(seen: Seen) -> Found:
    task = own_read(seen)
    found = links(seen.json) if task is not None else []
    if task is None or not found or not task.in_use or EXPIRED in found:
        return None
    counts = {values.get("sampleCount", 1) for values in task.in_use}
    broke = []
    if len(found) not in counts:
        broke.append(broken(seen, Words(f"{len(found)} URLs"), f"{min(counts)}", "/url", key="count"))
    if len(_told_apart(seen, found)) != len(found):
        broke.append(broken(seen, Words("one URL twice"), "different URLs", "/url", key="twice"))
    videos = member(seen.json, "/metadata/response/videos")
    if isinstance(videos, list):
        named = [one.get("url") for one in videos if isinstance(one, dict)]
        if len(videos) not in counts:
            broke.append(
                broken(seen, Words(f"{len(videos)} videos"), f"{min(counts)}", "/metadata/response/videos")
            )
        elif any(named) and named != found:
            broke.append(
                broken(seen, named[0], str(found[0]), "/metadata/response/videos/[]/url", key="other")
            )
    return broke


def _told_apart(seen: Seen, found: Sequence[Any]) -> set[str]:
    """The results that differ; a data URI by its digest, since its text was cut."""
    facts = [one.sha256 for place, one in _long_texts(seen).items() if place.startswith("/url")]
    return set(facts) | {str(one) for one in found if not str(one).startswith("data:")}


@exchange_check(
    "NC328",
    "result-url-is-signed",
    "risky",
    promise="The URL of a Wan or Seedance result is signed and says when it expires.",
    cause="Results moved to another storage, or stand open.",
    remedy="Consumer: treat the URL as a secret that ends. Provider: say where results are now.",
    source="DOC",
)
def result_is_signed(seen: Seen) -> Found:
    task = own_read(seen)
    found = [one for one in links(seen.json) if isinstance(one, str)] if task is not None else []
    if task is None or not found or not task.family.result_query or status_of(seen) != "succeeded":
        return None
    names = [part.partition("=")[0] for part in task.family.result_query.split("&")]
    broke = []
    for url in found:
        lacking = [name for name in names if f"&{name}" not in url.partition("?")[2]]
        if lacking:
            broke.append(broken(seen, Words(f"a URL without {', '.join(lacking)}"), "a signed URL", "/url"))
    return broke


@exchange_check(
    "NC329",
    "usage-fits-the-video",
    promise="usage counts what was made: one video of Wan, tokens of Seedance by size, rate and length.",
    cause="Another way of counting, or the figures of another task; this is what is billed.",
    remedy="Consumer: compare with your bill. Provider: say how it is counted.",
    source="DOC, SRC",
)
def usage_fits(seen: Seen) -> Found:
    task = own_read(seen)
    usage = member(seen.json, "/metadata/usage")
    if task is None or not isinstance(usage, dict) or not task.in_use:
        return None
    broke = []
    count = usage.get("video_count", 1)
    if count != 1:
        broke.append(broken(seen, count, "1", "/metadata/usage/video_count"))
    if task.family.wire == "seedance":
        model = task.family.model(task.model)
        may_be = {tokens(task.family, model, values) for values in task.in_use}
        broke += [
            broken(seen, usage.get(name), str(min(may_be)), f"/metadata/usage/{name}")
            for name in ("total_tokens", "completion_tokens")
            if usage.get(name) not in list(may_be)
        ]
    return broke
