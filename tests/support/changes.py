"""Single changes of a provider, told to the record of a run: what a test of drift looks for."""

import copy
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nebula_contract.record.exchange import MISSING, Answer, Body, Exchange

Pick = Callable[[Exchange], bool]
Turn = Callable[[Exchange], Exchange | None]
"""An exchange as it is with the change; None where there is none then."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change, and the one finding that it has to give.

    Attributes:
        name: What is changed, in words.
        turn: An exchange to the same with the change.
        rule: Id of the rule.
        where: Operation, family, state and location, as the finding has them.
        severity: How bad.
        verdict: Whose matter, beside a baseline of before.
        verdict_alone: The same, without any baseline; empty where nothing is told then.
        rule_alone: The rule then, where it is another: what is known of the past says more.
    """

    name: str
    turn: Turn
    rule: str
    where: tuple[str, str, str, str]
    severity: str
    verdict: str = "provider_changed"
    verdict_alone: str = "contract_gap"
    rule_alone: str = ""

    def told_by(self, exchanges: Iterable[Exchange]) -> list[Exchange]:
        """The run at a provider that has made the change."""
        return [turned for one in exchanges if (turned := self.turn(one)) is not None]


def of(operation: str, family: str = "", state: str = "", status: int = 200) -> Pick:
    """Answers of an operation (of several with spaces between) with that status, family and state."""

    def picks(one: Exchange) -> bool:
        return (
            one.operation in operation.split()
            and one.status == status
            and (not family or f"/{family}/" in one.case)
            and (not state or (isinstance(one.json, dict) and one.json.get("status") == state))
        )

    return picks


def member(pick: Pick, pointer: str, value: Any) -> Turn:
    """Another value of a member: a function of the old one, where it is one; ``GONE`` takes it out."""

    def turned(body: dict[str, Any]) -> None:
        *parents, name = pointer.strip("/").split("/")
        at: Any = body
        for parent in parents:
            at = at.get(parent) if isinstance(at, dict) else None
        if not isinstance(at, dict):
            return
        if value is GONE:
            at.pop(name, None)
        elif not callable(value):
            at[name] = value
        elif name in at:
            at[name] = value(at[name])

    return json_of(pick, turned)


GONE = object()


def json_of(pick: Pick, turned: Callable[[dict[str, Any]], Any]) -> Turn:
    """Another JSON body: what the function leaves of it, or gives."""

    def turn(one: Exchange) -> Exchange:
        if one.answer is None or not pick(one) or not isinstance(one.json, dict):
            return one
        body = copy.deepcopy(one.json)
        given = turned(body)
        return _with(one, body=replace(one.answer.body, json=body if given is None else given))

    return turn


def renamed(pick: Pick, pointer: str, name: str) -> Turn:
    """A member under another name, in its object."""
    parent, _, old = pointer.rpartition("/")

    def turned(body: dict[str, Any]) -> None:
        at = body.get(parent[1:]) if parent else body
        if isinstance(at, dict) and old in at:
            at[name] = at.pop(old)

    return json_of(pick, turned)


def answer(
    pick: Pick, status: int | None = None, headers: Callable[[Mapping[str, str]], Mapping[str, str]] = dict
) -> Turn:
    """Another status or other headers."""

    def turn(one: Exchange) -> Exchange:
        if one.answer is None or not pick(one):
            return one
        return _with(one, status=status or one.answer.status, headers=headers(one.answer.headers))

    return turn


def both(*turns: Turn) -> Turn:
    """One after the other."""

    def turn(one: Exchange) -> Exchange | None:
        turned: Exchange | None = one
        for each in turns:
            turned = None if turned is None else each(turned)
        return turned

    return turn


def _with(one: Exchange, **facts: Any) -> Exchange:
    assert one.answer is not None
    return replace(one, answer=replace(one.answer, **facts))


def _without(name: str) -> Callable[[Mapping[str, str]], Mapping[str, str]]:
    return lambda headers: {one: value for one, value in headers.items() if one != name}


def _and(name: str, value: str) -> Callable[[Mapping[str, str]], Mapping[str, str]]:
    return lambda headers: {**headers, name: value}


def _refusal(status: int, body: dict[str, Any]) -> Callable[[Exchange], Exchange]:
    def turn(one: Exchange) -> Exchange:
        return replace(
            one, answer=Answer(status, one.answer.headers if one.answer else {}, Body(80, "00", body))
        )

    return turn


def _refused_job(family: str) -> Turn:
    body = {"error": {"message": "no", "type": "invalid_request_error", "code": "invalid_request"}}
    refused = _refusal(400, body)

    def turn(one: Exchange) -> Exchange | None:
        if not one.case.startswith(f"job/{family}/"):
            return one
        return refused(one) if one.purpose == "submit" else None  # without a task nothing else is asked for

    return turn


def _camel(value: Any) -> Any:
    """All names in camelCase, at every depth."""
    if isinstance(value, list):
        return [_camel(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        re.sub("_([a-z])", lambda found: found[1].upper(), name): _camel(one) for name, one in value.items()
    }


def _with_id(pattern: str, instead: str, family: str) -> Turn:
    """The ids of a family's tasks in another form, wherever they are told or asked for."""

    def said(value: Any) -> Any:
        if isinstance(value, list):
            return [said(one) for one in value]
        if isinstance(value, dict):
            return {name: said(one) for name, one in value.items()}
        return re.sub(pattern, instead, value) if isinstance(value, str) else value

    def turn(one: Exchange) -> Exchange | None:
        if f"/{family}/" not in one.case:
            return one
        request = replace(one.request, path=said(one.request.path))
        return json_of(_everyone, said)(replace(one, request=request, subject=said(one.subject)))

    return turn


def _page(pick: Pick) -> Turn:
    """A page in the place of an answer."""

    def turn(one: Exchange) -> Exchange:
        if one.answer is None or one.json is MISSING or not pick(one):
            return one
        return _with(one, headers=_and("content-type", "text/html")(one.answer.headers), body=Body(80, "00"))

    return turn


def _redirect(pick: Pick) -> Turn:
    """A redirect, without a body."""

    def turn(one: Exchange) -> Exchange:
        if one.answer is None or not pick(one):
            return one
        headers = _and("location", "/videos/1.mp4")(_without("content-type")(one.answer.headers))
        return _with(one, status=302, headers=headers, body=Body(0, "00"))

    return turn


def _of_metadata(family: str, names: Sequence[str], value: Any) -> Turn:
    """Several members of the upstream's object."""
    return both(*(member(of("query", family), f"/metadata/{name}", value) for name in names))


def _other_name(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {"x-request-id" if name == "x-oneapi-request-id" else name: one for name, one in headers.items()}


def _everyone(one: Exchange) -> bool:
    return one.answer is not None


def _key_refused(one: Exchange) -> bool:
    return one.status == 401


def _api_json(one: Exchange) -> bool:
    return one.operation != "result"


_WAN_DONE = of("query", "wan", "succeeded")
_DATA = "data:video/mp4;base64,AAAA"

CHANGES: Sequence[Change] = (
    Change("a member more in every query", member(of("query"), "/seed", 1), "DR202", ("query", "*", "*", "/seed"), "additive"),
    Change("a member more in Sora's metadata", member(of("query", "sora"), "/metadata/quality", "high"), "DR202", ("query", "sora", "*", "/metadata/quality"), "additive"),
    Change("an object more, with members", member(of("query", "veo"), "/billing", {"usd": 1, "units": {"s": 8}}), "DR202", ("query", "veo", "*", "/billing"), "additive"),
    Change("format is gone", member(of("query"), "/format", GONE), "DR201", ("query", "*", "*", "/format"), "breaking"),
    Change("Wan's task_id is gone", member(of("query", "wan"), "/task_id", GONE), "DR201", ("query", "wan", "*", "/task_id"), "breaking"),
    Change("Veo's metadata is gone", member(of("query", "veo"), "/metadata", GONE), "DR201", ("query", "veo", "*", "/metadata"), "breaking", verdict_alone="mock_bug"),
    Change("Seedance's usage is gone", member(of("query", "seedance"), "/metadata/usage", GONE), "DR201", ("query", "seedance", "succeeded", "/metadata/usage"), "breaking", verdict_alone="mock_bug"),
    Change("seconds is a number", member(of("query", "sora"), "/metadata/seconds", int), "DR213", ("query", "sora", "*", "/metadata/seconds"), "risky"),
    Change("progress is a text", member(of("query", "sora"), "/metadata/progress", str), "DR212", ("query", "sora", "*", "/metadata/progress"), "risky"),
    Change("url is a list", member(of("query", "wan", "succeeded"), "/url", lambda url: [url]), "DR214", ("query", "wan", "succeeded", "/url"), "risky"),
    Change("url is null", member(of("query", "seedance", "succeeded"), "/url", None), "DR207", ("query", "seedance", "succeeded", "/url"), "breaking"),
    Change("metadata is a text", member(of("query", "wan"), "/metadata", "{}"), "DR211", ("query", "wan", "*", "/metadata"), "breaking"),
    Change("created_at in milliseconds", member(of("query", "sora"), "/metadata/created_at", lambda at: at * 1000), "DR221", ("query", "sora", "*", "/metadata/created_at"), "risky"),
    Change("the result is a data URI", both(member(_WAN_DONE, "/url", _DATA), member(_WAN_DONE, "/metadata/output/video_url", _DATA)), "DR221", ("query", "wan", "succeeded", "/url"), "risky"),
    Change("a status more on the way", member(of("query", "veo", "in_progress"), "/status", "paused"), "DR409", ("query", "veo", "*", "/status"), "risky"),
    Change("success has another word", member(of("query", "wan", "succeeded"), "/status", "completed"), "DR407", ("query", "wan", "*", "/status"), "breaking"),
    Change("statuses in capitals", member(of("query"), "/status", str.upper), "DR223", ("query", "*", "*", "/status"), "breaking"),
    Change("another status in the metadata", member(of("query", "sora", "succeeded"), "/metadata/status", "done"), "DR217", ("query", "sora", "succeeded", "/metadata/status"), "risky"),
    Change("format is mov", member(of("query"), "/format", "mov"), "DR217", ("query", "*", "*", "/format"), "risky"),
    Change("a submit is answered with 201", answer(of("submit"), 201), "DR101", ("submit", "*", "", ""), "breaking"),
    Change("a bad request is refused with 422", answer(of("submit", status=400), 422), "DR105", ("submit", "*", "", ""), "breaking"),
    Change("a bad key is refused with 403", answer(_key_refused, 403), "DR105", ("*", "*", "", ""), "breaking"),
    Change("a bad key is refused with 200", answer(_key_refused, 200), "DR102", ("*", "*", "", ""), "breaking"),
    Change("a bad key has another code", json_of(_key_refused, lambda body: body["error"].update(code="bad_key")), "DR106", ("*", "*", "", ""), "risky"),
    Change("a bad key has another envelope", json_of(_key_refused, lambda _: {"code": "invalid_key", "message": "no", "data": None}), "DR104", ("*", "*", "", ""), "breaking"),
    Change("no request id", answer(_everyone, headers=_without("x-oneapi-request-id")), "DR108", ("*", "*", "", "header x-oneapi-request-id"), "breaking"),
    Change("a header more", answer(_everyone, headers=_and("x-ratelimit-limit", "2 characters")), "DR109", ("*", "*", "", "header x-ratelimit-limit"), "info", verdict_alone=""),
    Change("JSON as text/plain", answer(_api_json, headers=_and("content-type", "text/plain")), "DR107", ("*", "*", "", "header content-type"), "breaking"),
    Change("answers in a wrapper", json_of(of("query"), lambda body: {"code": "success", "message": "", "data": body}), "DR115", ("query", "*", "*", ""), "breaking"),
    Change("another task's id", member(of("query", "sora"), "/task_id", "video_" + "0" * 32), "DR219", ("query", "sora", "*", "/task_id"), "breaking"),
    Change("another generation_id", member(of("download"), "/generation_id", "video_" + "1" * 32), "DR219", ("download", "sora", "", "/generation_id"), "breaking"),
    Change("a download without size", member(of("download"), "/size", GONE), "DR201", ("download", "sora", "", "/size"), "breaking"),
    Change("a download without data_url", member(of("download"), "/data_url", GONE), "DR201", ("download", "sora", "", "/data_url"), "breaking", verdict_alone="mock_bug"),
    Change("size is one too many", member(of("download"), "/size", lambda size: size + 1), "NC504", ("download", "sora", "", "/size"), "breaking"),
    Change("progress beyond 100", member(of("query", "sora", "succeeded"), "/metadata/progress", 250), "DR222", ("query", "sora", "succeeded", "/metadata/progress"), "risky"),
    Change("Wan takes no request", _refused_job("wan"), "DR311", ("submit", "wan", "", "every request"), "breaking"),
    Change("an unknown task is a task", lambda one: _refusal(200, {"task_id": "x", "status": "queued", "format": "mp4"})(one) if one.purpose == "unknown" and one.operation == "query" else one, "DR301", ("query", "", "", ""), "additive"),
    Change("url has another name", renamed(of("query", "wan"), "/url", "video_url"), "DR225", ("query", "wan", "succeeded", "/url"), "breaking"),
    Change("task_id has another name", renamed(of("query"), "/task_id", "id"), "DR225", ("query", "*", "*", "/task_id"), "breaking"),
    Change("status has another name", renamed(of("query"), "/status", "state"), "DR225", ("query", "*", "*", "/status"), "breaking"),
    Change("a submit names the status otherwise", renamed(of("submit", "sora"), "/status", "state"), "DR225", ("submit", "sora", "", "/status"), "breaking"),
    Change("a submit names the task otherwise", renamed(of("submit"), "/task_id", "id"), "DR225", ("submit", "*", "", "/task_id"), "breaking"),
    Change("a download names the video otherwise", renamed(of("download"), "/base64", "b64_json"), "DR225", ("download", "sora", "", "/base64"), "breaking"),
    Change("metadata has another name", renamed(of("query"), "/metadata", "meta"), "DR225", ("query", "*", "*", "/metadata"), "breaking"),
    Change("names in camelCase", json_of(of("query"), _camel), "DR225", ("query", "*", "*", ""), "breaking"),
    Change("answers one level deeper", json_of(of("query"), lambda body: {"data": body}), "DR226", ("query", "*", "*", ""), "breaking"),
    Change("a submit one level deeper", json_of(of("submit"), lambda body: {"data": body}), "DR226", ("submit", "*", "", ""), "breaking"),
    Change("Wan's output is unfolded", json_of(of("query", "wan"), lambda body: body["metadata"].update(body["metadata"].pop("output"))), "DR226", ("query", "wan", "*", "/metadata/output"), "breaking"),
    Change("answers in a list", json_of(of("query"), lambda body: [body]), "DR211", ("query", "*", "*", ""), "breaking"),
    Change("status is a number", member(of("query"), "/status", 2), "DR213", ("query", "*", "*", "/status"), "risky"),
    Change("no status while it runs", member(of("query", "", "in_progress"), "/status", None), "DR207", ("query", "*", "*", "/status"), "breaking"),
    Change("all moments in milliseconds", _of_metadata("sora", ("created_at", "completed_at", "expires_at"), lambda at: at and at * 1000), "DR221", ("query", "sora", "*", "/metadata/completed_at+created_at+expires_at"), "risky"),
    Change("moments as text", _of_metadata("seedance", ("created_at", "updated_at"), "2026-11-22T06:00:00Z"), "DR212", ("query", "seedance", "*", "/metadata/created_at+updated_at"), "risky"),
    Change("ids with another prefix", _with_id("video_(?=[0-9a-f]{32})", "task_", "sora"), "DR221", ("submit", "sora", "", "/task_id"), "risky"),
    Change("ids in capitals", member(of("query", "wan"), "/task_id", str.upper), "DR219", ("query", "wan", "*", "/task_id"), "breaking"),
    Change("the URL has no host", member(_WAN_DONE, "/url", "/results/a.mp4"), "DR221", ("query", "wan", "succeeded", "/url"), "risky"),
    Change("the request's id has another header", answer(_everyone, headers=_other_name), "DR117", ("*", "*", "", "header x-oneapi-request-id"), "breaking", rule_alone="DR108"),
    Change("the request's id has another form", answer(of("download", status=400), headers=_and("x-oneapi-request-id", "7d0a3b1c-0000-4000-8000-1234567890ab")), "DR221", ("download", "", "", "header x-oneapi-request-id"), "risky", verdict_alone="mock_bug"),
    Change("refusals have no type", json_of(_key_refused, lambda _: {"error": {"message": "no", "code": "invalid_api_key"}}), "DR104", ("*", "*", "", ""), "breaking"),
    Change("refusals are pages", _page(_key_refused), "DR107", ("download+query+submit", "*", "", "header content-type"), "breaking"),
    Change("refusals have another type", json_of(of("submit", status=400), lambda body: body["error"].update(type="bad_request")), "DR106", ("submit", "*", "", ""), "risky"),
    Change("refusals have a member more", json_of(lambda one: (one.status or 0) >= 400, lambda body: body.update(request_id="1")), "NC807", ("*", "*", "", "/request_id"), "additive"),
    Change("an unknown route is a page", _page(of("route", status=404)), "DR107", ("route", "", "", "header content-type"), "breaking"),
    Change("a download has no success", member(of("download"), "/success", GONE), "DR201", ("download", "sora", "", "/success"), "breaking"),
    Change("a download in a wrapper", json_of(of("download"), lambda body: {"code": "success", "message": "", "data": body}), "DR115", ("download", "sora", "", ""), "breaking"),
    Change("a download redirects", _redirect(of("download")), "DR101", ("download", "sora", "", ""), "breaking"),
    Change("results are no films by their type", answer(of("result"), headers=_and("content-type", "application/octet-stream")), "DR107", ("result", "*", "", "header content-type"), "breaking"),
    Change("a number more in Wan's submits", member(of("submit", "wan"), "/priority", 1), "DR202", ("submit", "wan", "", "/priority"), "additive"),
    Change("a submit is redirected", _redirect(of("submit", status=400)), "DR105", ("submit", "*", "", ""), "breaking"),
)  # fmt: skip
