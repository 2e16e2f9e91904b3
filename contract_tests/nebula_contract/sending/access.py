"""Who may ask: no key, headers that name none, keys in another form, and tasks of another account.

Purposes: ``no-key`` (the header is missing), ``malformed-key``, ``bare-key`` (the account's own key in another form,
which the server's source accepts and no document does), ``foreign``, ``unused`` (an account that owns nothing).
"""

from collections.abc import Iterator
from typing import Any

from nebula_contract.record.exchange import Credential
from nebula_contract.sending.asking import Case, is_over, task_id_of
from nebula_contract.sending.bodies import REALISTIC_REQUESTS
from nebula_contract.sending.profiles import Profile
from nebula_contract.sending.target import Target
from nebula_contract.sending.wire import KEY, Sent

MALFORMED: tuple[str, ...] = (
    "",
    " ",
    "Bearer",
    "Bearer ",
    "not-a-key",
    "Bearer not-a-key",
    "Bearer sk-",
    "sk-",
    "Basic c2stdGVzdDpzay10ZXN0",
    "Bearer sk-one sk-two",
    "Bearer sk-one, Bearer sk-two",
    "Bearer: x",
    "Token \u00e9",
    "Bearer " + "x" * 300 + "!",
)
"""``Authorization`` headers that name no account."""

BARE: tuple[str, ...] = (KEY, f"bearer {KEY}", f"BEARER {KEY}", f"Bearer  {KEY}", f"Bearer\t{KEY}")
"""The account's own key in other forms than ``Bearer KEY``."""

_BODIES: tuple[tuple[str, bytes | dict[str, object]], ...] = (
    ("good", dict(REALISTIC_REQUESTS["sora"])),
    ("cut", b"{"),
    ("no model", {"prompt": "A cat"}),
    ("no prompt", {"model": "sora-2"}),
)
_OTHERS = tuple(dict(body) for family, body in REALISTIC_REQUESTS.items() if family != "sora")
"""A good request of each other family: a provider may be careless about one alone."""

_UNKNOWN = "video_" + "0" * 32
_WAIT_S, _LONGEST_S = 5.0, 120.0


def send_access(target: Target, _profile: Profile, _seed: int) -> None:
    """Every credential at every operation; nothing is judged."""
    made = {name: _finished(Case(target, f"access/task/{name}")) for name in REALISTIC_REQUESTS}
    target.clock.pass_time(_WAIT_S if target.clock.is_free else 0)
    for number, (purpose, credential, authorization) in enumerate(_forms(), 1):
        case = Case(target, f"access/{purpose}/{number}")
        how: dict[str, Any] = {"credential": credential, "authorization": authorization}
        for _, body in _BODIES:
            case.submit(body, purpose, **how)
        for other in _OTHERS if credential != "own" else ():
            case.submit(other, purpose, **how)
        for task_id in (made["sora"] or _UNKNOWN, _UNKNOWN):
            case.query(task_id, purpose, **how)
            case.download(task_id, purpose, **how)
    for name, made_id in made.items():
        _read_by_everyone(target, name, made_id)


def _forms() -> Iterator[tuple[str, Credential, str]]:
    yield "no-key", "none", ""
    for authorization in MALFORMED:
        yield "malformed-key", "malformed", authorization
    for authorization in BARE:
        yield "bare-key", "own", authorization


def _finished(case: Case) -> str | None:
    return task_id_of(case.submit(REALISTIC_REQUESTS[case.name.rpartition("/")[2]]))


def _read_by_everyone(target: Target, name: str, task_id: str | None) -> None:
    """A task while it runs and after its end, by accounts that do not own it, then by the one that does."""
    if task_id is None:
        return
    case = Case(target, f"access/foreign/{name}")
    last = _read(case, task_id)
    waited_s = 0.0
    while not is_over(last) and waited_s < _LONGEST_S:
        pause_s = max(_WAIT_S, target.clock.shortest_s)
        target.clock.pass_time(pause_s)
        waited_s += pause_s
        last = case.query(task_id)
    _read(case, task_id)


def _read(case: Case, task_id: str) -> Sent:
    others: tuple[tuple[str, Credential], ...] = (("foreign", "second"), ("unused", "unused"))
    for purpose, credential in others:
        case.query(task_id, purpose, credential=credential)
        case.download(task_id, purpose, credential=credential)
    return case.query(task_id)
