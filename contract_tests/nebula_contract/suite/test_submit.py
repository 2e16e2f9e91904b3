"""``POST /v1/video/generations``: what is accepted, coerced and refused."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_contract.promises import promise_refusal, promise_request_id, promise_schema
from nebula_contract.runs import GENERATIONS, REALISTIC_REQUESTS, query, submit
from nebula_contract.strategies import Refused, coerced_requests, documented_requests, refused_requests
from nebula_contract.targets import Target
from nebula_schemas.catalogue import DIALECTS, Dialect, Family, catalogue, read_request

# Where each family's query answer echoes the values really used: metadata member to parameter.
_ECHO = {
    "sora": {"seconds": "seconds", "size": "size"},
    "veo": {
        name: name
        for name in ("durationSeconds", "aspectRatio", "resolution", "fps", "generateAudio", "sampleCount")
    },
}

_BAD_AUTHORIZATION = {
    "absent": None,
    "empty": "",
    "scheme alone": "Bearer",
    "no scheme": "not-a-key",
    "another scheme": "Basic c2stdGVzdDpzay10ZXN0",
    "two keys": "Bearer sk-test sk-test",
}


def test_documented_request_is_accepted(target: Target, family: Family) -> None:
    """Every request that the documents allow is accepted, and its task is of the family."""

    @given(body=documented_requests(family))
    def check(body: dict[str, object]) -> None:
        exchange = submit(target, json.dumps(body).encode())
        answer = promise_schema("submit/response", exchange)
        promise_request_id(exchange)
        assert family.task_id.matches(answer["task_id"]), (
            f"{exchange}: expected an id {family.task_id.pattern}"
        )

    check()


def test_task_ids_are_unique(target: Target, family: Family) -> None:
    """The same request twice is two tasks."""
    body = json.dumps(REALISTIC_REQUESTS[family.name]).encode()
    ids = [promise_schema("submit/response", submit(target, body))["task_id"] for _ in range(5)]
    assert len(set(ids)) == len(ids), f"found repeated ids among {ids}"


def test_coerced_value_is_the_one_in_use(target: Target, family: Family) -> None:
    """A value outside the documented ones is accepted, and the echo shows what is used instead."""

    @given(body=coerced_requests(family))
    def check(body: dict[str, object]) -> None:
        answer = promise_schema("submit/response", submit(target, json.dumps(body).encode()))
        seen = promise_schema("query/response", query(target, answer["task_id"]))
        metadata = seen.get("metadata") or {}
        echo = _ECHO.get(family.name, {})
        shown = {member: str(metadata[member]) for member in echo if member in metadata}
        expected = [_echoed(family.name, dialect, body, echo) for dialect in DIALECTS]
        # The site's own sample has no metadata, so that none may be shown.
        assert any(shown.items() <= one.items() for one in expected), f"found {shown}, expected {expected}"

    check()


def _echoed(
    family_name: str, dialect: Dialect, body: Mapping[str, object], echo: Mapping[str, str]
) -> dict[str, str]:
    """What a dialect says is used, under the names of the echo."""
    family = catalogue().in_dialect(dialect).family(family_name)
    used = read_request(family, family.model(str(body["model"])), body).values
    return {member: str(used[parameter]) for member, parameter in echo.items()}


def test_broken_request_is_refused(target: Target, family: Family) -> None:
    """Each broken rule is refused with its own row of the error table, in JSON."""

    @given(refused=refused_requests(family))
    def check(refused: Refused) -> None:
        exchange = submit(target, refused.body)
        promise_refusal(refused.problem_id, exchange)
        promise_request_id(exchange)

    check()


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""]
)
def test_body_of_another_content_type_is_not_read(target: Target, content_type: str) -> None:
    body = json.dumps(REALISTIC_REQUESTS["sora"]).encode()
    promise_refusal("wrong-content-type", submit(target, body, content_type=content_type))


@pytest.mark.parametrize("authorization", _BAD_AUTHORIZATION.values(), ids=_BAD_AUTHORIZATION.keys())
def test_submit_without_a_key_is_refused(target: Target, authorization: str | None) -> None:
    """Without a key nothing is made, and a bad body does not matter yet."""
    headers = {"Content-Type": "application/json"}
    if authorization is not None:
        headers["Authorization"] = authorization
    for body in (json.dumps(REALISTIC_REQUESTS["sora"]).encode(), b"{"):
        exchange = target.wire.send("POST", GENERATIONS, body=body, headers=headers)
        if exchange.status == 403:  # the gateway reads a channel behind the first dash
            promise_refusal("channel-suffix", exchange)
        else:
            promise_refusal("missing-key" if not authorization else "invalid-key", exchange)


@given(method=st.sampled_from(["PUT", "DELETE", "PATCH"]))
def test_another_method_is_an_unknown_route(target: Target, method: str) -> None:
    promise_refusal("unknown-route", target.wire.send(method, GENERATIONS, key=target.key))
