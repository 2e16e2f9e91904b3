"""A request under a scenario: counted, limited, perhaps refused instead of done, perhaps answered late."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, g, request

from nebula_mock.core.facts import Facts, Operation
from nebula_mock.core.faults import Fault
from nebula_mock.core.faults.on_the_wire import WRITER
from nebula_mock.core.play import Call, Play
from nebula_mock.core.refusal import RefusalError
from nebula_mock.core.scenario import Scenario
from nebula_mock.core.subject import Subject
from nebula_mock.http.asked_scenario import asked_scenario
from nebula_mock.http.exchange import current_exchange
from nebula_mock.provider import Provider


class NoConnectionError(Exception):
    """A fault on the wire was asked of a server that does not own its connections; the message says what does."""

    def __init__(self, kind: str) -> None:
        """Name the fault."""
        super().__init__(
            f"the fault {kind!r} breaks a connection, and this server has none to break: it was called without a "
            "socket, or another server runs it. Nothing was done. Use nebula-mock serve or MockServer."
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """The current request of an account, as the scenario in force for it sees it.

    Attributes:
        provider: Who answers.
        account: Who asks.
        operation: For what.
        asked: The scenario that the request asks for; None for the account's.
        play: The scenario in force, with its counters.
        call: Which request it is.
        came_at: When it came, seconds since the epoch on the account's clock.
    """

    provider: Provider
    account: str
    operation: Operation
    asked: Scenario | None
    play: Play
    call: Call
    came_at: float

    def answer(self, subject: Subject, done: Callable[[], Response], **told: Any) -> Response:
        """The answer to the request: what ``done`` gives, or what a rule puts in its place, when it is time.

        The operation is done before any delay, so a consumer that stops waiting has changed what others see.
        ``told`` are facts for the words of a refusal.

        Raises:
            RefusalError: Of the rule, or of the operation itself; it is as late as any other answer.
        """
        if not self.play.scenario.rules:
            return done()
        facts = self._facts(subject, told)
        exchange = current_exchange()
        effects = self.play.effects(facts, self.provider.draws.noted_by(exchange.draws.append))
        if effects.fired:
            fault = None if effects.fault is None else effects.fault.kind
            exchange.faults.append({"rules": list(effects.fired), "fault": fault, "delay_s": effects.delay_s})
        try:
            if effects.fault is not None:
                self._break(effects.fault)
                self._refuse(effects.fault.refusal(facts))
            return done()
        finally:
            if effects.delay_s > 0:
                self.provider.clocks.of(self.account).wait_until(self.came_at + effects.delay_s)

    def _facts(self, subject: Subject, told: Mapping[str, str | None]) -> Facts:
        return Facts(
            operation=self.operation,
            account=self.account,
            ordinal=self.call.ordinal,
            elapsed_s=self.call.elapsed_s,
            dialect=g.dialect,
            model=subject.model,
            family=subject.family,
            prompt=subject.prompt,
            headers={name.lower(): value for name, value in request.headers.items()},
            told={
                "method": request.method,
                "path": request.path,
                **{name: value for name, value in told.items() if value is not None},
            },
        )

    def _break(self, fault: Fault) -> None:
        """Have the answer to come go wrong on the wire, where the fault says so.

        Raises:
            NoConnectionError: The server does not own the connection; nothing was done.
        """
        broken = fault.on_the_wire()
        if broken is None:
            return
        writer = request.environ.get(WRITER)
        if writer is None:
            current_exchange().ended = "refused"
            raise NoConnectionError(fault.kind)
        writer.misbehave(broken, self.provider.clocks.of(self.account))

    def _refuse(self, refusal: RefusalError | None) -> None:
        if refusal is not None:
            _count(self.provider, self.account, self.operation, refusal)
            raise refusal


def turn_of(provider: Provider, account: str, operation: Operation) -> Turn:
    """The turn of the current request, which counts it.

    Raises:
        RefusalError: ``rate-limited``.
    """
    asked = asked_scenario()
    play = provider.plays.in_force(account, asked)
    came_at = provider.now(account)
    try:
        call = play.call(account, operation, came_at)
    except RefusalError as refusal:
        _count(provider, account, operation, refusal)
        raise
    return Turn(provider, account, operation, asked, play, call, came_at)


def _count(provider: Provider, account: str, operation: Operation, refusal: RefusalError) -> None:
    if operation == "submit":
        provider.count_refused(account, refusal)
