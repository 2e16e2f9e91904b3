"""A submit: sent once, whatever happens; sent again only when surely nothing was taken (decision 0016)."""

import contextlib
import logging
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from nebula_client.answers import submission_in
from nebula_client.download import GENERATIONS
from nebula_client.errors import (
    ConfigurationError,
    NebulaError,
    RefusedError,
    SubmitUncertain,
    UnreachableError,
)
from nebula_client.failures import LostAnswerError, NotSentError
from nebula_client.models import Submission
from nebula_client.retries import Backoff, Retries, by_kind
from nebula_client.strict_json import DocumentError
from nebula_client.transport import Transport

_log = logging.getLogger("nebula_client")

_THROTTLED, _NO_CHANNEL = 429, 503
_HEADER_TEXT = re.compile(r"[!-~]{1,255}")
# Surely not sent, or refused by a complete answer that says when to come back: nothing else is sent again.
_TRIES: Mapping[str, Backoff] = {"not sent": Backoff(3), "429": Backoff(3, first_s=1.0), "503": Backoff(3)}


@dataclass(frozen=True, slots=True)
class Order:
    """What one submit asks for, checked, and what it comes to.

    Attributes:
        body: The JSON body.
        key: The idempotency key, the same on every attempt.
        price_usd: What it costs if it succeeds; None for a model the catalogue does not know.
        count: How many videos it makes, likewise.
    """

    body: Mapping[str, Any]
    key: str
    price_usd: Decimal | None
    count: int | None


@dataclass(frozen=True, slots=True)
class Submitting:
    """What every submit of a client needs.

    Attributes:
        transport: Carries it.
        retries: The budget, the sleeping and the randomness.
    """

    transport: Transport
    retries: Retries

    def submit(self, order: Order, known: list[Submission]) -> Submission:
        """The submission of an order.

        It is put into ``known`` as soon as there is one, so that no interrupt loses it.

        Raises:
            UnreachableError, RefusedError, SubmitUncertain: As ``VideoClient.submit``.
        """

        def once() -> Submission:
            try:
                return self._submitted_once(order, known)
            except NebulaError as error:
                error.idempotency_key = order.key
                raise

        submission = self.retries.run(once, _again_after, about="submit")
        _log.info("submitted task %s to %s", submission.task_id, submission.model)
        return submission

    def _submitted_once(self, order: Order, known: list[Submission]) -> Submission:
        key, sent_at = order.key, datetime.now(UTC).isoformat(timespec="seconds")
        masked = self.transport.key.masked
        failure: NebulaError
        watch = self.transport.submit_watch()
        try:
            with self.transport.submit(GENERATIONS, order.body, key, watch) as reply:
                known.append(
                    submission_in(reply, order.body["model"], key, sent_at, price_usd=order.price_usd)
                )
            return known[0]
        except LostAnswerError as error:
            failure = SubmitUncertain(masked(str(error)), sent_at, key)
        except NotSentError as error:
            failure = UnreachableError(
                "submit",
                masked(str(error)),
                address=self.transport.base_url,
                retryable=error.failure.passes,
                was_sent=False,
            )
        except DocumentError as error:
            failure = SubmitUncertain(str(error), sent_at, key)
        except BaseException as interrupt:
            # Ctrl-C, a cancelled task, an exit asked for by a signal; while a name is looked up, nothing has left.
            if watch.sent and not isinstance(interrupt, Exception):
                interrupt.add_note(str(SubmitUncertain("interrupted", sent_at, key)))
            raise
        raise failure


@contextlib.contextmanager
def never_lost(known: list[Submission]) -> Iterator[None]:
    """Whatever ends the block, from the submission on it says which task was submitted."""
    try:
        yield
    except NebulaError as error:
        if known:
            error.task_id = known[0].task_id
            error.idempotency_key = known[0].idempotency_key
        raise
    except BaseException as error:
        if known:
            task_id = known[0].task_id
            error.add_note(
                f'Task {task_id} was submitted and goes on at the provider; wait("{task_id}") resumes it.'
            )
        raise


def idempotency_key(given: object) -> str:
    """``given`` where it may stand in a header; a new UUID for None.

    Raises:
        ConfigurationError: It may not.
    """
    if given is None:
        return str(uuid.uuid4())
    if not isinstance(given, str) or not _HEADER_TEXT.fullmatch(given):
        message = f"idempotency_key: found {repr(given)[:80]}, expected 1 to 255 printable characters without spaces."
        raise ConfigurationError(message)
    return given


def _again_after(error: NebulaError) -> Backoff | None:
    """How a submit may be sent again; None where it may have been taken, or where the answer stands."""
    if isinstance(error, RefusedError):
        says_when = error.status == _THROTTLED or (
            error.status == _NO_CHANNEL and error.retry_after_s is not None
        )
        return _TRIES[str(error.status)] if says_when else None
    return by_kind(_TRIES, error) if isinstance(error, UnreachableError) else None
