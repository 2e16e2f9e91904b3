"""A provider without a socket whose clock stands at noon, and a consumer with a key."""

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from nebula_mock import ManualClock, Plan, Settings, create_app
from nebula_mock.provider import Provider
from nebula_schemas.catalogue import Model

NOON = 1_763_812_800.0  # 2025-11-22T12:00:00Z
GENERATIONS = "/v1/video/generations"


@dataclass(frozen=True, slots=True)
class Opened:
    """A provider without a socket, and a consumer with a key."""

    provider: Provider
    client: FlaskClient
    clock: ManualClock

    def submit(self, body: dict[str, Any], key: str = "sk-test") -> TestResponse:
        """The answer to a submit."""
        return self.client.post(GENERATIONS, json=body, headers={"Authorization": f"Bearer {key}"})

    def get(self, path: str, key: str = "sk-test") -> TestResponse:
        """The answer to a GET below the generations."""
        return self.client.get(GENERATIONS + path, headers={"Authorization": f"Bearer {key}"})

    def task_id(self, model: Model) -> str:
        """The id of a new task of that model."""
        task_id: str = self.submit(least(model)).get_json()["task_id"]
        return task_id

    def queried(self, task_id: str, *, after_s: float = 0) -> dict[str, Any]:
        """The body of a query that much later."""
        self.clock.advance(after_s)
        body: dict[str, Any] = self.get(f"/{task_id}").get_json()
        return body


def opened(plan: Plan | None = None) -> Opened:
    """A new provider at noon."""
    clock = ManualClock(NOON)
    provider = Settings(seed=1, plan=plan or Plan()).provider(clock)
    return Opened(provider, create_app(provider=provider).test_client(), clock)


def least(model: Model) -> dict[str, Any]:
    """The least body that a model takes."""
    if model.id.startswith("doubao"):
        return {"model": model.id, "metadata": {"content": [{"type": "text", "text": "A cat"}]}}
    image = {"image": "https://a.example/cat.png"} if model.id == "wan2.5-i2v-preview" else {}
    return {"model": model.id, "prompt": "A cat", **image}
