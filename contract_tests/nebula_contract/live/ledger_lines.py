"""The lines of a ledger and what they come to: pure, from bytes to sums.

    {"kind":"reserve","usd":"0.40","id":"5f0c","run":"a1","case":"job/sora/submit","at":"...","host":"...", ...}
    {"kind":"settle","id":"5f0c","outcome":"accepted","task_id":"video_...","family":"sora","at":"..."}
    {"kind":"release","id":"5f0c","outcome":"failed","at":"..."}
    {"kind":"cut","usd":"0.40","text":"...","at":"..."}

What is reserved counts as spent until it is released. A line that a crash cut is the last one, or is kept as a cut.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from nebula_contract.live.money import ZERO, MoneyError, usd_in

_MEMBERS: Mapping[str, frozenset[str]] = {
    "reserve": frozenset({"kind", "usd", "id", "run", "case", "at", "host", "account", "plan"}),
    "settle": frozenset({"kind", "id", "outcome", "task_id", "family", "at"}),
    "release": frozenset({"kind", "id", "outcome", "at"}),
    "cut": frozenset({"kind", "usd", "text", "at"}),
}
# From what an entry was, to what a line may make of it.
_MOVES: Mapping[str, frozenset[str]] = {
    "reserved": frozenset({"accepted", "unknown", "charged", "refused", "not-sent", "not-charged"}),
    "unknown": frozenset({"accepted", "charged", "not-charged"}),
    "accepted": frozenset({"succeeded", "failed", "charged", "not-charged"}),
}
SETTLED = frozenset({"accepted", "unknown", "succeeded", "charged"})
RELEASED = frozenset({"refused", "not-sent", "failed", "not-charged"})
OPEN = frozenset({"reserved", "unknown"})
"""Outcomes of which nobody knows whether they are charged: a person has to settle them."""

_CUT_USD = re.compile(rb'^\{"kind":"reserve","usd":"([0-9]{1,6}\.[0-9]{2,8})"')
_AT = "%Y-%m-%dT%H:%M:%S.%fZ"


class LedgerError(Exception):
    """The ledger cannot be used; the message says where, what was found, what to do. Nothing more is sent."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One submit that may cost something, as the ledger knows it.

    Attributes:
        id: Its id; made up, unique.
        run: The run it was of.
        case: The case of the plan.
        usd: What counts as spent unless it is released.
        at: When it was reserved, in UTC.
        host: The provider's host.
        account: Digest of the key, 12 hex digits.
        plan: Digest of the plan file.
        outcome: ``reserved``, ``accepted``, ``unknown``, ``succeeded``, ``charged``, ``refused``, ``not-sent``,
            ``failed``, ``not-charged`` or ``cut``.
        task_id: The task it made; empty while none is known.
        family: The task's family; empty while none is known.
    """

    id: str
    run: str
    case: str
    usd: Decimal
    at: datetime
    host: str = ""
    account: str = ""
    plan: str = ""
    outcome: str = "reserved"
    task_id: str = ""
    family: str = ""

    @property
    def counted_usd(self) -> Decimal:
        """What counts as spent."""
        return ZERO if self.outcome in RELEASED else self.usd


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that a ledger holds, oldest first; ``tail`` is a last line that a crash cut, empty for none."""

    entries: tuple[Entry, ...] = ()
    tail: bytes = b""

    def counted_usd(
        self, *, run: str = "", since: datetime | None = None, loopback: bool | None = None
    ) -> Decimal:
        """What counts as spent: of one run, from a moment on (what lies in the future too), at a kind of host."""
        return sum(
            (
                entry.counted_usd
                for entry in self.entries
                if (not run or entry.run == run)
                if since is None or entry.at >= since
                if loopback is None or entry.outcome == "cut" or is_loopback(entry.host) == loopback
            ),
            ZERO,
        )

    @property
    def open(self) -> tuple[Entry, ...]:
        """Submits whose outcome nobody knows."""
        return tuple(entry for entry in self.entries if entry.outcome in OPEN)

    def entry(self, entry_id: str) -> Entry | None:
        """The entry of that id."""
        return next((entry for entry in self.entries if entry.id == entry_id), None)


def is_loopback(host: str) -> bool:
    """Whether a host of the ledger is this machine: what is spent there is a rehearsal's."""
    return host.rpartition(":")[0] in {"127.0.0.1", "localhost", "[::1]"}


def book_of(raw: bytes) -> Book:
    """What the bytes of a ledger come to.

    Raises:
        LedgerError: A line that is not the last is damaged, or contradicts those before it; the message names it.
    """
    *lines, tail = raw.split(b"\n")
    entries: dict[str, Entry] = {}
    for number, line in enumerate(lines, 1):
        _take(entries, number, line)
    if tail:
        try:
            _take(entries, len(lines) + 1, tail)  # whole but for its line break
        except LedgerError:
            entries["cut tail"] = _cut("cut tail", usd_of_cut(tail), _last_time(entries))
    return Book(tuple(entries.values()), tail)


def usd_of_cut(tail: bytes) -> Decimal:
    """What a cut line counts: its amount, where it was to be a reservation and says as much.

    One that was cut earlier was never followed by a request: a reservation is whole on the disk before its request
    is sent. A settlement or release that was cut leaves its reservation as it was, which counts.
    """
    found = _CUT_USD.match(tail)
    return ZERO if found is None else usd_in(found[1].decode())


def _last_time(entries: Mapping[str, Entry]) -> datetime:
    return max((entry.at for entry in entries.values()), default=datetime.max.replace(tzinfo=UTC))


def _cut(entry_id: str, usd: Decimal, at: datetime) -> Entry:
    return Entry(entry_id, "", "", usd, at, outcome="cut")


def _take(entries: dict[str, Entry], number: int, line: bytes) -> None:
    value = _members_of(number, line)
    kind = value["kind"]
    try:
        at = datetime.strptime(value["at"], _AT).replace(tzinfo=UTC)
        usd = usd_in(value["usd"]) if "usd" in value else ZERO
    except (ValueError, MoneyError) as error:
        raise _damaged(number, str(error)) from error
    if kind == "cut":
        entries[f"cut {number}"] = _cut(f"cut {number}", usd, at)
    elif kind == "reserve":
        if value["id"] in entries:
            raise _damaged(number, f"the id {value['id'][:40]!r} stands in an earlier line already")
        facts = {name: value[name] for name in ("id", "run", "case", "host", "account", "plan")}
        entries[value["id"]] = Entry(**facts, usd=usd, at=at)
    else:
        _move(entries, number, value)


def _move(entries: dict[str, Entry], number: int, value: Mapping[str, Any]) -> None:
    entry, outcome = entries.get(value["id"]), value["outcome"]
    if entry is None:
        raise _damaged(number, f"no earlier line reserves the id {value['id'][:40]!r}")
    if outcome not in (SETTLED if value["kind"] == "settle" else RELEASED):
        raise _damaged(number, f"{value['kind']} cannot be {outcome[:40]!r}")
    if outcome not in _MOVES.get(entry.outcome, frozenset()):
        raise _damaged(number, f"{entry.id} was {entry.outcome} already, which cannot become {outcome}")
    task_id, family = value.get("task_id") or entry.task_id, value.get("family") or entry.family
    entries[entry.id] = replace(entry, outcome=outcome, task_id=task_id, family=family)


def may_become(outcome: str, then: str) -> bool:
    """Whether an entry with that outcome may be given another."""
    return then in _MOVES.get(outcome, frozenset())


def _members_of(number: int, line: bytes) -> Mapping[str, str]:
    try:
        value = json.loads(line.decode("utf-8"), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise _damaged(number, f"{line[:60]!r} is no JSON") from error
    if not isinstance(value, dict) or not isinstance(kind := value.get("kind"), str) or kind not in _MEMBERS:
        raise _damaged(
            number, f"found {line[:60]!r}, expected an object whose kind is reserve, settle, release or cut"
        )
    if set(value) != _MEMBERS[kind] or not all(isinstance(one, str) for one in value.values()):
        expected = ", ".join(sorted(_MEMBERS[kind]))
        raise _damaged(
            number, f"found the members {', '.join(sorted(value))[:200]}, expected {expected}, all text"
        )
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(members := dict(pairs)) != len(pairs):
        message = "a member twice"
        raise ValueError(message)
    return members


def _damaged(number: int, what: str) -> LedgerError:
    return LedgerError(
        f"line {number} of the ledger is damaged: {what}. What was spent is not known, so nothing is sent. Mend that "
        "line by hand, or put the file aside and begin a new one after a look at the provider's bill."
    )


def line_bytes(kind: str, at: datetime, **members: str) -> bytes:
    """A line: the amount stands in front, so that it is there where a crash cuts the rest."""
    told: Iterator[tuple[str, str]] = iter((("kind", kind), *members.items(), ("at", at.strftime(_AT))))
    return json.dumps(dict(told), separators=(",", ":")).encode("ascii") + b"\n"
