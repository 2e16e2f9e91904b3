"""A provider under a scenario, and consumers of it."""

import http.client
import json
from typing import Any

from flask.testing import FlaskClient

from nebula_mock import ManualClock, Settings, create_app
from nebula_mock.provider import Provider

GENERATIONS = "/v1/video/generations"
NOON = 1_763_812_800.0
ME = {"Authorization": "Bearer sk-me"}
SORA = {"model": "sora-2", "prompt": "A cat"}
FAILING = {
    "name": "broken",
    "match": {"operation": "submit", "nth": 2},
    "fault": {"fault": "problem", "id": "server-error"},
}


def opened(scenario: Any = None, **settings: Any) -> tuple[FlaskClient, Provider]:
    """A consumer of a provider under that scenario, whose clock stands still."""
    made = Settings(seed=1, scenario=scenario, **settings)
    provider = made.provider(ManualClock(NOON))
    return create_app(made, provider=provider).test_client(), provider


def scenario(*rules: Any, **members: Any) -> dict[str, Any]:
    """A scenario with those rules."""
    return {"description": "x", "rules": list(rules), **members}


def post(url: str, key: str, timeout: float = 30) -> int:
    """The status of a submit."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=timeout)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        connection.request("POST", GENERATIONS, json.dumps(SORA), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
