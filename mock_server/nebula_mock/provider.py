"""The provider's operations, without HTTP: what the routes call."""

import itertools
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from nebula_mock.core.clock import Clock
from nebula_mock.core.draws import Draws
from nebula_mock.core.intake import Intake, intake
from nebula_mock.core.ledger import Bill, bill
from nebula_mock.core.lifecycle import Observation, Plan
from nebula_mock.core.refusal import RefusalError
from nebula_mock.core.rules import Rulebook
from nebula_mock.core.task import Task, task_id_for
from nebula_mock.dialects import DialectWords, JsonObject
from nebula_mock.stores import Store
from nebula_mock.video.film import Film, FilmSpec
from nebula_schemas.catalogue import Catalogue, film_facts, price_usd

_TOKEN_DIGITS = 40
_SEED_DIGITS = 8  # a generation seed is drawn below 2**32
_HEXADECIMAL = 16


@dataclass(frozen=True, slots=True)
class Seen:
    """A task as one query found it; no observation while the dialect's provider knows nothing yet."""

    task: Task
    observation: Observation | None


class Provider:
    """Submit, query, download, for every account. Safe to call from many threads.

    Attributes:
        catalogue: The models it knows.
        words: Its dialect.
        clock: Its only source of "now".
        store: Where its tasks are.
        plan: What becomes of every task.
        video_size_bytes: The exact size of every result, or None for the natural one.
        id_time: The time that ids tell, seconds since the epoch; None for that of their submit.
        rulebook: What it allows each account.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        words: DialectWords,
        clock: Clock,
        store: Store,
        draws: Draws,
        plan: Plan,
        video_size_bytes: int | None,
        id_time: float | None = None,
        rulebook: Rulebook | None = None,
    ) -> None:
        """Put the parts together; nothing is started."""
        self.catalogue = catalogue
        self.words = words
        self.clock = clock
        self.store = store
        self.plan = plan
        self.video_size_bytes = video_size_bytes
        self.id_time = id_time
        self.rulebook = rulebook or Rulebook()
        self._refused: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._draws = draws
        self._ordinals: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)
        self._lock = threading.RLock()

    def submit(self, account: str, body: JsonObject) -> Task:
        """The task that ``body`` makes, kept before it is answered.

        Raises:
            RefusalError: The provider refuses the body, or the account may not have the task.
        """
        try:
            return self._accepted(account, body)
        except RefusalError as refusal:
            with self._lock:
                self._refused[account][refusal.problem_id] += 1
            raise

    def _accepted(self, account: str, body: JsonObject) -> Task:
        rules = self.rulebook.of(account)
        taken = intake(self.catalogue, self.words.name, body, rules.refuse_model)
        price = price_usd(taken.family, taken.model, taken.usage.values)
        with self._lock:  # of two submits at once, the second must see the first
            if rules.has_limits:
                own = self.bill(account)
                rules.refuse_spending(price, own.charged_usd)
                rules.refuse_more(own.running)
            task = self._new_task(account, taken, price)
            self.store.add(task)
        return task

    def _new_task(self, account: str, taken: Intake, price: Decimal) -> Task:
        ordinal = next(self._ordinals[account])
        now = self.clock.now()
        draw = self._draws.draw
        values = taken.usage.values
        seed = int(draw(account, "submit", ordinal, "seed").hex(_SEED_DIGITS), _HEXADECIMAL)
        return Task(
            task_id=self._new_id(account, ordinal, taken, now),
            account=account,
            family=taken.family,
            model=taken.model,
            prompt=taken.prompt,
            parameters=values,
            film=film_facts(taken.family, taken.model, values),
            price_usd=price,
            submitted_at=now,
            plan=self.plan,
            result_token=draw(account, "submit", ordinal, "result").hex(_TOKEN_DIGITS),
            request_id=draw(account, "submit", ordinal, "upstream-request").uuid4(),
            seed=values.get("seed", seed),
        )

    def bill(self, account: str) -> Bill:
        """What the account spent until now, and what it may still have to pay."""
        with self._lock:
            refused = dict(self._refused.get(account, ()))
        return bill(account, self.store.tasks_of(account), refused, self.clock.now())

    def ledger(self) -> tuple[Bill, ...]:
        """The bill of every account that submitted anything, sorted by account."""
        with self._lock:
            accounts = set(self._refused)
        accounts |= {task.account for task in self.store.tasks()}
        return tuple(self.bill(account) for account in sorted(accounts))

    def admit(self, account: str, *, is_submit: bool) -> None:
        """Nothing, when the account's key lets it in.

        Raises:
            RefusalError: ``key-disabled``, ``key-expired``, ``key-exhausted``; on a query or
                download of the gateway ``model-not-allowed``.
        """
        rules = self.rulebook.of(account)
        rules.refuse_key()
        if not is_submit:
            rules.refuse_model("", self.words.name, is_submit=False)

    def _new_id(self, account: str, ordinal: int, taken: Intake, now: float) -> str:
        told = now if self.id_time is None else self.id_time
        form, model = taken.family.task_id, taken.model.id
        return task_id_for(form, self._draws, account, ordinal, model=model, now=told)

    def query(self, account: str, task_id: str) -> Seen:
        """The account's task of that id as it is now.

        Raises:
            RefusalError: ``unknown-task``; another account's task is unknown too.
        """
        task = self._known(account, task_id)
        if task is None:
            raise RefusalError("unknown-task", task_id=task_id)
        return Seen(task, self.words.observed(task, self.clock.now()))

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
        seen = task.observed_at(self.clock.now())
        if seen.stage != "succeeded" or task.family.delivery != "download":
            raise RefusalError("download-no-file", upstream_status=404, upstream_body=_UPSTREAM_NOT_FOUND)
        return task, self.film(task, 0)

    def _known(self, account: str, task_id: str) -> Task | None:
        """The account's task, while the provider still knows it."""
        task = self.store.get(account, task_id)
        return None if task is None or task.is_forgotten_at(self.clock.now()) else task

    def result(self, token: str, index: int) -> Film | None:
        """The video behind a result URL, or None where there is none yet or any more."""
        task = self.store.by_result_token(token)
        if task is None or not 0 <= index < task.film.count or not task.has_result_at(self.clock.now()):
            return None
        return self.film(task, index)

    def result_count(self, seen: Seen) -> int:
        """How many result URLs a query shows; none before success and none for Sora."""
        is_done = seen.observation is not None and seen.observation.stage == "succeeded"
        has_urls = is_done and seen.task.family.delivery == "url"
        return seen.task.film.count if has_urls else 0

    def film(self, task: Task, index: int) -> Film:
        """One of the task's videos; the same bytes each time."""
        facts = task.film
        spec = FilmSpec(facts.width, facts.height, facts.fps, facts.duration_s)
        return Film(spec, f"{task.task_id}/{index}", self.video_size_bytes)


_UPSTREAM_NOT_FOUND = '{"error":{"message":"Video content is not available","type":"invalid_request_error"}}'
