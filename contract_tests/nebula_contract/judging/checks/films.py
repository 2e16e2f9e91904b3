"""NC5, from NC507: whether the film itself is the one asked for, whichever way it came."""

import math
from collections.abc import Iterator
from typing import Any

from nebula_contract.judging.checks.downloads import given, text_at
from nebula_contract.judging.checks.queries import own_read
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.registry import Found, exchange_check
from nebula_contract.judging.views import Seen, TaskHistory
from nebula_contract.record.exchange import Film
from nebula_schemas.catalogue import film_facts

_OK = 200
_A_FRAME_S = 0.5  # a film is a whole number of loops; players round to a frame


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


def _is_near(found: Any, wanted: Any) -> bool:
    if isinstance(found, float) and isinstance(wanted, float):
        return math.isclose(found, wanted, abs_tol=_A_FRAME_S)
    return bool(found == wanted)
