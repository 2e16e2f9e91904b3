"""How a server is set up, checked once, and the provider built from it."""

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from nebula_mock.core.account import Keyring, account_of, can_be_read, can_be_sent
from nebula_mock.core.behaviour import Behaviour
from nebula_mock.core.clock import Clock
from nebula_mock.core.draws import Draws
from nebula_mock.core.lifecycle import Plan
from nebula_mock.core.plays import Source
from nebula_mock.core.rules import VIDEO_RESULTS, AccountRules, Rulebook, VideoResults
from nebula_mock.dialects import DialectWords
from nebula_mock.dialects.documented import Documented
from nebula_mock.dialects.gateway import Gateway
from nebula_mock.journal import MOST_BYTES, MOST_ENTRIES, Journal
from nebula_mock.journal_file import JournalFile
from nebula_mock.provider import Provider
from nebula_mock.redactor import Redactor
from nebula_mock.scenario_files import Choice, ScenarioError, source_of
from nebula_mock.stores import MOST_TASKS, MemoryStore
from nebula_mock.video.film import MAX_FILM_BYTES
from nebula_schemas.catalogue import Catalogue, Dialect, catalogue

_SEED_BYTES = 32
_FASTEST = 1_000_000.0  # provider seconds a second; faster, a clock soon leaves the calendar
_SEEDED_TIME = (
    1_766_361_600.0  # 2025-12-22: with a seed, what ids tell, and where a manual clock starts, in every run
)
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


class SettingsError(ValueError):
    """The settings cannot work together; the message says what to change. Nothing was started."""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_texts(value: Any) -> bool:
    return isinstance(value, tuple | list) and all(isinstance(one, str) for one in value)


_SENDABLE = "1 to 256 printable ASCII characters without spaces"

_WORDS: Mapping[Dialect, DialectWords] = {"documented": Documented(), "gateway": Gateway()}
_MOST_TASKS_EVER = 10_000_000
_LARGEST_JOURNAL = 64 * 1024**3

# What each setting must be; users of MockServer pass keywords that no type checker sees.
_RULES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("dialect", lambda value: value in _WORDS, "documented or gateway"),
    ("clock", lambda value: value in ("real", "manual"), "real or manual"),
    (
        "speed",
        lambda value: _is_number(value) and 0 < value < float("inf"),
        "a number above 0, such as 10 for ten times as fast",
    ),
    ("speed", lambda value: value <= _FASTEST, f"at most {_FASTEST:,.0f} provider seconds per real second"),
    ("seed", lambda value: value is None or _is_whole(value), "a whole number or None"),
    (
        "keys",
        lambda value: _are_texts(value) and all(map(can_be_sent, value)),
        f"{_SENDABLE}, such as sk-test; leave keys out to accept any sk-... key",
    ),
    ("admin", lambda value: isinstance(value, bool), "True or False"),
    (
        "admin_token",
        lambda value: value is None or (isinstance(value, str) and can_be_sent(value)),
        f"{_SENDABLE}, or None",
    ),
    ("allowed_hosts", _are_texts, "a tuple of host names"),
    (
        "balance_usd",
        lambda value: value is None or (isinstance(value, Decimal) and value.is_finite() and value >= 0),
        "a Decimal of at least 0, such as Decimal('5.00'), or None",
    ),
    (
        "accounts",
        lambda value: (
            isinstance(value, Mapping)
            and all(isinstance(key, str) and can_be_sent(key) for key in value)
            and all(isinstance(rules, AccountRules) for rules in value.values())
        ),
        "a mapping of keys to AccountRules",
    ),
    ("plan", lambda value: isinstance(value, Plan), "a Plan, such as Plan(running_s=60)"),
    (
        "video_size_bytes",
        lambda value: value is None or (_is_whole(value) and 1 <= value <= MAX_FILM_BYTES),
        f"1 to {MAX_FILM_BYTES} (256 MiB)",
    ),
    ("video_results", lambda value: value in VIDEO_RESULTS, "url or data-uri"),
    (
        "scenario",
        lambda value: value is None or isinstance(value, str | Path | Mapping),
        "the name of a preset, a file, a scenario as JSON, or None",
    ),
    (
        "most_tasks",
        lambda value: _is_whole(value) and 1 <= value <= _MOST_TASKS_EVER,
        f"1 to {_MOST_TASKS_EVER} tasks",
    ),
    (
        "journal_entries",
        lambda value: _is_whole(value) and 0 <= value <= _MOST_TASKS_EVER,
        f"0 to {_MOST_TASKS_EVER} entries",
    ),
    (
        "journal_bytes",
        lambda value: _is_whole(value) and 0 <= value <= _LARGEST_JOURNAL,
        f"0 to {_LARGEST_JOURNAL} bytes (64 GiB)",
    ),
    ("journal_file", lambda value: value is None or isinstance(value, Path), "a Path or None"),
    ("models", lambda value: isinstance(value, Catalogue), "a Catalogue, as read_catalogue gives"),
)
# What to say was found where the value itself must not be shown.
_SECRET = {
    "keys": "a key that no Authorization header can carry",
    "admin_token": "a token that no header can carry",
    "accounts": "something else",
}


def unreadable(key: str, dialect: Dialect, keys: Collection[str] = ()) -> str | None:
    """Why no request can ever come from the account of ``key``; None when one can.

    ``keys`` are the only accepted ones; empty for every ``sk-...`` key.
    """
    if not can_be_read(key, dialect):
        expected = "sk- and letters and digits alone: what follows a dash names a channel"
        return f"found a key that the {dialect} dialect cannot read, expected {expected}"
    if keys and key not in keys:
        return "found a key that is not among the accepted ones, expected one of those, or no restriction"
    if not keys and not key.startswith("sk-"):
        return "found a key that is never accepted, expected it to begin with sk-, or to be named by --key"
    return None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a server can be told.

    Attributes:
        dialect: ``documented`` or ``gateway``: which of the provider's ways to answer.
        clock: ``real`` (times ``speed``) or ``manual``.
        speed: Provider seconds per real second, above 0, at most a million; real clock only.
        seed: Repeats ids and every other draw; None for a different run each time.
        keys: The only keys that are accounts; empty for every ``sk-...`` key.
        admin: Whether there is an admin API under ``/_mock``; without, its paths are unknown ones.
        admin_token: Asked for in ``X-Nebula-Admin-Token`` on admin routes; None for no token.
        allowed_hosts: Host names answered besides the loopback ones.
        balance_usd: US dollars that every account has to spend; None for no limit.
        accounts: Keys to rules of their own; where named here, the balance is that of the rules.
        plan: What becomes of every task.
        video_size_bytes: Exact size of every result, at most 256 MiB; None for the natural size,
            which is also the least that a frame size needs.
        video_results: How results of Veo are handed over: by ``url``, or in the answer, as ``data-uri``.
        most_tasks: How many tasks are kept; the oldest make room for new ones.
        journal_entries: How many exchanges the journal keeps; with 0 and no file nothing is recorded.
        journal_bytes: How many bytes it may have; the oldest make room.
        journal_file: Where every exchange is written too, as a line of JSON; None for nowhere.
        scenario: What everyone meets: the name of a preset, a file, or a scenario as JSON; None for none.
            What it says counts before the settings above, and after the rules of an account.
        models: The catalogue.
    """

    dialect: Dialect = "documented"
    clock: Literal["real", "manual"] = "real"
    speed: float = 1.0
    seed: int | None = None
    keys: tuple[str, ...] = field(default=(), repr=False)
    admin: bool = True
    admin_token: str | None = field(default=None, repr=False)
    allowed_hosts: tuple[str, ...] = ()
    balance_usd: Decimal | None = None
    accounts: Mapping[str, AccountRules] = field(default_factory=dict, repr=False)
    plan: Plan = field(default_factory=Plan)
    video_size_bytes: int | None = None
    video_results: VideoResults = "url"
    most_tasks: int = MOST_TASKS
    journal_entries: int = MOST_ENTRIES
    journal_bytes: int = MOST_BYTES
    journal_file: Path | None = None
    scenario: Choice = field(default=None, repr=False)
    models: Catalogue = field(default_factory=catalogue, repr=False)
    _source: Source = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            SettingsError: Which setting, what was found, what was expected.
        """
        for name, holds, expected in _RULES:
            value = getattr(self, name)
            if not holds(value):
                message = f"{name}: found {_SECRET.get(name, repr(value))}, expected {expected}"
                raise SettingsError(message)
        try:
            object.__setattr__(self, "_source", source_of(self.scenario))
        except ScenarioError as error:
            raise SettingsError(str(error)) from error
        dialect = self._source.current().dialect or self.dialect
        for key in self.keys:
            if not can_be_read(key, dialect):
                message = f"keys: {unreadable(key, dialect)}"
                raise SettingsError(message)
        for key, rules in self.accounts.items():
            if (reason := unreadable(key, rules.dialect or dialect, self.keys)) is not None:
                message = f"accounts: {reason}"
                raise SettingsError(message)
        if self.clock == "manual" and self.speed != 1:
            message = f"speed: found {self.speed} with the manual clock, which stands still; leave one out"
            raise SettingsError(message)

    @property
    def host_names(self) -> frozenset[str]:
        """Every Host name that is answered, in lower case, without port."""
        return frozenset(name.lower() for name in (*_LOOPBACK_NAMES, *self.allowed_hosts))

    @property
    def keyring(self) -> Keyring:
        """Which keys are accounts."""
        return Keyring.of(self.keys)

    @property
    def redactor(self) -> Redactor:
        """Hides every key and token that it was told."""
        token = () if self.admin_token is None else (self.admin_token,)
        return Redactor.knowing((*self.keys, *self.accounts, *token))

    def started_journal(self) -> Journal:
        """A new journal, with its file open.

        Raises:
            JournalFileError: The file cannot be written.
        """
        file = None if self.journal_file is None else JournalFile(self.journal_file)
        return Journal(self.journal_entries, self.journal_bytes, file)

    def started_clock(self) -> Clock:
        """A new clock, starting now; one that stands still in a run that repeats starts as in every such run."""
        is_manual = self.clock == "manual"
        started_at = time.time() if self.seed is None or not is_manual else _SEEDED_TIME
        return Clock(time.monotonic, started_at, self.speed, manual=is_manual)

    def provider(self, clock: Clock | None = None) -> Provider:
        """A new provider with an empty store."""
        return Provider(
            catalogue=self.models,
            words=_WORDS,
            clock=clock or self.started_clock(),
            store=MemoryStore(self.most_tasks),
            draws=Draws(os.urandom(_SEED_BYTES)) if self.seed is None else Draws.of_seed(self.seed),
            behaviour=Behaviour(
                dialect=self.dialect,
                plan=self.plan,
                video_results=self.video_results,
                video_size_bytes=self.video_size_bytes,
                id_time=None if self.seed is None else _SEEDED_TIME,
            ),
            rulebook=Rulebook(
                AccountRules(balance_usd=self.balance_usd),
                {account_of(key): rules for key, rules in self.accounts.items()},
            ),
            source=self._source,
        )
