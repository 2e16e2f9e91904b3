"""The same request twice: two submits are two tasks, two reads at one instant say the same.

Purpose ``twin``, with the number of the first exchange as its subject; the first has a purpose of its own.
"""

from nebula_contract.record.exchange import Credential
from nebula_contract.sending.asking import Case, result_urls_of, task_id_of
from nebula_contract.sending.drawing import drawn
from nebula_contract.sending.profiles import Profile
from nebula_contract.sending.strategies import accepted_requests
from nebula_contract.sending.target import Target
from nebula_contract.sending.wire import Sent
from nebula_schemas.catalogue import catalogue

_PAUSES_S = (0.0, 1.0, 4.0, 20.0)
_PATIENT_S = 12.0  # on the wall no twin is worth more


def send_twins(target: Target, profile: Profile, seed: int) -> None:
    """Twins of every family; nothing is judged."""
    pairs: list[tuple[Case, str]] = []
    for family in catalogue().families:
        for number, one in enumerate(drawn(accepted_requests(family), profile.twins, seed), 1):
            owner: Credential = "own" if number % 2 else "second"
            case = Case(target, f"twins/{family.name}/{number}", owner)
            first = case.submit(one.body, label=one.label)
            second = case.submit(one.body, "twin", label=one.label, subject=_number(first))
            pairs += [(case, task_id) for task_id in map(task_id_of, (first, second)) if task_id is not None]
    for pause_s in _PAUSES_S:
        target.clock.pass_time(pause_s if target.clock.is_free else min(pause_s, _PATIENT_S))
        for case, task_id in pairs[::2]:
            last = _read_twice(case, task_id)
            if pause_s == _PAUSES_S[-1]:
                _fetch_twice(case, task_id, last)
    for case, task_id in pairs[1::2]:
        _read_twice(case, task_id)


def _read_twice(case: Case, task_id: str) -> Sent:
    first = case.query(task_id)
    case.query(task_id, "twin", subject=_number(first))
    return first


def _fetch_twice(case: Case, task_id: str, last: Sent) -> None:
    first = case.download(task_id)
    case.download(task_id, "twin", subject=_number(first))
    for url in result_urls_of(last):
        one = case.result(url, task_id)
        if one is not None:
            case.result(url, _number(one), "twin")


def _number(sent: Sent) -> str:
    return str(sent.exchange.number)
