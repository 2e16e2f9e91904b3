"""A plan carried out: one case after the other, each as it stands there, and never a cent beyond the caps.

A submit is reserved before it is sent and settled after its answer. It is never sent again. What cannot be known
counts as spent until a person settles it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from nebula_client.retry_after import LONGEST_S
from nebula_contract.live.accounts import Accounts
from nebula_contract.live.asking import Asked, Asking, KnownTask, NotReachedError, pause_asked_s
from nebula_contract.live.budget import BudgetError
from nebula_contract.live.case import KNOWN, Case, Plan
from nebula_contract.live.ended import LiveEnd, Reason
from nebula_contract.live.interrupts import Interrupted, Interrupts
from nebula_contract.live.ledger_lines import LedgerError
from nebula_contract.live.means import LEAST_PAUSE_S, Means
from nebula_contract.live.outcome import is_redirect, outcome_of, result_urls_in, status_in
from nebula_contract.live.plan_free import DOWNLOAD
from nebula_contract.live.rehearsal import RehearsalError
from nebula_contract.record.exchange import REOBSERVED, Credential

_UNAUTHORIZED, _FORBIDDEN, _OK = 401, 403, 200
_WAITS = frozenset({429, 503})
_MOST_READS = 3  # of one read that is told to come back
_MOST_BAD_POLLS = 5  # one after the other
_AGAIN = frozenset({"GET", "HEAD"})
_MOST_DOUBTED = 20


class _Over(Exception):
    """The run ends here."""

    def __init__(self, reason: Reason, told: str) -> None:
        super().__init__(told)
        self.reason: Reason = reason


def live(plan: Plan, digest: str, means: Means) -> LiveEnd:
    """Carry out a plan; ``digest`` is that of its file.

    Raises:
        LedgerError: The ledger cannot be read, or not be written where something may be spent; nothing was sent.
    """
    return LiveRun(plan, digest, means).run()


class LiveRun:
    """One run of a plan, which can begin: its ledger was looked at, and nothing was sent."""

    def __init__(self, plan: Plan, digest: str, means: Means) -> None:
        """As ``live``.

        Raises:
            LedgerError: As ``live``.
        """
        self._plan, self._means, self._interrupts = plan, means, Interrupts()
        self._money = Accounts(means.ledger, means.caps, means.place.authority, means.keys, digest)
        self._asking = Asking(means.place, means.keys, means.now, means.timeout_s, means.send)
        self._tasks: dict[str, KnownTask] = {}
        self._closed: dict[str, str] = {}  # class of cases to why it is over
        self._refused_keys: set[Credential] = set()
        self._submits = 0
        self._unseen: dict[str, str] = {}
        self._left_out: dict[str, str] = {}
        self._surprises: list[str] = []
        self._reads: dict[int, tuple[Case, KnownTask | None]] = {}  # by the number of their exchange

    def run(self) -> LiveEnd:
        """Every case, until something ends the run; once."""
        with self._interrupts:
            return self._run()

    def _run(self) -> LiveEnd:
        self._tasks |= {
            f"{KNOWN}{family}": task for family, task in self._money.known_tasks(timedelta(hours=24)).items()
        }
        reason: Reason = "done"
        told = ""
        left = iter(self._plan.cases)
        for case in left:
            reason, told = self._ended_by(partial(self._do, case))
            if reason != "done":
                if case.poll is not None or case.name not in self._asking.numbers:
                    self._miss(case, told)
                break
        for case in left:
            self._miss(case, told)
        if reason == "done":
            reason, told = self._ended_by(self._look_again)
        return LiveEnd(
            reason,
            told,
            self._money.spent_usd,
            self._money.reserved_usd,
            self._submits,
            self._asking.requests,
            tuple(self._unseen.items()),
            tuple(self._left_out.items()),
            tuple(self._surprises),
        )

    def _ended_by(self, step: Callable[[], None]) -> tuple[Reason, str]:
        """Whether a step ends the run, and why."""
        try:
            step()
        except _Over as over:
            return over.reason, str(over)
        except Interrupted:
            return "interrupted", "the run was interrupted"
        except LedgerError as error:
            return "ledger", str(error)
        except RehearsalError as error:
            return "infra", str(error)
        return "done", ""

    def _look_again(self) -> None:
        """Send once more, with pauses, the reads that showed something bad: one hiccup is no news."""
        doubted = [self._reads[number] for number in self._means.doubted() if number in self._reads]
        cases = {(case.path, case.credential): (case, task) for case, task in doubted}
        for case, task in list(cases.values())[:_MOST_DOUBTED]:
            self._wait(LEAST_PAUSE_S)
            again = replace(case, purpose=REOBSERVED, poll=None)
            try:
                self._read(again, task)
            except NotReachedError as error:
                self._left_out[f"{case.name} (a second look)"] = str(error)

    def _miss(self, case: Case, reason: str) -> None:
        (self._left_out if case.is_optional else self._unseen)[case.name] = reason

    def _do(self, case: Case) -> None:
        self._interrupts.check()
        if self._means.now() - self._asking.began >= self._means.deadline_s:
            raise _Over("deadline", f"the run took {self._means.deadline_s:g} s, which is its limit")
        try:
            self._send(case)
        except (NotReachedError, BudgetError) as error:
            self._miss(case, str(error))
            if case.may_be_charged:
                self._closed.setdefault(case.group, f"{case.name} was not sent")

    def _send(self, case: Case) -> None:
        if reason := self._closed.get(case.group):
            raise NotReachedError(reason)
        if case.credential in self._refused_keys:
            message = f"the provider refuses the {case.credential} key"
            raise NotReachedError(message)
        if case.credential not in {"none", "malformed"} and case.credential not in self._means.keys:
            message = f"there is no {case.credential} key"
            raise NotReachedError(message)
        task = self._tasks.get(case.task)
        if case.task and task is None:
            reason = (
                "the ledger knows no young task" if case.task.startswith(KNOWN) else "its task was not made"
            )
            raise NotReachedError(reason)
        if case.may_be_charged or case.method == "POST":
            self._submit(case)
        elif case.poll is not None:
            self._poll(case, task)
        else:
            self._read(case, task)

    def _submit(self, case: Case) -> None:
        """Reserve, send once, settle: in that order, whatever happens between."""
        target = self._asking.target(case, None)
        entry = self._money.reserve(case) if case.may_be_charged else ""
        self._submits += case.may_be_charged
        try:
            with self._interrupts.let_in(after=1):
                asked = self._asking.ask(case, target)
        except Interrupted:
            if case.name not in self._asking.numbers:  # else nobody knows, and it counts
                self._money.not_sent(entry)
            raise
        outcome = outcome_of(asked.sent.status, asked.sent.raw, asked.sent.failure)
        self._money.settle(entry, outcome)
        self._keep(case, asked)
        if outcome.kind == "accepted" and not case.is_meant_to_be_accepted:
            self._surprises.append(case.name)
            self._closed[case.group] = f"{case.name} was accepted, though it had to be refused"
        elif outcome.kind == "accepted":
            self._tasks[case.name] = KnownTask(outcome.task_id, entry)
        elif outcome.kind == "unknown" or case.is_meant_to_be_accepted:
            self._closed.setdefault(case.group, f"{case.name} was not accepted ({outcome.kind})")
        self._look_for_an_end(case, asked)

    def _read(self, case: Case, task: KnownTask | None) -> Asked:
        """A read that nothing is charged for; where the answer says when to come back, it is sent again then."""
        for left in reversed(range(_MOST_READS)):
            target = self._asking.target(case, task)
            with self._interrupts.let_in():
                asked = self._asking.ask(case, target)
            self._keep(case, asked)
            if case.method == "GET":
                self._reads[asked.number] = case, task
            self._learn(case, task, asked)
            self._look_for_an_end(case, asked)
            pause_s = (
                pause_asked_s(asked.sent) if asked.sent.status in _WAITS and case.method in _AGAIN else None
            )
            if pause_s is None or pause_s > LONGEST_S or not left:
                break
            self._wait(max(pause_s, LEAST_PAUSE_S))
        return asked

    def _poll(self, case: Case, task: KnownTask | None) -> None:
        """Ask until the task has ended, or for as long as the plan says."""
        poll = case.poll
        assert poll is not None
        every_s = max(LEAST_PAUSE_S, self._means.poll_every_s, poll.every_s)
        bad = 0
        for _ in range(poll.most):
            self._wait(every_s)
            asked = self._read(case, task)
            if task is None or task.is_settled:
                return
            bad = 0 if asked.sent.status == _OK else bad + 1
            if bad >= _MOST_BAD_POLLS:
                break
        reason = (
            f"its task had not ended after {poll.most} polls"
            if bad < _MOST_BAD_POLLS
            else "its polls are not answered"
        )
        self._closed[case.group] = reason
        raise NotReachedError(reason)

    def _wait(self, seconds: float) -> None:
        left_s = self._asking.began + self._means.deadline_s - self._means.now()
        if seconds > left_s:
            raise _Over(
                "deadline", f"the run would wait longer than its limit of {self._means.deadline_s:g} s"
            )
        with self._interrupts.let_in():
            self._means.sleep(seconds)

    def _learn(self, case: Case, task: KnownTask | None, asked: Asked) -> None:
        """What an owner's read says of the task: whether it has ended, and where its videos are."""
        if task is None or case.credential != "own" or not asked.target.subject or asked.sent.status != _OK:
            return
        status = status_in(asked.sent.raw, task.id)
        if urls := result_urls_in(asked.sent.raw):
            task.result_urls = urls
        if status in {"succeeded", "failed"} and not task.is_settled:
            task.is_settled = True
            self._money.ended(task.entry, status)

    def _keep(self, case: Case, asked: Asked) -> None:
        try:
            self._means.keep(self._asking.exchange(case, asked))
        except Exception as error:  # whoever keeps it has failures of its own, and the run must end in order
            told = f"the record cannot be written ({type(error).__name__}: {error}); nothing more is sent"
            raise _Over("record", told) from error

    def _look_for_an_end(self, case: Case, asked: Asked) -> None:
        """Whether this answer ends the class, or the whole run."""
        status = asked.sent.status
        if is_redirect(status):
            self._closed[case.group] = (
                f"{case.name} was answered with a redirect ({status}), which is not followed"
            )
        if case.credential == "own" and status == _UNAUTHORIZED:
            raise _Over("infra", f"the provider refuses the key (HTTP 401 to {case.name})")
        if case.credential == "own" and status == _FORBIDDEN and not case.path.startswith(DOWNLOAD):
            raise _Over("infra", f"the account may not spend (HTTP 403 to {case.name})")
        if case.credential in {"second", "reduced"} and status == _UNAUTHORIZED:
            self._refused_keys.add(case.credential)
        self._interrupts.check()
