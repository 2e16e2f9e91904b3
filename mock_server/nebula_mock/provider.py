"""The provider's operations, without HTTP: what the routes call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from nebula_mock.core.about import about_submit
from nebula_mock.core.behaviour import Behaviour
from nebula_mock.core.books import Books
from nebula_mock.core.changes import TaskChange, changes
from nebula_mock.core.clock import Clock
from nebula_mock.core.draws import DrawNote, Draws, RequestDraws
from nebula_mock.core.intake import JSON, Intake, Submitted, intake
from nebula_mock.core.ledger import Bill
from nebula_mock.core.lifecycle import Observation, Plan
from nebula_mock.core.plays import Source
from nebula_mock.core.refusal import RefusalError
from nebula_mock.core.remix import remixed_values, source_id
from nebula_mock.core.replays import Made
from nebula_mock.core.rules import AccountRules, Rulebook
from nebula_mock.core.scenario import Scenario
from nebula_mock.core.scripts import Scripts
from nebula_mock.core.subject import Subject, subject_of_submit, subject_of_task
from nebula_mock.core.task import Task, new_task
from nebula_mock.core.terms import is_over
from nebula_mock.dialects import DialectWords
from nebula_mock.reception import Reception
from nebula_mock.stores import Store
from nebula_mock.video.film import Film, FilmSpec
from nebula_schemas.catalogue import Catalogue, Dialect, price_usd


@dataclass(frozen=True, slots=True)
class Seen:
    """A task as one query found it; no observation while the dialect's provider knows nothing yet."""

    task: Task
    observation: Observation | None


class Provider(Reception):
    """Submit, query, download, for every account. Safe to call from many threads.

    Attributes:
        catalogue: The models it knows.
        scripts: The fault scripts that wait for requests.
        draws: All its randomness.
        store: Where its tasks are.
        books: What it counted of each account.
        dropped: Tasks that the store had no room for any more.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        words: Mapping[Dialect, DialectWords],
        clock: Clock,
        store: Store,
        draws: Draws,
        behaviour: Behaviour | None = None,
        rulebook: Rulebook | None = None,
        source: Source | None = None,
    ) -> None:
        """Put the parts together; nothing is started."""
        super().__init__(words=words, clock=clock, behaviour=behaviour, rulebook=rulebook, source=source)
        self.catalogue = catalogue
        self.store = store
        self.books = Books()
        self.dropped = 0
        self.scripts = Scripts()
        self.draws = draws

    def advance(self, seconds: float, account: str | None = None) -> tuple[TaskChange, ...]:
        """Move the shared clock, or the one an account has to itself, and say which tasks that changed.

        Raises:
            ClockError: The clock runs by itself, or the step leads nowhere.
        """
        clock = self.clock if account is None else self.clocks.of(account)
        with self._lock:
            before = clock.now()
            after = clock.advance(seconds)
        moved = [task for task in self.store.tasks() if self.clocks.of(task.account) is clock]
        return changes(moved, before, after)

    def forget_tasks(self, account: str | None = None) -> int:
        """No task was ever submitted, by anybody or by one account; gives how many are gone.

        A submit at the same moment is done before or after. With a seed, ids come again from the first.
        """
        with self._lock:
            self.books.forget(account)
            if account is None:
                self.dropped = 0
            return self.store.forget(account)

    def submit(
        self,
        account: str,
        fields: Mapping[str, Any],
        media_type: str = JSON,
        asked: Scenario | None = None,
        *,
        noted: Callable[[DrawNote], None] | None = None,
        twist: Callable[[Task], Task] | None = None,
    ) -> Task:
        """The task that a submit makes, kept before it is answered.

        Args:
            account: Who submits.
            fields: The JSON object, or the fields of the form.
            media_type: ``application/json`` or ``multipart/form-data``.
            asked: The scenario that the request asks for; None for the account's.
            noted: Is told of every draw that is made for it.
            twist: What a fault makes of the task before it is kept; None for nothing.

        Raises:
            RefusalError: The provider refuses it, or the account may not have the task.
        """
        try:
            draws = self.draws.noted_by(noted)
            return self._accepted(account, Submitted(fields, media_type), asked, draws, twist)
        except RefusalError as refusal:
            self.count_refused(account, refusal)
            raise

    def count_refused(self, account: str, refusal: RefusalError) -> None:
        """Put a refused submit on the account's bill."""
        with self._lock:
            self.books.refuse(account, refusal.problem_id)

    def _accepted(
        self,
        account: str,
        submitted: Submitted,
        asked: Scenario | None,
        draws: Draws,
        twist: Callable[[Task], Task] | None,
    ) -> Task:
        """Checks in the provider's order: fields, price, balance, upstream (SRC)."""
        rules = self.rules_of(account, asked)
        models = self.catalogue.in_dialect(rules.dialect or self.behaviour.dialect)
        taken = intake(models, submitted, rules.refuse_model)
        # Of two submits at once the second must see that the first is running. It does not see its price: what
        # runs is not charged yet, and the provider holds nothing back for it (SRC), so a balance can be overdrawn.
        # And what a reset forgets must not be part of a task that comes after it.
        with self._lock:
            play = self.plays.in_force(account, asked)
            source, refusal = self._source(account, taken)
            values = taken.values if source is None else remixed_values(taken, source)
            price = price_usd(taken.family, taken.model, values)
            self._refuse_beyond_limits(account, rules, taken, price)
            if refusal is not None:
                raise refusal.of_family(taken.family.name)
            about = about_submit(submitted.fields)
            remix_of = None if source is None else source.task_id
            recorded = play.replayed(account, Made(taken.model.id, values, source is not None))
            task = self._new_task(
                account, about, draws, taken, values, price, play.scenario, remix_of, recorded
            )
            if twist is not None:
                task = twist(task)
            for dropped in self.store.add(task):
                self.dropped += 1
                self.books.settle(dropped)
        return task

    def _new_task(
        self,
        account: str,
        about: str,
        draws: Draws,
        taken: Intake,
        values: Mapping[str, Any],
        price: Decimal,
        scenario: Scenario,
        remix_of: str | None,
        recorded: Plan | None,
    ) -> Task:
        """The task of an accepted submit, with an id that the account has not yet."""
        while True:
            draw = RequestDraws(draws, account, "submit", about, self.books.next_ordinal(account, about))
            task = new_task(
                draw,
                taken,
                values,
                price_usd=price,
                plan=recorded or scenario.plan(self.behaviour.plan, draw, taken.family.name),
                now=self.now(account),
                id_time=self.behaviour.id_time,
                terms=scenario.terms,
                remix_of=remix_of,
            )
            if self.store.get(account, task.task_id) is None:  # where a form is short, two may meet
                return task

    def _refuse_beyond_limits(self, account: str, rules: AccountRules, taken: Intake, price: Decimal) -> None:
        if not rules.has_limits:
            return
        own = self.books.spending(account, self.store.tasks_of(account), self.now(account))
        try:
            rules.refuse_spending(price, own.charged_usd)
            rules.refuse_more(own.running)
        except RefusalError as refusal:
            raise refusal.of_family(taken.family.name) from None

    def _source(self, account: str, taken: Intake) -> tuple[Task | None, RefusalError | None]:
        """The task that a submit remakes, if it does; and why the upstream refuses the submit, if it does."""
        wanted = source_id(taken)
        if wanted is None or taken.upstream_refusal is not None:
            return None, taken.upstream_refusal
        task = self._known(account, wanted)
        if task is None or task.family.name != taken.family.name:
            return None, RefusalError("remix-unknown", task_id=wanted)
        if self._seen(task).stage != "succeeded":
            return None, RefusalError("remix-unfinished", task_id=wanted)
        return task, None

    def bill(self, account: str) -> Bill:
        """What the account spent until now, and what it may still have to pay."""
        with self._lock:
            return self.books.bill(account, self.store.tasks_of(account), self.now(account))

    def ledger(self) -> tuple[Bill, ...]:
        """The bill of every account that submitted anything, sorted by account."""
        with self._lock:
            accounts = self.books.accounts()
        return tuple(self.bill(account) for account in sorted(accounts))

    def query(self, account: str, task_id: str, asked: Scenario | None = None) -> Seen:
        """The account's task of that id as it is now.

        Raises:
            RefusalError: ``unknown-task``; another account's task is unknown too.
        """
        with self._lock:  # no query of a task that a reset forgot is counted for the next one of that id
            task = self._known(account, task_id)
            polls = 0 if task is None else self.books.polls.counted(task)
        if task is None:
            raise RefusalError("unknown-task", task_id=task_id)
        return Seen(task, self.words_for(account, asked).observed(task, self.now(account), polls))

    def download(self, account: str, task_id: str | None) -> tuple[Task, Film]:
        """The account's finished Sora task of that id, and its video.

        Raises:
            RefusalError: ``download-without-id``; ``download-unknown-task``; ``download-no-file``
                when the task is unfinished, has failed, or its family has no download.
        """
        if not task_id:
            raise RefusalError("download-without-id")
        task = self._known(account, task_id)
        if task is None:
            raise RefusalError("download-unknown-task", task_id=task_id)
        if self._seen(task).stage != "succeeded" or task.family.delivery != "download":
            raise RefusalError("download-no-file", upstream_status=404, upstream_body=_UPSTREAM_NOT_FOUND)
        return task, self.film(task, 0)

    def content_task(self, task_id: str) -> Task:
        """A task of the gateway dialect, whoever asks (SRC: no key is asked for).

        Raises:
            RefusalError: ``content-unknown-task``.
        """
        task = next((task for task in self.store.tasks() if task.task_id == task_id), None)
        if task is None or self.dialect_of(task.account) != "gateway":
            raise RefusalError("content-unknown-task")
        if task.is_forgotten_at(self.now(task.account)):
            raise RefusalError("content-unknown-task")
        return task

    def content(self, task: Task) -> Film:
        """Its raw video.

        Raises:
            RefusalError: ``content-not-ready``.
        """
        seen = self.words_for(task.account).observed(task, self.now(task.account), self.books.polls.of(task))
        if seen is None or seen.stage != "succeeded":
            stage = "unseen" if seen is None else seen.stage
            raise RefusalError("content-not-ready", status=_INTERNAL_STATUS[stage])
        return self.film(task, 0)

    def _known(self, account: str, task_id: str) -> Task | None:
        """The account's task, while the provider still knows it."""
        task = self.store.get(account, task_id)
        return None if task is None or task.is_forgotten_at(self.now(account)) else task

    def _seen(self, task: Task) -> Observation:
        """Where the task stands, whoever asks; it moves nothing."""
        return task.observed_at(self.now(task.account), self.books.polls.of(task))

    def result(self, token: str, index: int) -> Film | None:
        """The video behind a result URL, or None where there is none yet.

        Raises:
            RefusalError: ``result-expired``.
        """
        task = self.store.by_result_token(token)
        if task is None or task.family.delivery != "url" or not 0 <= index < task.film.count:
            return None
        if self._seen(task).stage != "succeeded":
            return None
        if is_over(self.now(task.account), task.ends_at, task.url_valid_s):
            raise RefusalError("result-expired")
        return self.film(task, index)

    def count_fetched(self, task: Task, by: Literal[1, -1] = 1) -> bool:
        """Count that a result of the task was handed over whole, or with -1 that it was not after all.

        Not for a task that is no longer kept, also where another one has its id by now; gives whether it is.
        """
        with self._lock:
            is_kept = self.store.get(task.account, task.task_id) is task
            if is_kept:
                self.books.fetches.add(task, by)
            return is_kept

    def submit_subject(self, fields: Mapping[str, Any], dialect: Dialect) -> Subject:
        """What a submit with those fields is about."""
        return subject_of_submit(self.catalogue.in_dialect(dialect), fields)

    def task_subject(self, account: str, task_id: str | None) -> Subject:
        """What a query or download of that task is about."""
        return subject_of_task(self._known(account, task_id) if task_id else None)

    def earlier_task_id(self, account: str, than: str) -> str | None:
        """The id of the account's task before the one of that id; None where that is the first, or unknown."""
        before = None
        for task in self.store.tasks_of(account):
            if task.task_id == than:
                return before
            before = task.task_id
        return None

    def result_count(self, seen: Seen) -> int:
        """How many results a query shows; none before success and none for Sora."""
        is_done = seen.observation is not None and seen.observation.stage == "succeeded"
        has_urls = is_done and seen.task.family.delivery == "url"
        return seen.task.film.count if has_urls else 0

    def gives_data_uris(self, task: Task) -> bool:
        """Whether the task's results stand in the answer itself, and not behind URLs."""
        own = self.rulebook.of(task.account).video_results
        chosen = own or task.terms.video_results or self.behaviour.video_results
        return chosen == "data-uri" and task.family.data_uri_valid_s > 0

    def has_lost_data_uris(self, task: Task) -> bool:
        """Whether results that stood in the answer are gone (Veo: 12 hours after the end; DOC, SRC)."""
        return is_over(self.now(task.account), task.ends_at, task.data_uri_valid_s)

    def film(self, task: Task, index: int) -> Film:
        """One of the task's videos; the same bytes each time."""
        facts = task.film
        spec = FilmSpec(facts.width, facts.height, facts.fps, facts.duration_s)
        size_bytes = task.terms.video_size_bytes or self.behaviour.video_size_bytes
        return Film(spec, f"{task.task_id}/{index}", size_bytes)


_UPSTREAM_NOT_FOUND = '{"error":{"message":"Video content is not available","type":"invalid_request_error"}}'

# The gateway's own words for where a task stands, which only its content routes let out (SRC).
_INTERNAL_STATUS: Mapping[str, str] = {
    "unseen": "NOT_START",
    "waiting": "QUEUED",
    "running": "IN_PROGRESS",
    "failed": "FAILURE",
}
