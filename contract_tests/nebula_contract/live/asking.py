"""From a case of a plan to one exchange: the key put in, the task's id put in, the answer reduced."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from nebula_client.api_key import ApiKey
from nebula_client.retry_after import asked_s
from nebula_contract.judging.expected import operation_of
from nebula_contract.live.case import NEAR, RESULT, TASK, Case
from nebula_contract.live.hosts import HostError, Place, result_place
from nebula_contract.live.interrupts import Interrupted
from nebula_contract.live.line import Sent, send
from nebula_contract.live.outcome import near
from nebula_contract.record.exchange import Credential, Exchange, Request
from nebula_contract.record.redaction import redacted_url
from nebula_contract.record.reducing import reduced

Send = Callable[[Place, str, str, Mapping[str, str], bytes | None, float], Sent]


class NotReachedError(Exception):
    """A case cannot be sent; the message says why, in a few words."""


@dataclass(slots=True)
class KnownTask:
    """A task that cases are about.

    Attributes:
        id: Its id.
        entry: The id of its reservation in the ledger; empty for none.
        is_settled: Whether its end was seen.
        result_urls: Where its videos are, as last told; with their signatures, so never kept.
    """

    id: str
    entry: str = ""
    is_settled: bool = False
    result_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Where a case goes, with nothing left to fill in.

    Attributes:
        place: The host.
        path: Path with query.
        shown: The path as it is recorded.
        subject: The task it is about; empty for none.
    """

    place: Place
    path: str
    shown: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A case that was sent.

    Attributes:
        sent: What came.
        target: Where it went.
        number: Its place in the run, from 1.
        at_s: When it was sent, on the target's clock since the run began.
        until_s: When its answer had come.
        took_s: Seconds it took on the wall.
    """

    sent: Sent
    target: Target
    number: int
    at_s: float
    until_s: float
    took_s: float


@dataclass(slots=True)
class Asking:
    """Sends cases, one after the other.

    Attributes:
        place: The provider.
        keys: The keys of the run by whose they are.
        now: Seconds of the target's clock, from any start.
        timeout_s: What one exchange may take.
        send: Sends one request.
        requests: How many were sent.
        numbers: Case to the number of its last exchange.
    """

    place: Place
    keys: Mapping[Credential, ApiKey]
    now: Callable[[], float]
    timeout_s: float
    send: Send = send
    requests: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    began: float = 0.0

    def __post_init__(self) -> None:
        """The run begins now."""
        self.began = self.now()

    def target(self, case: Case, task: KnownTask | None) -> Target:
        """Where a case goes.

        Raises:
            NotReachedError: Its task, or its task's result, is not known, or must not be asked for.
        """
        if case.path != RESULT:
            path = case.path
            if task is not None:
                path = path.replace(TASK, quote(task.id, safe="")).replace(
                    NEAR, quote(near(task.id), safe="")
                )
            return Target(self.place, path, path, "" if task is None or NEAR in case.path else task.id)
        if task is None or not task.result_urls:
            reason = "no result URL is known of its task"
            raise NotReachedError(reason)
        try:
            place = result_place(task.result_urls[0], self.place)
        except HostError as error:
            raise NotReachedError(str(error)) from error
        return Target(place, place.path, redacted_url(task.result_urls[0]), task.id)

    def ask(self, case: Case, target: Target) -> Asked:
        """Send it once. A signal that ends it is an answer that was cut: whoever asks looks for signals afterwards."""
        self.requests += 1
        self.numbers[case.name] = self.requests
        number, at_s, began = self.requests, self.now() - self.began, time.monotonic()
        headers = self._headers(case, target)
        try:
            sent = self.send(target.place, case.method, target.path, headers, case.body_bytes, self.timeout_s)
        except Interrupted:
            sent = Sent(0, {}, b"", "cut: the run was interrupted")
        return Asked(sent, target, number, at_s, self.now() - self.began, time.monotonic() - began)

    def _headers(self, case: Case, target: Target) -> dict[str, str]:
        headers = dict(sorted(case.headers.items()))
        if case.credential == "malformed":
            headers["Authorization"] = case.authorization
        elif case.credential != "none" and target.place == self.place:
            headers["Authorization"] = f"Bearer {self.keys[case.credential].reveal()}"
        return headers

    def exchange(self, case: Case, asked: Asked) -> Exchange:
        """What is kept of it."""
        sent, target = asked.sent, asked.target
        secrets = [key.reveal() for key in self.keys.values()]
        body = case.body_bytes
        is_result = case.path == RESULT
        request = Request(
            method=case.method,
            path=target.shown,
            credential=case.credential,
            headers=dict(case.headers),
            body=body,
            body_sha256="" if body is None else hashlib.sha256(body).hexdigest(),
            scheme=case.authorization,
        )
        subject = str(self.numbers.get(case.twin_of, "")) if case.twin_of else target.subject
        return Exchange(
            number=asked.number,
            case=case.name,
            operation="result" if is_result else operation_of(case.method, target.path),
            request=request,
            answer=None if sent.failure else reduced(sent.status, sent.headers, sent.raw, secrets),
            failure=sent.failure,
            at_s=asked.at_s,
            until_s=asked.until_s,
            took_s=asked.took_s,
            purpose=case.purpose,
            subject=subject,
            label="" if case.body is None else "accepted" if "accepted" in case.expects else "rejected",
        )


def pause_asked_s(sent: Sent) -> float | None:
    """Seconds that an answer asks to wait; None where it does not."""
    names = {"retry-after": "Retry-After", "retry-after-ms": "retry-after-ms", "date": "Date"}
    headers = {shown: sent.headers[name] for name, shown in names.items() if name in sent.headers}
    return asked_s(headers, lambda: datetime.now(UTC))


def account_of(key: ApiKey) -> str:
    """A digest that tells one account's lines of the ledger from another's, and says nothing of its key."""
    return hashlib.sha256(b"nebula-contract account " + key.reveal().encode()).hexdigest()[:12]
