"""A query: what changes nothing is asked again, as often as the client was told."""

from collections.abc import Mapping
from dataclasses import dataclass

from nebula_client.answers import about, checked_id, refusal_in, task_in
from nebula_client.download import GENERATIONS
from nebula_client.errors import BrokenContractError, ConfigurationError, NebulaError
from nebula_client.models import Task
from nebula_client.recent import Recent
from nebula_client.retries import Backoff, Retries, by_kind
from nebula_client.statuses import SUCCEEDED
from nebula_client.strict_json import DocumentError
from nebula_client.transport import Transport

_NOT_FOUND = 404
_UNTIL_KNOWN = Backoff(8, first_s=0.5, longest_s=2.0)
_MOST_CONNECTS = 3


@dataclass(frozen=True, slots=True)
class Querying:
    """What every query of a client needs.

    Attributes:
        transport: Carries it.
        retries: The budget, the sleeping and the randomness.
        recent: What the client remembers of its tasks.
        tries: How each kind of failure may be tried again, from ``query_tries``.
    """

    transport: Transport
    retries: Retries
    recent: Recent
    tries: Mapping[str, Backoff]

    def query(self, task_id: str) -> Task:
        """The task as it is now.

        Raises:
            NebulaError: As ``VideoClient.query``.
        """
        checked_id(task_id)

        def again(error: NebulaError) -> Backoff | None:
            if error.status == _NOT_FOUND and self.recent.is_young(task_id):
                return _UNTIL_KNOWN
            return by_kind(self.tries, error)

        return self.retries.run(lambda: self.once(task_id), again, about=f"query of task {task_id}")

    def once(self, task_id: str, left_s: float | None = None) -> Task:
        """What one query tells; it may take ``left_s`` seconds at most, None for what the settings allow.

        Raises:
            NebulaError: As ``query``.
        """
        with about(task_id):
            try:
                with self.transport.get("query", f"{GENERATIONS}/{task_id}", left_s=left_s) as reply:
                    if not reply.is_success:
                        raise refusal_in("query", reply)
                    task = task_in(reply, task_id)
            except DocumentError as error:
                raise BrokenContractError("query", str(error), task_id) from error
        if task.status == SUCCEEDED:
            self.recent.succeeded(task_id)
        return task


def query_tries(request_retries: object) -> Mapping[str, Backoff]:
    """How a query may be tried again when it may be so ``request_retries`` times.

    Raises:
        ConfigurationError: That is no whole number of at least 0.
    """
    if isinstance(request_retries, bool) or not isinstance(request_retries, int) or request_retries < 0:
        message = f"request_retries: found {request_retries!r}, expected a whole number of at least 0."
        raise ConfigurationError(message)
    tries = Backoff(request_retries + 1)
    # Where nobody listens a user is told soon; more tries would only keep the news back.
    connects = Backoff(min(_MOST_CONNECTS, request_retries + 1))
    return {"not sent": connects, **dict.fromkeys(("lost", "malformed", "408", "425", "429", "5xx"), tries)}
