"""NC5, from NC507: whether the film itself is the one asked for, whichever way it came, and no other task's."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from nebula_contract.judging.checks.downloads import given, text_at
from nebula_contract.judging.checks.queries import links, own_read
from nebula_contract.judging.findings import Broken
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.registry import Found, exchange_check, run_check
from nebula_contract.judging.views import RunView, Seen, TaskHistory
from nebula_contract.record.exchange import Film
from nebula_contract.record.redaction import redacted_url
from nebula_schemas.catalogue import film_facts

_OK = 200
_OF_A_RATE = 0.01  # 29.97 is called 30
_A_FRAME_S = 0.5  # a film is a whole number of loops; players round to a frame


def _films(seen: Seen) -> Sequence[tuple[str, Film]]:
    """The films of one answer, whichever way they came, with where they stand. Found out once."""
    if "films" not in seen.memo:
        seen.memo["films"] = tuple(_all_films(seen))
    found: Sequence[tuple[str, Film]] = seen.memo["films"]
    return found


def _all_films(seen: Seen) -> Iterator[tuple[str, Film]]:
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
    films = _films(seen)
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
    if task is None or not films or not task.in_use:
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
    facts = [film_facts(task.family, model, values) for values in task.in_use]
    if which == "frame":
        return (film.width, film.height), [(one.width, one.height) for one in facts]
    return film.duration_s, [float(one.duration_s) for one in facts]


@exchange_check(
    "NC513",
    "video-has-the-frame-rate-asked-for",
    "risky",
    promise="The video has the frame rate in use, and as many pictures as that makes in the seconds in use.",
    cause="Another rate was made, or pictures were lost on the way.",
    remedy="Consumer: measure. Provider: see which value was used.",
    source="DOC: fps of Veo and Seedance; INF: 30 of Sora, 24 of Wan",
)
def film_rate(seen: Seen) -> Found:
    task = seen.task
    films = [
        (place, film) for place, film in _films(seen) if film.fps is not None and film.frames is not None
    ]
    if task is None or not films or not task.in_use:
        return None
    model = task.family.model(task.model)
    may_be = [film_facts(task.family, model, values) for values in task.in_use]
    broke = []
    for place, film in films:
        if not any(math.isclose(film.fps or 0, one.fps, rel_tol=_OF_A_RATE) for one in may_be):
            wanted = " or ".join(dict.fromkeys(str(one.fps) for one in may_be))
            broke.append(broken(seen, Words(f"{film.fps} frames a second"), wanted, place, key="rate"))
        elif not any(
            abs((film.frames or 0) - one.fps * one.duration_s) <= 1 + _A_FRAME_S * one.fps for one in may_be
        ):
            wanted = " or ".join(dict.fromkeys(str(one.fps * one.duration_s) for one in may_be))
            broke.append(broken(seen, Words(f"{film.frames} frames"), wanted, place, key="frames"))
    return broke


@exchange_check(
    "NC514",
    "no-sound-where-silence-is-asked-for",
    "risky",
    promise="A video of a model without sound, or for which none is asked, has no track of sound.",
    cause="Another model was used, or the switch for sound was lost; Veo bills sound.",
    remedy="Consumer: see what you are billed for. Provider: see which value was used.",
    source="DOC: noAudio models of Seedance; generateAudio of Veo, but of its fast models",
)
def film_is_silent(seen: Seen) -> Found:
    films = [(place, film) for place, film in _films(seen) if film.has_sound is not None]
    if seen.task is None or not films or not _is_silent(seen.task):
        return None
    return [
        broken(seen, Words("a track of sound"), "silence", place) for place, film in films if film.has_sound
    ]


def _is_silent(task: TaskHistory) -> bool:
    if task.family.wire == "seedance":
        return task.model.endswith("-noAudio")
    is_asked = any(values.get("generateAudio") is not False for values in task.in_use)
    return task.family.wire == "veo" and "fast-" not in task.model and not is_asked and bool(task.in_use)


@run_check(
    "NC512",
    "an-id-names-one-video",
    promise="No two tasks have the same video, nor have two URLs of one answer.",
    cause="The video of another task is given: a cache, or two tasks that were mixed up.",
    remedy="Consumer: compare digests before you hand a video on. Provider: see how a video is looked up.",
    source="INF: an id names one task; what two of them make differs, but where the same is asked with the same seed",
)
def own_film(run: RunView) -> Found:
    first: dict[str, TaskHistory] = {}
    broke: list[Broken] = []
    looked = False
    for seen in run.seen:
        task = seen.task
        if task is None:
            continue
        for place, film in _films(seen):
            if film.problem:
                continue  # what is no video says nothing of whose it is
            looked = True
            other = first.setdefault(film.sha256, task)
            if other is not task and not _may_be_alike(task, other):
                wanted = f"another video than that of {other.task_id}"
                broke.append(broken(seen, Words(f"the video of {other.task_id}"), wanted, place))
    for task in run.tasks:
        broke += _twice_in_one_task(task)
    return broke if looked else None


def _may_be_alike(one: TaskHistory, other: TaskHistory) -> bool:
    """Whether a maker that repeats itself may give both the same: the same was asked, with a seed."""
    return one.asked == other.asked and any("seed" in values for values in one.in_use)


def _twice_in_one_task(task: TaskHistory) -> Iterator[Broken]:
    """Two of the URLs of one answer that gave the same bytes."""
    urls = next((found for one in task.reads if len(found := links(one.json)) > 1), [])
    by_digest: dict[str, str] = {}
    for one in task.results:
        film = one.answer.body.film if one.answer is not None and one.status == _OK else None
        if film is None or film.problem or one.request.path not in map(redacted_url, filter(_is_text, urls)):
            continue
        other = by_digest.setdefault(film.sha256, one.request.path)
        if other != one.request.path:
            yield broken(one, Words(f"the video of {other}"), "another video for each URL", key="sample")


def _is_text(one: object) -> bool:
    return isinstance(one, str)


def _is_near(found: Any, wanted: Any) -> bool:
    if isinstance(found, float) and isinstance(wanted, float):
        return math.isclose(found, wanted, abs_tol=_A_FRAME_S)
    return bool(found == wanted)
