"""Tasks from submit to long after their end, side by side, with everything on the way that a consumer may ask for.

A full one is read early, in its own rhythm, past its end, by others, under ids that are nearly its own, and its
result is fetched again and again. A brief one is read a few times and fetched twice; there are many of them, for
every pair of values.

Purposes: ``submit``, ``early-query`` and ``early-download`` (at once), ``poll``, ``past-end``, ``download``,
``result``, ``first`` (either, of a brief one), ``head``, ``again`` (the same once more), ``foreign`` (by another credential), ``near-id`` (an id that is
nearly the task's), ``encoded-id`` (its own, written with escapes), ``after-idle``, ``remix``.
"""

from collections.abc import Iterator

from nebula_contract.record.exchange import Credential
from nebula_contract.sending.asking import (
    Case,
    is_over,
    result_urls_of,
    task_id_of,
)
from nebula_contract.sending.profiles import Profile
from nebula_contract.sending.schedule import Steps, interleaved
from nebula_contract.sending.spread import Planned, planned_tasks
from nebula_contract.sending.target import GENERATIONS, Target
from nebula_contract.sending.wire import Asked, Sent
from nebula_schemas.catalogue import catalogue

DEADLINE_S = 900.0
"""A task that is not over after so many seconds of the target's clock is asked for no longer."""

LEAST_POLLS, MOST_POLLS = 6, 400
_PAST_END_S = (0.0, 1.0, 60.0)
_AGAIN_S = 30.0
_IDLE_S = 3600.0
_SLOWER_AFTER = 15  # a task that has taken long is asked for less often: pauses grow to a 15th of its age
_MALFORMED = "Bearer not-a-key"
_OTHER: dict[Credential, Credential] = {"own": "second", "second": "own"}


def send_lifecycles(target: Target, profile: Profile, seed: int) -> None:
    """Every family's tasks, all at once; nothing is judged."""
    cases: list[Steps] = []
    for family in catalogue().families:
        followed: set[tuple[object, Credential]] = set()
        documented = {model.id for model in family.models}
        is_first = True
        for planned in planned_tasks(family, seed, profile.tasks_a_family):
            case = Case(target, f"lifecycle/{family.name}/{planned.number}", planned.owner)
            kind = (planned.body["model"], planned.owner)
            if kind in followed:
                cases.append(brief(case, planned))
                continue
            followed.add(kind)
            cases.append(full(case, planned, is_first=is_first and kind[0] in documented))
            is_first = is_first and kind[0] not in documented
    interleaved(target.clock, cases)


def full(case: Case, planned: Planned, *, is_first: bool = True) -> Steps:
    """A task with all that can be asked about it; the family's first one also a long time after, and remade."""
    task_id = task_id_of(case.submit(planned.body))
    if task_id is None:
        return
    case.query(task_id, "early-query")
    case.download(task_id, "early-download")
    case.query(task_id, "foreign", credential=_other(case))
    last: list[Sent] = []
    yield from polled(case, task_id, planned.rhythm, last)
    yield from past_end(case, task_id, last)
    yield from fetched(case, task_id, last[-1])
    read_by_others(case, task_id)
    read_under_near_ids(case, task_id)
    if is_first and case.target.clock.is_free:
        yield _IDLE_S
        after = case.query(task_id, "after-idle")
        fetch_once(case, task_id, after, "after-idle")
    if is_first and planned.family.delivery == "download":
        yield from remade(case, planned, task_id)


def brief(case: Case, planned: Planned) -> Steps:
    """A task that is read now and then, and fetched twice."""
    task_id = task_id_of(case.submit(planned.body))
    if task_id is None:
        return
    last: list[Sent] = []
    yield from polled(case, task_id, (4, 8), last, least=2)
    case.query(task_id, "past-end")
    fetch_once(case, task_id, last[-1], "first")
    yield 1.0
    fetch_once(case, task_id, last[-1], "again")


def polled(
    case: Case, task_id: str, rhythm: tuple[float, ...], last: list[Sent], *, least: int = LEAST_POLLS
) -> Steps:
    """Polls until the end or the deadline; ``last`` gets every answer."""
    began_s = case.target.clock.now_s()
    for pause_s in paces(rhythm):
        age_s = case.target.clock.now_s() - began_s
        is_enough = len(last) >= least and any(map(is_over, last))
        if age_s > DEADLINE_S or is_enough or len(last) >= MOST_POLLS:
            return
        if pause_s > 0:
            yield max(pause_s, case.target.clock.shortest_s, age_s / _SLOWER_AFTER)
        last.append(case.query(task_id))


def paces(rhythm: tuple[float, ...]) -> Iterator[float]:
    """The pauses of a rhythm, then its last one for ever."""
    yield from rhythm
    while True:
        yield rhythm[-1]


def past_end(case: Case, task_id: str, last: list[Sent]) -> Steps:
    """A few reads more of what cannot change any longer."""
    for pause_s in _PAST_END_S:
        if pause_s > 0:
            yield max(pause_s if case.target.clock.is_free else 0.0, case.target.clock.shortest_s)
        last.append(case.query(task_id, "past-end"))


def fetched(case: Case, task_id: str, last: Sent) -> Steps:
    """The result, twice at once and once later, its head too."""
    fetch_once(case, task_id, last, "")
    fetch_once(case, task_id, last, "again")
    for url in result_urls_of(last):
        case.result(url, task_id, "head", method="HEAD")
    yield _AGAIN_S if case.target.clock.is_free else case.target.clock.shortest_s
    fetch_once(case, task_id, last, "again")


def fetch_once(case: Case, task_id: str, last: Sent, purpose: str) -> None:
    """The result by the way that the answer tells: each of its URLs, or the download.

    Without a purpose it is ``result`` and ``download``, and the download is asked for beside URLs too.
    """
    urls = result_urls_of(last)
    for url in urls:
        case.result(url, task_id, purpose or "result")
    if not urls or not purpose:
        case.download(task_id, purpose or "download")


def read_by_others(case: Case, task_id: str) -> None:
    """The task by everyone who may not see it."""
    others: tuple[tuple[Credential, str], ...] = (
        (_other(case), ""),
        ("unused", ""),
        ("none", ""),
        ("malformed", _MALFORMED),
    )
    for credential, authorization in others:
        case.query(task_id, "foreign", credential=credential, authorization=authorization)
        case.download(task_id, "foreign", credential=credential, authorization=authorization)


def read_under_near_ids(case: Case, task_id: str) -> None:
    """Ids that are nearly the task's are nobody's; its own with escapes is its own."""
    for near in dict.fromkeys((f"x{task_id}", f"{task_id}0", task_id[:-1], task_id.swapcase())):
        if near not in {"", task_id, "download"}:
            case.query(near, "near-id", subject="")
    case.download(f"{task_id}0", "near-id", subject="")
    escaped = "".join(f"%{byte:02X}" for byte in task_id.encode())
    path = f"{GENERATIONS}/{escaped}"
    case.send(Asked("GET", path, case.owner, operation="query", purpose="encoded-id", subject=task_id))


def remade(case: Case, planned: Planned, task_id: str) -> Steps:
    """The finished task made again with another prompt, under every name that some dialect reads."""
    model = planned.body["model"]
    for name in remix_names():
        body = {"model": model, "prompt": "The same at night", name: task_id, "seconds": "12"}
        made = task_id_of(case.submit(body, "remix"))
        if made is not None:
            last: list[Sent] = []
            yield from polled(case, made, (4, 8), last, least=2)
            fetch_once(case, made, last[-1], "")


def remix_names() -> tuple[str, ...]:
    """The first name of each dialect under which a task is remade."""
    families = (catalogue().in_dialect(one).family("sora") for one in ("documented", "gateway"))
    found = [one.names[0] for family in families for one in family.parameters if one.form == "remix"]
    return tuple(dict.fromkeys(found))


def _other(case: Case) -> Credential:
    return _OTHER.get(case.owner, "second")
