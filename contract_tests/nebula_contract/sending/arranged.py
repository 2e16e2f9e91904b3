"""What is else rare, arranged at a mock: by the header that chooses a scenario, and by the run's own clock.

A condition is said of each exchange. Tasks that wait for sure, and results long before they expire, are no
condition: any provider may be like that.

Purposes beside those of ``lifecycle``: ``refused`` (a submit that the condition should refuse), ``burst``,
``during`` and ``later`` (an outage, and after it), ``unfinished``, ``kept`` (long after the end, before anything
expires), ``expired``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from nebula_contract.record.exchange import Credential
from nebula_contract.sending.asking import Case, result_urls_of, task_id_of
from nebula_contract.sending.bodies import REALISTIC_REQUESTS
from nebula_contract.sending.lifecycle import fetch_once, past_end, polled
from nebula_contract.sending.profiles import Profile
from nebula_contract.sending.schedule import Steps, interleaved
from nebula_contract.sending.target import Target
from nebula_contract.sending.wire import Sent

FAILURES = ("policy-refusal", "upstream-error")
_HOUR_S = 3600.0
_KEPT_AFTER_S = (11 * _HOUR_S, 13 * _HOUR_S, 23.9 * _HOUR_S)
_EXPIRED_AFTER_S = 25 * _HOUR_S
_QUIET_S, _OUTAGE_S, _WINDOW_S = 120.0, 121.0, 11.0
_BURST = 8
_PACE = (1.0, 3.0, 4.0, 4.0)
_OWNERS: tuple[Credential, ...] = ("own", "second")
_TWO_SAMPLES: Mapping[str, Any] = {**REALISTIC_REQUESTS["veo"], "sampleCount": 2}


def send_arranged(target: Target, _profile: Profile, _seed: int) -> None:
    """Every condition that the target can be asked for; nothing is judged."""
    if not target.arranges:
        target.recorder.notes.append("Nothing was arranged: the target does not say that it is a mock.")
        return
    for family, body in REALISTIC_REQUESTS.items():
        _broke(target, family, body)
    _rate_limited(target)
    if not target.clock.is_free:
        target.recorder.notes.append("Nothing was awaited for hours or minutes: time passes on the wall.")
        interleaved(target.clock, _failing(target))
        return
    target.clock.pass_time(_QUIET_S)  # every other task is over
    _one_at_a_time(target)
    _outage(target)
    interleaved(target.clock, [*_failing(target), *_by_polls(target), *_unfinished(target)])
    interleaved(target.clock, _expiring(target))


def _broke(target: Target, family: str, body: Mapping[str, Any]) -> None:
    """Nothing to spend: what would be taken is refused for it, what is wrong is refused for that."""
    case = Case(target, f"arranged/broke/{family}", "reduced", "broke", "broke")
    case.submit(body, "refused")
    case.submit({**body, "prompt": "", "metadata": {}}, "refused")
    case.submit({**body, "model": "no-such-model"}, "refused")
    case.submit({**body, "model": ""}, "refused")


def _rate_limited(target: Target) -> None:
    """More requests at once than are taken, of every operation; and again when the window is over."""
    for owner in _OWNERS:
        case = Case(target, f"arranged/rate-limited/{owner}", owner, "rate-limited", "rate-limited")
        for _ in range(2):
            task_id = task_id_of(case.submit(REALISTIC_REQUESTS["sora"], "burst")) or "none"
            for _ in range(_BURST):
                case.query(task_id, "burst")
            case.download(task_id, "burst")
            case.submit(REALISTIC_REQUESTS["wan"], "burst")
            target.clock.pass_time(_WINDOW_S)


def _one_at_a_time(target: Target) -> None:
    """A second task while the first is unfinished, and when it is over."""
    for owner in _OWNERS:
        case = Case(target, f"arranged/one-at-a-time/{owner}", owner, "one-at-a-time", "one-at-a-time")
        for body in REALISTIC_REQUESTS.values():
            task_id = task_id_of(case.submit(body))
            for other in REALISTIC_REQUESTS.values():
                case.submit(other, "refused")
            if task_id is not None:
                case.query(task_id)
            target.clock.pass_time(_QUIET_S)


def _outage(target: Target) -> None:
    """Everything is refused for a while, then works again."""
    case = Case(target, "arranged/outage/1", condition="outage", scenario="outage")
    known = task_id_of(Case(target, "arranged/outage/2").submit(REALISTIC_REQUESTS["sora"])) or "none"
    for purpose in ("during", "later"):
        for body in REALISTIC_REQUESTS.values():
            case.submit(body, purpose)
        case.query(known, purpose)
        case.download(known, purpose)
        target.clock.pass_time(_OUTAGE_S)
    # The outage is that of the mock, once in its life; a hiccup comes to every account, so to each run.
    hiccup = Case(target, "arranged/outage/3", condition="outage", scenario="hiccup")
    for purpose in ("during", "later"):
        hiccup.query(known, purpose)
        hiccup.download(known, purpose)


def _failing(target: Target) -> Iterator[Steps]:
    for preset in FAILURES:
        for number, (family, body) in enumerate(REALISTIC_REQUESTS.items()):
            for owner in _OWNERS if preset == FAILURES[0] else _OWNERS[number % 2 :][:1]:
                name = f"arranged/{preset}/{family}-{owner}"
                yield _to_the_end(Case(target, name, owner, "failing", preset), body)


def _by_polls(target: Target) -> Iterator[Steps]:
    for family, body in REALISTIC_REQUESTS.items():
        case = Case(target, f"arranged/by-polls/{family}", condition="by-polls", scenario="by-polls")
        yield _to_the_end(case, body, (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0))


def _to_the_end(case: Case, body: Mapping[str, Any], rhythm: tuple[float, ...] = _PACE) -> Steps:
    task_id = task_id_of(case.submit(body))
    if task_id is None:
        return
    last: list[Sent] = []
    yield from polled(case, task_id, rhythm, last)
    yield from past_end(case, task_id, last)
    fetch_once(case, task_id, last[-1], "")
    case.query(task_id, "foreign", credential="second" if case.owner == "own" else "own")


def _unfinished(target: Target) -> Iterator[Steps]:
    """Tasks that wait for ten minutes: nothing of them may be had before."""
    for family, body in REALISTIC_REQUESTS.items():
        yield _waits_long(Case(target, f"arranged/long-queue/{family}", scenario="long-queue"), body)


def _waits_long(case: Case, body: Mapping[str, Any]) -> Steps:
    task_id = task_id_of(case.submit(body))
    if task_id is None:
        return
    for pause_s in (0.0, 1.0, 120.0, 300.0, 170.0, 15.0):
        if pause_s > 0:
            yield pause_s
        case.query(task_id, "unfinished")
        case.download(task_id, "unfinished")
    yield 60.0
    last = case.query(task_id)
    fetch_once(case, task_id, last, "")


def _expiring(target: Target) -> Iterator[Steps]:
    for family, body in REALISTIC_REQUESTS.items():
        for owner in _OWNERS:
            yield _until_gone(target, f"{family}-{owner}", owner, body)
    yield _until_gone(target, "veo-samples", "own", _TWO_SAMPLES)
    for number, body in enumerate((REALISTIC_REQUESTS["veo"], _TWO_SAMPLES)):
        case = Case(target, f"arranged/data-uris/{number + 1}", _OWNERS[number], "data-uris", "data-uris")
        yield _data_uris(case, body)


def _until_gone(target: Target, name: str, owner: Credential, body: Mapping[str, Any]) -> Steps:
    """A task an hour before each bound, and when all of them are passed."""
    case = Case(target, f"arranged/expired/{name}", owner)
    task_id = task_id_of(case.submit(body))
    if task_id is None:
        return
    last: list[Sent] = []
    yield from polled(case, task_id, _PACE, last, least=2)
    end = last[-1]
    fetch_once(case, task_id, end, "")
    passed_s = 0.0
    for after_s in _KEPT_AFTER_S:
        yield after_s - passed_s
        passed_s = after_s
        fetch_once(case, task_id, case.query(task_id, "kept"), "kept")
    yield _EXPIRED_AFTER_S - passed_s
    gone = Case(target, case.name, owner, "expired")
    gone.query(task_id, "expired")
    gone.download(task_id, "expired")
    for url in result_urls_of(end):
        gone.result(url, task_id, "expired")


def _data_uris(case: Case, body: Mapping[str, Any]) -> Steps:
    """Results in the answer itself, which are kept for half a day."""
    task_id = task_id_of(case.submit(body))
    if task_id is None:
        return
    last: list[Sent] = []
    yield from polled(case, task_id, _PACE, last)
    yield from past_end(case, task_id, last)
    passed_s = 0.0
    for after_s in _KEPT_AFTER_S[:2]:
        yield after_s - passed_s
        passed_s = after_s
        case.query(task_id, "kept")
