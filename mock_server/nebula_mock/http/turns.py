"""A request under a scenario: counted, limited, perhaps refused instead of done, perhaps answered late."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import quote

from flask import Response, g, request

from nebula_mock.core.clock import Clock
from nebula_mock.core.facts import Facts, Operation
from nebula_mock.core.faults import Fault, Scene
from nebula_mock.core.faults.on_the_wire import WRITER
from nebula_mock.core.faults.problem import IN_ANY_DIALECT
from nebula_mock.core.lifecycle import Observation
from nebula_mock.core.play import Call, Effects, Play, effects_of_step
from nebula_mock.core.refusal import RefusalError
from nebula_mock.core.reply import Reply
from nebula_mock.core.scenario import Scenario
from nebula_mock.core.scripts import Taken
from nebula_mock.core.subject import Subject
from nebula_mock.core.task import Task
from nebula_mock.http.answers import refusal_reply
from nebula_mock.http.asked_scenario import asked_scenario
from nebula_mock.http.exchange import current_exchange
from nebula_mock.http.fetched import counted_when_whole
from nebula_mock.http.rendering import rendered
from nebula_mock.provider import Provider

_NO_EFFECTS = Effects()
_ERRORS = 400  # from this HTTP status on
_OTHER_NAME = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}


class NoConnectionError(Exception):
    """A fault on the wire was asked of a server that does not own its connections; the message says what does."""

    def __init__(self, kind: str) -> None:
        """Name the fault."""
        super().__init__(
            f"the fault {kind!r} breaks a connection, and this server has none to break: it was called without a "
            "socket, or another server runs it. Nothing was done. Use nebula-mock serve or MockServer."
        )


class Acting:
    """A fault while its request is answered, and whether it has had an effect.

    Attributes:
        fault: The fault; None where nothing is done.
        did: Whether it has changed anything.
    """

    __slots__ = ("did", "fault")

    def __init__(self, fault: Fault | None) -> None:
        """Nothing is changed yet."""
        self.fault = fault
        self.did = False

    def on_task(self, task: Task) -> Task:
        """What becomes of the task that a submit makes."""
        if self.fault is None:
            return task
        changed = self.fault.on_task(task)
        self.did = self.did or changed is not task
        return changed

    def on_sight(self, task: Task, seen: Observation | None) -> Observation | None:
        """Where a query says that the task stands."""
        if self.fault is None:
            return seen
        changed = self.fault.on_sight(task, seen)
        self.did = self.did or changed is not seen
        return changed


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
        clock: That clock.
        interruptions: How often it had been interrupted then.
    """

    provider: Provider
    account: str
    operation: Operation
    asked: Scenario | None
    play: Play
    call: Call
    came_at: float
    clock: Clock
    interruptions: int

    def answer(
        self, subject: Subject, done: Callable[[Acting], Reply], about: Callable[[], str], **told: Any
    ) -> Response:
        """The answer to the request: what ``done`` gives, with what a script or a rule does to it, when it is time.

        The operation is done before any delay, so a consumer that stops waiting has changed what others see.
        ``about`` says what it is about, where something is drawn; ``told`` are facts for the words of a refusal.

        Raises:
            RefusalError: Of a fault, or of the operation itself; it is as late as any other answer.
            NoConnectionError: A fault needs a connection, and there is none.
        """
        scripts = self.provider.scripts
        if not (self.play.scenario.rules or scripts.is_waiting):
            return self._rendered(done(Acting(None)))
        what = about()
        facts = self._facts(subject, what, told)
        exchange = current_exchange()
        draws = self.provider.draws.noted_by(exchange.draws.append)
        taken = scripts.take(facts, g.request_id)
        if taken is None:
            ordinal = self.play.draw_ordinal(self.account, self.operation, what)
            facts = replace(facts, draw_ordinal=ordinal)
            effects = self.play.effects(facts, draws)
            scripts.note_unscripted(self.account, effects.fired)
        else:  # what is drawn for a step follows from the script alone, whoever else asks for what
            facts = replace(facts, draw_ordinal=taken.number)
            effects = effects_of_step(taken.step, facts, draws)
        acting = Acting(effects.fault)
        try:
            return self._acted(acting, facts, done)
        except NoConnectionError:
            effects = replace(effects, delay_s=0.0)  # nothing is done, and it is said at once
            if taken is not None:
                scripts.give_back(taken)
            raise
        finally:
            did = acting.did or effects.delay_s > 0 or effects == _NO_EFFECTS
            if taken is not None:
                scripts.note(taken, did=did)
            if taken is not None or effects.fired:
                exchange.faults.append(_told(taken, effects, did=did))
            if effects.delay_s > 0:
                self.clock.wait_until(self.came_at + effects.delay_s, self.interruptions)

    def _acted(self, acting: Acting, facts: Facts, done: Callable[[Acting], Reply]) -> Response:
        fault = acting.fault
        if fault is None:
            return self._rendered(done(acting))
        scene = self._scene(facts)
        self._break(acting, fault)
        answered = fault.instead(scene)
        acting.did = acting.did or answered is not None
        if isinstance(answered, RefusalError) or (answered is not None and answered.status >= _ERRORS):
            self._count(answered)
        if isinstance(answered, RefusalError):
            raise answered
        if answered is None:
            try:
                answered = done(acting)
            except RefusalError as refusal:
                current_exchange().note_refusal(refusal.problem_id)
                answered = refusal_reply(g.dialect, refusal, g.request_id)
        changed = fault.on_reply(answered, scene)
        acting.did = acting.did or changed is not answered
        return self._rendered(changed)

    def _rendered(self, reply: Reply) -> Response:
        """The response, which counts as a fetch when a video in it that nothing spoils is taken whole."""
        answer = rendered(reply, request)
        if reply.task is None or not reply.has_whole_video(answer.content_length):
            return answer
        return counted_when_whole(answer, self.provider, reply.task)

    def _scene(self, facts: Facts) -> Scene:
        name, colon, port = request.host.rpartition(":")
        if not port.isdecimal():  # none is named; an IPv6 address has colons of its own
            name, colon, port = request.host, "", ""
        other = _OTHER_NAME.get(name, "localhost")
        query = request.query_string.decode("latin-1")
        target = quote(request.environ["PATH_INFO"].encode("latin-1")) + (f"?{query}" if query else "")
        earlier = partial(self.provider.earlier_task_id, self.account)
        return Scene(facts, target, f"{other}{colon}{port}", earlier)

    def _facts(self, subject: Subject, about: str, told: Mapping[str, str | None]) -> Facts:
        return Facts(
            operation=self.operation,
            account=self.account,
            ordinal=self.call.ordinal,
            elapsed_s=self.call.elapsed_s,
            about=about,
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

    def _break(self, acting: Acting, fault: Fault) -> None:
        """Have the answer to come go wrong on the wire, where the fault says so.

        Raises:
            NoConnectionError: The server does not own the connection; nothing was done.
        """
        broken = fault.on_the_wire()
        if broken is None or (broken.is_of_body and request.method == "HEAD"):
            return
        writer = request.environ.get(WRITER)
        if writer is None:
            current_exchange().ended = "refused"
            raise NoConnectionError(fault.kind)
        writer.misbehave(broken, self.clock)
        acting.did = True

    def _count(self, answered: RefusalError | Reply) -> None:
        """Put what was answered instead of a submit on the bill."""
        refusal = answered if isinstance(answered, RefusalError) else RefusalError(IN_ANY_DIALECT)
        _count(self.provider, self.account, self.operation, refusal)


def _told(taken: Taken | None, effects: Effects, *, did: bool) -> Mapping[str, Any]:
    """What was done to a request, as the journal tells it."""
    script = {} if taken is None else {"script": taken.script_id, "step": taken.number}
    fault = None if effects.fault is None else effects.fault.kind
    return {
        **script,
        "rules": list(effects.fired),
        "fault": fault,
        "delay_s": effects.delay_s,
        "did": did,
    }


def turn_of(provider: Provider, account: str, operation: Operation) -> Turn:
    """The turn of the current request, which counts it.

    Raises:
        RefusalError: ``rate-limited``.
    """
    asked = asked_scenario()
    play = provider.plays.in_force(account, asked)
    clock = provider.clocks.of(account)
    interruptions, came_at = clock.interruptions, clock.now()
    try:
        call = play.call(account, operation, came_at)
    except RefusalError as refusal:
        _count(provider, account, operation, refusal)
        raise
    return Turn(provider, account, operation, asked, play, call, came_at, clock, interruptions)


def _count(provider: Provider, account: str, operation: Operation, refusal: RefusalError) -> None:
    if operation == "submit":
        provider.count_refused(account, refusal)
