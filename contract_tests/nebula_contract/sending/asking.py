"""The provider's operations as a drive asks for them, and what a drive reads from an answer.

Readers are total: whatever a provider answers, they give what is there or nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from nebula_contract.record.exchange import Condition, Credential
from nebula_contract.sending.target import GENERATIONS, Target
from nebula_contract.sending.wire import Asked, Sent

TERMINAL = frozenset({"succeeded", "failed"})
JSON = "application/json"
SCENARIO_HEADER = "X-Nebula-Scenario"

_OK = 200
_LONGEST_ID = 1000
_MOST_URLS = 8


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a run: who asks, under which condition, and what it is called.

    Attributes:
        target: Where it is sent.
        name: What can be done again, such as ``lifecycle/sora/2``.
        owner: Whose key its requests carry where nothing else is said.
        condition: What is arranged for it.
        scenario: The mock's preset that arranges it; empty for none.
    """

    target: Target
    name: str
    owner: Credential = "own"
    condition: Condition = ""
    scenario: str = ""
    _headers: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """A scenario is asked for by a header of each request."""
        headers = {SCENARIO_HEADER: self.scenario} if self.scenario else {}
        object.__setattr__(self, "_headers", headers)

    def send(self, asked: Asked) -> Sent:
        """A request of this case, as it is."""
        headers = {**self._headers, **asked.headers} if self._headers else asked.headers
        return self.target.wire.send(
            replace(asked, case=self.name, condition=self.condition, headers=headers)
        )

    def submit(
        self, body: object, purpose: str = "submit", *, credential: Credential | None = None, **how: Any
    ) -> Sent:
        """A submit; ``body`` is bytes as they are, or a JSON value."""
        raw = body if isinstance(body, bytes) else as_json(body)
        how.setdefault("content_type", JSON)
        who = credential or self.owner
        return self.send(
            Asked("POST", GENERATIONS, who, body=raw, operation="submit", purpose=purpose, **how)
        )

    def query(
        self, task_id: str, purpose: str = "poll", *, credential: Credential | None = None, **how: Any
    ) -> Sent:
        """A query of a task."""
        path = f"{GENERATIONS}/{in_path(task_id)}"
        how.setdefault("subject", task_id)
        who = credential or self.owner
        return self.send(Asked("GET", path, who, operation="query", purpose=purpose, **how))

    def download(
        self, task_id: str, purpose: str = "download", *, credential: Credential | None = None, **how: Any
    ) -> Sent:
        """A download of a task's video."""
        path = f"{GENERATIONS}/download?id={in_path(task_id)}"
        how.setdefault("subject", task_id)
        who = credential or self.owner
        return self.send(Asked("GET", path, who, operation="download", purpose=purpose, **how))

    def result(self, url: str, task_id: str, purpose: str = "result", *, method: str = "GET") -> Sent | None:
        """What a result URL points to, without a key; None where it may not be fetched there, which is noted."""
        if not self.target.fetches(url):
            note = "A result URL at another host than the target's was not fetched."
            if note not in self.target.recorder.notes:
                self.target.recorder.notes.append(note)
            return None
        return self.send(Asked(method, url, "none", operation="result", purpose=purpose, subject=task_id))


def as_json(body: object) -> bytes:
    """A JSON value as bytes, text beyond ASCII as UTF-8."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")


def in_path(task_id: str) -> str:
    """A task id as it stands in a path or a query string."""
    return quote(task_id, safe="")


def task_id_of(sent: Sent) -> str | None:
    """The id that a submit was answered with; None where there is none that can be asked for."""
    body = sent.exchange.json
    task_id = body.get("task_id") if sent.exchange.status == _OK and isinstance(body, dict) else None
    if not isinstance(task_id, str) or not 0 < len(task_id) <= _LONGEST_ID:
        return None
    return task_id if _is_sendable(task_id) else None


def status_of(sent: Sent) -> str:
    """The status of a query's answer; empty where there is none."""
    body = sent.exchange.json
    status = body.get("status") if isinstance(body, dict) else None
    return status if isinstance(status, str) else ""


def is_over(sent: Sent) -> bool:
    """Whether a query found its task at its end."""
    return status_of(sent) in TERMINAL


def result_urls_of(sent: Sent) -> tuple[str, ...]:
    """The http(s) URLs of a query's answer, whole, in their order; none for data URIs and anything else."""
    body = sent.json
    url = body.get("url") if isinstance(body, dict) else None
    given = url if isinstance(url, list) else [url]
    urls = [one for one in given if isinstance(one, str) and one.startswith(("http://", "https://"))]
    return tuple(one for one in urls[:_MOST_URLS] if _is_sendable(one))


def _is_sendable(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
