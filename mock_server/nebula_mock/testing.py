"""A provider inside a test or a script: started, used, stopped."""

from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

from nebula_mock.core.account import account_of
from nebula_mock.core.changes import TaskChange
from nebula_mock.core.clock import Clock
from nebula_mock.core.ledger import Bill
from nebula_mock.core.play import Play
from nebula_mock.core.rules import AccountRules
from nebula_mock.core.task import Task
from nebula_mock.exposure import own_name, refuse_open_door
from nebula_mock.faults_view import FaultsView
from nebula_mock.http.app import create_app
from nebula_mock.journal_view import JournalView
from nebula_mock.reset_scopes import reset_scope
from nebula_mock.runner import Runner
from nebula_mock.scenario_files import Choice, source_of
from nebula_mock.settings import Settings


class Account:
    """What one API key sees of a mock, and the rules it has there.

    Attributes:
        key: The key.
        journal: Its exchanges.
        faults: Its fault scripts.
    """

    def __init__(self, mock: "MockServer", key: str) -> None:
        """The account of ``key`` at ``mock``."""
        self._mock = mock
        self._provider = mock._provider  # noqa: SLF001 - both are one thing, seen from two sides
        self._id = account_of(key)
        self.key = key
        self.journal = JournalView(mock._journal, mock.settings.redactor, self._id)  # noqa: SLF001
        self.faults = FaultsView(self._provider.scripts, self._id)

    def __repr__(self) -> str:
        """Which one, without its key."""
        return f"Account({self._id}, {self._mock!r})"

    @property
    def url(self) -> str:
        """The base URL to give to a consumer.

        Raises:
            RuntimeError: The server is not started.
        """
        return self._mock.url

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Its tasks, oldest first."""
        return tuple(self._provider.store.tasks_of(self._id))

    @property
    def bill(self) -> Bill:
        """What it spent until now, and what it may still have to pay."""
        return self._provider.bill(self._id)

    @property
    def rules(self) -> AccountRules:
        """The rules in force."""
        return self._provider.rulebook.of(self._id)

    @property
    def clock(self) -> Clock:
        """A clock of its own, from now on, which starts as the server's is."""
        return self._provider.clocks.give(self._id)

    def advance(self, seconds: float) -> tuple[TaskChange, ...]:
        """Move its own manual clock, and say which of its tasks that changed.

        Raises:
            ClockError: The clock is not manual, or ``seconds`` is negative or not finite.
        """
        self._provider.clocks.give(self._id)
        return self._provider.advance(seconds, self._id)

    def change(self, **rules: Any) -> None:
        """Change some of its rules from now on, such as ``balance_usd=Decimal("0.50")``.

        Raises:
            RulesError: A rule cannot work; nothing is changed.
            TypeError: There is no such rule.
        """
        self._provider.set_rules(self._id, replace(self.rules, **rules))

    def reset(self, scope: str = "all") -> Mapping[str, Any]:
        """Put everything of this account, or a part of it, back to the start.

        Args:
            scope: ``all``, ``tasks``, ``journal``, ``faults``, ``clock`` or ``scenario``.

        Raises:
            ScopeError: There is no such scope; nothing was reset.
        """
        return reset_scope(self._provider, self._mock._journal, scope, self._id)  # noqa: SLF001 - as above

    @property
    def scenario(self) -> Play:
        """The scenario in force, with what it counted: ``.name``, ``.fired()``."""
        return self._provider.plays.in_force(self._id)

    def use(self, scenario: Choice) -> None:
        """Another scenario for this account from now on.

        Args:
            scenario: The name of a preset, a file, or a scenario as JSON; None for the server's.

        Raises:
            ScenarioError: It is no scenario; nothing is changed.
        """
        if scenario is None:
            self._provider.plays.give_up(self._id)
        else:
            self._provider.plays.choose(source_of(scenario), self._id)


class MockServer:
    """A provider on a real socket of this machine, for as long as a ``with`` block.

        with MockServer(clock="manual") as mock:
            task = VideoClient(api_key="sk-test", base_url=mock.url).submit("A cat", model="sora-2")
            mock.advance(10)

    Attributes:
        settings: How it is set up.
        app: The same provider as a WSGI application, to be called without a socket, started or not.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, **settings: Any) -> None:
        """Set it up; nothing listens yet.

        Args:
            host: Address to listen on.
            port: Port, 0 for any free one.
            **settings: The attributes of ``Settings``, such as ``clock="manual"``, ``speed=100``,
                ``seed=7``, ``plan=Plan(running_s=60)``, ``scenario="slow"`` or ``video_size_bytes=15_728_640``.

        Raises:
            SettingsError: A setting cannot work, or the host is open to others without an admin token.
            TypeError: There is no such setting.
        """
        names = settings.pop("allowed_hosts", ())
        if isinstance(names, tuple | list):
            names = (*names, own_name(host))
        self.settings = Settings(allowed_hosts=names, **settings)
        refuse_open_door(host, self.settings.admin_token, has_admin=self.settings.admin)
        self._address = (host, port)
        self._provider = self.settings.provider()
        self._journal = self.settings.started_journal()
        self._runner: Runner | None = None
        self.app: WSGIApplication = create_app(self.settings, provider=self._provider, journal=self._journal)

    def __repr__(self) -> str:
        """Where it is and how it answers."""
        where = "not started" if self._runner is None else self._runner.url
        return f"MockServer({where}, dialect={self._provider.dialect}, clock={self._provider.clock.mode})"

    def start(self) -> Self:
        """Listen and answer.

        Raises:
            BindError: The address cannot be listened on.
            RuntimeError: It is started already.
        """
        if self._runner is not None:
            message = f"The mock is started already, at {self._runner.url}; stop it first, or use another."
            raise RuntimeError(message)
        counted = self._journal.count_refused_early
        self._runner = Runner(self.app, *self._address, refused_early=counted).start()
        return self

    def stop(self) -> None:
        """Stop answering and give the port back; what was submitted is forgotten with the object."""
        if self._runner is not None:
            self._runner.stop()
            self._provider.clocks.interrupt()  # after the connections: nobody gets a late answer early
            self._runner = None

    @property
    def url(self) -> str:
        """The base URL to give to a consumer.

        Raises:
            RuntimeError: The server is not started.
        """
        if self._runner is None:
            message = "The mock is not started; use it in a with block, or call start() first."
            raise RuntimeError(message)
        return self._runner.url

    @property
    def clock(self) -> Clock:
        """Its clock."""
        return self._provider.clock

    @property
    def scenario(self) -> Play:
        """The scenario in force for everyone, with what it counted: ``.name``, ``.fired()``."""
        return self._provider.plays.in_force()

    def use(self, scenario: Choice) -> None:
        """Another scenario for everyone without one of their own, from now on.

        Args:
            scenario: The name of a preset, a file, or a scenario as JSON; None for the one of the start.

        Raises:
            ScenarioError: It is no scenario; nothing is changed.
        """
        if scenario is None:
            self._provider.plays.give_up()
        else:
            self._provider.plays.choose(source_of(scenario))

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Every task of every account, oldest first."""
        return tuple(self._provider.store.tasks())

    @property
    def journal(self) -> JournalView:
        """Every exchange with the provider, as far as it is kept."""
        return JournalView(self._journal, self.settings.redactor)

    @property
    def faults(self) -> FaultsView:
        """What is scripted to go wrong, for everyone, and whether it did."""
        return FaultsView(self._provider.scripts)

    @property
    def ledger(self) -> tuple[Bill, ...]:
        """The bill of every account that submitted anything."""
        return self._provider.ledger()

    def account(self, key: str) -> Account:
        """What the account of ``key`` sees; accounts exist as soon as they are asked about.

        Args:
            key: The API key, such as ``sk-test``.
        """
        return Account(self, key)

    def reset(self, scope: str = "all") -> Mapping[str, Any]:
        """Put everything, or a part of it, back to the start; for one account ``mock.account(key).reset()``.

        Args:
            scope: ``all``, ``tasks``, ``journal``, ``faults``, ``clock`` or ``scenario``.

        Raises:
            ScopeError: There is no such scope; nothing was reset.
        """
        return reset_scope(self._provider, self._journal, scope, None)

    def advance(self, seconds: float) -> tuple[TaskChange, ...]:
        """Move the manual clock forward, and say which tasks that changed.

        Raises:
            RuntimeError: The clock is not manual.
            ClockError: ``seconds`` is negative or not finite.
        """
        clock = self._provider.clock
        if clock.mode != "manual":
            message = f'The clock is {clock.mode}; start the mock with clock="manual" to advance it.'
            raise RuntimeError(message)
        return self._provider.advance(seconds)

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()
