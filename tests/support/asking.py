"""A consumer without a socket: a provider of one dialect whose clock stands still, and a client with a key."""

import base64
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from nebula_mock import Failure, ManualClock, Plan, Settings, create_app
from nebula_mock.core.task import Task
from nebula_schemas import contract
from nebula_schemas.catalogue import Dialect

GENERATIONS = "/v1/video/generations"
JUST_AFTER_A_PASS = 1_763_812_805.0  # the gateway's poller came round five seconds ago
LONG = 30.0  # seconds, after which every task of the default plan has ended and every dialect knows it
PICTURE = "https://images.example.com/cat.png"
REFUSED = Plan(failure=Failure("refused by policy", "content_policy_violation"))
LEAST: Mapping[str, dict[str, Any]] = {
    "sora": {"model": "sora-2", "prompt": "A cat"},
    "veo": {"model": "veo-3.1-generate-preview", "prompt": "A cat"},
    "wan": {"model": "wan2.5-t2v-preview", "prompt": "A cat"},
    "seedance": {
        "model": "doubao-seedance-1-0-pro-250528",
        "metadata": {"content": [{"type": "text", "text": "A cat"}]},
    },
}
"""The least submit of each family."""


class Consumer:
    """Somebody who asks a provider of a dialect.

    Attributes:
        client: Flask's client of it.
        clock: The provider's clock.
    """

    def __init__(self, dialect: Dialect = "documented", *, key: str = "sk-facts", **settings: Any) -> None:
        """A new provider; ``settings`` are those of ``Settings``."""
        self.clock = ManualClock(JUST_AFTER_A_PASS)
        made = Settings(dialect=dialect, clock="manual", **{"seed": 1, **settings})
        self.provider = made.provider(self.clock)
        self.client: FlaskClient = create_app(made, provider=self.provider).test_client()
        self.headers = {"Authorization": f"Bearer {key}"}

    def post(self, body: Any, **headers: str) -> TestResponse:
        """The answer to a submit of that JSON."""
        return self.client.post(GENERATIONS, json=body, headers={**self.headers, **headers})

    def form(self, fields: Mapping[str, Any]) -> TestResponse:
        """The answer to a submit of that multipart form."""
        return self.client.post(
            GENERATIONS, data=dict(fields), content_type="multipart/form-data", headers=self.headers
        )

    def get(self, path: str) -> TestResponse:
        """The answer to a GET below the generations."""
        return self.client.get(GENERATIONS + path, headers=self.headers)

    def submit(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body of the answer to a submit that is taken."""
        answer = self.post(dict(body))
        assert answer.status_code == 200, answer.data
        told: dict[str, Any] = answer.get_json()
        contract().check("submit/response", told)
        return told

    def task(self, body: Mapping[str, Any]) -> Task:
        """What the provider keeps of a submit: the values in effect."""
        self.submit(body)
        return list(self.provider.store.tasks())[-1]

    def query(self, task_id: str, *, after_s: float = 0) -> dict[str, Any]:
        """The body of the answer to a query that much later; it keeps the contract."""
        self.clock.advance(after_s)
        answer = self.get(f"/{task_id}")
        assert answer.status_code == 200, answer.data
        told: dict[str, Any] = answer.get_json()
        contract().check("query/response", told)
        return told

    def ended(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer about a new task that has ended."""
        return self.query(self.submit(body)["task_id"], after_s=LONG)

    def videos(self, answer: Mapping[str, Any]) -> list[bytes]:
        """The videos of a succeeded task, by whichever way its family delivers them."""
        urls = answer.get("url") or []
        if not urls:
            told = self.get(f"/download?id={answer['task_id']}").get_json()
            return [base64.b64decode(told["base64"])]
        return [
            self.client.get(url.removeprefix("http://localhost")).data
            for url in ([urls] if isinstance(urls, str) else urls)
        ]


def seen(answer: TestResponse) -> tuple[int, Any]:
    """Status and body."""
    return answer.status_code, answer.get_json()
